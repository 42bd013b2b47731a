"""Copying: beside OSC 52, which the terminal may refuse, a native tool when there is one."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping

DEADLINE_S = 2.0


def native_tool(
    environ: Mapping[str, str],
    which: Callable[[str], str | None] = shutil.which,
    platform: str = sys.platform,
) -> list[str] | None:
    """The command that takes the clipboard's new text on its stdin, or None."""
    candidates: list[list[str]] = []
    if platform == "darwin":
        candidates.append(["pbcopy"])
    if environ.get("WAYLAND_DISPLAY"):
        candidates.append(["wl-copy"])
    if environ.get("DISPLAY"):
        candidates += [["xclip", "-selection", "clipboard"], ["xsel", "--clipboard", "--input"]]
    if environ.get("TMUX"):
        candidates.append(["tmux", "load-buffer", "-w", "-"])
    return next((command for command in candidates if which(command[0]) is not None), None)


def copy_natively(command: list[str], text: str) -> bool:
    """Give ``text`` to the tool; False when it failed. Blocks: run it in a thread."""
    try:
        done = subprocess.run(
            command,
            input=text.encode("utf-8", "replace"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=DEADLINE_S,
            check=False,
            start_new_session=True,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
