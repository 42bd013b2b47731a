"""For any cutting of two streams into chunks, the reader finds the lines that a split would."""

import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hazui.errors.stream import CapturedStream
from hazui.spool import index
from hazui.spool.attachments import attach, locate, seal
from hazui.spool.format import LogFiles
from hazui.spool.reader import LogReader, LogView
from hazui.spool.writer import RunSpool

STREAM = st.sampled_from(list(CapturedStream))
CHUNK = st.text(alphabet="ab\n\r", min_size=1, max_size=9).map(str.encode)
CHUNKS = st.lists(st.tuples(STREAM, CHUNK), max_size=40)
Chunks = list[tuple[CapturedStream, bytes]]
Line = tuple[CapturedStream, int, int, bytes]


def split(data: bytes) -> list[bytes]:
    """The pieces between newlines: ``bytes.splitlines`` that knows only one line end."""
    pieces = data.split(b"\n")
    return pieces[:-1] if not pieces[-1] else pieces


def merged(chunks: Chunks) -> list[Line]:
    """The merged view by brute force, byte by byte: (stream, number, arrival, text)."""
    lines: list[Line] = []
    current: dict[CapturedStream, int | None] = dict.fromkeys(CapturedStream)
    numbers = {stream: itertools.count() for stream in CapturedStream}
    for arrival, (stream, chunk) in enumerate(chunks):
        for byte in chunk:
            place = current[stream]
            if place is None:
                lines.append((stream, next(numbers[stream]), arrival + 1, b""))
                place = current[stream] = len(lines) - 1
            if byte == ord("\n"):
                current[stream] = None
            else:
                name, number, at, text = lines[place]
                lines[place] = (name, number, at, text + bytes([byte]))
    return lines


def write(spool: RunSpool, chunks: Chunks, first: int = 0) -> None:
    for arrival, (stream, chunk) in enumerate(chunks, first + 1):
        spool.append(stream, chunk, arrival)


def shown(reader: LogReader, view: LogView, start: int, stop: int) -> list[Line]:
    return [
        (line.stream, line.number, line.at_ns, line.data)
        for line in reader.lines(view, start, stop)
    ]


@pytest.fixture(params=[1, 3, 64], autouse=True, scope="module")
def stride(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index, "STRIDE", request.param)
        yield


@settings(deadline=None, max_examples=60)
@given(CHUNKS, st.data())
def test_every_view_shows_whole_lines_whatever_the_chunks(
    chunks: Chunks, data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as base, RunSpool(Path(base) / "r", "sha256") as spool:
        write(spool, chunks)
        with LogReader(spool.files) as reader:
            expected = merged(chunks)
            assert shown(reader, LogView.MERGED, 0, 1 << 30) == expected
            for stream in CapturedStream:
                view = LogView(stream)
                whole = b"".join(chunk for name, chunk in chunks if name is stream)
                assert [line.data for line in reader.lines(view, 0, 1 << 30)] == split(whole)
                assert reader.line_count(view) == len(split(whole))
                assert reader.size_bytes(stream) == len(whole)
                assert reader.read(stream, 0, 1 << 30) == whole
            for view in LogView:
                lines = [line for line in expected if view in (LogView.MERGED, line[0])]
                start = data.draw(st.integers(0, len(lines) + 1))
                stop = data.draw(st.integers(start, len(lines) + 2))
                assert shown(reader, view, start, stop) == lines[start:stop]
                count = data.draw(st.integers(1, 5))
                assert [line.data for line in reader.tail(view, count)] == [
                    line[3] for line in lines[-count:]
                ]


@settings(deadline=None, max_examples=40)
@given(CHUNKS)
def test_a_byte_leads_to_its_line_and_a_line_to_its_bytes(chunks: Chunks) -> None:
    with tempfile.TemporaryDirectory() as base, RunSpool(Path(base) / "r", "sha256") as spool:
        write(spool, chunks)
        with LogReader(spool.files) as reader:
            rows = reader.lines(LogView.MERGED, 0, 1 << 30)
            for row, line in enumerate(rows):
                assert reader.read(line.stream, line.byte_start, line.byte_end) == line.data
                assert reader.merged_at_line(line.stream, line.number) == row
                for offset in range(line.byte_start, line.byte_end + (not line.is_partial)):
                    assert reader.line_at_byte(line.stream, offset) == line.number
                after = reader.read(line.stream, line.byte_end, line.byte_end + 1)
                assert after == (b"" if line.is_partial else b"\n")


@settings(deadline=None, max_examples=40)
@given(CHUNKS, CHUNKS, st.booleans())
def test_a_reader_follows_the_writer_and_the_rename(
    first: Chunks, second: Chunks, scan: bool
) -> None:
    with tempfile.TemporaryDirectory() as base:
        root = Path(base)
        spool = RunSpool(root / "runs" / "r", "blake3")
        write(spool, first)
        files = spool.files
        if scan:
            files = LogFiles(files.stdout, files.stderr, None)
        with LogReader(files) as reader:
            assert reader.refresh() is False
            write(spool, second, len(first))
            digests = spool.finish()
            attach(root / "runs" / "r", root / "attachments", digests)
            assert reader.refresh() is bool(second)
            if not scan:
                assert shown(reader, LogView.MERGED, 0, 1 << 30) == merged(first + second)
            found = locate(root, "r", digests.stdout, digests.stderr, digests.journal)
            assert found is not None
            with LogReader(found) as again:
                for view in (LogView.STDOUT, LogView.STDERR):
                    stored = [line.data for line in again.lines(view, 0, 1 << 30)]
                    assert stored == [line.data for line in reader.lines(view, 0, 1 << 30)]


@settings(deadline=None, max_examples=40)
@given(CHUNKS, STREAM, st.binary(max_size=30), st.integers(0, 23))
def test_a_killed_writer_leaves_a_log_that_seals(
    chunks: Chunks, stream: CapturedStream, unrecorded: bytes, torn: int
) -> None:
    with tempfile.TemporaryDirectory() as base:
        spool = RunSpool(Path(base) / "r", "sha256")
        write(spool, chunks)
        spool.abandon()
        with spool.files.path(stream).open("ab") as file:
            file.write(unrecorded)
        with (spool.directory / "journal").open("ab") as file:
            file.write(b"\x01" * torn)
        digests = seal(spool.directory, "sha256")
        assert seal(spool.directory, "sha256") == digests
        with LogReader(spool.files) as reader:
            whole = b"".join(chunk for name, chunk in chunks if name is stream) + unrecorded
            assert reader.read(stream, 0, 1 << 30) == whole
            assert [line.data for line in reader.lines(LogView(stream), 0, 1 << 30)] == split(whole)
