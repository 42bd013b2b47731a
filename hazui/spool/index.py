"""The chunk index of one log: which chunk holds the n-th line, or the n-th byte.

Only one checkpoint in 64 records is kept in memory (the totals before it); a lookup bisects the
checkpoints and reads one block of the journal. Ten million lines cost a few kilobytes when they
came in big chunks and about ten megabytes when every line was a chunk of its own.

A line begins in the chunk that holds its first byte. That makes the merged view well defined: whole
lines in the order in which their first bytes arrived. The last bytes of a stream form a line even
without a newline; an empty stream has no line.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple, Protocol

from hazui.errors.stream import CapturedStream
from hazui.spool.format import CHUNK_BYTES_MAX, ENDS_LINE, RECORD, STREAMS, ChunkRecord

STRIDE = 64
"""Records between two checkpoints."""


class LogView(StrEnum):
    """What a pane shows of a log."""

    STDOUT = "stdout"
    STDERR = "stderr"
    MERGED = "merged"


VIEWS = (LogView.STDOUT, LogView.STDERR, LogView.MERGED)


class RecordSource(Protocol):
    """Bytes of a journal, from a file or from memory."""

    def read_journal(self, start: int, length: int) -> bytes: ...


class Chunk(NamedTuple):
    """One captured chunk and where it stands."""

    stream: int
    at_ns: int
    byte_start: int
    length: int
    first_line: int
    """Lines of its stream that began before it."""
    starts: int
    """Lines that begin in it."""
    is_at_line_start: bool
    """Its first byte begins a line."""
    merged_before: int
    """Lines of both streams that began before it."""

    @property
    def byte_end(self) -> int:
        return self.byte_start + self.length


class BadJournal(Exception):  # noqa: N818
    """The journal does not make sense; the log is scanned instead."""


class ChunkIndex:
    """Totals and checkpoints over a growing sequence of records."""

    def __init__(self, source: RecordSource) -> None:
        self._source = source
        self.count = 0
        self.bytes = [0, 0]
        self.starts = [0, 0]
        self._at_start = [True, True]
        self._checkpoints = tuple(array("Q") for _ in range(5))
        self._checkpoint_flags = bytearray()

    def line_count(self, view: LogView) -> int:
        if view is LogView.MERGED:
            return self.starts[0] + self.starts[1]
        return self.starts[0 if view is LogView.STDOUT else 1]

    def is_open(self, stream: int) -> bool:
        """The last line of the stream has no newline yet."""
        return not self._at_start[stream]

    def extend(self, block: bytes) -> None:
        """Take in whole records.

        Raises:
            BadJournal: a record cannot be one; the index is useless from here on.
        """
        totals, starts, at_start = self.bytes, self.starts, self._at_start
        for record in RECORD.iter_unpack(block):
            _, length, newlines, stream, flags = record
            if stream > 1 or not 0 < length <= CHUNK_BYTES_MAX or newlines > length:
                raise BadJournal
            if self.count % STRIDE == 0:
                self._checkpoint()
            ends = flags & ENDS_LINE
            if ends > newlines:
                raise BadJournal
            totals[stream] += length
            starts[stream] += at_start[stream] + newlines - ends
            at_start[stream] = bool(ends)
            self.count += 1

    def _checkpoint(self) -> None:
        values = (*self.starts, sum(self.starts), *self.bytes)
        for column, value in zip(self._checkpoints, values, strict=True):
            column.append(value)
        self._checkpoint_flags.append(self._at_start[0] | self._at_start[1] << 1)

    def chunks_from_line(self, view: LogView, line: int) -> Iterator[Chunk]:
        """Every chunk from the one in which ``line`` begins on; none when there is no such line."""
        if not 0 <= line < self.line_count(view):
            return
        stream = None if view is LogView.MERGED else VIEWS.index(view)
        column = self._checkpoints[VIEWS.index(view)]
        chunks = self._chunks(bisect_right(column, line) - 1)
        for chunk in chunks:
            if stream is None:
                if chunk.merged_before + chunk.starts > line:
                    break
            elif chunk.stream == stream and chunk.first_line + chunk.starts > line:
                break
        else:
            return
        yield chunk
        yield from chunks

    def chunk_at_byte(self, stream: CapturedStream, offset: int) -> Chunk | None:
        """The chunk that holds this byte of a stream; None when there is no such byte."""
        number = STREAMS.index(stream)
        if not 0 <= offset < self.bytes[number]:
            return None
        for chunk in self._chunks(bisect_right(self._checkpoints[3 + number], offset) - 1):
            if chunk.stream == number and chunk.byte_end > offset:
                return chunk
        return None

    def _chunks(self, block: int) -> Iterator[Chunk]:
        columns = self._checkpoints
        while block < len(self._checkpoint_flags):
            starts = [columns[0][block], columns[1][block]]
            totals = [columns[3][block], columns[4][block]]
            flags = self._checkpoint_flags[block]
            at_start = [bool(flags & 1), bool(flags & 2)]
            first = block * STRIDE
            count = min(STRIDE, self.count - first)
            data = self._source.read_journal(first * RECORD.size, count * RECORD.size)
            data = data[: len(data) // RECORD.size * RECORD.size]
            for record in map(ChunkRecord._make, RECORD.iter_unpack(data)):
                stream = record.stream & 1
                ends = record.flags & ENDS_LINE
                began = at_start[stream] + record.newlines - ends
                yield Chunk(
                    stream,
                    record.at_ns,
                    totals[stream],
                    record.length,
                    starts[stream],
                    began,
                    at_start[stream],
                    starts[0] + starts[1],
                )
                totals[stream] += record.length
                starts[stream] += began
                at_start[stream] = bool(ends)
            block += 1
