"""What goes wrong while a cache hit is put back into the workspace (CACHE-019).

Renames that fail midway are undone: after any of these the workspace is as it was.
"""

from dataclasses import dataclass
from pathlib import Path

from hazui.errors.base import HazuiError, Kind
from hazui.errors.fs import FsError


class RestoreError(HazuiError):
    """Why a hit could not be put back."""

    FAMILY = "restore"


@dataclass(eq=False, kw_only=True)
class BlobMissing(RestoreError):
    """The entry names a blob that the cache does not hold."""

    CODE = "restore.blob_missing"
    KIND = Kind.ENVIRONMENT
    HINT = "`hazui cache verify` finds and removes damaged entries."

    path: Path
    digest: str

    def sentence(self) -> str:
        return f"The cache has no content {self.digest} for {self.path}"


@dataclass(eq=False, kw_only=True)
class BlobCorrupt(RestoreError):
    """A blob's bytes do not have the digest of its name."""

    CODE = "restore.blob_corrupt"
    KIND = Kind.ENVIRONMENT
    HINT = (
        "`hazui cache verify` finds and removes damaged entries; check the disk if it comes back."
    )

    path: Path
    expected: str
    actual: str

    def sentence(self) -> str:
        return (
            f"The cached content for {self.path} is damaged: "
            f"expected {self.expected}, found {self.actual}"
        )


@dataclass(eq=False, kw_only=True)
class TargetBlocked(RestoreError):
    """Something in the workspace stands where an output belongs."""

    CODE = "restore.target_blocked"
    KIND = Kind.USER
    HINT = "Move or remove what is there; hazui never removes what it did not write."

    path: Path
    source: FsError

    def sentence(self) -> str:
        return f"Something is in the way of the output {self.path}"


@dataclass(eq=False, kw_only=True)
class Io(RestoreError):
    """Staging or renaming an output failed."""

    CODE = "restore.io"
    KIND = Kind.ENVIRONMENT

    phase: str
    """The step that was under way, such as ``stage`` or ``rename``."""
    source: FsError

    def sentence(self) -> str:
        return f"Cannot restore the outputs, in the step {self.phase}"
