"""The seam between what every POSIX system can do and what Linux does better.

psutil is the portable tracker. A pidfd tells of an exit without polling, a subreaper makes orphans
ours, and ``/proc`` answers in microseconds. Each is an accelerator: everything in this room works
without any of them, and the process tests run both ways. ``HAZUI_NO_ACCELERATORS=1`` turns them
off.
"""

import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

OFF_VARIABLE = "HAZUI_NO_ACCELERATORS"


@dataclass(frozen=True, slots=True)
class Platform:
    """Which accelerators are in use."""

    has_pidfd: bool = False
    has_proc: bool = False
    has_subreaper: bool = False
    """Orphans of our children become our children: ``enable_subreaper`` says so."""


PORTABLE = Platform()
"""psutil and plain POSIX only."""


def detect(environ: Mapping[str, str]) -> Platform:
    """What this system offers, or ``PORTABLE`` when the user turned the accelerators off."""
    if environ.get(OFF_VARIABLE, "") not in {"", "0"} or sys.platform != "linux":
        return PORTABLE
    return _linux()


@lru_cache(maxsize=1)
def _linux() -> Platform:
    return Platform(has_pidfd=_has_pidfd(), has_proc=os.access("/proc/self/stat", os.R_OK))


def _has_pidfd() -> bool:
    if not hasattr(os, "pidfd_open") or not hasattr(signal, "pidfd_send_signal"):
        return False
    try:
        fd = os.pidfd_open(os.getpid())
    except OSError:
        return False
    os.close(fd)
    return True
