"""Collecting what is wrong, so that all of it is shown at once.

While a file is validated only the key path of a problem is noted. Lines and columns are worked out
at the end, and only when there is a problem at all: a good configuration never pays for them.

Invariant: every noted problem becomes exactly one ``ConfigError`` that names its file.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hazui.config.positions import KeyPath, Point, SourceText, key_text
from hazui.errors.config import ConfigError


@dataclass(frozen=True, slots=True)
class Rejected:
    """The configuration is not usable: every problem of every file, in file and line order."""

    problems: tuple[ConfigError, ...]


@dataclass(slots=True)
class Noted:
    """A problem whose position is not known yet."""

    source: SourceText
    at: KeyPath
    error: type[ConfigError]
    fields: dict[str, Any]
    point: Point


@dataclass(slots=True)
class Problems:
    """What has been found so far, over all files of one load."""

    noted: list[Noted] = field(default_factory=list)
    placed: list[ConfigError] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.noted or self.placed)

    def note(
        self,
        source: SourceText,
        at: KeyPath,
        error: type[ConfigError],
        fields: dict[str, Any],
        point: Point = Point.VALUE,
    ) -> None:
        """Note a problem of the key ``at``; where that is gets worked out by ``rejected``."""
        self.noted.append(Noted(source, at, error, fields, point))

    def place(self, problem: ConfigError) -> None:
        """Take a problem that knows its position, or has none."""
        self.placed.append(problem)

    def rejected(self) -> Rejected:
        """Every problem with its position, ordered by file (as first met), line and column."""
        found = [*self.placed, *(placed(noted) for noted in self.noted)]
        files: dict[Path, int] = {}
        for problem in found:
            files.setdefault(problem.file, len(files))
        found.sort(key=lambda p: (files[p.file], p.line or 0, p.column or 0))
        return Rejected(tuple(found))


def placed(noted: Noted) -> ConfigError:
    """The error of one noted problem, with line, column and excerpt where they are known."""
    spot = noted.source.find(noted.at, noted.point)
    return noted.error(
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
