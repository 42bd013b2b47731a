"""A text that is not a path in a workspace.

A path has ``/`` between its segments, does not end in one, and each segment names something.
"""

from dataclasses import dataclass

from hazui.errors.base import CodeClass, HazuiError, Kind
from hazui.errors.segment import SegmentError


class PathError(HazuiError):
    """Why a text cannot be a path in the workspace."""

    FAMILY = "path"
    CLASS = CodeClass.TERMINAL


@dataclass(eq=False, kw_only=True)
class Empty(PathError):
    """There is no path at all."""

    CODE = "path.empty"
    KIND = Kind.USER

    def sentence(self) -> str:
        return "The path is empty"


@dataclass(eq=False, kw_only=True)
class EmptySegment(PathError):
    """Two slashes follow each other."""

    CODE = "path.empty_segment"
    KIND = Kind.USER

    def sentence(self) -> str:
        return 'The path has two "/" in a row'


@dataclass(eq=False, kw_only=True)
class OnlySlash(PathError):
    """The path is ``/`` alone."""

    CODE = "path.only_slash"
    KIND = Kind.USER

    def sentence(self) -> str:
        return 'The path is only "/"'


@dataclass(eq=False, kw_only=True)
class TrailingSlash(PathError):
    """The path ends in ``/``."""

    CODE = "path.trailing_slash"
    KIND = Kind.USER
    HINT = "Leave out the slash at the end."

    def sentence(self) -> str:
        return 'The path ends in "/"'


@dataclass(eq=False, kw_only=True)
class InvalidSegment(PathError):
    """One segment is not allowed; ``source`` says why."""

    CODE = "path.invalid_segment"
    KIND = Kind.USER

    segment: str
    position: int
    """Counted from 0."""
    source: SegmentError

    def sentence(self) -> str:
        return f'The segment "{self.segment}" (number {self.position + 1}) is not allowed in a path'
