"""A line of a file with a caret under the place that is meant.

Lines come from files that may hold anything: tabs are widened, control characters become escapes,
wide characters take two columns, and a long line is cut to a window around the caret.
"""

import unicodedata
from dataclasses import dataclass

from hazui.errors.base import one_line

TAB_COLUMNS = 4
_ELLIPSIS = "..."
_ENDS = frozenset(" \t=,#]})")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Two lines of plain text that belong under each other."""

    line: str
    caret: str
    """Spaces and carets; empty without a column."""


def excerpt_of(line: str, column: int | None, width: int) -> Excerpt:
    """The line, at most ``width`` columns wide, and the carets under the word at ``column``.

    ``column`` counts characters from 1.
    """
    start = None if column is None or column < 1 else min(column - 1, len(line))
    end = start if start is None else max(_end_of_word(line, start), start + 1)
    cells = [_cell(character) for character in line]
    first, last = _window(cells, start or 0, max(width, 2 * len(_ELLIPSIS) + TAB_COLUMNS))
    before = _ELLIPSIS if first > 0 else ""
    after = _ELLIPSIS if last < len(cells) else ""
    shown = before + "".join(cells[first:last]) + after
    if start is None or end is None:
        return Excerpt(shown.rstrip(), "")
    indent = columns_of(before) + sum(map(columns_of, cells[first:start]))
    marked = sum(map(columns_of, cells[start : min(end, last)]))
    return Excerpt(shown.rstrip(), " " * indent + "^" * max(marked, 1))


def _cell(character: str) -> str:
    return " " * TAB_COLUMNS if character == "\t" else one_line(character)


def columns_of(text: str) -> int:
    """How many terminal columns a text without control characters takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def _end_of_word(line: str, start: int) -> int:
    """One past the last character of the string or bare word that begins at ``start``."""
    if start >= len(line):
        return start
    if line[start] in "\"'":
        closing = line.find(line[start], start + 1)
        return len(line.rstrip()) if closing < 0 else closing + 1
    end = start
    while end < len(line) and line[end] not in _ENDS:
        end += 1
    return end


def _window(cells: list[str], start: int, width: int) -> tuple[int, int]:
    """The longest run of cells around ``start`` that fits, ellipses included."""
    if sum(map(columns_of, cells)) <= width:
        return 0, len(cells)
    room = width - 2 * len(_ELLIPSIS)
    first = last = min(start, len(cells))
    used = 0
    # Two thirds of the window come after the caret, where the rest of the mistake is.
    while last < len(cells) and used + columns_of(cells[last]) <= room * 2 // 3:
        used += columns_of(cells[last])
        last += 1
    while first > 0 and used + columns_of(cells[first - 1]) <= room:
        first -= 1
        used += columns_of(cells[first])
    while last < len(cells) and used + columns_of(cells[last]) <= room:
        used += columns_of(cells[last])
        last += 1
    return first, last
