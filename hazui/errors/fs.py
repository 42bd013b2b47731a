"""What goes wrong on a file system, by what can be done about it.

``from_os_error`` is the one place that reads an errno. The operating system's own error is always
the cause, so that its text and number stay at the end of the chain.
"""

import errno
from dataclasses import dataclass
from pathlib import Path

from hazui.errors.base import HazuiError, Kind


class FsError(HazuiError):
    """What could not be done with a file or directory."""

    FAMILY = "fs"


@dataclass(eq=False, kw_only=True)
class NotFound(FsError):
    """There is nothing at the path, or one of its parents is not a directory."""

    CODE = "fs.not_found"
    KIND = Kind.ENVIRONMENT

    path: Path

    def sentence(self) -> str:
        return f"{self.path} does not exist"


@dataclass(eq=False, kw_only=True)
class PermissionDenied(FsError):
    """The path may not be used in this way by this user, or lies outside the workspace."""

    CODE = "fs.permission_denied"
    KIND = Kind.ENVIRONMENT
    HINT = "Check the owner and the permissions of the path and of the directories above it."

    path: Path

    def sentence(self) -> str:
        return f"Access to {self.path} is not permitted"


@dataclass(eq=False, kw_only=True)
class NoSpace(FsError):
    """The disk, the quota or the file size limit is exhausted."""

    CODE = "fs.no_space"
    KIND = Kind.ENVIRONMENT
    HINT = "Free some space; `hazui cache clean` removes old cache entries."

    path: Path

    def sentence(self) -> str:
        return f"There is no space left to write {self.path}"


@dataclass(eq=False, kw_only=True)
class Io(FsError):
    """Any other failure; ``source`` is the operating system's own error."""

    CODE = "fs.io"
    KIND = Kind.ENVIRONMENT

    path: Path
    operation: str
    """A verb, such as ``read`` or ``rename``."""
    errno: int | None
    source: OSError

    def sentence(self) -> str:
        name = errno.errorcode.get(self.errno or 0)
        return f"Cannot {self.operation} {self.path}" + (f" ({name})" if name else "")


def from_os_error(path: Path, operation: str, error: OSError) -> FsError:
    """The variant that an operating system error stands for, with ``error`` as its cause.

    ``operation`` is a verb that reads well after "cannot": ``read``, ``create``, ``rename``.
    """
    found: FsError
    match _number_of(error):
        case errno.ENOENT | errno.ENOTDIR:
            found = NotFound(path=path)
        case errno.EACCES | errno.EPERM:
            found = PermissionDenied(path=path)
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            found = NoSpace(path=path)
        case number:
            found = Io(path=path, operation=operation, errno=number, source=error)
    found.__cause__ = error
    return found


def _number_of(error: OSError) -> int | None:
    """The errno; libraries raise the subclasses without one."""
    match error:
        case OSError(errno=int(number)):
            return number
        case FileNotFoundError() | NotADirectoryError():
            return errno.ENOENT
        case PermissionError():
            return errno.EACCES
    return None
