# ruff: noqa: ASYNC110, ASYNC240 - the state that is polled has no event
"""After any storm, what hazui believes and the disk are equal."""

import random
import sys
from pathlib import Path

import anyio
import pytest

from hazui.domain.paths import CanonicalPath
from hazui.files.ignore import IgnoreRules
from hazui.files.index import FileIndex
from hazui.files.resolve import InputResolver
from hazui.files.walk import walk
from hazui.watch.changes import ChangeSet
from hazui.watch.watcher import Watcher

STIR = Path(__file__).parents[1] / "support/children/stirring.py"
SETTLED_S = 20.0

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def differences(root: Path, resolver: InputResolver, index: FileIndex) -> list[str]:
    """What is wrong in hazui's belief: the list of files, or the last reported content."""
    on_disk = list(walk(root, IgnoreRules(root)))
    wrong: list[str] = sorted(set(on_disk).symmetric_difference(resolver.tree.paths))
    fresh = FileIndex(root, index.hash_name)
    for path in on_disk:
        reported = index.baseline(path)
        now = fresh.state(path)
        if reported is None or reported.size_bytes != now.size_bytes:
            wrong.append(f"{path} was never reported like this")
        elif not reported.has_stat_of(now) and reported.digest != now.digest:
            wrong.append(f"{path} has another content than was reported")
    return wrong


@pytest.mark.parametrize(
    ("storms", "seconds", "looks_again"),
    [
        pytest.param(2, "1.5", True, id="storms"),
        pytest.param(12, "0.1", False, id="squalls, without a look at the whole tree"),
    ],
)
async def test_belief_and_disk_are_equal_after(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    storms: int,
    seconds: str,
    looks_again: bool,
) -> None:
    if not looks_again:
        monkeypatch.setattr("hazui.watch.storm.STORM_EVENTS", 1 << 60)
    root = tmp_path.resolve()
    resolver = InputResolver(root, IgnoreRules(root))
    index = FileIndex(root, "sha256")
    watcher = Watcher(resolver, index)
    watcher.start()
    sets: list[ChangeSet] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(watcher.run, sets.append, lambda _: None, lambda _: None)
        try:
            for _ in range(storms):
                seed = random.randrange(1 << 30)
                argv = [sys.executable, str(STIR), str(root), str(seed), seconds]
                await anyio.run_process(argv)
                (root / f"marker{seed}").write_text("x")
                wanted = CanonicalPath(f"marker{seed}")
                with anyio.move_on_after(SETTLED_S):
                    while not any(wanted in each.paths for each in sets) or differences(
                        root, resolver, index
                    ):
                        await anyio.sleep(0.05)
                assert differences(root, resolver, index) == [], f"seed {seed}"
        finally:
            watcher.close()
