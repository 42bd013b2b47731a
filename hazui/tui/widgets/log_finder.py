"""What a pane knows of its search: the text, the match it stands on, and the one it waits for.

Going to the next match must not wait for the whole log: the wish is remembered and granted as soon
as a step of the search has found what it asks for, or has found that there is nothing.
"""

from hazui.spool.reader import LogReader, LogView
from hazui.tui.widgets.log_search import LogSearch, Match


class Finder:
    """The search of one pane; it is stepped by the pane's timer while ``is_busy``."""

    def __init__(self) -> None:
        self.search: LogSearch | None = None
        self.match: Match | None = None
        self._rank = 0
        self._wanted = 0
        self._from: tuple[int, int] = (0, -1)

    @property
    def text(self) -> str:
        return self.search.text if self.search is not None else ""

    @property
    def is_busy(self) -> bool:
        return self.search is not None and (bool(self._wanted) or not self.search.is_complete)

    def start(self, reader: LogReader, view: LogView, text: str) -> None:
        """Search for a text, or for nothing when it is empty."""
        self.search = LogSearch(reader, view, text) if text else None
        self.match = None
        self._wanted = 0

    def drop(self) -> None:
        """Forget the log, whose reader is about to be closed."""
        self.search = None
        self.match = None
        self._wanted = 0

    def want(self, direction: int, line: int, byte: int = -1) -> None:
        """Ask for the next match (1) or the previous one (-1) as seen from a place."""
        if self.match is not None:
            line, byte = self.match.line, self.match.byte
        self._wanted = direction
        self._from = (line, byte)

    def step(self, budget_s: float) -> Match | None:
        """Search on; the match that was asked for, once it is known.

        Raises:
            OSError: the log cannot be read.
        """
        if self.search is None:
            return None
        if not self.search.is_complete:
            self.search.step(budget_s)
            if self.match is not None and self.search.is_complete:
                self._rank = self.search.rank(self.match)
        if not self._wanted:
            return None
        found = self._reached(self.search)
        if found is not None:
            self._wanted = 0
            self.match = found
            self._rank = self.search.rank(found)
        elif self.search.is_complete:
            self._wanted = 0
        return found

    def _reached(self, search: LogSearch) -> Match | None:
        line, byte = self._from
        if self._wanted > 0:
            found = search.following(line, byte)
            if found is None and search.is_complete:
                found = search.following(0, -1)
            return found
        # What precedes a place is known only when everything in front of it was searched.
        if not search.is_complete:
            return None
        return search.preceding(line, byte) or search.preceding(
            search.reader.line_count(search.view), 0
        )

    @property
    def status(self) -> str:
        """What to say about the search; empty when there is none."""
        search = self.search
        if search is None:
            return ""
        if not search.is_complete:
            return f"/{search.text} {search.share_done:.0%}"
        if search.count == 0:
            return f"/{search.text} no match"
        more = "+" if search.is_full else ""
        rank = f"{self._rank:,}/" if self.match is not None else ""
        return f"/{search.text} {rank}{search.count:,}{more}"
