"""The eleven ways in which the executor cannot carry a task through to a record.

A command that ran and exited non-zero or died by a signal is a record with the state ``failed``
(EXEC-009), never one of these. A cache miss is not an error either (CACHE-016).
"""

from dataclasses import dataclass
from pathlib import Path

from hazui.errors.base import HazuiError, Kind
from hazui.errors.build_key import BuildKeyError
from hazui.errors.fs import FsError
from hazui.errors.parse_absolute import ParseAbsoluteError
from hazui.errors.process import ProcessError
from hazui.errors.restore import RestoreError
from hazui.errors.segment import ContainsForbidden
from hazui.errors.store import StoreError
from hazui.errors.stream import CapturedStream


class RunTaskError(HazuiError):
    """Why a task has no record."""

    FAMILY = "run_task"


@dataclass(eq=False, kw_only=True)
class BuildKeyFailed(RunTaskError):
    """The cache key could not be computed, so no lookup was tried."""

    CODE = "run_task.build_key_failed"
    KIND = Kind.ENVIRONMENT

    source: BuildKeyError

    def sentence(self) -> str:
        return "Cannot compute the cache key of the task"


@dataclass(eq=False, kw_only=True)
class RestoreFailed(RunTaskError):
    """The lookup hit, and the outputs could not be put back (CACHE-019)."""

    CODE = "run_task.restore_failed"
    KIND = Kind.ENVIRONMENT

    source: RestoreError

    def sentence(self) -> str:
        return "Cannot restore the outputs of the task from the cache"


@dataclass(eq=False, kw_only=True)
class SpawnFailed(RunTaskError):
    """The command never ran."""

    CODE = "run_task.spawn_failed"
    KIND = Kind.ENVIRONMENT

    source: ProcessError

    def sentence(self) -> str:
        return "Cannot start the command of the task"


@dataclass(eq=False, kw_only=True)
class WaitFailed(RunTaskError):
    """The command ran, and how it ended cannot be learnt."""

    CODE = "run_task.wait_failed"
    KIND = Kind.ENVIRONMENT

    source: ProcessError

    def sentence(self) -> str:
        return "Cannot learn how the command of the task ended"


@dataclass(eq=False, kw_only=True)
class CapturedStreamReadFailed(RunTaskError):
    """The named stream was not read to its end; the other one may be complete."""

    CODE = "run_task.captured_stream_read_failed"
    KIND = Kind.ENVIRONMENT

    stream: CapturedStream
    source: OSError

    def sentence(self) -> str:
        return f"Cannot read the {self.stream} of the command to its end"


@dataclass(eq=False, kw_only=True)
class OutputPatternResolutionFailed(RunTaskError):
    """The walk for declared outputs failed, whatever the task has written."""

    CODE = "run_task.output_pattern_resolution_failed"
    KIND = Kind.ENVIRONMENT

    root: Path
    source: FsError

    def sentence(self) -> str:
        return f"Cannot resolve the output patterns under {self.root}"


@dataclass(eq=False, kw_only=True)
class OutputModeReadFailed(RunTaskError):
    """The permission bits of an output could not be read."""

    CODE = "run_task.output_mode_read_failed"
    KIND = Kind.ENVIRONMENT

    path: Path
    source: FsError

    def sentence(self) -> str:
        return f"Cannot read the permissions of the output {self.path}"


@dataclass(eq=False, kw_only=True)
class OutputNotARegularFile(RunTaskError):
    """A declared output is something that a cache cannot hold (CACHE-013)."""

    CODE = "run_task.output_not_a_regular_file"
    KIND = Kind.USER
    HINT = (
        "For a directory declare what is in it, as dir/**; "
        "sockets, FIFOs and dangling links cannot be outputs."
    )

    path: Path

    def sentence(self) -> str:
        return f"The output {self.path} is not a regular file"


@dataclass(eq=False, kw_only=True)
class OutputDeclaredButNotProduced(RunTaskError):
    """A literal output is not there after a run that succeeded."""

    CODE = "run_task.output_declared_but_not_produced"
    KIND = Kind.USER
    HINT = "Correct the path in `outputs`, or use a pattern if the file is optional."

    path: Path

    def sentence(self) -> str:
        return f"The task succeeded without producing its declared output {self.path}"


@dataclass(eq=False, kw_only=True)
class StoreFailed(RunTaskError):
    """The run succeeded and could not be stored (CACHE-017)."""

    CODE = "run_task.store_failed"
    KIND = Kind.ENVIRONMENT

    source: StoreError

    def sentence(self) -> str:
        return "Cannot store the result of the task in the cache"


@dataclass(eq=False, kw_only=True)
class MaterialisedOutputPathInvalid(RunTaskError):
    """A path that the executor built does not parse as a canonical path."""

    CODE = "run_task.materialised_output_path_invalid"
    KIND = Kind.INTERNAL

    path: str
    source: ParseAbsoluteError

    def sentence(self) -> str:
        return f'An output was produced whose name cannot be a path here: "{self.path}"'

    @property
    def kind(self) -> Kind:
        """The user's when the name on disk is one that no canonical path can hold; else a bug."""
        return Kind.USER if self._is_forbidden_name() else Kind.INTERNAL

    @property
    def hint(self) -> str | None:
        if self._is_forbidden_name():
            return "Rename the file: its name holds a character that no path here may hold."
        return None

    def _is_forbidden_name(self) -> bool:
        reason = vars(self).get("source")
        while isinstance(reason, HazuiError):
            if isinstance(reason, ContainsForbidden):
                return True
            reason = reason.__cause__
        return False
