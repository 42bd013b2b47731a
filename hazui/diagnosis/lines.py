"""Captured bytes as short, clean lines that still know their byte range.

Every later step sees text without escape sequences, without carriage-return overwrites and
without the marks of the layers in between (see ``layers``), yet each line keeps the range of raw
bytes it came from, so that a link can point a log pane at the exact place.

Work is bounded whatever the input: only a head and a tail window of a big stream is read, only
so many lines of either, and only the first part of a long line.
"""

import re
from dataclasses import dataclass
from typing import Literal

StreamName = Literal["stdout", "stderr"]

HEAD_BYTES = 1 << 20
TAIL_BYTES = 2 << 20
HEAD_LINES = 3_000
TAIL_LINES = 8_000
LINE_BYTES = 4_096

# Every alternative consumes disjoint character classes, so the scan is linear.
_ESCAPE = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]?|\][^\x07\x1b]*(?:\x07|\x1b\\)?"
    rb"|[()*+][0-9A-Za-z]?|[@-Z\\^_=>78c]?)"
)
# Going back to the first column and clearing the line overwrite it, as a carriage return does.
_REWRITE = re.compile(rb"\x1b\[(?:[01]?G|[12]K)")
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
    for first, last in _spans(data):
        text = clean(data[first : min(last, first + LINE_BYTES)])
        lines.append(Line(text, stream, first, last, len(lines)))
    return lines


def clean(raw: bytes) -> str:
    """One line of bytes as the text that a terminal would end up showing."""
    if b"\x1b" in raw:
        raw = _ESCAPE.sub(b"", _REWRITE.sub(b"\r", raw))
    raw = raw.rstrip(b"\r")
    if b"\r" in raw:
        raw = raw[raw.rfind(b"\r") + 1 :]
    text = raw.decode("utf-8", "replace")
    if not text.isprintable():
        text = _CONTROL.sub("", text)
    return text.rstrip()


def _spans(data: bytes) -> list[tuple[int, int]]:
    """Where the lines of the head and of the tail begin and end, without their line ends."""
    head: list[tuple[int, int]] = []
    start = 0
    while start < len(data) and start < HEAD_BYTES and len(head) < HEAD_LINES:
        stop = data.find(b"\n", start)
        stop = len(data) if stop < 0 else stop
        head.append((start, stop))
        start = stop + 1
    tail: list[tuple[int, int]] = []
    floor = max(start, len(data) - TAIL_BYTES)
    end = len(data) - data.endswith(b"\n")
    while end >= floor and start < len(data) and len(tail) < TAIL_LINES:
        # A first line that the window cuts would be read out of context: it is left out.
        begin = data.rfind(b"\n", floor, end) + 1
        if begin == 0:
            if floor != start:
                break
            begin = start
        tail.append((begin, end))
        end = begin - 1
    return head + tail[::-1]
