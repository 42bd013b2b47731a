"""Real runs that hazui cannot carry through: each error after the exit, and what is left."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from hazui.domain.records import ExitStatus
from hazui.errors import run_task, store
from hazui.execution.left import left_of, phase_of
from hazui.process.subreaper import disable_subreaper
from tests.support.execution import Bench, task_spec

pytestmark = pytest.mark.anyio


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    root = (tmp_path / "w").resolve()
    root.mkdir()
    yield Bench(root)
    disable_subreaper()


def assert_left(bench: Bench, error: run_task.RunTaskError, phase: str) -> None:
    assert phase_of(error) == phase
    left = left_of(error)
    assert left is not None
    assert left.exit_status == ExitStatus(code=0)
    assert bench.stdout(left.digests) == "said\n"
    assert bench.cached_entries == 0


async def test_a_literal_output_that_was_not_produced(bench: Bench) -> None:
    task = bench.add(task_spec("t", "echo said; echo x > other", outputs=["out"]))
    with pytest.raises(run_task.OutputDeclaredButNotProduced) as caught:
        await bench.fresh(task)
    assert caught.value.path == bench.root / "out"
    assert_left(bench, caught.value, "outputs")


@pytest.mark.parametrize("command", ["mkdir out", "mkfifo out", "ln -s nowhere out"])
async def test_an_output_that_is_no_file_cache_013(bench: Bench, command: str) -> None:
    task = bench.add(task_spec("t", f"echo said; {command}", outputs=["out"]))
    with pytest.raises(run_task.OutputNotARegularFile) as caught:
        await bench.fresh(task)
    assert_left(bench, caught.value, "outputs")


async def test_an_output_linked_out_of_the_workspace(bench: Bench, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("x")
    task = bench.add(task_spec("t", f"echo said; ln -s {outside} out", outputs=["out"]))
    with pytest.raises(run_task.OutputPatternResolutionFailed) as caught:
        await bench.fresh(task)
    assert_left(bench, caught.value, "outputs")


async def test_an_output_with_a_name_that_no_path_may_hold(bench: Bench) -> None:
    task = bench.add(
        task_spec("t", """echo said; mkdir d; touch "$(printf 'd/a\\tb')" """, outputs=["d/**"])
    )
    with pytest.raises(run_task.MaterialisedOutputPathInvalid) as caught:
        await bench.fresh(task)
    assert caught.value.path == "/d/a\tb"
    assert_left(bench, caught.value, "outputs")


async def test_a_cache_that_cannot_be_written_is_store_failed_cache_017(bench: Bench) -> None:
    task = bench.add(task_spec("t", "echo said; echo x > out", outputs=["out"]))
    shutil.rmtree(bench.root / ".hazui/cache", ignore_errors=True)
    (bench.root / ".hazui/cache").write_text("in the way")
    with pytest.raises(run_task.StoreFailed) as caught:
        await bench.fresh(task)
    assert isinstance(caught.value.source, store.Io)
    assert_left(bench, caught.value, "store")
    assert (bench.root / "out").read_text() == "x\n"


async def test_a_file_size_limit_while_storing_is_store_failed(bench: Bench) -> None:
    import resource
    import signal

    task = bench.add(task_spec("t", "echo said; head -c 5000000 /dev/zero > out", outputs=["out"]))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    real = bench.observer.phase

    def phase(name: object, entered: str) -> None:
        # From here on no file of this process may grow beyond a megabyte, as on a full disk.
        if entered == "store":
            resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, before[1]))
        real(task.id, entered)

    bench.observer.phase = phase  # type: ignore[method-assign,assignment]
    try:
        with pytest.raises(run_task.StoreFailed) as caught:
            await bench.fresh(task)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert isinstance(caught.value.source, store.Io)
    assert caught.value.source.source.code == "fs.no_space"
    assert_left(bench, caught.value, "store")
    assert os.listdir(bench.root / ".hazui/cache/tmp") == []


async def test_something_still_writing_while_it_is_stored_is_store_failed(bench: Bench) -> None:
    # The writer is another program of the user, not one that the task left behind.
    task = bench.add(task_spec("t", "echo said; head -c 30000000 /dev/zero > out", outputs=["out"]))
    script = f"while :; do printf x >> {bench.root}/out 2>/dev/null || true; done"
    async with await anyio.open_process(["sh", "-c", script]) as writer:
        try:
            with pytest.raises(run_task.StoreFailed) as caught:
                await bench.fresh(task)
        finally:
            writer.kill()
    assert isinstance(caught.value.source, store.OutputChangedWhileStoring)
    assert_left(bench, caught.value, "store")


async def test_a_cancelled_and_a_failed_run_store_nothing(bench: Bench) -> None:
    task = bench.add(task_spec("t", "echo x > out; exit 2", outputs=["out"]))
    await bench.fresh(task)
    assert bench.cached_entries == 0
    assert bench.look(task).result == "no_entry"
