"""Searching a log while it is shown: in small steps, with every match kept as an offset.

A step looks at windows until its time is up, so the caller decides how long the screen waits; a
log that grows is searched on from where the search stood. Matches are byte offsets in order, eight
bytes each, and no more than ``MATCHES_MAX`` of them.

The order of matches is that of the lines of the view, which for one stream is the order of bytes.
"""

import time
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import NamedTuple

from hazui.errors.stream import CapturedStream
from hazui.spool.reader import LogReader, LogView
from hazui.spool.search import LITERAL_WINDOW_BYTES, search_literal

MATCHES_MAX = 1_000_000


class Match(NamedTuple):
    """One occurrence: the line of the view, and where its first byte is."""

    line: int
    byte: int
    stream: CapturedStream


class LogSearch:
    """One search in one view of a log; the reader stays the caller's.

    Capital letters make it exact, as in most pagers; otherwise case is ignored (A to Z).
    """

    def __init__(self, reader: LogReader, view: LogView, text: str) -> None:
        self.reader = reader
        self.view = view
        self.text = text
        self.needle = text.encode()
        self.ignore_case = text == text.lower()
        self.streams = streams_of(view)
        self._found: dict[CapturedStream, array[int]] = {
            stream: array("Q") for stream in self.streams
        }
        self._searched_to: dict[CapturedStream, int] = dict.fromkeys(self.streams, 0)

    @property
    def count(self) -> int:
        return sum(len(found) for found in self._found.values())

    @property
    def is_full(self) -> bool:
        """There are more matches than are kept."""
        return self.count >= MATCHES_MAX

    @property
    def is_complete(self) -> bool:
        """All that has arrived so far has been searched."""
        return self.is_full or all(
            self._searched_to[stream] >= self.reader.size_bytes(stream) for stream in self.streams
        )

    @property
    def share_done(self) -> float:
        """From 0 to 1."""
        size = sum(self.reader.size_bytes(stream) for stream in self.streams)
        return sum(self._searched_to.values()) / size if size else 1.0

    def step(self, budget_s: float) -> bool:
        """Search on for about ``budget_s``; true when matches were added.

        Raises:
            OSError: the log cannot be read.
        """
        before = self.count
        deadline = time.monotonic() + budget_s
        # A window of folded case costs more than twice as much as one that is only looked at.
        window = LITERAL_WINDOW_BYTES >> 1 if self.ignore_case else LITERAL_WINDOW_BYTES
        for stream in sorted(self.streams, key=self._left, reverse=True):
            start = max(0, self._searched_to[stream])
            if start >= self.reader.size_bytes(stream):
                continue
            # What a match at the very end still lacked may have arrived.
            start = self._resume_at(stream)
            for step in search_literal(
                self.reader,
                stream,
                self.needle,
                ignore_case=self.ignore_case,
                start=start,
                window_bytes=window,
            ):
                self._found[stream].extend(match[0] for match in step.matches)
                self._searched_to[stream] = step.searched_to
                if self.is_full or time.monotonic() >= deadline:
                    return self.count != before
        return self.count != before

    def _left(self, stream: CapturedStream) -> int:
        return self.reader.size_bytes(stream) - self._searched_to[stream]

    def _resume_at(self, stream: CapturedStream) -> int:
        found = self._found[stream]
        after_last = found[-1] + len(self.needle) if found else 0
        return max(after_last, self._searched_to[stream] - len(self.needle) + 1, 0)

    def line_of(self, stream: CapturedStream, byte: int) -> int:
        """The line of the view that the byte is in."""
        number = self.reader.line_at_byte(stream, byte)
        if self.view is LogView.MERGED:
            return self.reader.merged_at_line(stream, number)
        return number

    def _order(self, stream: CapturedStream) -> Callable[[int], tuple[int, int]]:
        """Where a match stands in the view, by its byte: what the streams have in common."""
        return lambda byte: (self.line_of(stream, byte), byte)

    def following(self, line: int, byte: int) -> Match | None:
        """The first match behind a place: in the same line behind ``byte``, or further down."""
        matches = []
        for stream in self.streams:
            found = self._found[stream]
            at = bisect_right(found, (line, byte), key=self._order(stream))
            if at < len(found):
                matches.append(Match(self.line_of(stream, found[at]), found[at], stream))
        return min(matches, default=None)

    def preceding(self, line: int, byte: int) -> Match | None:
        """The last match in front of a place."""
        matches = []
        for stream in self.streams:
            found = self._found[stream]
            at = bisect_left(found, (line, byte), key=self._order(stream))
            if at > 0:
                matches.append(Match(self.line_of(stream, found[at - 1]), found[at - 1], stream))
        return max(matches, default=None)

    def rank(self, match: Match) -> int:
        """The how-manieth match it is, from 1."""
        key = (match.line, match.byte)
        return 1 + sum(bisect_left(self._found[s], key, key=self._order(s)) for s in self.streams)

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
