"""What can go wrong with a child process, apart from what it does itself.

A child that ran and ended badly is a record, not one of these (EXEC-009).
"""

import errno
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hazui.errors.base import HazuiError, Kind, numbered


class ProcessError(HazuiError):
    """What hazui could not do with a process."""

    FAMILY = "process"


@dataclass(eq=False, kw_only=True)
class NonAbsoluteCwd(ProcessError):
    """The working directory was not absolute: it would depend on where hazui stands."""

    CODE = "process.non_absolute_cwd"
    KIND = Kind.INTERNAL

    cwd: Path

    def sentence(self) -> str:
        return f"The working directory {self.cwd} is not absolute"


@dataclass(eq=False, kw_only=True)
class SpawnFailed(ProcessError):
    """The operating system refused to start the program."""

    CODE = "process.spawn_failed"
    KIND = Kind.ENVIRONMENT

    program: str
    """argv[0] as it was to be executed."""
    source: OSError

    def sentence(self) -> str:
        return f"Cannot start the program {self.program}"

    @property
    def hint(self) -> str | None:
        # The number, not the class: an error that was read from a record has only that.
        match getattr(vars(self).get("source"), "errno", None):
            case errno.ENOENT | errno.ENOTDIR:
                return "Check the spelling, and that PATH (add it to env) finds the program."
            case errno.EACCES | errno.EPERM:
                return "Make the file executable (chmod +x) and check its first line."
            case errno.ENOEXEC:
                return "Add a first line such as #!/bin/sh, or name the interpreter in the command."
            case errno.EAGAIN | errno.ENOMEM | errno.EMFILE | errno.ENFILE:
                return "Lower workspace.jobs, or raise the limits of processes and files (ulimit)."
        return None


@dataclass(eq=False, kw_only=True)
class SignalFailed(ProcessError):
    """A signal could not be sent to a process that is ours."""

    CODE = "process.signal_failed"
    KIND = Kind.ENVIRONMENT

    signal: str
    """Its name, such as ``SIGTERM``."""
    pid: int
    source: OSError

    def sentence(self) -> str:
        return f"Cannot send {self.signal} to process {self.pid}"


@dataclass(eq=False, kw_only=True)
class WaitFailed(ProcessError):
    """The status of a child cannot be learnt: somebody else has reaped it."""

    CODE = "process.wait_failed"
    KIND = Kind.ENVIRONMENT
    HINT = "Look for a library or a tracer that waits for the children of hazui."

    pid: int
    source: OSError

    def sentence(self) -> str:
        return f"Cannot learn how process {self.pid} ended"


@dataclass(eq=False, kw_only=True)
class Survivors(ProcessError):
    """Processes of a task are still there after the last signal."""

    CODE = "process.survivors"
    KIND = Kind.ENVIRONMENT
    HINT = (
        "See what they are with `ps`; one in uninterruptible sleep (D) waits for a disk or a mount."
    )

    pids: Sequence[int]

    def sentence(self) -> str:
        return f"Still running after SIGKILL: {numbered(self.pids)}"
