"""One segment of a path that cannot name anything in a workspace.

The reasons are closed: they follow the definition of a canonical path, and every other text is a
valid segment.
"""

from dataclasses import dataclass

from hazui.errors.base import CodeClass, HazuiError, Kind


class SegmentError(HazuiError):
    """Why a text cannot be one segment of a path."""

    FAMILY = "segment"
    CLASS = CodeClass.TERMINAL


@dataclass(eq=False, kw_only=True)
class Empty(SegmentError):
    """There is nothing between two slashes."""

    CODE = "segment.empty"
    KIND = Kind.USER

    def sentence(self) -> str:
        return "The segment is empty"


@dataclass(eq=False, kw_only=True)
class Dot(SegmentError):
    """The segment is ``.``, which names no file of its own."""

    CODE = "segment.dot"
    KIND = Kind.USER

    def sentence(self) -> str:
        return 'The segment is "."'


@dataclass(eq=False, kw_only=True)
class DotDot(SegmentError):
    """The segment is ``..``, which would leave the directory."""

    CODE = "segment.dot_dot"
    KIND = Kind.USER

    def sentence(self) -> str:
        return 'The segment is ".."'


@dataclass(eq=False, kw_only=True)
class ContainsSeparator(SegmentError):
    """The segment holds a ``/``."""

    CODE = "segment.contains_separator"
    KIND = Kind.USER

    def sentence(self) -> str:
        return 'The segment holds a "/"'


@dataclass(eq=False, kw_only=True)
class ContainsForbidden(SegmentError):
    """The segment holds a control, format or otherwise invisible character."""

    CODE = "segment.contains_forbidden"
    KIND = Kind.USER
    HINT = "Rename the file, without control or invisible characters in its name."

    character: str
    """The one character."""
    category: str
    """Its Unicode general category, such as ``Cc``."""

    def sentence(self) -> str:
        return (
            f"The segment holds the character U+{ord(self.character):04X} "
            f"(category {self.category}), which no path in a workspace may hold"
        )
