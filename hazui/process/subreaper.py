"""Orphans come to us: a Linux process can ask to be the parent of its orphaned descendants.

Without it a daemon that double-forks becomes a child of init and is only found by what it carries.
With it every process that a task started, and that still runs, is our descendant, so that looking
at our own children proves that nothing is left. The children of ours that nobody else waits for
are reaped by ``sweep``, by pid, never with ``waitpid(-1)``.
"""

import dataclasses
import os

from hazui.process.platform import Platform
from hazui.process.table import TOOL_VARIABLE

_PR_SET_CHILD_SUBREAPER = 36


def enable_subreaper(platform: Platform) -> Platform:
    """Become the parent of orphaned descendants; the platform says whether that could be had.

    Marks our own environment, so that an editor that detaches itself is not taken for a task's.
    """
    os.environ[TOOL_VARIABLE] = "1"
    if not platform.has_proc or not os.access(f"/proc/self/task/{os.getpid()}/children", os.R_OK):
        return platform
    return dataclasses.replace(platform, has_subreaper=_set_subreaper(1))


def disable_subreaper() -> None:
    """Undo ``enable_subreaper``; orphans go to init again."""
    os.environ.pop(TOOL_VARIABLE, None)
    _set_subreaper(0)


def _set_subreaper(value: int) -> bool:
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    return bool(libc.prctl(_PR_SET_CHILD_SUBREAPER, value, 0, 0, 0) == 0)
