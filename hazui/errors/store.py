"""What goes wrong while a successful run is written into the cache (CACHE-017).

A reader sees a miss until the last step, so none of these leaves half an entry behind.
"""

from dataclasses import dataclass
from pathlib import Path

from hazui.errors.base import HazuiError, Kind
from hazui.errors.fs import FsError
from hazui.errors.parse_absolute import ParseAbsoluteError


class StoreError(HazuiError):
    """Why a run was not stored."""

    FAMILY = "store"


@dataclass(eq=False, kw_only=True)
class Io(StoreError):
    """Reading an output or writing into the cache failed."""

    CODE = "store.io"
    KIND = Kind.ENVIRONMENT

    phase: str
    """The step that was under way, such as ``blobs`` or ``entry``."""
    source: FsError

    def sentence(self) -> str:
        return f"Cannot write into the cache, in the step {self.phase}"


@dataclass(eq=False, kw_only=True)
class InvalidOutputPath(StoreError):
    """An output's path cannot be written in an entry."""

    CODE = "store.invalid_output_path"
    KIND = Kind.INTERNAL

    path: Path
    source: ParseAbsoluteError

    def sentence(self) -> str:
        return f"The output path {self.path} cannot be stored"


@dataclass(eq=False, kw_only=True)
class OutputChangedWhileStoring(StoreError):
    """An output was written to while its bytes were being read."""

    CODE = "store.output_changed_while_storing"
    KIND = Kind.USER
    HINT = "Something still writes to it: a process that the task left behind, or another task."

    path: Path

    def sentence(self) -> str:
        return f"The output {self.path} changed while it was being stored"
