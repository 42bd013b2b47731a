from pathlib import Path

import pytest
from blake3 import blake3

from hazui.errors.stream import CapturedStream
from hazui.spool import writer
from hazui.spool.attachments import seal
from hazui.spool.reader import LogReader, LogView
from hazui.spool.writer import RunSpool

OUT, ERR = CapturedStream


@pytest.fixture(autouse=True)
def keeps_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "KEPT_BYTES", 40)


def test_a_log_that_grows_for_ever_goes_on_in_fresh_files(tmp_path: Path) -> None:
    spool = RunSpool(tmp_path / "r", "blake3", rotate_bytes=1000)
    with LogReader(spool.files) as reader:
        for number in range(500):
            spool.append(OUT if number % 2 else ERR, b"line %03d\n" % number, number)
            assert sum(spool.sizes.values()) <= 1000
            assert reader.refresh()
            last = reader.tail(LogView.MERGED, 2)
            assert [line.at_ns for line in last] == [number - 1, number][-len(last) :]
            assert last[-1].data == b"line %03d" % number
        lines = reader.lines(LogView.MERGED, 0, 1000)
        assert [line.data for line in lines] == [
            b"line %03d" % number for number in range(500 - len(lines), 500)
        ]
    assert spool.dropped_bytes + sum(spool.sizes.values()) == 500 * 9
    files = spool.files
    digests = spool.finish()
    assert digests.stdout == blake3(files.stdout.read_bytes()).hexdigest()
    assert files.journal is not None
    assert digests.journal == blake3(files.journal.read_bytes()).hexdigest()
    assert sorted(path.name for path in spool.directory.iterdir()) == [
        "journal",
        "stderr",
        "stdout",
    ]


def test_a_rotation_that_fails_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RunSpool(tmp_path / "r", "blake3", rotate_bytes=100) as spool:
        spool.append(OUT, b"x" * 90 + b"\n", 1)
        with monkeypatch.context() as patch:

            def full(*_: object) -> None:
                raise OSError(28, "No space left on device")

            patch.setattr("hazui.spool.writer.os.rename", full)
            spool.append(OUT, b"y" * 20 + b"\n", 2)
        spool.append(OUT, b"z\n", 3)
        with LogReader(spool.files) as reader:
            assert [line.data[:1] for line in reader.tail(LogView.STDOUT, 9)] == [b"x", b"y", b"z"]
            spool.append(OUT, b"w" * 100, 4)
            assert reader.refresh()
        assert sum(spool.sizes.values()) < 100


def test_a_log_that_was_removed_stays_readable_where_it_is_open(tmp_path: Path) -> None:
    with RunSpool(tmp_path / "r", "blake3") as spool:
        spool.append(OUT, b"still here\n", 1)
        with LogReader(spool.files) as reader:
            assert spool.files.journal is not None
            for path in (spool.files.stdout, spool.files.stderr, spool.files.journal):
                path.unlink()
            assert not reader.refresh()
            assert reader.tail(LogView.STDOUT, 1)[0].data == b"still here"


def test_a_rotation_that_was_killed_half_way_is_made_whole(tmp_path: Path) -> None:
    with RunSpool(tmp_path / "r", "blake3") as spool:
        for number in range(20):
            spool.append(OUT, b"line %d\n" % number, number)
        files = spool.files
    fresh = tmp_path / "r" / "stdout.fresh"
    fresh.write_bytes(b"line 19\n")
    fresh.rename(files.stdout)
    (tmp_path / "r" / "journal.fresh").touch()
    digests = seal(tmp_path / "r", "blake3")
    assert digests.stdout == blake3(b"line 19\n").hexdigest()
    assert sorted(path.name for path in files.stdout.parent.iterdir()) == [
        "journal",
        "stderr",
        "stdout",
    ]
    with LogReader(files) as reader:
        assert [line.data for line in reader.tail(LogView.MERGED, 9)] == [b"line 19"]
