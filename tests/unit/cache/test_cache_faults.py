"""Fail the Nth call to the operating system, for N = 1, 2, ... until nothing fails any more."""

import errno
import os
from pathlib import Path

import pytest

from hazui.cache.store import LookupStatus
from hazui.errors import restore, store
from tests.support.cache_workspace import CacheWorkspace, failing_os_call, key_of


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EACCES])
def test_a_store_that_fails_anywhere_leaves_a_miss_cache_017(tmp_path: Path, number: int) -> None:
    attempts = 0
    while True:
        attempts += 1
        root = tmp_path / str(attempts)
        root.mkdir()
        workspace = CacheWorkspace(root)
        produced = [workspace.write("a", b"1"), workspace.write("big", b"z" * (2 << 20))]
        digests = workspace.streams(b"out", b"err")
        before = workspace.tree()
        with failing_os_call(attempts, number, str(root)) as has_failed:
            try:
                workspace.cache.store(key_of("k"), produced, digests, root)
                outcome = "stored"
            except store.StoreError:
                outcome = "refused"
        assert workspace.tree() == before
        found = workspace.cache.lookup(key_of("k"))
        if outcome == "stored":
            assert found.entry is not None
            for path in before:
                (root / path).unlink()
            workspace.cache.restore(found.entry, root, workspace.index)
            assert workspace.tree() == before
        else:
            assert found.result is LookupStatus.NO_ENTRY
        if not has_failed():
            break
    assert attempts > 15


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EACCES])
def test_a_restore_that_fails_anywhere_is_undone_cache_019(tmp_path: Path, number: int) -> None:
    attempts = 0
    while True:
        attempts += 1
        root = tmp_path / str(attempts)
        root.mkdir()
        workspace = CacheWorkspace(root)
        old = workspace.store("old", {"gen/x": b"old x", "gen/y": b"old y", "kept": b"same"})
        new = workspace.store("new", {"gen/x": b"new x", "deep/er/z": b"z", "kept": b"same"})
        wanted = workspace.tree()
        del wanted["gen/y"]
        (root / "deep/er/z").unlink()
        (root / "deep/er").rmdir()
        (root / "deep").rmdir()
        workspace.write("gen/x", b"edited")
        before = workspace.tree()
        with failing_os_call(attempts, number, str(root)) as has_failed:
            try:
                workspace.cache.restore(new, root, workspace.index, old.outputs)
                outcome = "restored"
            except restore.RestoreError:
                outcome = "refused"
        if outcome == "refused":
            assert workspace.tree() == before
            assert not (root / "deep").exists()
            assert os.listdir(workspace.state_dir / "cache" / "tmp") == []
        else:
            # A file that could not be looked at is kept: it may be the user's.
            found = workspace.tree()
            found.pop("gen/y", None)
            assert found == wanted
        if not has_failed():
            assert "gen/y" not in workspace.tree()
            break
    assert attempts > 15
