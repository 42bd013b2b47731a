"""A text that is not a workspace-absolute path.

Such a path starts with ``/``, which stands for the workspace root. ``path`` is the text as given:
it names no file, so it cannot be a ``pathlib.Path``.
"""

from dataclasses import dataclass

from hazui.errors.base import CodeClass, HazuiError, Kind
from hazui.errors.path import PathError


class ParseAbsoluteError(HazuiError):
    """Why a text is not a workspace-absolute path."""

    FAMILY = "parse_absolute"
    CLASS = CodeClass.TERMINAL


@dataclass(eq=False, kw_only=True)
class Invalid(ParseAbsoluteError):
    """It starts with ``/`` and still names no place; ``source`` says why."""

    CODE = "parse_absolute.invalid"
    KIND = Kind.USER

    path: str
    source: PathError

    def sentence(self) -> str:
        return f'"{self.path}" is not a path in the workspace'


@dataclass(eq=False, kw_only=True)
class NotAbsolute(ParseAbsoluteError):
    """It does not start with ``/``."""

    CODE = "parse_absolute.not_absolute"
    KIND = Kind.USER
    HINT = "Write the path from the workspace root, with a leading slash."

    path: str

    def sentence(self) -> str:
        return f'"{self.path}" does not start with "/", the workspace root'
