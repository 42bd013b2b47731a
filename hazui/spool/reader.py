"""The reading end of a log: lines by number, bytes by range, while it is still being written.

Reads never decode and never cost more than what is shown: a line is found through the chunk index,
at most ``max_bytes`` of it are read, and a line of 100 MB is skipped over by its records. Files are
opened once and stay open, so a log keeps its content when it is renamed into the attachments.

Invariant: for any cutting into chunks, the lines of a stream are the pieces between its newlines.
Carriage returns and control sequences are left in the data; the screen deals with them.
"""

import os
from collections.abc import Iterator
from types import TracebackType
from typing import NamedTuple, Self

from hazui.errors.stream import CapturedStream
from hazui.spool.format import CHUNK_BYTES_MAX, ENDS_LINE, RECORD, STREAMS, LogFiles
from hazui.spool.index import VIEWS, BadJournal, Chunk, ChunkIndex, LogView

__all__ = ["LogLine", "LogReader", "LogView"]

_JOURNAL_READ_BYTES = RECORD.size << 12
_SPAN_BYTES_MAX = 1 << 20


class LogLine(NamedTuple):
    """One line, or the beginning of a long one."""

    stream: CapturedStream
    number: int
    """Counted from 0 within its stream."""
    at_ns: int
    """When its first byte arrived: wall clock, nanoseconds; 0 when the log has no journal."""
    byte_start: int
    byte_end: int
    """Where its newline is, or would be."""
    data: bytes
    """Without the newline."""
    is_truncated: bool
    """``data`` holds only the first bytes."""
    is_partial: bool
    """It has no newline (yet)."""


class _Start(NamedTuple):
    stream: int
    number: int
    at_ns: int
    offset: int


class LogReader:
    """A view into one log; used from one thread, closed by its owner.

    Raises:
        OSError: a file of the log cannot be opened.
    """

    def __init__(self, files: LogFiles) -> None:
        self.files = files
        self._fds: list[int] = []
        self._open()
        try:
            self.refresh()
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        files, fds = self.files, list[int]()
        try:
            for path in (files.stdout, files.stderr, files.journal):
                if path is not None:
                    fds.append(os.open(path, os.O_RDONLY | os.O_CLOEXEC))
        except OSError:
            for fd in fds:
                os.close(fd)
            raise
        self.close()
        self._fds = fds
        self._chunk: tuple[int, int, bytes] = (-1, 0, b"")
        self._scanned = bytearray()
        self._has_journal = files.journal is not None
        self._index = ChunkIndex(self)

    def refresh(self) -> bool:
        """Take in what was appended; true when there is something new. One fstat when not.

        After the log was rotated there are fewer lines, numbered from 0 again.

        Raises:
            OSError: the log cannot be read.
        """
        before = self._index.count
        if self._has_lost_its_name():
            try:
                self._open()
                before = -1
            except FileNotFoundError:
                pass  # Removed for good; what is open stays readable.
        if self._has_journal:
            try:
                self._read_journal()
            except BadJournal:
                self._has_journal = False
                self._index = ChunkIndex(self)
                before = -1
        if not self._has_journal:
            self._scan()
        return self._index.count != before

    def _has_lost_its_name(self) -> bool:
        return os.fstat(self._fds[-1]).st_nlink == 0

    def _read_journal(self) -> None:
        known = self._index.count * RECORD.size
        end = os.fstat(self._fds[2]).st_size // RECORD.size * RECORD.size
        while known < end:
            block = os.pread(self._fds[2], min(_JOURNAL_READ_BYTES, end - known), known)
            block = block[: len(block) // RECORD.size * RECORD.size]
            if not block:
                return
            self._index.extend(block)
            known += len(block)

    def _scan(self) -> None:
        for number in range(2):
            while chunk := os.pread(self._fds[number], CHUNK_BYTES_MAX, self._index.bytes[number]):
                flags = ENDS_LINE if chunk.endswith(b"\n") else 0
                record = RECORD.pack(0, len(chunk), chunk.count(b"\n"), number, flags)
                self._scanned += record
                self._index.extend(record)

    def read_journal(self, start: int, length: int) -> bytes:
        """Bytes of the journal, or of the one that stands in for it."""
        if self._has_journal:
            return os.pread(self._fds[2], length, start)
        return bytes(self._scanned[start : start + length])

    def size_bytes(self, stream: CapturedStream) -> int:
        """Bytes of the stream that arrived so far."""
        return self._index.bytes[STREAMS.index(stream)]

    def line_count(self, view: LogView) -> int:
        """Lines so far, a last one without its newline included."""
        return self._index.line_count(view)

    def lines(self, view: LogView, start: int, stop: int, max_bytes: int = 4096) -> list[LogLine]:
        """The lines ``start`` to ``stop`` (exclusive) of a view, fewer when there are fewer.

        Raises:
            OSError: the log cannot be read.
        """
        start = max(start, 0)
        stop = min(stop, self._index.line_count(view))
        if start >= stop:
            return []
        # One line more says where the last one ends, mostly without a second search.
        starts = self._starts(view, start, stop - start + 1)
        following = starts.pop() if len(starts) > stop - start else None
        ends = self._ends(starts, following)
        return self._load(starts, ends, max_bytes)

    def tail(self, view: LogView, count: int, max_bytes: int = 4096) -> list[LogLine]:
        """The last ``count`` lines."""
        total = self.line_count(view)
        return self.lines(view, max(0, total - count), total, max_bytes)

    def line_at_byte(self, stream: CapturedStream, offset: int) -> int:
        """The number of the line that this byte is in; the last line for an offset past the end."""
        number = STREAMS.index(stream)
        offset = max(offset, 0)
        chunk = self._index.chunk_at_byte(stream, offset)
        if chunk is None:
            return max(0, self._index.starts[number] - 1)
        newlines = self._data(chunk).count(b"\n", 0, offset - chunk.byte_start)
        return max(0, chunk.first_line + chunk.is_at_line_start + newlines - 1)

    def merged_at_line(self, stream: CapturedStream, number: int) -> int:
        """Where a line of one stream stands in the merged view; 0 when there is no such line."""
        view = VIEWS[STREAMS.index(stream)]
        for chunk in self._index.chunks_from_line(view, number):
            return chunk.merged_before + number - chunk.first_line
        return 0

    def read(self, stream: CapturedStream, start: int, end: int) -> bytes:
        """The bytes ``start`` to ``end`` of a stream, fewer at its end; the caller bounds them.

        Raises:
            OSError: the log cannot be read.
        """
        number = STREAMS.index(stream)
        end = min(end, self._index.bytes[number])
        start = max(start, 0)
        return self._pread(number, start, end - start) if start < end else b""

    def close(self) -> None:
        """Give the files back; may be called twice."""
        fds, self._fds = self._fds, []
        for fd in fds:
            os.close(fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _starts(self, view: LogView, line: int, count: int) -> list[_Start]:
        """Where ``count`` lines of the view begin, from ``line`` on."""
        found: list[_Start] = []
        only = None if view is LogView.MERGED else VIEWS.index(view)
        for chunk in self._index.chunks_from_line(view, line):
            if not chunk.starts or (only is not None and chunk.stream != only):
                continue
            before = chunk.merged_before if only is None else chunk.first_line
            skip = max(0, line - before)
            found.extend(self._starts_in(chunk, skip, count - len(found)))
            if len(found) >= count:
                break
        return found

    def _starts_in(self, chunk: Chunk, skip: int, count: int) -> Iterator[_Start]:
        data = self._data(chunk)
        stop = min(chunk.starts, skip + count)
        position = 0
        if not (skip == 0 and chunk.is_at_line_start):
            position = nth_newline(data, skip - chunk.is_at_line_start) + 1
        for nth in range(skip, stop):
            yield _Start(
                chunk.stream, chunk.first_line + nth, chunk.at_ns, chunk.byte_start + position
            )
            if nth + 1 < stop:
                position = data.find(b"\n", position) + 1

    def _ends(self, starts: list[_Start], after_all: _Start | None) -> list[tuple[int, bool]]:
        """For each line where it ends, and whether it has no newline."""
        ends: list[tuple[int, bool]] = []
        following: list[int | None] = [None, None]
        if after_all is not None:
            following[after_all.stream] = after_all.offset
        for start in reversed(starts):
            after = following[start.stream]
            if after is None:
                after = self._start_of(start.stream, start.number + 1)
            if after is not None:
                ends.append((after - 1, False))
            else:
                is_open = self._index.is_open(start.stream)
                ends.append((self._index.bytes[start.stream] - (not is_open), is_open))
            following[start.stream] = start.offset
        ends.reverse()
        return ends

    def _start_of(self, stream: int, line: int) -> int | None:
        found = self._starts(VIEWS[stream], line, 1)
        return found[0].offset if found else None

    def _load(
        self, starts: list[_Start], ends: list[tuple[int, bool]], max_bytes: int
    ) -> list[LogLine]:
        spans = [self._span(stream, starts, ends, max_bytes) for stream in range(2)]
        lines: list[LogLine] = []
        for start, (end, is_partial) in zip(starts, ends, strict=True):
            size = end - start.offset
            shown = min(size, max_bytes)
            base, span = spans[start.stream]
            if base < 0:
                data = self._pread(start.stream, start.offset, shown)
            else:
                data = span[start.offset - base : start.offset - base + shown]
            lines.append(
                LogLine(
                    STREAMS[start.stream],
                    start.number,
                    start.at_ns,
                    start.offset,
                    end,
                    data,
                    size > max_bytes,
                    is_partial,
                )
            )
        return lines

    def _span(
        self, stream: int, starts: list[_Start], ends: list[tuple[int, bool]], max_bytes: int
    ) -> tuple[int, bytes]:
        """One read for all lines of a stream; base -1 when they are too far apart."""
        low, high = -1, 0
        for start, (end, _) in zip(starts, ends, strict=True):
            if start.stream == stream:
                low = start.offset if low < 0 else low
                high = min(end, start.offset + max_bytes)
        if low < 0 or high - low > _SPAN_BYTES_MAX:
            return -1, b""
        return low, self._pread(stream, low, high - low)

    def _data(self, chunk: Chunk) -> bytes:
        stream, offset, data = self._chunk
        if stream != chunk.stream or offset != chunk.byte_start or len(data) < chunk.length:
            data = self._pread(chunk.stream, chunk.byte_start, chunk.length)
            self._chunk = (chunk.stream, chunk.byte_start, data)
        return data[: chunk.length] if len(data) > chunk.length else data

    def _pread(self, stream: int, offset: int, length: int) -> bytes:
        data = os.pread(self._fds[stream], length, offset)
        while 0 < len(data) < length:
            more = os.pread(self._fds[stream], length - len(data), offset + len(data))
            if not more:
                break
            data += more
        return data


def nth_newline(data: bytes, nth: int) -> int:
    """The position of the ``nth`` newline, from 0, by halving; the end when there are fewer."""
    low, high, before = 0, len(data), 0
    while high - low > 256:
        middle = (low + high) // 2
        here = data.count(b"\n", low, middle)
        if before + here > nth:
            high = middle
        else:
            before += here
            low = middle
    for _ in range(nth - before + 1):
        low = data.find(b"\n", low) + 1
        if low == 0:
            return len(data)
    return low - 1
