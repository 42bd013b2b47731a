"""Store and restore on a real disk, with everything that can be in the way."""

import os
import socket
from pathlib import Path

import pytest

from hazui.cache.entry import Produced
from hazui.cache.store import LookupStatus
from hazui.domain.paths import CanonicalPath
from hazui.domain.records import StoredOutput
from hazui.errors import fs, restore, store
from tests.support.cache_workspace import CacheWorkspace, key_of


@pytest.fixture
def workspace(tmp_path: Path) -> CacheWorkspace:
    return CacheWorkspace(tmp_path)


def test_what_was_stored_is_found_and_put_back(workspace: CacheWorkspace) -> None:
    produced = [
        workspace.write("out/a.txt", b"alpha"),
        workspace.write("out/deep/b.sh", b"#!/bin/sh\n", 0o755),
        workspace.write("out/empty", b"", 0o600),
    ]
    workspace.cache.store(key_of("k"), produced, workspace.streams(b"hello\n"), workspace.root)
    before = workspace.tree()
    for path in ("out/a.txt", "out/deep/b.sh", "out/empty"):
        (workspace.root / path).unlink()
    (workspace.root / "out/deep").rmdir()

    found = workspace.cache.lookup(key_of("k"))
    assert found.result is LookupStatus.HIT
    assert found.entry is not None
    outputs = workspace.cache.restore(found.entry, workspace.root, workspace.index)
    assert workspace.tree() == before
    assert [output.path for output in outputs] == ["out/a.txt", "out/deep/b.sh", "out/empty"]


def test_all_mode_bits_come_back(workspace: CacheWorkspace) -> None:
    produced = [workspace.write("tool", b"x", 0o2751)]
    entry = workspace.cache.store(key_of("k"), produced, workspace.streams(), workspace.root)
    (workspace.root / "tool").chmod(0o600)
    workspace.cache.restore(entry, workspace.root, workspace.index)
    assert (workspace.root / "tool").stat().st_mode & 0o7777 == 0o2751


def test_outputs_already_right_are_left_alone(workspace: CacheWorkspace) -> None:
    entry = workspace.store("k", {"a": b"1", "b": b"2"})
    (workspace.root / "b").write_bytes(b"other")
    before = (workspace.root / "a").stat()
    workspace.cache.restore(entry, workspace.root, workspace.index)
    after = (workspace.root / "a").stat()
    assert (before.st_ino, before.st_mtime_ns, before.st_ctime_ns) == (
        after.st_ino,
        after.st_mtime_ns,
        after.st_ctime_ns,
    )
    assert workspace.read("b") == b"2"


def test_a_big_output_makes_the_round_trip(workspace: CacheWorkspace) -> None:
    data = os.urandom(1 << 20) * 5 + b"tail"
    entry = workspace.store("k", {"big": data})
    (workspace.root / "big").unlink()
    workspace.cache.restore(entry, workspace.root, workspace.index)
    assert workspace.read("big") == data


@pytest.mark.parametrize("is_spoilt", [False, True])
def test_a_very_big_output_is_hashed_beside_the_copy(
    workspace: CacheWorkspace, is_spoilt: bool
) -> None:
    data = os.urandom(1 << 20) * 17
    entry = workspace.store("k", {"big": data})
    (workspace.root / "big").unlink()
    if is_spoilt:
        workspace.spoil(entry.outputs[0].digest, data[:-1] + b"?")
        with pytest.raises(restore.BlobCorrupt):
            workspace.cache.restore(entry, workspace.root, workspace.index)
        assert not (workspace.root / "big").exists()
    else:
        workspace.cache.restore(entry, workspace.root, workspace.index)
        assert workspace.read("big") == data


def test_no_entry_is_a_miss_and_no_error_cache_016(workspace: CacheWorkspace) -> None:
    found = workspace.cache.lookup(key_of("never"))
    assert (found.result, found.entry, found.error) == (LookupStatus.NO_ENTRY, None, None)


@pytest.mark.parametrize("damage", [b"", b"{", b"\0" * 400, b"[1,2]\n0000\n"])
def test_a_damaged_entry_is_a_miss_and_put_aside_cache_016(
    workspace: CacheWorkspace, damage: bytes
) -> None:
    workspace.store("k", {"a": b"1"})
    Path(workspace.cache.entry_path(key_of("k"))).write_bytes(damage)
    found = workspace.cache.lookup(key_of("k"))
    assert found.result is LookupStatus.CORRUPT_ENTRY
    assert isinstance(found.error, restore.BlobCorrupt)
    assert workspace.cache.lookup(key_of("k")).result is LookupStatus.NO_ENTRY


def test_one_flipped_bit_in_an_entry_is_noticed(workspace: CacheWorkspace) -> None:
    workspace.store("k", {"some/path": b"1"})
    file = Path(workspace.cache.entry_path(key_of("k")))
    whole = file.read_bytes()
    for position in range(0, len(whole) - 1, 7):
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        assert workspace.cache.lookup(key_of("k")).result is not LookupStatus.HIT


def test_an_entry_under_the_name_of_another_is_no_hit(workspace: CacheWorkspace) -> None:
    workspace.store("one", {"a": b"1"})
    workspace.store("two", {"a": b"2"})
    os.replace(workspace.cache.entry_path(key_of("one")), workspace.cache.entry_path(key_of("two")))
    assert workspace.cache.lookup(key_of("two")).result is LookupStatus.CORRUPT_ENTRY


def test_an_entry_of_another_revision_is_a_schema_mismatch(workspace: CacheWorkspace) -> None:
    workspace.store("k", {"a": b"1"})
    file = Path(workspace.cache.entry_path(key_of("k")))
    file.write_bytes(file.read_bytes().replace(b'"schema":1', b'"schema":9'))
    assert workspace.cache.lookup(key_of("k")).result is LookupStatus.SCHEMA_MISMATCH


@pytest.mark.parametrize("spoiled", [b"", b"other", b"much longer than it was"])
def test_a_bad_blob_never_reaches_the_workspace(workspace: CacheWorkspace, spoiled: bytes) -> None:
    entry = workspace.store("k", {"a": b"right"})
    digest = entry.outputs[0].digest
    workspace.spoil(digest, spoiled)
    (workspace.root / "a").unlink()
    with pytest.raises(restore.BlobCorrupt) as caught:
        workspace.cache.restore(entry, workspace.root, workspace.index)
    assert caught.value.expected == digest
    assert not (workspace.root / "a").exists()
    workspace.cache.quarantine(key_of("k"), caught.value)
    assert workspace.cache.lookup(key_of("k")).result is LookupStatus.NO_ENTRY
    assert not workspace.blob(digest).exists()


def test_a_bad_big_blob_never_reaches_the_workspace(workspace: CacheWorkspace) -> None:
    entry = workspace.store("k", {"a": b"x" * (3 << 20)})
    workspace.spoil(entry.outputs[0].digest, b"y" * (3 << 20))
    (workspace.root / "a").unlink()
    with pytest.raises(restore.BlobCorrupt):
        workspace.cache.restore(entry, workspace.root, workspace.index)
    assert not (workspace.root / "a").exists()
    assert os.listdir(workspace.state_dir / "cache" / "tmp") == []


def test_two_swapped_blobs_are_noticed(workspace: CacheWorkspace) -> None:
    entry = workspace.store("k", {"a": b"one", "b": b"two"})
    one, two = (workspace.blob(output.digest) for output in entry.outputs)
    spare = one.with_name("spare")
    one.rename(spare)
    two.rename(one)
    spare.rename(two)
    (workspace.root / "a").unlink()
    with pytest.raises(restore.BlobCorrupt):
        workspace.cache.restore(entry, workspace.root, workspace.index)


def test_a_missing_blob_is_named(workspace: CacheWorkspace) -> None:
    entry = workspace.store("k", {"a": b"right"})
    workspace.blob(entry.outputs[0].digest).unlink()
    (workspace.root / "a").unlink()
    with pytest.raises(restore.BlobMissing) as caught:
        workspace.cache.restore(entry, workspace.root, workspace.index)
    assert caught.value.path == workspace.root / "a"


def test_a_store_replaces_a_bad_blob_cache_017(workspace: CacheWorkspace) -> None:
    entry = workspace.store("k", {"a": b"right"})
    workspace.spoil(entry.outputs[0].digest, b"wrong")
    workspace.store("k2", {"a": b"right"})
    assert workspace.blob(entry.outputs[0].digest).read_bytes() == b"right"


def test_streams_come_back_as_attachments(workspace: CacheWorkspace) -> None:
    entry = workspace.store("k", {}, stdout=b"line\n")
    attachment = workspace.attachments / entry.streams.stdout[:2] / entry.streams.stdout
    assert attachment.stat().st_ino == workspace.blob(entry.streams.stdout).stat().st_ino
    attachment.unlink()
    workspace.cache.restore(entry, workspace.root, workspace.index)
    assert attachment.read_bytes() == b"line\n"


def test_a_bad_stream_blob_is_noticed(workspace: CacheWorkspace) -> None:
    entry = workspace.store("k", {}, stdout=b"line\n")
    attachment = workspace.attachments / entry.streams.stdout[:2] / entry.streams.stdout
    attachment.unlink()
    workspace.spoil(entry.streams.stdout, b"lime\n")
    with pytest.raises(restore.BlobCorrupt):
        workspace.cache.restore(entry, workspace.root, workspace.index)
    assert not attachment.exists()


def test_a_directory_in_the_way_is_never_removed_cache_019(workspace: CacheWorkspace) -> None:
    entry = workspace.store("k", {"a": b"1", "b": b"2"})
    (workspace.root / "a").unlink()
    (workspace.root / "b").unlink()
    workspace.write("b/mine", b"precious")
    with pytest.raises(restore.TargetBlocked) as caught:
        workspace.cache.restore(entry, workspace.root, workspace.index)
    assert caught.value.path == workspace.root / "b"
    assert workspace.tree() == {"b/mine": (b"precious", 0o644)}


def test_a_file_where_a_directory_belongs_blocks_cache_019(workspace: CacheWorkspace) -> None:
    entry = workspace.store("k", {"dir/a": b"1"})
    (workspace.root / "dir/a").unlink()
    (workspace.root / "dir").rmdir()
    workspace.write("dir", b"precious")
    with pytest.raises(restore.TargetBlocked):
        workspace.cache.restore(entry, workspace.root, workspace.index)
    assert workspace.read("dir") == b"precious"


def test_a_fifo_and_a_socket_block_cache_019(workspace: CacheWorkspace) -> None:
    entry = workspace.store("k", {"a": b"1"})
    (workspace.root / "a").unlink()
    os.mkfifo(workspace.root / "a")
    with pytest.raises(restore.TargetBlocked):
        workspace.cache.restore(entry, workspace.root, workspace.index)
    (workspace.root / "a").unlink()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(workspace.root / "a"))
        with pytest.raises(restore.TargetBlocked):
            workspace.cache.restore(entry, workspace.root, workspace.index)


def test_nothing_is_written_through_a_link_out_of_the_workspace(
    workspace: CacheWorkspace, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    entry = workspace.store("k", {"dir/a": b"1"})
    (workspace.root / "dir/a").unlink()
    (workspace.root / "dir").rmdir()
    (workspace.root / "dir").symlink_to(outside)
    with pytest.raises(restore.TargetBlocked) as caught:
        workspace.cache.restore(entry, workspace.root, workspace.index)
    assert isinstance(caught.value.source, fs.PermissionDenied)
    assert str(outside) in caught.value.source.__notes__[0]
    assert list(outside.iterdir()) == []


def test_a_link_is_replaced_and_its_target_is_not_touched(workspace: CacheWorkspace) -> None:
    entry = workspace.store("k", {"a": b"1"})
    (workspace.root / "a").unlink()
    workspace.write("mine", b"precious")
    (workspace.root / "a").symlink_to("mine")
    workspace.cache.restore(entry, workspace.root, workspace.index)
    assert workspace.tree() == {"a": (b"1", 0o644), "mine": (b"precious", 0o644)}


def test_outputs_of_the_last_record_that_are_gone_now_are_removed(
    workspace: CacheWorkspace,
) -> None:
    old = workspace.store("old", {"gen/a": b"1", "gen/b": b"2", "gen/c": b"3"})
    new = workspace.store("new", {"gen/a": b"1"})
    workspace.write("gen/c", b"changed by hand")
    workspace.cache.restore(new, workspace.root, workspace.index, old.outputs)
    assert workspace.tree() == {
        "gen/a": (b"1", 0o644),
        "gen/c": (b"changed by hand", 0o644),
    }


def test_a_store_needs_the_mode_that_was_read_before(workspace: CacheWorkspace) -> None:
    produced = workspace.write("a", b"1", 0o644)
    (workspace.root / "a").chmod(0o600)
    with pytest.raises(store.OutputChangedWhileStoring):
        workspace.cache.store(key_of("k"), [produced], workspace.streams(), workspace.root)
    assert workspace.cache.lookup(key_of("k")).result is LookupStatus.NO_ENTRY


def test_an_output_that_changes_while_it_is_stored_leaves_a_miss(
    workspace: CacheWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    produced = [workspace.write("a", b"1"), workspace.write("b", b"2")]
    digests = workspace.streams()
    real = os.fstat
    blobs_written = 0

    def fstat(fd: int) -> os.stat_result:
        # The second output is written to by somebody just as its bytes have been read.
        nonlocal blobs_written
        found = real(fd)
        if os.readlink(f"/proc/self/fd/{fd}").endswith("/b"):
            blobs_written += 1
            if blobs_written == 3:
                with open(workspace.root / "b", "ab") as file:
                    file.write(b"more")
                return real(fd)
        return found

    monkeypatch.setattr(os, "fstat", fstat)
    with pytest.raises(store.OutputChangedWhileStoring) as caught:
        workspace.cache.store(key_of("k"), produced, digests, workspace.root)
    assert caught.value.path == workspace.root / "b"
    assert workspace.cache.lookup(key_of("k")).result is LookupStatus.NO_ENTRY


def test_an_output_that_is_gone_again_changed_while_storing(workspace: CacheWorkspace) -> None:
    with pytest.raises(store.OutputChangedWhileStoring):
        workspace.cache.store(
            key_of("k"),
            [Produced(CanonicalPath("gone"), 0o644)],
            workspace.streams(),
            workspace.root,
        )


def test_only_regular_files_are_stored_cache_013(workspace: CacheWorkspace) -> None:
    os.mkfifo(workspace.root / "pipe")
    with pytest.raises(store.OutputChangedWhileStoring):
        workspace.cache.store(
            key_of("k"),
            [Produced(CanonicalPath("pipe"), 0o644)],
            workspace.streams(),
            workspace.root,
        )


def test_a_path_that_no_entry_may_hold_is_refused_before_anything_is_written(
    workspace: CacheWorkspace,
) -> None:
    good = workspace.write("a", b"1")
    bad = Produced(CanonicalPath("../escape"), 0o644)
    with pytest.raises(store.InvalidOutputPath):
        workspace.cache.store(key_of("k"), [good, bad], workspace.streams(), workspace.root)
    assert not (workspace.state_dir / "cache" / "cas").exists()


def test_a_restore_does_not_look_like_a_change(workspace: CacheWorkspace) -> None:
    entry = workspace.store("k", {"a": b"1"})
    (workspace.root / "a").unlink()
    workspace.cache.restore(entry, workspace.root, workspace.index)
    path = entry.outputs[0].path
    baseline = workspace.index.baseline(path)
    assert baseline is not None
    assert baseline.has_stat_of(workspace.index.look(path))


def test_is_not_fooled_by_a_changed_digest_in_previous(workspace: CacheWorkspace) -> None:
    entry = workspace.store("k", {"a": b"1"})
    workspace.write("b", b"2")
    other = StoredOutput(CanonicalPath("b"), 0o644, entry.outputs[0].digest, 1)
    workspace.cache.restore(entry, workspace.root, workspace.index, [other])
    assert workspace.read("b") == b"2"
