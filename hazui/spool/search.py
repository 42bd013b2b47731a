"""Searching a stream by windows, so that a caller can paint, or give up, between two of them.

A literal is found wherever it is, across every window and line. A regular expression is matched
line by line; what it must look at at once is bounded, because ``re`` holds the interpreter for the
whole scan. Nothing is decoded: patterns are bytes.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from hazui.errors.stream import CapturedStream
from hazui.spool.reader import LogReader

LITERAL_WINDOW_BYTES = 2 << 20
REGEX_WINDOW_BYTES = 256 << 10
"""Some expressions run at 100 MB/s: this is 3 ms of them."""
MATCHES_PER_STEP_MAX = 2000


class SearchStep(NamedTuple):
    """What one step found: byte ranges in the stream, in order."""

    searched_to: int
    """Everything before this offset has been searched."""
    matches: list[tuple[int, int]]


def search_literal(
    reader: LogReader,
    stream: CapturedStream,
    needle: bytes,
    *,
    ignore_case: bool = False,
    start: int = 0,
    stop: int | None = None,
    window_bytes: int = LITERAL_WINDOW_BYTES,
) -> Iterator[SearchStep]:
    """Find every occurrence that lies in ``start:stop``, not overlapping each other.

    Args:
        ignore_case: A to Z only, as everything here is bytes.

    Raises:
        ValueError: the needle is empty.
        OSError: the log cannot be read.
    """
    if not needle:
        raise ValueError("nothing to search for")
    if ignore_case:
        needle = needle.lower()
    end = reader.size_bytes(stream) if stop is None else min(stop, reader.size_bytes(stream))
    # Each window sees what a match that began in it may need beyond it.
    while start < end:
        data = reader.read(stream, start, min(end, start + window_bytes + len(needle) - 1))
        if ignore_case:
            data = data.lower()
        matches: list[tuple[int, int]] = []
        position = data.find(needle)
        while position >= 0 and len(matches) < MATCHES_PER_STEP_MAX:
            matches.append((start + position, start + position + len(needle)))
            position = data.find(needle, position + len(needle))
        if len(data) < len(needle) or (position < 0 and start + len(data) >= end):
            start = end
        elif position >= 0:
            start += position
        else:
            start = max(start + len(data) - len(needle) + 1, matches[-1][1] if matches else 0)
        yield SearchStep(start, matches)


def compile_pattern(text: str, *, ignore_case: bool = False) -> re.Pattern[bytes]:
    """A pattern for ``search_regex``; non-ASCII characters match their UTF-8 bytes.

    Raises:
        re.error: the expression is wrong.
    """
    flags = re.MULTILINE | (re.IGNORECASE if ignore_case else 0)
    return re.compile(text.encode("utf-8", "surrogateescape"), flags)


def search_regex(
    reader: LogReader,
    stream: CapturedStream,
    pattern: re.Pattern[bytes],
    *,
    start: int = 0,
    stop: int | None = None,
    window_bytes: int = REGEX_WINDOW_BYTES,
) -> Iterator[SearchStep]:
    """Find every non-empty match within a line; ``start`` has to be where a line begins.

    A line longer than a window is searched in windows that overlap by half: only what a match
    would have beyond half a window is cut off.

    Raises:
        OSError: the log cannot be read.
    """
    end = reader.size_bytes(stream) if stop is None else min(stop, reader.size_bytes(stream))
    known_to = start
    lead = 0
    while start < end:
        # Inside an endless line one byte more is read, so that ``^`` does not match there.
        data = reader.read(stream, start - lead, min(end, start + window_bytes))
        base = start - lead
        if len(data) <= lead:
            return
        following = base + len(data)
        is_inside = False
        if following < end:
            whole = data.rfind(b"\n") + 1
            is_inside = not whole
            following = base + whole if whole else start + max(1, (len(data) - lead) // 2)
            data = data[:whole] if whole else data
        matches: list[tuple[int, int]] = []
        for low, high in _matches(pattern, data, max(lead, known_to - base)):
            if is_inside and base + low >= following:
                break
            matches.append((base + low, base + high))
            known_to = base + high
            if len(matches) == MATCHES_PER_STEP_MAX:
                yield SearchStep(max(start, known_to), matches)
                matches = []
        start = following
        lead = int(is_inside)
        yield SearchStep(max(start, known_to), matches)


def _matches(pattern: re.Pattern[bytes], data: bytes, position: int) -> Iterator[tuple[int, int]]:
    """Matches line by line; the whole is scanned only for lines that are worth a closer look."""
    while position <= len(data) and (found := pattern.search(data, position)):
        low = data.rfind(b"\n", 0, found.start()) + 1
        high = data.find(b"\n", found.start())
        high = len(data) if high < 0 else high
        for match in pattern.finditer(data[low:high], max(0, position - low)):
            if match.end() > match.start():
                yield low + match.start(), low + match.end()
        position = high + 1
