"""From a line of bytes to the strips that a terminal row is painted with.

The number of strips and segments that are made is the cost of a frame, so a plain line is one
strip, padded already. Text is measured in cells, positions in the text are characters; a line is
wrapped hard at the width, without regard to words, as terminals do.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from rich.cells import get_character_cell_size
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.color import BLACK
from textual.color import Color as BackgroundColor
from textual.filter import LineFilter
from textual.strip import Strip

from hazui.errors.stream import CapturedStream
from hazui.spool.reader import LogLine
from hazui.spool.style import PLAIN, SgrStyle
from hazui.spool.text import parse_runs

Span = tuple[int, int, Style]
_STREAM_MARKS = {CapturedStream.STDOUT: "o ", CapturedStream.STDERR: "e "}
MARK = ">"
TIME_CELLS = 13


@dataclass(frozen=True, slots=True)
class Looks:
    """The styles of a pane, resolved against the theme."""

    base: Style
    dim: Style
    mark: Style
    error: Style
    match: Style
    match_current: Style
    selection: Style


class Piece(NamedTuple):
    """Text in one style."""

    text: str
    style: Style


@dataclass(slots=True)
class LinePainter:
    """Paints lines for one width; made anew when the width or the looks change."""

    looks: Looks
    width: int
    margin_cells: int = 0
    """Columns at the right that the scroll bar covers: painted, but never with text."""
    left: int = 0
    """Columns that are scrolled out of sight; only without wrapping."""
    is_wrapped: bool = False
    has_streams: bool = False
    has_times: bool = False
    is_faded: bool = False
    workspace: str | None = None
    filters: Sequence[LineFilter] = ()
    """What the app does to every colour: themes for ANSI colours, monochrome."""
    background: BackgroundColor = BLACK
    _styles: dict[SgrStyle, Style] = field(default_factory=dict)
    _filtered: dict[Style, Style] = field(default_factory=dict)

    @property
    def gutter_cells(self) -> int:
        return 1 + 2 * self.has_streams + TIME_CELLS * self.has_times

    @property
    def text_cells(self) -> int:
        return max(1, self.width - self.gutter_cells - self.margin_cells)

    def pieces(self, line: LogLine) -> list[Piece]:
        """The line's text in its styles."""
        base = self.looks.dim if self.is_faded else self.looks.base
        pieces: list[Piece] = []
        for text, style in parse_runs(line.data, self.workspace):
            pieces.append(Piece(text, base if self.is_faded else self._style(style)))
        if line.is_truncated:
            size = line.byte_end - line.byte_start
            pieces.append(Piece(f"… {size:,} bytes", self.looks.dim))
        return pieces

    def rows(
        self, line: LogLine, *, spans: Sequence[Span] = (), is_marked: bool = False
    ) -> list[Strip]:
        """The rows of one line: exactly one unless lines are wrapped."""
        pieces = self.pieces(line)
        if spans:
            pieces = list(_overlay(pieces, spans))
        if is_marked:
            pieces = [Piece(text, style + self.looks.mark) for text, style in pieces]
        base = self.looks.base + self.looks.mark if is_marked else self.looks.base
        gutter = self._gutter(line, is_marked=is_marked)
        base = self._final(base)
        if not self.is_wrapped:
            return [self._row(gutter, pieces, self.left, base)]
        text = "".join(text for text, _ in pieces)
        cuts = wrap_cuts(text, self.text_cells)
        blank = [Segment(" " * self.gutter_cells, base)]
        ends = [*cuts[1:], len(text)]
        return [
            self._row(blank if start else gutter, list(_slice(pieces, start, end)), 0, base)
            for start, end in zip(cuts, ends, strict=True)
        ]

    def row_count(self, line: LogLine) -> int:
        if not self.is_wrapped:
            return 1
        return len(wrap_cuts("".join(text for text, _ in self.pieces(line)), self.text_cells))

    def row_start(self, text: str, row: int) -> int:
        """The first character that is seen of a row."""
        if self.is_wrapped:
            cuts = wrap_cuts(text, self.text_cells)
            return cuts[min(row, len(cuts) - 1)]
        return char_at_cell(text, self.left)

    def _row(self, gutter: list[Segment], pieces: list[Piece], left: int, base: Style) -> Strip:
        cells = self.text_cells
        if len(pieces) == 1 and pieces[0].text.isascii():
            text, style = pieces[0]
            seen = text[left : left + cells]
            padded = cells + self.margin_cells
            style = self._final(style)
            if style == base:
                return Strip([*gutter, Segment(seen.ljust(padded), style)], self.width)
            blank = Segment(" " * (padded - len(seen)), base)
            return Strip([*gutter, Segment(seen, style), blank], self.width)
        strip = Strip([Segment(text, self._final(style)) for text, style in pieces if text])
        strip = strip.crop_extend(left, left + cells, base)
        margin = [Segment(" " * self.margin_cells, base)] if self.margin_cells else []
        return Strip([*gutter, *strip, *margin], self.width)

    def _gutter(self, line: LogLine, *, is_marked: bool) -> list[Segment]:
        looks = self.looks
        if not is_marked and not self.has_times and not self.has_streams:
            return [Segment(" ", self._final(looks.base))]
        over = looks.mark if is_marked else Style()
        segments = [Segment(MARK if is_marked else " ", looks.base + over)]
        if self.has_times:
            segments.append(Segment(clock(line.at_ns).ljust(TIME_CELLS), looks.dim + over))
        if self.has_streams:
            is_error = line.stream is CapturedStream.STDERR
            mark = _STREAM_MARKS[line.stream]
            segments.append(Segment(mark, (looks.error if is_error else looks.dim) + over))
        return [Segment(text, self._final(style or looks.base)) for text, style, _ in segments]

    def _style(self, style: SgrStyle) -> Style:
        if style is PLAIN:
            return self.looks.base
        found = self._styles.get(style)
        if found is None:
            found = self._styles[style] = self.looks.base + rich_style(style)
        return found

    def _final(self, style: Style) -> Style:
        """The style as the app's filters leave it; they look at styles only, so once is enough."""
        found = self._filtered.get(style)
        if found is None:
            segments = [Segment(" ", style)]
            for line_filter in self.filters:
                segments = line_filter.apply(segments, self.background)
            found = self._filtered[style] = segments[0].style or style
        return found


def rich_style(style: SgrStyle) -> Style:
    """What the screen makes of a style that a program asked for."""
    return Style(
        color=_color(style.foreground),
        bgcolor=_color(style.background),
        bold=style.is_bold or None,
        dim=style.is_dim or None,
        italic=style.is_italic or None,
        underline=style.is_underlined or None,
        reverse=style.is_reversed or None,
        strike=style.is_struck or None,
        link=style.link,
    )


def _color(color: int | tuple[int, int, int] | None) -> Color | None:
    if color is None:
        return None
    return Color.from_ansi(color) if isinstance(color, int) else Color.from_rgb(*color)


def clock(at_ns: int) -> str:
    """Local time of day with milliseconds; nothing when it is not known."""
    if not at_ns:
        return ""
    moment = datetime.fromtimestamp(at_ns / 1e9).astimezone()
    return f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03d}"


def wrap_cuts(text: str, cells: int) -> list[int]:
    """Where the rows of a line begin; a wide character never straddles two rows."""
    if text.isascii():
        return list(range(0, max(len(text), 1), cells))
    cuts = [0]
    used = 0
    for index, character in enumerate(text):
        size = get_character_cell_size(character)
        if used + size > cells and used:
            cuts.append(index)
            used = 0
        used += size
    return cuts


def char_at_cell(text: str, cell: int) -> int:
    """The character that is painted at a cell."""
    if text.isascii():
        return min(cell, len(text))
    used = 0
    for index, character in enumerate(text):
        if used >= cell:
            return index
        used += get_character_cell_size(character)
    return len(text)


def _slice(pieces: Iterable[Piece], start: int, end: int) -> Iterable[Piece]:
    position = 0
    for text, style in pieces:
        low, high = max(start - position, 0), min(end - position, len(text))
        if low < high:
            yield Piece(text[low:high], style)
        position += len(text)


def _overlay(pieces: Sequence[Piece], spans: Sequence[Span]) -> Iterable[Piece]:
    """The pieces with the spans' styles laid over them; later spans over earlier ones."""
    position = 0
    for text, style in pieces:
        end = position + len(text)
        cuts = {position, end}
        for low, high, _ in spans:
            cuts.update(cut for cut in (low, high) if position < cut < end)
        ordered = sorted(cuts)
        for low, high in pairwise(ordered):
            painted = style
            for first, last, over in spans:
                if first <= low and high <= last:
                    painted = painted + over
            yield Piece(text[low - position : high - position], painted)
        position = end
