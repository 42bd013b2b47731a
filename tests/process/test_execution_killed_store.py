"""A supervisor that is killed while it stores or restores leaves neither half entries nor files."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hazui.cache import upkeep
from hazui.cache.store import Cache, LookupStatus
from tests.support.cache_workspace import HASH, CacheWorkspace, key_of
from tests.support.poll import wait_until

KILLS = 8

STORER = """
import sys
from pathlib import Path
from tests.support.cache_workspace import CacheWorkspace, key_of
workspace = CacheWorkspace(Path(sys.argv[1]))
offset = int(sys.argv[2])
for number in range(offset, offset + 10_000):
    text = str(number).encode()
    files = {"out/a": text * 300, "out/big": text * 400_000}
    workspace.store(f"k{number}", files, stdout=text)
    (workspace.root / "started").touch()
"""

RESTORER = """
import sys
from pathlib import Path
from tests.support.cache_workspace import CacheWorkspace, key_of
workspace = CacheWorkspace(Path(sys.argv[1]))
entries = [workspace.cache.lookup(key_of(f"k{n}")).entry for n in range(2)]
for number in range(100_000):
    workspace.cache.restore(entries[number % 2], workspace.root, workspace.index)
    (workspace.root / "started").touch()
"""


def run_and_kill(root: Path, script: str, *arguments: str, after_s: float) -> None:
    started = root / "started"
    started.unlink(missing_ok=True)
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen([sys.executable, "-c", script, str(root), *arguments], env=environ) as it:
        try:
            wait_until(started.exists, what="the child is at work")
            time.sleep(after_s)  # Another moment of the work each time.
        finally:
            it.send_signal(signal.SIGKILL)


@pytest.mark.slow
def test_a_killed_store_leaves_only_whole_entries_cache_017(tmp_path: Path) -> None:
    stored = 0
    for number in range(KILLS):
        run_and_kill(tmp_path, STORER, str(number * 10_000), after_s=0.007 * number)
        cache = Cache(tmp_path / ".hazui/cache", tmp_path / ".hazui/attachments", HASH)
        report = upkeep.verify(cache)
        assert report.is_sound
        assert report.entries > stored
        stored = report.entries
    leftovers = len(list((tmp_path / ".hazui/cache/tmp").iterdir()))
    assert leftovers <= KILLS * 2


@pytest.mark.slow
def test_a_killed_restore_leaves_whole_files_cache_019(tmp_path: Path) -> None:
    workspace = CacheWorkspace(tmp_path)
    contents = [b"first " * 100_000, b"second " * 90_000]
    for number, data in enumerate(contents):
        files = {f"out/{name}": data + name.encode() for name in "abcdef"}
        workspace.store(f"k{number}", files)
    for number in range(KILLS):
        run_and_kill(tmp_path, RESTORER, after_s=0.005 * number)
        for name in "abcdef":
            found = workspace.read(f"out/{name}")
            assert found in [data + name.encode() for data in contents]
        # The next owner puts everything right, whatever the killed one left.
        again = CacheWorkspace(tmp_path)
        looked = again.cache.lookup(key_of("k0"))
        assert looked.result is LookupStatus.HIT
        assert looked.entry is not None
        again.cache.restore(looked.entry, tmp_path, again.index)
        assert again.read("out/a") == contents[0] + b"a"
        assert not [name for name in os.listdir(tmp_path / "out") if name.endswith(".hazui")]
