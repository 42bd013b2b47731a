"""Tasks that really run: records, streams, outputs, stops, timeouts, leftovers."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from hazui.domain.ids import RunId
from hazui.domain.records import (
    CancelledRecord,
    CompletedRecord,
    ExitStatus,
    RunState,
    Source,
)
from hazui.domain.specs import Leftovers, ServiceSpec, TaskKind
from hazui.errors import process as process_errors
from hazui.errors import run_task, store
from hazui.errors.stream import CapturedStream
from hazui.execution.fresh import StopSwitch
from hazui.execution.left import left_of, phase_of
from hazui.execution.processes import Processes
from hazui.execution.run import run_task as run_one
from hazui.execution.service import start_service
from hazui.files.digest import hash_bytes
from hazui.process.subreaper import disable_subreaper, enable_subreaper
from tests.support.execution import TURN, Bench, task_spec
from tests.support.processes import platforms

pytestmark = pytest.mark.anyio


@pytest.fixture(params=sorted(platforms()))
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    root = (tmp_path / "w").resolve()
    root.mkdir()
    platform = enable_subreaper(platforms()[request.param])
    bench = Bench(root, platform=platform)
    yield bench
    bench.context.processes.sweeper.reap_orphans(patience_s=0.0)
    disable_subreaper()


def is_alive(pid: int) -> bool:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return text.rpartition(")")[2].split()[0] not in "ZX"


async def test_a_run_is_recorded_with_streams_outputs_and_usage(bench: Bench) -> None:
    task = bench.add(
        task_spec("t", "echo out; echo err >&2; mkdir -p d; echo made > d/f; chmod 750 d/f",
                  outputs=["d/**"])
    )  # fmt: skip
    record = await bench.complete(task)
    assert (record.source, record.state) == (Source.FRESH_RUN, RunState.SUCCEEDED)
    assert record.exit_status == ExitStatus(code=0)
    assert bench.text(record.streams_digests.stdout) == "out\n"
    assert bench.text(record.streams_digests.stderr) == "err\n"
    assert [(o.path, o.mode, o.digest) for o in record.outputs] == [
        ("d/f", 0o750, hash_bytes(b"made\n", "blake3"))
    ]
    assert record.usage.max_rss_bytes > 0
    assert record.streams.are_complete
    assert bench.observer.phases == ["spawn", "capture", "outputs", "store"]
    assert bench.observer.bytes_total == {CapturedStream.STDOUT: 4, CapturedStream.STDERR: 4}
    assert bench.registry.names == ["register", "spawned", "ended"]
    assert not list((bench.root / ".hazui/runs").iterdir())


async def test_a_hit_is_equal_to_the_run(bench: Bench) -> None:
    task = bench.add(task_spec("t", "cat in > out; echo said", inputs=["in"], outputs=["out"]))
    bench.write("in", "x")
    first = await bench.complete(task)
    files = bench.files()
    (bench.root / "out").unlink()
    second = bench.hit(task)
    assert bench.files() == files
    assert (second.source, second.exit_status, second.run) == (Source.CACHE_HIT, None, None)
    assert second.streams_digests == first.streams_digests
    assert second.outputs == first.outputs


async def test_a_non_zero_exit_is_a_record_exec_009(bench: Bench) -> None:
    task = bench.add(task_spec("t", "echo partial > out; exit 3", outputs=["out"]))
    record = await bench.complete(task)
    assert (record.state, record.exit_status) == (RunState.FAILED, ExitStatus(code=3))
    assert bench.cached_entries == 0
    assert record.outputs == ()


async def test_a_foreign_signal_is_a_failure_exec_009(bench: Bench) -> None:
    task = bench.add(task_spec("t", "kill -SEGV $$"))
    record = await bench.complete(task)
    assert (record.state, record.exit_status) == (RunState.FAILED, ExitStatus(signal="SIGSEGV"))


async def test_a_timeout_is_a_failure_exec_009(bench: Bench) -> None:
    task = bench.add(task_spec("t", "echo started; sleep 60", timeout_s=0.2))
    record = await bench.complete(task)
    assert (record.state, record.timed_out) == (RunState.FAILED, True)
    assert record.exit_status == ExitStatus(signal="SIGTERM")
    assert bench.stdout(record.streams_digests) == "started\n"


async def test_a_script_runs_under_eu_and_bash_under_pipefail(bench: Bench) -> None:
    assert (await bench.complete(bench.add(task_spec("a", "false; true")))).state == "failed"
    assert (await bench.complete(bench.add(task_spec("b", "echo $nope")))).state == "failed"
    piped = bench.add(task_spec("c", "false | cat", shell="bash"))
    assert (await bench.complete(piped)).state == "failed"


async def test_an_argv_needs_no_shell(bench: Bench) -> None:
    record = await bench.complete(bench.add(task_spec("t", ("printf", "%s|", "a b", "$HOME"))))
    assert bench.stdout(record.streams_digests) == "a b|$HOME|"


async def test_extra_arguments_reach_argv_and_script_and_change_the_key(bench: Bench) -> None:
    listed = bench.add(task_spec("a", ("printf", "%s|")))
    outcome = await bench.fresh(listed, arguments=("x y", "'"))
    assert bench.stdout(outcome.streams_digests) == "x y|'|"
    script = bench.add(task_spec("b", 'printf "%s|" "$@"'))
    outcome = await bench.fresh(script, arguments=("x y", ";exit 1"))
    assert bench.stdout(outcome.streams_digests) == "x y|;exit 1|"
    assert bench.key(script).key != bench.key(script, arguments=("x y",)).key


async def test_the_child_knows_its_task_turn_and_run(bench: Bench) -> None:
    task = bench.add(task_spec("t", "echo $HAZUI_TASK $HAZUI_TURN $HAZUI_RUN $COLUMNS; pwd"))
    outcome = await bench.complete(task)
    assert bench.stdout(outcome.streams_digests) == f"app:t 7 {outcome.run} 120\n{bench.root}\n"


async def test_a_stop_is_a_cancelled_record(bench: Bench) -> None:
    task = bench.add(task_spec("t", "echo started; sleep 60"))
    stop = StopSwitch()
    async with anyio.create_task_group() as group:

        async def pull() -> None:
            await bench.observer.heard.wait()
            stop.request()

        group.start_soon(pull)
        outcome = await bench.fresh(task, stop=stop)
    assert isinstance(outcome, CancelledRecord)
    assert (outcome.shape, outcome.signals, outcome.survivors) == ("in_flight", ("SIGTERM",), ())
    assert outcome.exit_status == ExitStatus(signal="SIGTERM")
    assert bench.stdout(outcome.streams_digests) == "started\n"
    assert bench.cached_entries == 0


async def test_a_stop_before_the_start_starts_nothing(bench: Bench) -> None:
    stop = StopSwitch()
    stop.request()
    outcome = await bench.fresh(bench.add(task_spec("t", "true")), stop=stop)
    assert isinstance(outcome, CancelledRecord)
    assert outcome.shape == "never_started"
    assert bench.registry.calls == []


async def test_a_second_request_kills_what_ignores_the_first(bench: Bench) -> None:
    task = bench.add(task_spec("t", "trap '' TERM; echo started; while :; do sleep 0.05; done"))
    stop = StopSwitch()
    async with anyio.create_task_group() as group:

        async def pull() -> None:
            await bench.observer.heard.wait()
            stop.request()
            await anyio.sleep(0.05)
            stop.request()

        group.start_soon(pull)
        outcome = await bench.fresh(task, stop=stop)
    assert isinstance(outcome, CancelledRecord)
    assert outcome.signals == ("SIGTERM", "SIGKILL")
    assert outcome.exit_status == ExitStatus(signal="SIGKILL")


async def test_cancelling_the_caller_leaves_no_process_and_keeps_the_log(bench: Bench) -> None:
    task = bench.add(task_spec("t", "echo started; sleep 60 & wait"))
    with anyio.CancelScope() as scope:
        async with anyio.create_task_group() as group:

            async def cancel() -> None:
                await bench.observer.heard.wait()
                scope.cancel()

            group.start_soon(cancel)
            await bench.fresh(task)
    assert scope.cancelled_caught
    assert not is_alive(bench.observer.pids[0])
    assert bench.registry.names[-1] == "ended"
    started = hash_bytes(b"started\n", "blake3")
    assert bench.text(started) == "started\n"


async def test_a_missing_program_is_spawn_failed(bench: Bench) -> None:
    task = bench.add(task_spec("t", ("no-such-program-anywhere",)))
    with pytest.raises(run_task.SpawnFailed) as caught:
        await bench.fresh(task)
    assert isinstance(caught.value.source, process_errors.SpawnFailed)
    assert isinstance(caught.value.source.source, FileNotFoundError)
    assert phase_of(caught.value) == "spawn"
    assert bench.registry.names == ["register", "ended"]
    assert not list((bench.root / ".hazui/runs").iterdir())


async def test_a_state_directory_without_space_for_a_log_is_spawn_failed(bench: Bench) -> None:
    (bench.root / ".hazui/runs").write_text("in the way")
    with pytest.raises(run_task.SpawnFailed) as caught:
        await bench.fresh(bench.add(task_spec("t", "touch ran")))
    assert isinstance(caught.value.__cause__, process_errors.SpawnFailed)
    assert not (bench.root / "ran").exists()


async def test_a_child_that_was_reaped_by_somebody_else_is_wait_failed(bench: Bench) -> None:
    if not bench.context.processes.platform.has_pidfd:
        pytest.skip("without a pidfd the reaping races with ours")
    task = bench.add(task_spec("t", "echo said; read line < fifo"))
    os.mkfifo(bench.root / "fifo")
    async with anyio.create_task_group() as group:

        async def steal() -> None:
            await bench.observer.heard.wait()
            pid = bench.observer.pids[0]
            os.close(os.open(bench.root / "fifo", os.O_WRONLY))
            # Not a single turn of the loop between the exit and the theft of the status.
            os.waitpid(pid, 0)  # noqa: ASYNC222

        group.start_soon(steal)
        with pytest.raises(run_task.WaitFailed) as caught:
            await bench.fresh(task)
    assert isinstance(caught.value.source, process_errors.WaitFailed)
    left = left_of(caught.value)
    assert left is not None
    assert left.exit_status is None
    assert bench.stdout(left.digests) == "said\n"
    assert bench.cached_entries == 0


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
async def test_a_stream_that_cannot_be_read_is_named(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, stream: str
) -> None:
    number = "1" if stream == "stdout" else "2"
    other = "2" if stream == "stdout" else "1"
    task = bench.add(
        task_spec("t", f"echo fine >&{other}; echo bad >&{number}; while :; do sleep 0.05; done")
    )
    real = os.read

    def read(fd: int, count: int) -> bytes:
        data = real(fd, count)
        if data.startswith(b"bad"):
            raise OSError(5, "Input/output error")
        return data

    monkeypatch.setattr(os, "read", read)
    with pytest.raises(run_task.CapturedStreamReadFailed) as caught:
        await bench.fresh(task)
    assert caught.value.stream == stream
    assert isinstance(caught.value.__cause__, OSError)
    left = left_of(caught.value)
    assert left is not None
    assert left.digests is not None
    kept = left.digests.stderr if stream == "stdout" else left.digests.stdout
    assert bench.text(kept) == "fine\n"
    assert not is_alive(bench.observer.pids[0])


async def test_a_log_that_cannot_be_kept_is_store_failed(bench: Bench) -> None:
    bench.root.joinpath(".hazui/attachments").write_text("in the way")
    with pytest.raises(run_task.StoreFailed) as caught:
        await bench.fresh(bench.add(task_spec("t", "echo x")))
    assert isinstance(caught.value.source, store.Io)
    assert caught.value.source.phase == "streams"


async def test_an_input_that_changes_meanwhile_makes_the_run_stale(bench: Bench) -> None:
    task = bench.add(
        task_spec("t", "cat in > out; echo changed > in", inputs=["in"], outputs=["out"])
    )
    bench.write("in", "x")
    record = await bench.complete(task)
    assert (record.state, record.stale) == (RunState.SUCCEEDED, True)
    assert bench.cached_entries == 0
    assert [output.path for output in record.outputs] == ["out"]


async def test_a_run_whose_streams_were_cut_is_not_stored(bench: Bench) -> None:
    bench.context.drain_s = 0.05
    task = bench.add(task_spec("t", "echo said; sleep 60 & true"))
    record = await bench.complete(task)
    assert record.state is RunState.SUCCEEDED
    assert not record.streams.are_complete
    assert bench.cached_entries == 0
    assert bench.stdout(record.streams_digests) == "said\n"


async def test_what_a_task_leaves_behind_is_stopped(bench: Bench) -> None:
    task = bench.add(task_spec("t", "sleep 60 >/dev/null 2>&1 & echo $!"))
    record = await bench.complete(task)
    assert record.state is RunState.SUCCEEDED
    assert not is_alive(int(bench.stdout(record.streams_digests)))
    assert record.survivors == ()
    assert bench.cached_entries == 1


async def test_what_a_task_leaves_behind_may_be_kept(bench: Bench) -> None:
    task = bench.add(task_spec("t", "sleep 60 >/dev/null 2>&1 & echo $!", leftovers=Leftovers.KEEP))
    record = await bench.complete(task)
    pid = int(bench.stdout(record.streams_digests))
    try:
        assert is_alive(pid)
        assert bench.registry.names[-2:] == ["ended", "released"]
        identities = bench.registry.calls[-1][2]
        assert [identity.pid for identity in identities] == [pid]
    finally:
        os.kill(pid, signal.SIGKILL)
        if bench.context.processes.platform.has_subreaper:
            os.waitpid(pid, 0)  # noqa: ASYNC222


async def test_a_task_without_cache_is_not_stored_and_has_digests(bench: Bench) -> None:
    task = bench.add(task_spec("t", "echo x > out", outputs=["out"], cache=False))
    record = await bench.complete(task)
    assert bench.cached_entries == 0
    assert record.outputs[0].digest == hash_bytes(b"x\n", "blake3")
    assert bench.look(task).result == "disabled"


async def test_a_second_attempt_has_the_run_of_the_first(bench: Bench) -> None:
    task = bench.add(task_spec("t", "test -e mark || { touch mark; exit 1; }", retries=1))
    record = await run_one(bench.context, task, turn=TURN)
    assert (record.state, record.attempt) == (RunState.SUCCEEDED, 2)
    runs = {run for _, run, _ in bench.registry.calls}
    assert runs == {record.run}


async def test_run_task_composes_run_and_hit(bench: Bench) -> None:
    task = bench.add(task_spec("t", "echo x > out", outputs=["out"]))
    assert (await run_one(bench.context, task)).source is Source.FRESH_RUN
    (bench.root / "out").unlink()
    assert (await run_one(bench.context, task)).source is Source.CACHE_HIT
    assert (bench.root / "out").read_text() == "x\n"
    forced = await run_one(bench.context, task, is_forced=True)
    assert forced.source is Source.FRESH_RUN


async def test_a_terminal_is_given_to_a_task_that_wants_one(bench: Bench) -> None:
    task = bench.add(task_spec("t", "test -t 1 && test -t 2 && echo terminal", tty=True))
    record = await bench.complete(task)
    assert bench.stdout(record.streams_digests) == "terminal\n"


async def test_a_service_runs_until_it_is_stopped(bench: Bench) -> None:
    task = bench.add(
        task_spec(
            "s",
            "trap 'echo bye; exit 0' INT; echo up; while :; do sleep 0.02; done",
            kind=TaskKind.SERVICE,
            service=ServiceSpec(stop_signal="SIGINT"),
        )
    )
    service = start_service(bench.context, task, bench.key(task), RunId("svc"), TURN)
    ends = []
    async with anyio.create_task_group() as group:

        async def own() -> None:
            ends.append(await service.captured())

        group.start_soon(own)
        await bench.observer.heard.wait()
        assert service.log.stdout.read_text() == "up\n"
        service.stop.request()
    assert ends[0].signals == ("SIGINT",)
    assert ends[0].status == ExitStatus(code=0)
    assert bench.stdout(ends[0].digests) == "up\nbye\n"


async def test_the_index_has_seen_what_a_task_wrote(bench: Bench) -> None:
    task = bench.add(task_spec("t", "echo x > out; exit 1", outputs=["out"]))
    record = await bench.complete(task)
    assert record.state is RunState.FAILED
    index = bench.context.index
    path = next(iter(index.baseline_paths()))
    baseline = index.baseline(path)
    assert path == "out"
    assert baseline is not None
    assert baseline.has_stat_of(index.look(path))


async def test_processes_are_made_at_the_first_use_only(tmp_path: Path) -> None:
    bench = Bench(tmp_path.resolve())  # noqa: ASYNC240
    task = bench.add(task_spec("t", "true"))
    bench.look(task)
    assert not bench.context.has_processes
    record = await bench.complete(task)
    assert isinstance(record, CompletedRecord)
    assert isinstance(bench.context.processes, Processes)
    disable_subreaper()
