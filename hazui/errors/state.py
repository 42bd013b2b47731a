"""What is wrong with the state database, and so with everything that must survive a crash.

Each is the ``source`` of a ``store_commit_failed``. ``path`` is the database file.
"""

from dataclasses import dataclass
from pathlib import Path

from hazui.errors.base import CodeClass, HazuiError, Kind


class StateError(HazuiError):
    """Why the state cannot be read or written."""

    FAMILY = "state"


@dataclass(eq=False, kw_only=True)
class Locked(StateError):
    """Another connection held the database longer than the busy timeout."""

    CODE = "state.locked"
    KIND = Kind.ENVIRONMENT
    CLASS = CodeClass.RETRYABLE
    HINT = "Another program holds it open; close it, or try again in a moment."

    path: Path
    source: BaseException | None = None

    def sentence(self) -> str:
        return f"The state database {self.path} is locked"


@dataclass(eq=False, kw_only=True)
class NoSpace(StateError):
    """The disk, the quota or the size limit is exhausted."""

    CODE = "state.no_space"
    KIND = Kind.ENVIRONMENT
    HINT = "Free some space; `hazui cache clean` removes old cache entries."

    path: Path
    source: BaseException | None = None

    def sentence(self) -> str:
        return f"There is no space left to write the state database {self.path}"


@dataclass(eq=False, kw_only=True)
class ReadOnly(StateError):
    """The database or its directory cannot be written."""

    CODE = "state.read_only"
    KIND = Kind.ENVIRONMENT
    HINT = "Check the permissions of the .hazui directory, or run with --scratch."

    path: Path
    source: BaseException | None = None

    def sentence(self) -> str:
        return f"The state database {self.path} cannot be written"


@dataclass(eq=False, kw_only=True)
class NewerSchema(StateError):
    """A newer hazui wrote this database."""

    CODE = "state.newer_schema"
    KIND = Kind.ENVIRONMENT
    HINT = "Upgrade hazui, or move the .hazui directory away to start afresh."

    path: Path
    found: int
    known: int
    """The newest schema that this version reads."""

    def sentence(self) -> str:
        return (
            f"The state database {self.path} has schema {self.found}, "
            f"and this version knows up to {self.known}"
        )


@dataclass(eq=False, kw_only=True)
class Corrupt(StateError):
    """The database is damaged."""

    CODE = "state.corrupt"
    KIND = Kind.ENVIRONMENT
    HINT = "Move .hazui/state.db away to start afresh; logs and cache stay usable."

    path: Path
    detail: str
    source: BaseException | None = None

    def sentence(self) -> str:
        return f"The state database {self.path} is damaged: {self.detail}"


@dataclass(eq=False, kw_only=True)
class ForeignOwner(StateError):
    """The state directory belongs to another user."""

    CODE = "state.foreign_owner"
    KIND = Kind.ENVIRONMENT
    HINT = "Run hazui as that user, or remove the directory as its owner."

    path: Path
    owner_uid: int

    def sentence(self) -> str:
        return f"The state directory {self.path} belongs to user {self.owner_uid}"
