"""What a value is read with: where it stands and where its problems go.

A ``Kind`` says what a key takes. It turns a value of TOML into the value that the program works
with, or notes what is wrong and returns ``INVALID``; it never raises. The same object describes
itself for the JSON Schema, so that the two cannot disagree.
"""

from typing import Any, Final, Protocol

from hazui.config.positions import KeyPath, Point, SourceText
from hazui.config.problems import ProblemName, Problems
from hazui.domain.paths import CanonicalPath


class Invalid:
    """The type of ``INVALID``."""

    __slots__ = ()


WORKSPACE_ROOT: Final = CanonicalPath("")

INVALID: Final = Invalid()
"""What reading gives when a problem was noted."""


class Reading:
    """The file being read, and the project whose tasks it declares."""

    __slots__ = ("_point", "problems", "project", "root", "source")

    def __init__(
        self,
        source: SourceText,
        problems: Problems,
        project: str = "",
        root: CanonicalPath = WORKSPACE_ROOT,
        point: Point | None = None,
    ) -> None:
        self.source = source
        self.problems = problems
        self.project = project
        self.root = root
        self._point = point

    def of_keys(self) -> "Reading":
        """The same for what is a key itself: every problem points at the key."""
        return Reading(self.source, self.problems, self.project, self.root, Point.KEY)

    def note(
        self, at: KeyPath, name: ProblemName, point: Point = Point.VALUE, **fields: Any
    ) -> Invalid:
        """Note a problem of the key ``at`` and give what a kind returns for it."""
        self.problems.note(self.source, at, name, fields, self._point or point)
        return INVALID

    def wrong_type(self, at: KeyPath, expected: str, value: object) -> Invalid:
        """Note that ``value`` is of another type than the key takes."""
        return self.note(at, "WrongType", expected=expected, found=found_text(value))


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
