"""One look at the processes of this machine: who is whose parent, in which group and session.

A pid alone names nothing, it is given away again. An identity is the pid with the start time and
the boot: two equal identities are the same process, for ever. ``/proc`` is read directly where it
exists; psutil gives the same rows elsewhere and is the oracle of the tests.
"""

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from hazui.process.platform import Platform

CLOCK_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
RUN_VARIABLE = "HAZUI_RUN"
TOOL_VARIABLE = "HAZUI_TOOL"
"""Set in our own environment: what is started for the user inherits it, tasks do not."""
_RUN_MARK = f"\0{RUN_VARIABLE}=".encode()
_TOOL_MARK = f"\0{TOOL_VARIABLE}=".encode()
_COMMAND_CHARS_MAX = 200


class ProcessIdentity(NamedTuple):
    """One process of one boot."""

    pid: int
    start_ticks: int
    """Clock ticks since boot (``/proc``), or since the epoch (psutil)."""
    boot_id: str


class ProcessRow(NamedTuple):
    """What one process is doing."""

    pid: int
    ppid: int
    pgid: int
    sid: int
    state: str
    """One letter as in ps; ``Z`` has ended and waits for its parent."""
    start_ticks: int
    cpu_ticks: int
    rss_bytes: int
    threads: int
    name: str

    @property
    def is_alive(self) -> bool:
        return self.state not in "ZX"


@lru_cache(maxsize=2)
def boot_id(*, has_proc: bool) -> str:
    """A name for this boot of the machine."""
    if has_proc:
        try:
            return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        except OSError:
            pass
    import psutil

    return f"{psutil.boot_time():.0f}"


def read_row(pid: int, platform: Platform) -> ProcessRow | None:
    """The row of one process; None when it is gone."""
    if platform.has_proc:
        return _proc_row(pid)
    import psutil

    try:
        return _psutil_row(psutil.Process(pid))
    except (psutil.Error, OSError):
        return None


def read_table(platform: Platform) -> dict[int, ProcessRow]:
    """The rows of all processes that can be seen, by pid."""
    rows: Iterable[ProcessRow | None]
    if platform.has_proc:
        rows = (_proc_row(int(name)) for name in os.listdir("/proc") if name.isdigit())
    else:
        rows = _psutil_rows()
    return {row.pid: row for row in rows if row is not None}


def identity_of(row: ProcessRow, platform: Platform) -> ProcessIdentity:
    """What tells this process from a later one with the same pid."""
    return ProcessIdentity(row.pid, row.start_ticks, boot_id(has_proc=platform.has_proc))


def ticks_now() -> int:
    """Now, on the clock of start times (Linux)."""
    if not hasattr(time, "CLOCK_BOOTTIME"):
        return int(time.time() * CLOCK_TICKS_PER_S)
    return int(time.clock_gettime(time.CLOCK_BOOTTIME) * CLOCK_TICKS_PER_S)


def is_same(identity: ProcessIdentity, platform: Platform) -> bool:
    """The process of this identity is still there and has not ended."""
    if identity.boot_id != boot_id(has_proc=platform.has_proc):
        return False
    row = read_row(identity.pid, platform)
    return row is not None and row.start_ticks == identity.start_ticks and row.is_alive


def children_of(table: Mapping[int, ProcessRow]) -> dict[int, list[int]]:
    """Pids by the pid of their parent."""
    children: dict[int, list[int]] = {}
    for row in table.values():
        children.setdefault(row.ppid, []).append(row.pid)
    return children


def descendants(
    table: Mapping[int, ProcessRow],
    roots: Iterable[int],
    children: Mapping[int, list[int]] | None = None,
) -> set[int]:
    """Pids of the roots that are in the table and of everything below them.

    Args:
        children: of the same table, when more than one tree is asked for.
    """
    children = children_of(table) if children is None else children
    found: set[int] = set()
    waiting = [pid for pid in roots if pid in table]
    while waiting:
        pid = waiting.pop()
        if pid not in found:
            found.add(pid)
            waiting.extend(children.get(pid, ()))
    return found


def own_children() -> list[int]:
    """Pids of our direct children, adopted ones included (Linux only).

    The kernel may leave one out when another ends during the read, so there are two reads.
    """
    pids: set[int] = set()
    for tid in os.listdir("/proc/self/task"):
        for _ in range(2):
            try:
                pids.update(map(int, _read(f"/proc/self/task/{tid}/children").split()))
            except OSError:
                break
    return sorted(pids)


@dataclass(frozen=True, slots=True)
class Marks:
    """Whose a process is, by the environment it was started with."""

    is_readable: bool = False
    run_parts: tuple[str, ...] = ()
    """The parts of HAZUI_RUN."""
    is_tool: bool = False
    """It was started for the user, not by a task."""


def marks_of(pid: int, platform: Platform) -> Marks:
    """Read the marks of a process; it cannot be read when it has ended or is another user's."""
    if platform.has_proc:
        try:
            data = b"\0" + _read(f"/proc/{pid}/environ")
        except OSError:
            return Marks()
        run = data.partition(_RUN_MARK)[2].partition(b"\0")[0]
        parts = tuple(os.fsdecode(run).split("/")) if run else ()
        return Marks(is_readable=True, run_parts=parts, is_tool=_TOOL_MARK in data)
    import psutil

    try:
        environ = psutil.Process(pid).environ()
    except (psutil.Error, OSError, ValueError):
        return Marks()
    text = environ.get(RUN_VARIABLE, "")
    return Marks(
        is_readable=True,
        run_parts=tuple(text.split("/")) if text else (),
        is_tool=TOOL_VARIABLE in environ,
    )


def command_of(pid: int, platform: Platform) -> str:
    """The command line of a process for people, one line; its name when it has none."""
    try:
        if platform.has_proc:
            words = os.fsdecode(_read(f"/proc/{pid}/cmdline")).split("\0")
        else:
            import psutil

            try:
                words = psutil.Process(pid).cmdline()
            except psutil.Error:
                words = []
    except OSError:
        words = []
    text = " ".join(word for word in words if word)
    if not text:
        row = read_row(pid, platform)
        text = f"[{row.name}]" if row else ""
    return text[:_COMMAND_CHARS_MAX]


def _read(path: str) -> bytes:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        parts: list[bytes] = []
        while data := os.read(fd, 1 << 16):
            parts.append(data)
        return b"".join(parts)
    finally:
        os.close(fd)


def _proc_row(pid: int) -> ProcessRow | None:
    try:
        fd = os.open(f"/proc/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        data = os.read(fd, 1024)
    except OSError:
        return None
    finally:
        os.close(fd)
    # The name stands in parentheses and may itself hold spaces and parentheses.
    close = data.rfind(b")")
    fields = data[close + 2 :].split()
    return ProcessRow(
        pid,
        int(fields[1]),
        int(fields[2]),
        int(fields[3]),
        fields[0].decode("ascii"),
        int(fields[19]),
        int(fields[11]) + int(fields[12]),
        int(fields[21]) * PAGE_BYTES,
        int(fields[17]),
        os.fsdecode(data[data.find(b"(") + 1 : close]),
    )


def _psutil_rows() -> Iterator[ProcessRow | None]:
    import psutil

    for process in psutil.process_iter():
        try:
            yield _psutil_row(process)
        except (psutil.Error, OSError):
            continue


_PSUTIL_STATES = {
    "running": "R",
    "sleeping": "S",
    "disk-sleep": "D",
    "stopped": "T",
    "tracing-stop": "t",
    "zombie": "Z",
    "dead": "X",
    "idle": "I",
}


def _psutil_row(process: Any) -> ProcessRow:
    import psutil

    with process.oneshot():
        state = _PSUTIL_STATES.get(process.status(), "S")
        try:
            times = process.cpu_times()
            rss_bytes = process.memory_info().rss
            threads = process.num_threads()
        except (psutil.AccessDenied, psutil.ZombieProcess):
            times, rss_bytes, threads = None, 0, 1
        cpu_s = times.user + times.system if times else 0.0
        return ProcessRow(
            process.pid,
            process.ppid(),
            os.getpgid(process.pid),
            os.getsid(process.pid),
            state,
            round(process.create_time() * CLOCK_TICKS_PER_S),
            round(cpu_s * CLOCK_TICKS_PER_S),
            rss_bytes,
            threads,
            process.name(),
        )
