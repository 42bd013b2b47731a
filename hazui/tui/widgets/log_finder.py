"""What a pane knows of its search: the text, the match it stands on, and the one it waits for.

Going to a match must not wait for the whole log. While matches are still being counted, the nearest
one is hunted for from where the view stands; afterwards it is looked up. The wish is remembered
over as many steps as that takes.
"""

import time
from collections.abc import Iterator

from hazui.spool.reader import LogReader, LogView
from hazui.tui.widgets.log_hunt import hunt
from hazui.tui.widgets.log_search import LogSearch, Match


class Finder:
    """The search of one pane; it is stepped by the pane's timer while ``is_busy``."""

    def __init__(self) -> None:
        self.search: LogSearch | None = None
        self.match: Match | None = None
        self._rank = 0
        self._wanted = 0
        self._from: tuple[int, int] = (0, -1)
        self._hunt: Iterator[int | None] | None = None

    @property
    def text(self) -> str:
        return self.search.text if self.search is not None else ""

    @property
    def is_busy(self) -> bool:
        return self.search is not None and (bool(self._wanted) or not self.search.is_complete)

    @property
    def is_waiting(self) -> bool:
        """Whether a match was asked for that is not known yet."""
        return self._wanted != 0

    def start(self, reader: LogReader, view: LogView, text: str) -> None:
        """Search for a text, or for nothing when it is empty."""
        self.drop()
        self.search = LogSearch(reader, view, text) if text else None

    def drop(self) -> None:
        """Forget the log, whose reader is about to be closed."""
        self.search = None
        self.match = None
        self._rank = self._wanted = 0
        self._hunt = None

    def want(self, direction: int, line: int) -> None:
        """Ask for the next match (1) or the previous one (-1), as seen from a line or a match."""
        self._from = (line, -1) if self.match is None else (self.match.line, self.match.byte)
        self._wanted = direction
        self._hunt = None

    def step(self, budget_s: float) -> Match | None:
        """Search on; the match that was asked for, once it is known.

        Raises:
            OSError: the log cannot be read.
        """
        search = self.search
        if search is None:
            return None
        found: Match | None = None
        is_partial = search.is_capped or not search.is_complete
        is_hunting = bool(self._wanted) and is_partial and len(search.streams) == 1
        if is_hunting:
            found = self._hunted(search, time.monotonic() + budget_s)
        elif not search.is_complete:
            search.step(budget_s)
            if self.match is not None and search.is_complete:
                self._rank = search.rank(self.match)
        if self._wanted and search.is_complete and not is_hunting:
            found = self._looked_up(search)
            self._wanted = 0
            if found is not None:
                self._rank = search.rank(found)
        if found is not None:
            self._wanted = 0
            self.match = found
        return found

    def _hunted(self, search: LogSearch, deadline: float) -> Match | None:
        stream = search.streams[0]
        if self._hunt is None:
            self._rank = 0
            self._hunt = hunt(
                search.reader,
                stream,
                search.needle,
                self._start_byte(search),
                self._wanted,
                ignore_case=search.ignore_case,
            )
        for byte in self._hunt:
            if byte is not None:
                return Match(search.line_of(stream, byte), byte, stream)
            if time.monotonic() >= deadline:
                return None
        # It has been everywhere: there is none.
        self._wanted = 0
        return None

    def _start_byte(self, search: LogSearch) -> int:
        line, byte = self._from
        if byte >= 0:
            return byte
        found = search.reader.lines(search.view, line, line + 1, 1)
        start = found[0].byte_start if found else search.reader.size_bytes(search.streams[0])
        return start - 1 if self._wanted > 0 else start

    def _looked_up(self, search: LogSearch) -> Match | None:
        line, byte = self._from
        if self._wanted > 0:
            return search.following(line, byte) or search.following(0, -1)
        end = search.reader.line_count(search.view)
        return search.preceding(line, byte) or search.preceding(end, 0)

    @property
    def status(self) -> str:
        """What to say about the search; empty when there is none."""
        search = self.search
        if search is None:
            return ""
        if not search.is_complete:
            return f"/{search.text} {search.count:,} in {search.share_done:.0%}"
        if search.count == 0:
            return f"/{search.text} no match"
        rank = f"{self._rank:,}/" if self._rank else ""
        return f"/{search.text} {rank}{search.count:,}{'+' if search.is_capped else ''}"
