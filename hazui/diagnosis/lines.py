"""Captured bytes as short, clean lines that still know their byte range.

Every later step sees text without escape sequences, without carriage-return overwrites and
without the marks of the layers in between (see ``layers``), yet each line keeps the range of raw
bytes it came from, so that a link can point a log pane at the exact place.

Work is bounded whatever the input: only a head and a tail window of a big stream is read, only
so many lines of either, and only the first part of a long line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

StreamName = Literal["stdout", "stderr"]

HEAD_BYTES = 1 << 20
TAIL_BYTES = 3 << 20
HEAD_LINES = 8_000
TAIL_LINES = 24_000
LINE_BYTES = 4_096

# Every alternative consumes disjoint character classes, so the scan is linear.
_ESCAPE = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]?|\][^\x07\x1b]*(?:\x07|\x1b\\)?"
    rb"|[()*+][0-9A-Za-z]?|[@-Z\\^_=>78c]?)"
)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Line:
    """One line. ``order`` counts within its stream; ``lead`` is what a layer had put in front."""

    text: str
    stream: StreamName
    byte_start: int
    byte_end: int
    order: int
    lead: str = ""


def read_lines(data: bytes, stream: StreamName) -> list[Line]:
    """The lines of one stream, head and tail only when it is big."""
    lines: list[Line] = []
    for window_start, end in _windows(len(data)):
        start = window_start
        if start > 0:
            # The window may begin inside a line: its rest would be read out of context.
            start = data.find(b"\n", start, end) + 1
            if start == 0:
                continue
        spans = list(_spans(data, start, end))
        if window_start > 0:
            spans = spans[-TAIL_LINES:]
        elif end < len(data):
            spans = spans[:HEAD_LINES]
        elif len(spans) > HEAD_LINES + TAIL_LINES:
            spans = spans[:HEAD_LINES] + spans[-TAIL_LINES:]
        for first, last in spans:
            text = clean(data[first : min(last, first + LINE_BYTES)])
            lines.append(Line(text, stream, first, last, len(lines)))
    return lines


def clean(raw: bytes) -> str:
    """One line of bytes as the text that a terminal would end up showing."""
    if b"\x1b" in raw:
        raw = _ESCAPE.sub(b"", raw)
    raw = raw.rstrip(b"\r")
    if b"\r" in raw:
        raw = raw[raw.rfind(b"\r") + 1 :]
    text = raw.decode("utf-8", "replace")
    if not text.isprintable():
        text = _CONTROL.sub("", text)
    return text.rstrip()


def _windows(size: int) -> Iterator[tuple[int, int]]:
    if size <= HEAD_BYTES + TAIL_BYTES:
        # One window, unless a later slice by lines shortens it.
        yield 0, size
        return
    yield 0, HEAD_BYTES
    yield size - TAIL_BYTES, size


def _spans(data: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end:
        stop = data.find(b"\n", start, end)
        if stop < 0:
            stop = end
        yield start, stop
        start = stop + 1
