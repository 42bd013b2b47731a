"""Searching a log while it is shown: in small steps, however big the log is.

A step looks at windows until its time is up, so the caller decides how long the screen waits; a
log that grows is searched on from where the search stood. The order of matches is that of the
lines of the view, which for one stream is the order of bytes.
"""

import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from hazui.errors.stream import CapturedStream
from hazui.spool.reader import LogReader, LogView
from hazui.spool.search import LITERAL_WINDOW_BYTES, SearchStep, search_literal
from hazui.tui.widgets.log_matches import MARKS_MAX, Matches, Order, Search

MATCHES_MAX = 2_000_000


class Match(NamedTuple):
    """One occurrence: the line of the view, and where its first byte is."""

    line: int
    byte: int
    stream: CapturedStream


class LogSearch:
    """One search in one view of a log; the reader stays the caller's.

    Capital letters make it exact, as in most pagers; otherwise case is ignored (A to Z).
    """

    def __init__(
        self, reader: LogReader, view: LogView, text: str, *, marks_max: int = MARKS_MAX
    ) -> None:
        self.reader = reader
        self.view = view
        self.text = text
        self.needle = text.encode()
        self.ignore_case = text == text.lower()
        self.streams = streams_of(view)
        self._found = {
            stream: Matches(self._again(stream), self._order(stream), marks_max)
            for stream in self.streams
        }
        self._searched_to: dict[CapturedStream, int] = dict.fromkeys(self.streams, 0)

    @property
    def count(self) -> int:
        """Matches found so far."""
        return sum(found.count for found in self._found.values())

    @property
    def is_complete(self) -> bool:
        """All that has arrived so far has been searched, or there is too much to go on."""
        return self.is_capped or all(
            self._searched_to[stream] >= self.reader.size_bytes(stream) for stream in self.streams
        )

    @property
    def is_capped(self) -> bool:
        """Whether counting was given up: so many matches tell nobody anything."""
        return self.count >= MATCHES_MAX

    @property
    def share_done(self) -> float:
        """From 0 to 1."""
        size = sum(self.reader.size_bytes(stream) for stream in self.streams)
        return sum(self._searched_to.values()) / size if size else 1.0

    def step(self, budget_s: float) -> None:
        """Search on for about ``budget_s``.

        Raises:
            OSError: the log cannot be read.
        """
        deadline = time.monotonic() + budget_s
        for stream in sorted(self.streams, key=self._left, reverse=True):
            if not self._left(stream):
                continue
            # What a match at the very end still lacked may have arrived.
            start = max(
                self._found[stream].last_end, self._searched_to[stream] - len(self.needle) + 1, 0
            )
            for step in self._steps(stream, start, None):
                self._found[stream].extend(step.matches)
                self._searched_to[stream] = step.searched_to
                if self.is_capped or time.monotonic() >= deadline:
                    return

    def _left(self, stream: CapturedStream) -> int:
        return max(0, self.reader.size_bytes(stream) - self._searched_to[stream])

    def _steps(self, stream: CapturedStream, start: int, stop: int | None) -> Iterator[SearchStep]:
        # A window of folded case costs more than twice as much as one that is only looked at.
        window = LITERAL_WINDOW_BYTES >> 1 if self.ignore_case else LITERAL_WINDOW_BYTES
        return search_literal(
            self.reader,
            stream,
            self.needle,
            ignore_case=self.ignore_case,
            start=start,
            stop=stop,
            window_bytes=window,
        )

    def _again(self, stream: CapturedStream) -> Search:
        def search(start: int, stop: int | None) -> Iterator[Sequence[tuple[int, int]]]:
            for step in self._steps(stream, start, stop):
                yield step.matches

        return search

    def _order(self, stream: CapturedStream) -> Order:
        return lambda byte: (self.line_of(stream, byte), byte)

    def line_of(self, stream: CapturedStream, byte: int) -> int:
        """The line of the view that the byte is in."""
        number = self.reader.line_at_byte(stream, byte)
        if self.view is LogView.MERGED:
            return self.reader.merged_at_line(stream, number)
        return number

    def following(self, line: int, byte: int) -> Match | None:
        """The first match behind a place: in the same line behind ``byte``, or further down.

        Raises:
            OSError: the log cannot be read.
        """
        found = ((stream, self._found[stream].following((line, byte))) for stream in self.streams)
        return min(self._matches(found), default=None)

    def preceding(self, line: int, byte: int) -> Match | None:
        """The last match in front of a place.

        Raises:
            OSError: the log cannot be read.
        """
        found = ((stream, self._found[stream].preceding((line, byte))) for stream in self.streams)
        return max(self._matches(found), default=None)

    def _matches(self, found: Iterator[tuple[CapturedStream, int | None]]) -> Iterator[Match]:
        for stream, byte in found:
            if byte is not None:
                yield Match(self.line_of(stream, byte), byte, stream)

    def rank(self, match: Match) -> int:
        """The how-manieth match it is, from 1.

        Raises:
            OSError: the log cannot be read.
        """
        place = (match.line, match.byte)
        return 1 + sum(self._found[stream].count_before(place) for stream in self.streams)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where the text occurs in a line as it is shown."""
        where = text.lower() if self.ignore_case else text
        if len(where) != len(text):
            where = text
        spans: list[tuple[int, int]] = []
        start = where.find(self.text)
        while start >= 0:
            spans.append((start, start + len(self.text)))
            start = where.find(self.text, start + len(self.text))
        return spans


def streams_of(view: LogView) -> tuple[CapturedStream, ...]:
    """The streams that a view of a log shows."""
    if view is LogView.MERGED:
        return (CapturedStream.STDOUT, CapturedStream.STDERR)
    return (CapturedStream(view.value),)
