"""Finding the match next to a place without waiting until the whole log was searched.

From the place to one end of the stream, then from the other end back to the place, window by
window; the caller stops between two windows when its time is up. One stream only: in a merged view
the nearest match is known only when both streams were searched.
"""

from collections.abc import Iterator

from hazui.errors.stream import CapturedStream
from hazui.spool.reader import LogReader
from hazui.spool.search import LITERAL_WINDOW_BYTES


def hunt(
    reader: LogReader,
    stream: CapturedStream,
    needle: bytes,
    byte: int,
    direction: int,
    *,
    ignore_case: bool,
    window_bytes: int = LITERAL_WINDOW_BYTES >> 1,
) -> Iterator[int | None]:
    """The first byte of the next (1) or previous (-1) match, after ``None`` for each window.

    Args:
        byte: the match that is looked for begins behind it, or in front of it.

    Raises:
        OSError: the log cannot be read.
    """
    size = reader.size_bytes(stream)
    byte = max(-1, min(byte, size))
    parts = ((byte + 1, size), (0, byte + 1)) if direction > 0 else ((0, byte), (byte, size))
    for low, high in parts:
        windows = range(low, high, window_bytes)
        for start in windows if direction > 0 else reversed(windows):
            stop = min(start + window_bytes, high)
            # A match may reach into the next window, but begins in this one.
            data = reader.read(stream, start, stop + len(needle) - 1)
            if ignore_case:
                data = data.lower()
            at = data.find(needle) if direction > 0 else data.rfind(needle)
            yield start + at if at >= 0 else None
            if at >= 0:
                return
