# ruff: noqa: ASYNC110, ASYNC230, ASYNC240 - the saves under test are done on the loop on purpose
"""The watcher on a real file system: what is saved arrives once, what is not news does not."""

import os
import shutil
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from hazui.domain.paths import CanonicalPath
from hazui.domain.patterns import parse_pattern
from hazui.errors import watch
from hazui.files.ignore import IgnoreRules
from hazui.files.index import FileIndex
from hazui.files.resolve import InputResolver
from hazui.watch.changes import ChangeSet
from hazui.watch.watcher import Watcher

DEADLINE_S = 20.0

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path.resolve() / "workspace"
    (root / "src/deep").mkdir(parents=True)
    (root / "src/a.py").write_text("a")
    (root / "src/deep/b.py").write_text("b")
    return root


class Seen:
    """A running watcher and everything it said."""

    def __init__(self, root: Path, *, settle_ms: int = 0, **more: object) -> None:
        self.root = root
        self.resolver = InputResolver(root, IgnoreRules(root))
        self.index = FileIndex(root, "sha256")
        self.watcher = Watcher(self.resolver, self.index, settle_ms=settle_ms, **more)  # type: ignore[arg-type]
        self.markers = 0
        self.sets: list[ChangeSet] = []
        self.degraded: list[watch.WatchError] = []
        self.recovered: list[watch.WatchError] = []

    @property
    def paths(self) -> set[str]:
        return {path for each in self.sets for path in each.paths}

    def take(self, found: ChangeSet) -> None:
        self.sets.append(found)

    async def until_seen(self, *paths: str) -> None:
        await self.until(lambda: self.paths >= set(paths), lambda: set(paths) - self.paths)

    async def until(
        self, holds: Callable[[], bool], missing: Callable[[], object] = lambda: "condition"
    ) -> None:
        with anyio.move_on_after(DEADLINE_S):
            while not holds():
                await anyio.sleep(0.002)
            return
        pytest.fail(f"not seen in time: {missing()}")

    async def until_quiet(self) -> None:
        """Everything before a marker file has been looked at once the marker has arrived."""
        self.markers += 1
        marker = CanonicalPath(f"marker{self.markers}")
        (self.root / marker).write_text("x")
        await self.until_seen(marker)
        self.sets = [replace(each, paths=each.paths - {marker}) for each in self.sets]


@asynccontextmanager
async def watching(root: Path, **options: object) -> AsyncIterator[Seen]:
    seen = Seen(root, **options)  # type: ignore[arg-type]
    ready = seen.watcher.start()
    assert ready.backend == "native"
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(
            seen.watcher.run,
            seen.take,
            seen.degraded.append,
            seen.recovered.append,
        )
        try:
            yield seen
        finally:
            seen.watcher.close()
    assert not [t for t in threading.enumerate() if t.name.startswith("hazui-")]


async def test_a_save_in_place_arrives(root: Path) -> None:
    async with watching(root) as seen:
        (root / "src/a.py").write_text("changed")
        await seen.until_seen("src/a.py")
        assert seen.sets[0].settled_ns >= seen.sets[0].first_seen_ns


async def test_an_atomic_save_names_the_file_alone(root: Path) -> None:
    async with watching(root) as seen:
        for number in range(20):
            (root / "src/.a.tmp").write_text(f"changed {number}")
            (root / "src/.a.tmp").rename(root / "src/a.py")
            await seen.until_seen("src/a.py")
        await seen.until_quiet()
        assert "src/a.py" in seen.paths


@pytest.mark.slow
async def test_files_made_at_once_in_new_directories_are_not_missed(root: Path) -> None:
    async with watching(root) as seen:
        wanted = []
        for number in range(100):
            directory = root / f"src/n{number}/x/y"
            directory.mkdir(parents=True)
            (directory / "f.py").write_text("f")
            wanted.append(f"src/n{number}/x/y/f.py")
        await seen.until_seen(*wanted)
        # And the new directories are watched from then on.
        (root / "src/n50/x/y/f.py").write_text("again")
        (root / "src/n7/x/later.py").write_text("later")
        seen.sets.clear()
        await seen.until_seen("src/n50/x/y/f.py", "src/n7/x/later.py")


@pytest.mark.slow
async def test_a_copied_tree_arrives_whole(root: Path, tmp_path: Path) -> None:
    for number in range(500):
        file = tmp_path / f"origin/d{number % 50}/e/f{number}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")
    async with watching(root) as seen:
        await anyio.to_thread.run_sync(shutil.copytree, tmp_path / "origin", root / "copy")
        await seen.until_seen(*(f"copy/d{n % 50}/e/f{n}.txt" for n in range(500)))


async def test_trees_moved_in_and_out_are_told_file_by_file(root: Path, tmp_path: Path) -> None:
    (tmp_path / "outside/in").mkdir(parents=True)
    (tmp_path / "outside/in/f.txt").write_text("x")
    async with watching(root) as seen:
        (tmp_path / "outside").rename(root / "moved")
        await seen.until_seen("moved/in/f.txt")
        (root / "moved/in/f.txt").write_text("changed after the move")
        seen.sets.clear()
        await seen.until_seen("moved/in/f.txt")
        seen.sets.clear()
        (root / "moved").rename(tmp_path / "gone")
        await seen.until_seen("moved/in/f.txt")
        assert not seen.resolver.tree.below("moved")


async def test_a_renamed_directory_is_its_old_and_its_new_files(root: Path) -> None:
    async with watching(root) as seen:
        (root / "src/deep").rename(root / "src/deeper")
        await seen.until_seen("src/deep/b.py", "src/deeper/b.py")
        (root / "src/deeper").rename(root / "src/deep")
        seen.sets.clear()
        await seen.until_seen("src/deep/b.py", "src/deeper/b.py")
        seen.sets.clear()
        (root / "src/deep/b.py").write_text("after both")
        await seen.until_seen("src/deep/b.py")


async def test_a_directory_that_was_replaced_is_watched_again(root: Path) -> None:
    async with watching(root) as seen:
        for number in range(5):
            shutil.rmtree(root / "src/deep")
            (root / "src/deep").mkdir()
            (root / "src/deep/b.py").write_text(f"new {number}")
            await seen.until_quiet()
            seen.sets.clear()
            (root / "src/deep/b.py").write_text(f"newer {number}")
            await seen.until_seen("src/deep/b.py")


async def test_deletions_arrive(root: Path) -> None:
    async with watching(root) as seen:
        (root / "src/a.py").unlink()
        shutil.rmtree(root / "src/deep")
        await seen.until_seen("src/a.py", "src/deep/b.py")
        assert seen.resolver.tree.paths == []


@pytest.mark.slow
async def test_a_burst_is_few_change_sets(root: Path) -> None:
    def burst() -> None:
        for number in range(2000):
            (root / f"src/f{number}.txt").write_text("x")

    async with watching(root, settle_ms=100) as seen:
        await anyio.to_thread.run_sync(burst)
        await seen.until_seen(*(f"src/f{number}.txt" for number in range(2000)))
        assert len(seen.sets) <= 6
        assert sum(len(each.paths) for each in seen.sets) <= 2200


@pytest.mark.slow
async def test_a_flood_beyond_the_kernels_queue_is_made_good_by_a_rescan(root: Path) -> None:
    def flood() -> None:
        for number in range(12_000):
            (root / f"src/f{number}.txt").touch()

    async with watching(root) as seen:
        flood()  # on the loop: nobody takes signals meanwhile
        await seen.until_seen(*(f"src/f{number}.txt" for number in range(12_000)))


async def test_own_writes_do_not_come_back(root: Path) -> None:
    async with watching(root) as seen:
        seen.watcher.hold("task", [parse_pattern(CanonicalPath(""), "out/**")])
        (root / "out").mkdir()
        for number in range(20):
            (root / f"out/f{number}").write_text("made by a task")
            seen.index.record_own_write(CanonicalPath(f"out/f{number}"))
        (root / "src/a.py").write_text("changed by the user")
        await seen.until_seen("src/a.py")
        await seen.until_quiet()
        seen.watcher.release("task")
        await seen.until_quiet()
        assert seen.paths == {"src/a.py"}
        (root / "out/f3").write_text("changed by the user")
        await seen.until_seen("out/f3")
        assert seen.paths == {"src/a.py", "out/f3"}


async def test_what_is_held_and_not_recorded_is_a_change_after_all(root: Path) -> None:
    async with watching(root) as seen:
        seen.watcher.hold("task", [parse_pattern(CanonicalPath(""), "src/*.py")])
        (root / "src/a.py").write_text("changed by the user meanwhile")
        await seen.until_quiet()
        assert seen.paths == set()
        seen.watcher.release("task")
        await seen.until_seen("src/a.py")


async def test_a_touch_of_a_known_input_is_no_news(root: Path) -> None:
    async with watching(root) as seen:
        seen.index.state(CanonicalPath("src/a.py"))
        seen.index.record_own_write(CanonicalPath("src/a.py"))
        os.utime(root / "src/a.py")
        (root / "src/.tmp").write_text("a")
        (root / "src/.tmp").rename(root / "src/a.py")
        await seen.until_quiet()
        assert "src/a.py" not in seen.paths
        (root / "src/a.py").write_text("b")
        await seen.until_seen("src/a.py")


async def test_a_change_that_a_reader_saw_first_is_still_reported(root: Path) -> None:
    async with watching(root) as seen:
        path = CanonicalPath("src/a.py")
        seen.index.record_own_write(path)
        for number in range(20):
            seen.sets.clear()
            (root / path).write_text(f"edit {number}")
            seen.index.state(path)
            await seen.until_seen(path)


async def test_ignored_trees_are_not_watched(root: Path) -> None:
    (root / ".gitignore").write_text("build/\n")
    for name in ("node_modules/left-pad/lib", "build/x", ".git/objects", "src/__pycache__"):
        (root / name).mkdir(parents=True)
    async with watching(root) as seen:
        watched = {os.path.relpath(d, root) for d in seen.watcher.watched_directories}
        assert watched == {".", "src", "src/deep"}
        (root / "src/node_modules/new").mkdir(parents=True)
        (root / "src/node_modules/new/index.js").write_text("x")
        (root / "build/x/out.o").write_text("x")
        await seen.until_quiet()
        assert seen.paths == set()
        assert len(seen.watcher.watched_directories) == 3


async def test_an_ignore_file_that_ignores_itself_is_followed_all_the_same(root: Path) -> None:
    (root / ".gitignore").write_text(".*\n")
    async with watching(root) as seen:
        (root / ".gitignore").write_text(".*\n*.py\n")
        await seen.until(lambda: seen.resolver.tree.paths == [])


@pytest.mark.parametrize("is_new_list", [False, True])
async def test_a_watcher_that_follows_another_reports_what_happened_between(
    root: Path, is_new_list: bool
) -> None:
    async with watching(root) as seen:
        (root / "src/a.py").write_text("first")
        await seen.until_seen("src/a.py")
        (root / "src/deep/b.py").write_text("known by now")
        await seen.until_seen("src/deep/b.py")
    (root / "src/a.py").write_text("between")
    (root / "src/made.py").write_text("between")
    (root / "src/deep/b.py").unlink()
    seen.sets.clear()
    if is_new_list:
        seen.resolver = InputResolver(root, IgnoreRules(root))
    seen.watcher = Watcher(seen.resolver, seen.index)
    seen.watcher.start()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(seen.watcher.run, seen.take, seen.degraded.append, seen.recovered.append)
        await seen.until_seen("src/a.py", "src/made.py", "src/deep/b.py")
        seen.watcher.close()


async def test_a_tree_of_names_that_are_not_utf8_arrives_whole(root: Path) -> None:
    raw = os.fsencode(root)
    async with watching(root) as seen:
        for number in range(30):
            os.makedirs(raw + b"/many/plain%d" % number)
            with open(raw + b"/many/plain%d/caf\xe9" % number, "wb") as file:
                file.write(b"x")
        await seen.until_seen(*(f"many/plain{number}/caf\udce9" for number in range(30)))
        seen.sets.clear()
        (root / "src/a.py").write_text("and goes on")
        await seen.until_seen("src/a.py")


async def test_a_changed_ignore_file_changes_what_is_watched(root: Path) -> None:
    (root / "gen").mkdir()
    (root / "gen/x.txt").write_text("x")
    async with watching(root) as seen:
        (root / ".gitignore").write_text("gen\n")
        await seen.until_seen(".gitignore", "gen/x.txt")
        assert "gen/x.txt" not in seen.resolver.tree
        seen.sets.clear()
        (root / ".gitignore").write_text("# nothing\n")
        await seen.until_seen(".gitignore", "gen/x.txt")
        seen.sets.clear()
        (root / "gen/x.txt").write_text("y")
        await seen.until_seen("gen/x.txt")


async def test_literals_are_watched_though_ignored_or_missing(root: Path) -> None:
    (root / "node_modules/pkg").mkdir(parents=True)
    (root / "node_modules/pkg/file.js").write_text("x")
    literals = [CanonicalPath("node_modules/pkg/file.js"), CanonicalPath("target/later/f")]
    async with watching(root, literals=literals) as seen:
        (root / "node_modules/pkg/file.js").write_text("y")
        (root / "node_modules/pkg/other.js").write_text("y")
        await seen.until_seen("node_modules/pkg/file.js")
        (root / "target/later").mkdir(parents=True)
        (root / "target/later/f").write_text("f")
        await seen.until_seen("target/later/f")
        seen.sets.clear()
        (root / "target/later/f").write_text("g")
        await seen.until_seen("target/later/f")
        assert seen.paths == {"target/later/f"}


async def test_files_outside_the_workspace_are_told_apart(root: Path, tmp_path: Path) -> None:
    outside = tmp_path.resolve() / "elsewhere.env"
    outside.write_text("A=1")
    async with watching(root, outside=[outside]) as seen:
        (tmp_path / "unrelated").write_text("x")
        outside.write_text("A=2")
        await seen.until(lambda: any(outside in each.outside for each in seen.sets))
        assert all(each.outside <= {outside} for each in seen.sets)


async def test_pause_collects_and_resume_hands_on_one_set(root: Path) -> None:
    async with watching(root) as seen:
        seen.watcher.pause()
        (root / "src/a.py").write_text("one")
        await seen.until(lambda: bool(seen.watcher.pending_paths))
        (root / "src/deep/b.py").write_text("two")
        await seen.until(lambda: len(seen.watcher.pending_paths) == 2)
        assert seen.sets == []
        seen.watcher.resume()
        await seen.until(lambda: bool(seen.sets))
        assert [each.paths for each in seen.sets] == [{"src/a.py", "src/deep/b.py"}]


async def test_names_that_are_not_utf8_do_not_end_the_watch(root: Path) -> None:
    raw = os.fsencode(root)
    async with watching(root) as seen:
        for number in range(3):
            with open(raw + b"/src/caf\xe9%d.txt" % number, "wb") as file:
                file.write(b"x")
            (root / "src/a.py").write_text(f"beside {number}")
            await seen.until_seen("src/a.py", f"src/caf\udce9{number}.txt")
            seen.sets.clear()
        with open(raw + b"/src/caf\xe91.txt", "wb") as file:
            file.write(b"changed")
        await seen.until_seen("src/caf\udce91.txt")
        os.mkdir(raw + b"/src/d\xff")
        with open(raw + b"/src/d\xff/inner.txt", "wb") as file:
            file.write(b"1")
        await seen.until_seen("src/d\udcff/inner.txt")
        seen.sets.clear()
        with open(raw + b"/src/d\xff/inner.txt", "wb") as file:
            file.write(b"22")
        await seen.until_seen("src/d\udcff/inner.txt")
        assert seen.degraded == []


async def test_a_vanished_root_is_told_and_found_again(root: Path, tmp_path: Path) -> None:
    async with watching(root) as seen:
        root.rename(tmp_path / "away")
        await seen.until(lambda: bool(seen.degraded))
        assert isinstance(seen.degraded[0], watch.RootVanished)
        (tmp_path / "away/src/a.py").write_text("changed while away")
        (tmp_path / "away").rename(root)
        await seen.until(lambda: seen.recovered == seen.degraded)
        await seen.until_seen("src/a.py")
        seen.sets.clear()
        (root / "src/deep/b.py").write_text("watched again")
        await seen.until_seen("src/deep/b.py")
