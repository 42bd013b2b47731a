"""What a run left behind although it came to no record, and the phase in which that happened.

Both ride on the error: whoever shows it can then offer the captured output as well.
"""

from dataclasses import dataclass

from hazui.domain.records import ExitStatus, StreamDigests
from hazui.errors import run_task
from hazui.errors.base import HazuiError


@dataclass(frozen=True, slots=True)
class Left:
    """The process's status and streams, as far as they are known."""

    exit_status: ExitStatus | None = None
    digests: StreamDigests | None = None


def leave(error: HazuiError, left: Left) -> None:
    """Let ``error`` carry ``left``."""
    vars(error)["_left"] = left


def left_of(error: BaseException) -> Left | None:
    """What ``leave`` put on the error, else None."""
    found = vars(error).get("_left")
    return found if isinstance(found, Left) else None


def phase_of(error: run_task.RunTaskError) -> str:
    """The phase of the lifecycle that the error belongs to."""
    match error:
        case run_task.BuildKeyFailed():
            return "key"
        case run_task.RestoreFailed():
            return "restore"
        case run_task.SpawnFailed():
            return "spawn"
        case run_task.WaitFailed():
            return "wait"
        case run_task.CapturedStreamReadFailed():
            return "capture"
        case run_task.StoreFailed():
            return "store"
        case _:
            return "outputs"
