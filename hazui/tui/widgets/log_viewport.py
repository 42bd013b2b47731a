"""Which rows of a log are in view: a line at the top, and how many of its rows are above it.

Only the lines near the viewport are ever read, so ten million lines move like ten. Wrapped lines
have as many rows as they need; their number is known for the lines in view only, which is why a
place is a line and a row, never a row of the whole log.
"""

from typing import NamedTuple

from textual.cache import LRUCache

from hazui.spool.reader import LogLine, LogReader, LogView
from hazui.tui.widgets.log_painter import LinePainter

LINE_BYTES_MAX = 4096
_CACHED_LINES = 2048


class Place(NamedTuple):
    """The first row in view."""

    line: int = 0
    row: int = 0


class Viewport:
    """Reads lines of one view of one log and steps over their rows.

    A log that cannot be read any more has no further lines: what was read already stays.
    """

    def __init__(self, reader: LogReader, view: LogView) -> None:
        self.reader = reader
        self.view = view
        self.is_readable = True
        self._lines: LRUCache[int, LogLine] = LRUCache(_CACHED_LINES)

    @property
    def count(self) -> int:
        return self.reader.line_count(self.view)

    def lines(self, start: int, stop: int) -> list[LogLine]:
        """The lines ``start`` to ``stop``; one that may still grow is read anew each time."""
        start, stop = max(start, 0), min(stop, self.count)
        cached = [self._lines.get(index) for index in range(start, stop)]
        found = [line for line in cached if line is not None]
        if len(found) == len(cached):
            return found
        try:
            read = self.reader.lines(self.view, start, stop, LINE_BYTES_MAX)
        except OSError:
            self.is_readable = False
            return found
        for index, line in enumerate(read, start):
            if not line.is_partial:
                self._lines[index] = line
        return read

    def end(self, painter: LinePainter, height: int) -> Place:
        """The place from which the last row stands at the bottom."""
        count = self.count
        if not painter.is_wrapped:
            return Place(max(0, count - height))
        rows = 0
        stop = count
        while stop > 0 and rows < height:
            # Few lines fill the viewport when they are long, so they are taken in small helpings.
            start = max(0, stop - 16)
            for index, line in reversed(list(enumerate(self.lines(start, stop), start))):
                rows += painter.row_count(line)
                if rows >= height:
                    return Place(index, rows - height)
            stop = start
        return Place()

    def moved(self, place: Place, rows: int, painter: LinePainter) -> Place:
        """The place so many rows further down, or up; not beyond the first and the last line."""
        if not painter.is_wrapped:
            return Place(max(0, min(place.line + rows, self.count - 1)))
        line, row = place.line, place.row + rows
        while row < 0 and line > 0:
            line -= 1
            row += self._rows_of(line, painter)
        while line < self.count - 1 and row >= (size := self._rows_of(line, painter)):
            row -= size
            line += 1
        return Place(line, max(0, row))

    def _rows_of(self, line: int, painter: LinePainter) -> int:
        found = self.lines(line, line + 1)
        return painter.row_count(found[0]) if found else 1
