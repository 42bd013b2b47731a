"""File systems with less to offer: no hard links, several of them, odd names, synced writes."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hazui.cache import upkeep
from hazui.cache.store import Cache
from hazui.errors import restore
from tests.support.cache_workspace import HASH, CacheWorkspace, key_of


@pytest.fixture
def workspace(tmp_path: Path) -> CacheWorkspace:
    return CacheWorkspace(tmp_path)


def refuse(number: int, when: Callable[..., bool], real: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, **options: Any) -> Any:
        if when(*args):
            raise OSError(number, os.strerror(number), args[0])
        return real(*args, **options)

    return call


def refuse_links(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(os, "link", refuse(errno.EPERM, lambda *_: True, os.link))


def test_without_hard_links_everything_is_copied(
    workspace: CacheWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_links(monkeypatch)
    entry = workspace.store("k", {"a": b"1", "b": b"2"}, stdout=b"line\n")
    attachment = workspace.attachments / entry.streams.stdout[:2] / entry.streams.stdout
    blob = workspace.blob(entry.streams.stdout)
    assert attachment.stat().st_ino != blob.stat().st_ino
    assert upkeep.verify(workspace.cache).is_sound
    attachment.unlink()
    workspace.write("a", b"edited")
    (workspace.root / "b").unlink()
    workspace.cache.restore(entry, workspace.root, workspace.index)
    assert (workspace.read("a"), workspace.read("b")) == (b"1", b"2")
    assert attachment.read_bytes() == b"line\n"
    assert sorted(os.listdir(workspace.root)) == [".hazui", "a", "b"]


def test_without_hard_links_a_failed_restore_is_undone_too_cache_019(
    workspace: CacheWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = workspace.store("k", {"a": b"1", "b": b"2"})
    workspace.write("a", b"edited")
    workspace.write("b", b"edited too")
    before = workspace.tree()
    refuse_links(monkeypatch)
    staged = str(workspace.state_dir)

    def is_last(source: str, target: str) -> bool:
        return str(source).startswith(staged) and str(target) == f"{workspace.root}/b"

    monkeypatch.setattr(os, "rename", refuse(errno.EIO, is_last, os.rename))
    with pytest.raises(restore.Io) as caught:
        workspace.cache.restore(entry, workspace.root, workspace.index)
    assert caught.value.phase == "rename"
    assert workspace.tree() == before


def test_what_cannot_be_undone_is_named_and_not_lost(
    workspace: CacheWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = workspace.store("k", {"a": b"1", "b": b"2"})
    workspace.write("a", b"edited")
    workspace.write("b", b"precious")
    refuse_links(monkeypatch)
    fails = refuse(errno.EIO, lambda _, target: str(target) == f"{workspace.root}/b", os.rename)
    monkeypatch.setattr(os, "rename", fails)
    with pytest.raises(restore.Io) as caught:
        workspace.cache.restore(entry, workspace.root, workspace.index)
    (note,) = caught.value.__notes__
    assert note.startswith(f"could not be undone: {workspace.root}/b")
    assert workspace.read("a") == b"edited"
    (saved,) = workspace.root.glob(".b.*.hazui")
    assert saved.read_bytes() == b"precious"
    assert saved.name in note


def test_an_output_on_another_file_system_is_copied_beside_its_place(
    workspace: CacheWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = workspace.store("k", {"mnt/a": b"1", "mnt/b": b"2"})
    workspace.write("mnt/a", b"edited", 0o600)
    (workspace.root / "mnt/b").unlink()
    mount = f"{workspace.root}/mnt/"

    def crosses(source: str, target: str) -> bool:
        return str(source).startswith(mount) != str(target).startswith(mount)

    monkeypatch.setattr(os, "rename", refuse(errno.EXDEV, crosses, os.rename))
    monkeypatch.setattr(os, "link", refuse(errno.EXDEV, crosses, os.link))
    workspace.cache.restore(entry, workspace.root, workspace.index)
    assert workspace.tree() == {"mnt/a": (b"1", 0o644), "mnt/b": (b"2", 0o644)}


def test_names_that_are_no_utf8_make_the_round_trip(workspace: CacheWorkspace) -> None:
    name = os.fsdecode(b"d\xff/caf\xe9 \xc3\xbc")
    entry = workspace.store("k", {name: b"1"})
    (workspace.root / name).unlink()
    found = workspace.cache.lookup(key_of("k")).entry
    assert found == entry
    workspace.cache.restore(entry, workspace.root, workspace.index)
    assert workspace.read(name) == b"1"


def test_synced_writes_end_in_the_same_place(tmp_path: Path) -> None:
    workspace = CacheWorkspace(tmp_path)
    cache = Cache(workspace.state_dir / "cache", workspace.attachments, HASH, fsync=True)
    produced = [workspace.write("a", b"1"), workspace.write("big", b"2" * (2 << 20))]
    entry = cache.store(key_of("k"), produced, workspace.streams(b"x"), tmp_path)
    assert upkeep.verify(cache).is_sound
    assert workspace.cache.lookup(key_of("k")).entry == entry


def test_both_hashes_work_and_do_not_meet(tmp_path: Path) -> None:
    workspace = CacheWorkspace(tmp_path)
    workspace.store("k", {"a": b"1"})
    other = Cache(workspace.state_dir / "cache", workspace.attachments, "sha256")
    assert other.lookup(key_of("k")).result == "schema_mismatch"
