"""New output of running tasks, line by line, read from the spool as it grows."""

from collections.abc import Iterator
from pathlib import Path

from hazui.errors.stream import CapturedStream
from hazui.spool.attachments import locate
from hazui.spool.format import LogFiles
from hazui.spool.reader import LogLine, LogReader, LogView

LINES_PER_READ = 2_000
_COPY_BYTES = 256 << 10


class Tail:
    """Follows the log of one run and hands out each line once.

    A line without its newline is held back until the newline comes or the run ends.
    """

    def __init__(self, files: LogFiles) -> None:
        self._reader = LogReader(files)
        self._next = 0

    def lines(self, *, is_over: bool) -> Iterator[LogLine]:
        """Lines that were completed since the last call; with ``is_over`` the partial ones too."""
        self._reader.refresh()
        while True:
            count = self._reader.line_count(LogView.MERGED)
            batch = self._reader.lines(
                LogView.MERGED, self._next, min(count, self._next + LINES_PER_READ)
            )
            for line in batch:
                if line.is_partial and not is_over:
                    return
                self._next += 1
                yield line
            if not batch:
                return

    def text(self, stream: CapturedStream, start: int, end: int) -> bytes:
        """Bytes of one stream by range, for output events."""
        self._reader.refresh()
        return self._reader.read(stream, start, end)

    def size_bytes(self, stream: CapturedStream) -> int:
        """How much of the stream has arrived."""
        return self._reader.size_bytes(stream)

    def close(self) -> None:
        self._reader.close()


def whole(files: LogFiles, stream: CapturedStream) -> Iterator[bytes]:
    """A finished stream in pieces of bounded size."""
    path = files.stdout if stream is CapturedStream.STDOUT else files.stderr
    with Path(path).open("rb") as file:
        while piece := file.read(_COPY_BYTES):
            yield piece


def last_lines(files: LogFiles, count: int) -> list[LogLine]:
    """The last ``count`` lines of both streams in order of arrival."""
    reader = LogReader(files)
    try:
        return reader.tail(LogView.MERGED, count)
    finally:
        reader.close()


def find(
    state_dir: Path,
    run: str | None,
    stdout_hash: str | None,
    stderr_hash: str | None,
    journal_hash: str | None,
) -> LogFiles | None:
    """Where the log of a run lies now, or None when it is gone."""
    return locate(state_dir, run, stdout_hash, stderr_hash, journal_hash)
