import os
import stat
from pathlib import Path

import pytest

from hazui.domain.paths import CanonicalPath
from hazui.errors import fs
from hazui.files import digest, index_format
from hazui.files.digest import hash_bytes, hash_file
from hazui.files.index import COARSE_QUIET_NS, FINE_QUIET_NS, FileIndex, from_stat

A = CanonicalPath("a.txt")
SECOND_NS = 1_000_000_000


class Hashes:
    """Counts how often a file is really opened for hashing."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        original = digest.open_regular

        def counting(path: str) -> int:
            self.count += 1
            return original(path)

        monkeypatch.setattr("hazui.files.index.open_regular", counting)


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> Hashes:
    return Hashes(monkeypatch)


def stat_of(path: Path) -> os.stat_result:
    return path.stat()


def later(path: Path, by_ns: int) -> int:
    """A wall time so long after the file's last change."""
    return path.stat().st_ctime_ns + by_ns


@pytest.mark.parametrize("name", ["blake3", "sha256"])
def test_a_digest_is_that_of_the_content(tmp_path: Path, name: str) -> None:
    for content in (b"", b"x", b"y" * (1 << 18), b"z" * ((1 << 20) + 7)):
        (tmp_path / "f").write_bytes(content)
        assert hash_file(tmp_path / "f", name) == (hash_bytes(content, name), len(content))


def test_hashing_a_fifo_or_directory_fails_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for name in ("fifo", ""):
        with pytest.raises(fs.Io) as caught:
            hash_file(tmp_path / name, "sha256")
        assert caught.value.errno == 22


def test_an_unchanged_settled_file_is_not_read_again(tmp_path: Path, hashes: Hashes) -> None:
    (tmp_path / A).write_text("one")
    index = FileIndex(tmp_path, "sha256", lambda: later(tmp_path / A, 10 * SECOND_NS))
    first = index.state(A)
    assert first.is_settled
    assert index.state(A) is first
    assert hashes.count == 1
    assert first.digest == hash_bytes(b"one", "sha256")
    assert first.size_bytes == 3


def test_a_file_hashed_right_after_a_write_is_hashed_again(tmp_path: Path, hashes: Hashes) -> None:
    (tmp_path / A).write_text("one")
    now_ns = [later(tmp_path / A, FINE_QUIET_NS // 2)]
    index = FileIndex(tmp_path, "sha256", lambda: now_ns[0])
    assert not index.state(A).is_settled
    index.state(A)
    assert hashes.count == 2
    now_ns[0] = later(tmp_path / A, COARSE_QUIET_NS + 1)
    assert index.state(A).is_settled
    index.state(A)
    assert hashes.count == 3


def test_a_second_write_in_the_same_tick_is_found(tmp_path: Path) -> None:
    """The racy case: same size, and the times put back as a coarse clock would leave them."""
    (tmp_path / A).write_text("one")
    index = FileIndex(tmp_path, "sha256", lambda: later(tmp_path / A, 0))
    before = index.state(A)
    (tmp_path / A).write_text("two")
    forged = index.state(A)._replace(digest=before.digest)
    index._states[A] = forged
    assert index.state(A).digest == hash_bytes(b"two", "sha256")


def test_a_file_system_with_whole_seconds_needs_a_longer_rest(tmp_path: Path) -> None:
    (tmp_path / A).write_text("x")
    fine = list((tmp_path / A).stat())
    found = os.stat_result(fine, {"st_ctime_ns": 5 * SECOND_NS, "st_mtime_ns": 5 * SECOND_NS})
    assert not from_stat(found, None, 6 * SECOND_NS).is_settled
    assert from_stat(found, None, 7 * SECOND_NS + 1).is_settled
    found = os.stat_result(fine, {"st_ctime_ns": 5 * SECOND_NS + 7, "st_mtime_ns": 5 * SECOND_NS})
    assert from_stat(found, None, 6 * SECOND_NS).is_settled


def test_a_time_in_the_future_never_settles(tmp_path: Path) -> None:
    (tmp_path / A).write_text("x")
    os.utime(tmp_path / A, ns=(0, later(tmp_path / A, 3600 * SECOND_NS)))
    index = FileIndex(tmp_path, "sha256", lambda: later(tmp_path / A, 10 * SECOND_NS))
    assert not index.state(A).is_settled


@pytest.mark.parametrize("change", ["content", "mode", "replace", "utime_back"])
def test_every_kind_of_change_is_noticed(tmp_path: Path, change: str) -> None:
    (tmp_path / A).write_text("one")
    index = FileIndex(tmp_path, "sha256", lambda: later(tmp_path / A, 10 * SECOND_NS))
    before = index.state(A)
    kept = (tmp_path / A).stat()
    if change == "content":
        (tmp_path / A).write_text("two")
    elif change == "mode":
        (tmp_path / A).chmod(0o755)
    elif change == "replace":
        (tmp_path / "new").write_text("two")
        (tmp_path / "new").rename(tmp_path / A)
    else:
        (tmp_path / A).write_text("two")
        os.utime(tmp_path / A, ns=(kept.st_atime_ns, kept.st_mtime_ns))
    after = index.state(A)
    assert after != before
    assert (after.digest == before.digest) == (change == "mode")
    assert after.is_executable == (change == "mode")


def test_what_cannot_be_read_is_a_typed_error(tmp_path: Path) -> None:
    index = FileIndex(tmp_path, "sha256")
    with pytest.raises(fs.NotFound):
        index.state(A)
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(fs.Io) as caught:
        index.state(CanonicalPath("loop"))
    assert caught.value.errno == 40
    (tmp_path / A).write_text("x")
    index.state(A)
    (tmp_path / A).unlink()
    with pytest.raises(fs.NotFound):
        index.state(A)
    assert index.known(A) is None


def filled(root: Path, count: int) -> FileIndex:
    index = FileIndex(root, "blake3", lambda: later(root / A, 10 * SECOND_NS))
    for number in range(count):
        path = CanonicalPath(f"caf\udce9{number}" if number % 2 else f"ü{number}")
        (root / path).write_text(str(number))
        index.state(path)
    (root / A).write_text("x")
    return index


def test_an_index_comes_back_from_disk_as_it_was(tmp_path: Path) -> None:
    (tmp_path / A).write_text("x")
    index = filled(tmp_path, 20)
    index.save(tmp_path / "index")
    again = FileIndex(tmp_path, "blake3")
    assert again.load(tmp_path / "index") == 20
    assert again._states == index._states
    assert {type(state) for state in again._states.values()} == {type(index.state(A))}
    assert list(tmp_path.glob("index*")) == [tmp_path / "index"]


def test_an_empty_index_comes_back_empty(tmp_path: Path) -> None:
    FileIndex(tmp_path, "blake3").save(tmp_path / "index")
    assert FileIndex(tmp_path, "blake3").load(tmp_path / "index") == 0


def test_any_damage_makes_it_empty(tmp_path: Path) -> None:
    (tmp_path / A).write_text("x")
    filled(tmp_path, 3).save(tmp_path / "index")
    good = (tmp_path / "index").read_bytes()
    damaged = [good[:end] for end in range(0, len(good), 7)]
    damaged += [
        good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :] for place in range(len(good))
    ]
    for data in [*damaged, b"", b"garbage" * 100, good + b"x"]:
        (tmp_path / "index").write_bytes(data)
        index = FileIndex(tmp_path, "blake3")
        assert index.load(tmp_path / "index") == 0
        assert index.state(A).digest == hash_bytes(b"x", "blake3")
    assert FileIndex(tmp_path, "blake3").load(tmp_path / "missing") == 0


def test_another_hash_function_makes_it_empty(tmp_path: Path) -> None:
    (tmp_path / A).write_text("x")
    filled(tmp_path, 3).save(tmp_path / "index")
    assert FileIndex(tmp_path, "sha256").load(tmp_path / "index") == 0


def test_times_before_1970_cost_a_hash_and_nothing_else() -> None:
    row = (1, -5, 7, 3, stat.S_IFREG, "ab" * 32, True)
    found = index_format.decode(index_format.encode("sha256", ["a"], [row]), "sha256")
    assert found is not None
    assert found[0] == ["a"]
    assert next(found[1])[1] != -5


def test_saving_where_one_may_not_is_a_typed_error(tmp_path: Path) -> None:
    with pytest.raises(fs.NotFound):
        FileIndex(tmp_path, "sha256").save(tmp_path / "no/such/index")


def test_reading_does_not_move_the_baseline_and_writing_does(tmp_path: Path) -> None:
    (tmp_path / A).write_text("one")
    index = FileIndex(tmp_path, "sha256")
    index.record_own_write(A)
    first = index.baseline(A)
    (tmp_path / A).write_text("two")
    assert index.state(A).digest != (first.digest if first else None)
    assert index.baseline(A) == first
    index.record_own_write(A)
    assert index.baseline(A) == index.known(A)
    (tmp_path / A).unlink()
    index.record_own_write(A)
    assert index.baseline(A) is None
