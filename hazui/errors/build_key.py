"""The cache key of a task could not be computed.

Raised before any lookup; nothing has been run or restored.
"""

from dataclasses import dataclass
from pathlib import Path

from hazui.errors.base import HazuiError, Kind
from hazui.errors.fs import FsError


class BuildKeyError(HazuiError):
    """Why a task has no cache key."""

    FAMILY = "build_key"


@dataclass(eq=False, kw_only=True)
class TaskNotInWorkspace(BuildKeyError):
    """The task to be keyed is not one of the loaded workspace."""

    CODE = "build_key.task_not_in_workspace"
    KIND = Kind.INTERNAL

    task: str

    def sentence(self) -> str:
        return f"There is no task {self.task} in the loaded workspace"


@dataclass(eq=False, kw_only=True)
class PredecessorStreamsMissing(BuildKeyError):
    """A dependency with ``streams = true`` has no recorded streams."""

    CODE = "build_key.predecessor_streams_missing"
    KIND = Kind.INTERNAL
    HINT = "Run the dependency again with --force."

    predecessor: str

    def sentence(self) -> str:
        return f"The captured streams of {self.predecessor} are missing, and the key needs them"


@dataclass(eq=False, kw_only=True)
class InputPatternResolutionFailed(BuildKeyError):
    """Resolving the input patterns failed: a literal input is missing, or a walk broke."""

    CODE = "build_key.input_pattern_resolution_failed"
    KIND = Kind.ENVIRONMENT

    root: Path
    source: FsError

    def sentence(self) -> str:
        return f"Cannot resolve the input patterns under {self.root}"


@dataclass(eq=False, kw_only=True)
class InputContentReadFailed(BuildKeyError):
    """An input could not be read to its end."""

    CODE = "build_key.input_content_read_failed"
    KIND = Kind.ENVIRONMENT

    path: Path
    source: FsError

    def sentence(self) -> str:
        return f"Cannot read the input {self.path}"


@dataclass(eq=False, kw_only=True)
class InputNotARegularFile(BuildKeyError):
    """An input is a directory, a socket, a FIFO or a device."""

    CODE = "build_key.input_not_a_regular_file"
    KIND = Kind.USER
    HINT = "Write dir/** to mean everything in a directory."

    path: Path

    def sentence(self) -> str:
        return f"The input {self.path} is not a regular file"
