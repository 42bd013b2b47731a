"""Collecting what is wrong, so that all of it is shown at once.

While a file is validated only the key path of a problem is noted. Lines and columns are worked out
at the end, and only when there is a problem at all: a good configuration never pays for them.

Invariant: every noted problem becomes exactly one ``ConfigError`` that names its file.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from hazui.config.positions import KeyPath, Point, SourceText, key_text

if TYPE_CHECKING:
    from hazui.errors.config import ConfigError

ProblemName = Literal[
    "ConfigNotFound",
    "DuplicateProject",
    "EnvFileInvalid",
    "FileUnreadable",
    "InvalidChoice",
    "InvalidDuration",
    "InvalidName",
    "InvalidOverride",
    "InvalidPath",
    "InvalidPattern",
    "InvalidReference",
    "InvalidRegex",
    "InvalidSignal",
    "InvalidSize",
    "InvalidText",
    "LeaseTooShort",
    "MissingKey",
    "OutOfRange",
    "ProjectMissing",
    "ReservedName",
    "ServiceKeyOnTask",
    "SyntaxInvalid",
    "UnknownKey",
    "UnknownTable",
    "WrongType",
]
"""Classes of ``hazui.errors.config``, by name: they are loaded when there is a problem."""


class Rejected:
    """The configuration is not usable: every problem of every file, in file and line order."""

    __slots__ = ("problems",)

    def __init__(self, problems: "Iterable[ConfigError]") -> None:
        self.problems = tuple(problems)

    def __repr__(self) -> str:
        return f"Rejected({list(map(str, self.problems))})"


class Noted(NamedTuple):
    """A problem whose position is not known yet."""

    source: SourceText
    at: KeyPath
    name: ProblemName
    fields: dict[str, Any]
    point: Point


class Problems:
    """What has been found so far, over all files of one load."""

    __slots__ = ("noted", "placed")

    def __init__(self) -> None:
        self.noted: list[Noted] = []
        self.placed: list[ConfigError] = []

    def __bool__(self) -> bool:
        return bool(self.noted or self.placed)

    def note(
        self,
        source: SourceText,
        at: KeyPath,
        name: ProblemName,
        fields: dict[str, Any],
        point: Point = Point.VALUE,
    ) -> None:
        """Note a problem of the key ``at``; where that is gets worked out by ``rejected``."""
        self.noted.append(Noted(source, at, name, fields, point))

    def place(self, name: ProblemName, file: Path, **fields: Any) -> None:
        """Take a problem whose position is known, or that has none."""
        self.placed.append(made(name, file=file, **fields))

    def rejected(self) -> Rejected:
        """Every problem with its position, ordered by file (as first met), line and column."""
        found = [*(located(noted) for noted in self.noted), *self.placed]
        files: dict[Path, int] = {}
        for problem in found:
            files.setdefault(problem.file, len(files))
        found.sort(key=lambda p: (files[p.file], p.line or 0, p.column or 0))
        return Rejected(found)


def made(name: ProblemName, **fields: Any) -> "ConfigError":
    """The error of that name."""
    from hazui.errors import config

    kind: type[ConfigError] = getattr(config, name)
    return kind(**fields)


def located(noted: Noted) -> "ConfigError":
    """The error of one noted problem, with line, column and excerpt where they are known."""
    spot = noted.source.find(noted.at, noted.point)
    return made(
        noted.name,
        file=noted.source.file,
        line=spot.line if spot else None,
        column=spot.column if spot else None,
        excerpt=spot.excerpt if spot else None,
        key=key_text(noted.at),
        **noted.fields,
    )


def suggestion(word: str, known: Iterable[str]) -> str | None:
    """The known word that is nearest to a mistyped one, or None when none is near."""
    from difflib import get_close_matches

    near = get_close_matches(word[:128], [*known], n=1, cutoff=0.6)
    return near[0] if near else None
