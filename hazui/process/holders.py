"""Who else holds a stream open: the processes whose descriptors lead to the same pipe or terminal.

Only ``/proc`` can tell. A process of another user hides its descriptors and is not named.
"""

import os

from hazui.process.platform import Platform

_HOLDERS_MAX = 20


def pipe_target(fd: int) -> str:
    """What every descriptor of this pipe links to; "" when unknown."""
    try:
        return os.readlink(f"/proc/self/fd/{fd}")
    except OSError:
        return ""


def find_holders(target: str, platform: Platform) -> tuple[int, ...]:
    """Pids of the processes, other than this one, that hold ``target`` open; at most 20."""
    if not target or not platform.has_proc:
        return ()
    found: list[int] = []
    own = os.getpid()
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == own:
            continue
        base = f"/proc/{name}/fd"
        try:
            if any(_leads_to(f"{base}/{fd}", target) for fd in os.listdir(base)):
                found.append(int(name))
        except OSError:
            continue
    return tuple(sorted(found)[:_HOLDERS_MAX])


def _leads_to(link: str, target: str) -> bool:
    try:
        return os.readlink(link) == target
    except OSError:
        return False
