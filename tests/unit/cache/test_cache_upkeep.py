"""Info, verify, clean and clear over a real cache."""

import os
from pathlib import Path

import pytest

from hazui.cache import upkeep
from hazui.cache.store import USED_GRANULARITY_NS, LookupStatus
from hazui.domain.ids import Digest
from tests.support.cache_workspace import CacheWorkspace, key_of

DAY_S = 86400.0


@pytest.fixture
def workspace(tmp_path: Path) -> CacheWorkspace:
    return CacheWorkspace(tmp_path)


def age(workspace: CacheWorkspace, name: str, days: float) -> None:
    """Let an entry, and every blob, look as if last used so long ago."""
    when_s = workspace.cache.clock.wall_ns() / 1e9 - days * DAY_S
    os.utime(workspace.cache.entry_path(key_of(name)), (when_s, when_s))


def age_blobs(workspace: CacheWorkspace) -> None:
    for blob in (workspace.state_dir / "cache/cas").glob("*/*"):
        os.utime(blob, (1.0, 1.0))


def has(workspace: CacheWorkspace, name: str) -> bool:
    path = Path(workspace.cache.entry_path(key_of(name)))
    return path.exists()


def test_an_empty_cache_has_nothing(workspace: CacheWorkspace) -> None:
    assert upkeep.info(workspace.cache) == upkeep.CacheInfo()
    assert upkeep.verify(workspace.cache).is_sound
    assert upkeep.clean(workspace.cache, 0, 0.0) == upkeep.CleanReport()
    assert upkeep.clear(workspace.cache) == upkeep.CacheInfo()


def test_info_counts_a_shared_blob_once(workspace: CacheWorkspace) -> None:
    workspace.store("one", {"a": b"x" * 1000})
    workspace.store("two", {"b": b"x" * 1000})
    info = upkeep.info(workspace.cache)
    assert (info.entries, info.blobs) == (2, 2)  # The content, and the empty streams.
    assert 1000 < info.size_bytes < 2000


def test_verify_finds_what_is_damaged_and_what_needs_it(workspace: CacheWorkspace) -> None:
    entry = workspace.store("bad", {"a": b"right"})
    workspace.store("good", {"b": b"fine"})
    workspace.store("torn", {"b": b"fine"})
    workspace.spoil(entry.outputs[0].digest, b"wrong")
    Path(workspace.cache.entry_path(key_of("torn"))).write_bytes(b"{")
    seen: list[tuple[int, int]] = []
    report = upkeep.verify(workspace.cache, lambda done, total: seen.append((done, total)))
    assert report.bad_blobs == (entry.outputs[0].digest,)
    assert set(report.broken_entries) == {key_of("bad"), key_of("torn")}
    assert not report.is_sound
    assert seen[-1][0] == seen[-1][1]
    assert upkeep.verify(workspace.cache).is_sound
    assert workspace.cache.lookup(key_of("good")).result is LookupStatus.HIT
    assert upkeep.info(workspace.cache).quarantined == 3


def test_an_entry_of_another_revision_is_not_called_broken(workspace: CacheWorkspace) -> None:
    workspace.store("k", {"a": b"1"})
    file = Path(workspace.cache.entry_path(key_of("k")))
    file.write_bytes(file.read_bytes().replace(b'"schema":1', b'"schema":9'))
    assert upkeep.verify(workspace.cache).is_sound
    assert upkeep.info(workspace.cache).unusable_entries == 1


def test_what_is_too_old_goes_with_its_blobs(workspace: CacheWorkspace) -> None:
    old = workspace.store("old", {"a": b"old" * 100})
    new = workspace.store("new", {"b": b"new" * 100})
    age(workspace, "old", 31)
    report = upkeep.clean(workspace.cache, max_age_s=30 * DAY_S)
    assert (report.evicted_for_age, report.evicted_for_size) == (1, 0)
    assert not has(workspace, "old")
    assert not workspace.blob(old.outputs[0].digest).exists()
    assert workspace.blob(new.outputs[0].digest).exists()
    assert workspace.blob(new.streams.stdout).exists()
    assert report.freed_bytes >= 300


def test_the_least_recently_used_goes_first(workspace: CacheWorkspace) -> None:
    for number, name in enumerate(("oldest", "older", "newest")):
        workspace.store(name, {"a": name.encode() * 1000})
        age(workspace, name, 10 - number)
    upkeep.clean(workspace.cache, max_bytes=9000)
    assert [has(workspace, name) for name in ("oldest", "older", "newest")] == [False, False, True]


def test_a_hit_counts_as_use(workspace: CacheWorkspace) -> None:
    for number, name in enumerate(("first", "second")):
        workspace.store(name, {"a": name.encode() * 1000})
        age(workspace, name, 10 - number)
    assert USED_GRANULARITY_NS < DAY_S * 1e9
    workspace.cache.lookup(key_of("first"))
    upkeep.clean(workspace.cache, max_bytes=7000)
    assert (has(workspace, "first"), has(workspace, "second")) == (True, False)


def test_what_is_pinned_stays(workspace: CacheWorkspace) -> None:
    kept = workspace.store("kept", {"a": b"kept" * 100})
    half = workspace.store("half", {"b": b"half" * 100, "c": b"rest" * 100})
    for name in ("kept", "half"):
        age(workspace, name, 99)
    pinned = {*kept.digests, half.outputs[0].digest}
    upkeep.clean(workspace.cache, max_bytes=0, max_age_s=DAY_S, pinned=pinned)
    assert has(workspace, "kept")
    assert not has(workspace, "half")
    assert workspace.blob(half.outputs[0].digest).exists()
    assert not workspace.blob(half.outputs[1].digest).exists()


def test_a_blob_without_an_entry_goes_unless_it_is_fresh(workspace: CacheWorkspace) -> None:
    entry = workspace.store("k", {"a": b"1"})
    Path(workspace.cache.entry_path(key_of("k"))).unlink()
    assert upkeep.clean(workspace.cache).removed_blobs == 0
    age_blobs(workspace)
    assert upkeep.clean(workspace.cache).removed_blobs == 2
    assert not workspace.blob(entry.outputs[0].digest).exists()


def test_clearing_leaves_the_attachments(workspace: CacheWorkspace) -> None:
    entry = workspace.store("k", {"a": b"1"}, stdout=b"line\n")
    before = upkeep.clear(workspace.cache)
    assert before.entries == 1
    assert upkeep.info(workspace.cache) == upkeep.CacheInfo()
    assert workspace.cache.lookup(key_of("k")).result is LookupStatus.NO_ENTRY
    stdout = entry.streams.stdout
    assert (workspace.attachments / stdout[:2] / stdout).read_bytes() == b"line\n"
    assert workspace.read("a") == b"1"


def test_a_cleaned_cache_can_be_filled_again(workspace: CacheWorkspace) -> None:
    workspace.store("k", {"a": b"1"})
    upkeep.clear(workspace.cache)
    entry = workspace.store("k", {"a": b"1"})
    (workspace.root / "a").unlink()
    workspace.cache.restore(entry, workspace.root, workspace.index)
    assert workspace.read("a") == b"1"
    assert Digest(entry.outputs[0].digest) in entry.digests


def test_cleaning_is_due_once_a_day_or_when_much_was_stored(workspace: CacheWorkspace) -> None:
    def due(max_bytes: int = 1 << 30) -> bool:
        return upkeep.clean_when_due(workspace.cache, max_bytes, DAY_S, tuple) is not None

    workspace.store("k", {"a": b"1"})
    assert [due(), due()] == [True, False]
    os.utime(workspace.state_dir / "cache/cleaned", (1.0, 1.0))
    assert [due(), due()] == [True, False]
    workspace.store("big", {"b": b"x" * 1000})
    assert [due(5000), due(5000)] == [True, False]
    assert has(workspace, "k")
