"""What a value is read with: where it stands and where its problems go.

A ``Kind`` says what a key takes. It turns a value of TOML into the value that the program works
with, or notes what is wrong and returns ``INVALID``; it never raises. The same object describes
itself for the JSON Schema, so that the two cannot disagree.
"""

from dataclasses import dataclass
from typing import Any, Final, Protocol

from hazui.config.positions import KeyPath, Point, SourceText
from hazui.config.problems import Problems
from hazui.domain.paths import CanonicalPath
from hazui.errors import config
from hazui.errors.config import ConfigError


class Invalid:
    """The type of ``INVALID``."""

    __slots__ = ()


WORKSPACE_ROOT: Final = CanonicalPath("")

INVALID: Final = Invalid()
"""What reading gives when a problem was noted."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The file being read, and the project whose tasks it declares."""

    source: SourceText
    problems: Problems
    project: str = ""
    root: CanonicalPath = WORKSPACE_ROOT

    def note(
        self,
        at: KeyPath,
        error: type[ConfigError],
        point: Point = Point.VALUE,
        **fields: Any,
    ) -> Invalid:
        """Note a problem of the key ``at`` and give what a kind returns for it."""
        self.problems.note(self.source, at, error, fields, point)
        return INVALID

    def wrong_type(self, at: KeyPath, expected: str, value: object) -> Invalid:
        """Note that ``value`` is of another type than the key takes."""
        return self.note(at, config.WrongType, expected=expected, found=found_text(value))


class Kind(Protocol):
    """What a key takes."""

    @property
    def expected(self) -> str:
        """What it takes in words, with an article: "a list of patterns"."""
        ...

    def read(self, value: object, at: KeyPath, reading: Reading) -> Any:
        """The value as the program works with it, or ``INVALID``."""
        ...

    def json_schema(self) -> dict[str, Any]:
        """The same as JSON Schema."""
        ...


def found_text(value: object) -> str:
    """The type of a value of TOML in words."""
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, int):
        return "an integer"
    if isinstance(value, float):
        return "a number"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "a table"
    return "a date or time"
