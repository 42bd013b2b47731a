import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from blake3 import blake3

from hazui.errors.stream import CapturedStream
from hazui.spool.attachments import attach, attachment_path, locate, seal
from hazui.spool.format import CHUNK_BYTES_MAX, RECORD, LogFiles
from hazui.spool.reader import LogReader, LogView
from hazui.spool.writer import RunSpool
from tests.support.poll import wait_until

OUT, ERR = CapturedStream


def test_digests_are_those_of_the_files(tmp_path: Path) -> None:
    for name, hasher in (("blake3", blake3), ("sha256", hashlib.sha256)):
        spool = RunSpool(tmp_path / name, name)
        spool.append(OUT, b"out\n", 1)
        spool.append(ERR, memoryview(b"err"), 2)
        assert spool.sizes == {OUT: 4, ERR: 3}
        digests = spool.finish()
        assert not spool.is_open
        for part in ("stdout", "stderr", "journal"):
            content = (tmp_path / name / part).read_bytes()
            assert getattr(digests, part) == hasher(content).hexdigest()


def test_a_chunk_of_any_size_is_taken(tmp_path: Path) -> None:
    data = b"z" * (CHUNK_BYTES_MAX * 2 + 5)
    with RunSpool(tmp_path / "r", "blake3") as spool:
        spool.append(OUT, data, 1)
        spool.append(OUT, b"", 2)
        assert (spool.directory / "journal").stat().st_size == 3 * RECORD.size
        with LogReader(spool.files) as reader:
            assert reader.read(OUT, 0, 1 << 30) == data


def test_files_are_private(tmp_path: Path) -> None:
    with RunSpool(tmp_path / "runs" / "r", "blake3") as spool:
        assert spool.directory.stat().st_mode & 0o777 == 0o700
        assert spool.files.stdout.stat().st_mode & 0o777 == 0o600


def test_a_link_in_the_place_of_a_stream_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    (tmp_path / "victim").write_text("precious")
    (tmp_path / "r" / "stderr").symlink_to(tmp_path / "victim")
    with pytest.raises(OSError, match="symbolic"):
        RunSpool(tmp_path / "r", "blake3")
    assert (tmp_path / "victim").read_text() == "precious"


def test_a_failed_write_leaves_the_log_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = RunSpool(tmp_path / "r", "blake3")
    spool.append(OUT, b"first\n", 1)
    real = os.pwrite
    calls = 0

    def full(fd: int, data: bytes, offset: int) -> int:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise OSError(28, "No space left on device")
        return real(fd, data[:3], offset)

    with monkeypatch.context() as patch:
        patch.setattr("hazui.spool.writer.os.pwrite", full)
        with pytest.raises(OSError, match="No space"):
            spool.append(OUT, b"lost bytes\n", 2)
    spool.append(OUT, b"x\n", 3)
    digests = spool.finish()
    assert spool.files.stdout.read_bytes() == b"first\nx\n"
    assert digests.stdout == blake3(b"first\nx\n").hexdigest()


def test_every_write_may_fail_and_nothing_before_it_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.pwrite
    for failing in range(1, 9):
        spool = RunSpool(tmp_path / str(failing), "sha256")
        count = 0
        kept = b""

        def sometimes(fd: int, data: bytes, offset: int, failing: int = failing) -> int:
            nonlocal count
            count += 1
            if count == failing:
                raise OSError(5, "Input/output error")
            return real(fd, data, offset)

        with monkeypatch.context() as patch:
            patch.setattr("hazui.spool.writer.os.pwrite", sometimes)
            for number in range(4):
                chunk = b"chunk %d\n" % number
                try:
                    spool.append(OUT, chunk, number)
                    kept += chunk
                except OSError:
                    pass
        assert spool.finish().stdout == hashlib.sha256(kept).hexdigest()
        with LogReader(spool.files) as reader:
            assert reader.read(OUT, 0, 1000) == kept
            assert reader.line_count(LogView.STDOUT) == 3


def test_attaching_moves_files_and_may_be_repeated(tmp_path: Path) -> None:
    spool = RunSpool(tmp_path / "runs" / "r", "blake3")
    spool.append(OUT, b"hello\n", 1)
    digests = spool.finish()
    inode = spool.files.stdout.stat().st_ino
    attachments = tmp_path / "attachments"
    attach(spool.directory, attachments, digests)
    assert attachment_path(attachments, digests.stdout).stat().st_ino == inode
    assert not spool.directory.exists()
    attach(spool.directory, attachments, digests)
    found = locate(tmp_path, "r", digests.stdout, digests.stderr, digests.journal)
    assert found is not None
    assert found.stdout.read_bytes() == b"hello\n"
    assert locate(tmp_path, "other") is None
    assert locate(tmp_path, "../../etc", "0" * 64, "0" * 64, None) is None


def test_a_missing_journal_attachment_still_gives_the_streams(tmp_path: Path) -> None:
    spool = RunSpool(tmp_path / "runs" / "r", "blake3")
    spool.append(OUT, b"hello\n", 1)
    digests = spool.finish()
    attach(spool.directory, tmp_path / "attachments", digests)
    found = locate(tmp_path, None, digests.stdout, digests.stderr, "f" * 64)
    assert found is not None
    assert found.journal is None
    with LogReader(found) as reader:
        assert reader.tail(LogView.MERGED, 1)[0].data == b"hello"


def test_attaching_what_is_nowhere_is_an_error(tmp_path: Path) -> None:
    spool = RunSpool(tmp_path / "runs" / "r", "blake3")
    digests = spool.finish()
    spool.files.stdout.unlink()
    with pytest.raises(FileNotFoundError):
        attach(spool.directory, tmp_path / "attachments", digests)


WRITER = """
import sys, time
from pathlib import Path
from hazui.errors.stream import CapturedStream
from hazui.spool.writer import RunSpool
spool = RunSpool(Path(sys.argv[1]), "blake3")
number = 0
while True:
    spool.append(CapturedStream.STDOUT, b"line %d\\n" % number, time.time_ns())
    number += 1
"""


def test_another_process_may_write_and_be_killed(tmp_path: Path) -> None:
    directory = tmp_path / "runs" / "r"
    with subprocess.Popen([sys.executable, "-c", WRITER, str(directory)]) as child:
        wait_until((directory / "journal").exists)
        with LogReader(locate_in_flight(tmp_path)) as reader:

            def has_grown() -> bool:
                reader.refresh()
                count = reader.line_count(LogView.STDOUT)
                lines = reader.tail(LogView.STDOUT, 20)
                first = count - len(lines)
                assert [line.data for line in lines] == [
                    b"line %d" % number for number in range(first, count)
                ]
                return count > 2000

            wait_until(has_grown)
            child.send_signal(signal.SIGKILL)
            child.wait(5)
            seal(directory, "blake3")
            reader.refresh()
            size = (directory / "stdout").stat().st_size
            assert reader.size_bytes(OUT) == size


def locate_in_flight(state_dir: Path) -> LogFiles:
    found = wait_until(lambda: locate(state_dir, "r"))
    assert found is not None
    return found
