import os
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from hazui.errors.stream import CapturedStream
from hazui.spool.format import RECORD, LogFiles
from hazui.spool.reader import LogReader, LogView, nth_newline
from hazui.spool.writer import RunSpool

OUT, ERR = CapturedStream


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[RunSpool]:
    with RunSpool(tmp_path / "runs" / "r1", "blake3") as spool:
        yield spool


def test_an_empty_log_has_no_lines(spool: RunSpool) -> None:
    with LogReader(spool.files) as reader:
        assert [reader.line_count(view) for view in LogView] == [0, 0, 0]
        assert reader.lines(LogView.MERGED, 0, 10) == []
        assert reader.tail(LogView.STDOUT, 5) == []
        assert reader.line_at_byte(OUT, 0) == 0
        assert reader.merged_at_line(ERR, 3) == 0
        assert reader.read(OUT, 0, 100) == b""


def test_a_huge_line_is_never_read_whole(spool: RunSpool) -> None:
    spool.append(OUT, b"before\n", 1)
    for _ in range(400):
        spool.append(OUT, b"x" * (256 << 10), 2)
    spool.append(OUT, b"\nafter\n", 3)
    with LogReader(spool.files) as reader:
        tracemalloc.start()
        lines = reader.lines(LogView.MERGED, 0, 3, max_bytes=10)
        assert [line.data for line in lines] == [b"before", b"x" * 10, b"after"]
        assert [line.is_truncated for line in lines] == [False, True, False]
        assert lines[1].byte_end - lines[1].byte_start == 100 << 20
        assert reader.line_at_byte(OUT, 50 << 20) == 1
        assert tracemalloc.get_traced_memory()[1] < 2 << 20
        tracemalloc.stop()


def test_a_partial_line_becomes_whole(spool: RunSpool) -> None:
    spool.append(ERR, b"50%", 7)
    with LogReader(spool.files) as reader:
        (line,) = reader.tail(LogView.STDERR, 1)
        assert (line.data, line.is_partial, line.at_ns) == (b"50%", True, 7)
        spool.append(ERR, b" done\n", 9)
        assert reader.refresh()
        (line,) = reader.tail(LogView.STDERR, 1)
        assert (line.data, line.is_partial, line.at_ns) == (b"50% done", False, 7)
        assert not reader.refresh()


def test_a_line_stands_where_its_first_byte_arrived(spool: RunSpool) -> None:
    spool.append(OUT, b"one ", 1)
    spool.append(ERR, b"two\n", 2)
    spool.append(OUT, b"more\nthree\n", 3)
    with LogReader(spool.files) as reader:
        lines = reader.lines(LogView.MERGED, 0, 9)
    assert [(line.stream, line.data) for line in lines] == [
        (OUT, b"one more"),
        (ERR, b"two"),
        (OUT, b"three"),
    ]


def test_carriage_returns_stay_in_the_data(spool: RunSpool) -> None:
    spool.append(OUT, b"10%\r20%\r\n", 1)
    with LogReader(spool.files) as reader:
        assert reader.tail(LogView.STDOUT, 1)[0].data == b"10%\r20%\r"


def test_a_log_without_a_journal_is_scanned_and_followed(tmp_path: Path) -> None:
    out, err = tmp_path / "o", tmp_path / "e"
    out.write_bytes(b"a\nb")
    err.write_bytes(b"")
    with LogReader(LogFiles(out, err, None)) as reader:
        assert reader.line_count(LogView.MERGED) == 2
        with out.open("ab") as file:
            file.write(b"c\nd\n")
        assert reader.refresh()
        assert [line.data for line in reader.tail(LogView.STDOUT, 9)] == [b"a", b"bc", b"d"]


@pytest.mark.parametrize(
    "record",
    [
        RECORD.pack(1, 4, 9, 0, 0),
        RECORD.pack(1, 4, 0, 7, 0),
        RECORD.pack(1, 0, 0, 0, 0),
        RECORD.pack(1, 1 << 31, 0, 0, 0),
        RECORD.pack(1, 4, 0, 0, 1),
    ],
)
def test_a_journal_that_makes_no_sense_is_left_aside(spool: RunSpool, record: bytes) -> None:
    spool.append(OUT, b"a\nb\n", 1)
    with (spool.directory / "journal").open("ab") as file:
        file.write(record)
    with LogReader(spool.files) as reader:
        assert [line.data for line in reader.lines(LogView.STDOUT, 0, 9)] == [b"a", b"b"]


def test_streams_shorter_than_their_journal_do_not_break_reading(spool: RunSpool) -> None:
    for number in range(200):
        spool.append(OUT, b"line %d\n" % number, number)
    os.truncate(spool.files.stdout, 100)
    with LogReader(spool.files) as reader:
        lines = reader.lines(LogView.MERGED, 0, 300)
        assert len(lines) == 200
        assert lines[0].data == b"line 0"
        assert reader.line_at_byte(OUT, 1000) > 0


def test_ten_million_lines_cost_only_their_index(tmp_path: Path) -> None:
    line = b"x" * 9 + b"\n"
    chunk = line * 26_000
    with RunSpool(tmp_path / "r", "blake3") as spool:
        for number in range(385):
            spool.append(OUT, chunk, number)
        tracemalloc.start()
        with LogReader(spool.files) as reader:
            assert reader.line_count(LogView.STDOUT) == 385 * 26_000
            assert reader.lines(LogView.STDOUT, 9_999_999, 10_000_000)[0].data == b"x" * 9
        assert tracemalloc.get_traced_memory()[1] < 2 << 20
        tracemalloc.stop()


@pytest.mark.parametrize("count", [0, 1, 5, 1000])
def test_the_nth_newline_is_found_by_halving(count: int) -> None:
    data = b"".join(b"y" * (number % 7) + b"\n" for number in range(count))
    places = [place for place, byte in enumerate(data) if byte == 10]
    assert [nth_newline(data, number) for number in range(count)] == places
    assert nth_newline(data, count) == len(data)
