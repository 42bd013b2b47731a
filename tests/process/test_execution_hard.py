"""Runs under bad luck: a registry that refuses, a child that cannot be killed, a flood, a fork."""

import os
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import anyio
import pytest

from hazui.domain.ids import RunId
from hazui.domain.records import CancelledRecord, ExitStatus, RunState
from hazui.errors.runtime import HazuiRuntimeError
from hazui.execution import ending
from hazui.execution.context import Registration
from hazui.execution.fresh import StopSwitch
from hazui.process import stop as stop_module
from hazui.process import sweep as sweep_module
from hazui.process.platform import detect
from hazui.process.subreaper import disable_subreaper
from hazui.process.table import ProcessIdentity, read_row
from tests.support.execution import Bench, RememberingRegistry, task_spec

pytestmark = pytest.mark.anyio


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    root = (tmp_path / "w").resolve()
    root.mkdir()
    bench = Bench(root)
    yield bench
    bench.context.processes.sweeper.reap_orphans(patience_s=0.0)
    disable_subreaper()


def is_alive(pid: int) -> bool:
    row = read_row(pid, detect({}))
    return row is not None and row.is_alive


async def nothing_lives(bench: Bench) -> None:
    with anyio.fail_after(5):
        for process in list(bench.context.processes.spawner.live.values()):
            await process.ended()


class RefusingRegistry(RememberingRegistry):
    """Fails at one of its methods, as a store does whose disk is full."""

    def __init__(self, at: str) -> None:
        super().__init__()
        self._at = at

    def _refuse(self, name: str) -> None:
        if name == self._at:
            raise HazuiRuntimeError(code="store_commit_failed", message="no space")

    def register(self, execution: Registration) -> None:
        self._refuse("register")
        super().register(execution)

    def spawned(self, run: RunId, identity: ProcessIdentity, pgid: int) -> None:
        super().spawned(run, identity, pgid)
        self._refuse("spawned")

    def ended(self, run: RunId, status: ExitStatus | None) -> None:
        super().ended(run, status)
        self._refuse("ended")

    def released(self, run: RunId, identities: Sequence[ProcessIdentity]) -> None:
        super().released(run, identities)
        self._refuse("released")


def do_nothing(*args: object) -> bool:
    """In place of a signal: as for a process that waits for a dead disk."""
    return bool(args)


@pytest.mark.parametrize("at", ["register", "spawned", "ended"])
async def test_a_registry_that_refuses_leaves_no_process(bench: Bench, at: str) -> None:
    registry = RefusingRegistry(at)
    bench.context.registry = registry
    command = "echo said" if at == "ended" else "echo said; sleep 60"
    with pytest.raises(HazuiRuntimeError):
        await bench.fresh(bench.add(task_spec("t", command)))
    assert ("spawned" in registry.names) == (at != "register")
    await nothing_lives(bench)


async def test_a_child_that_cannot_be_killed_is_named(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (ending, stop_module, sweep_module):
        monkeypatch.setattr(module, "KILL_S", 0.2)
    real = os.killpg
    monkeypatch.setattr(os, "killpg", do_nothing)
    monkeypatch.setattr(sweep_module, "send_signal", do_nothing)
    bench = Bench(bench.root, grace_period_s=0.1)
    task = bench.add(task_spec("t", "echo said; read line < fifo"))
    os.mkfifo(bench.root / "fifo")
    stop = StopSwitch()
    async with anyio.create_task_group() as group:

        async def pull() -> None:
            await bench.observer.heard.wait()
            stop.request()

        group.start_soon(pull)
        outcome = await bench.fresh(task, stop=stop)
    pid = bench.observer.pids[0]
    assert isinstance(outcome, CancelledRecord)
    assert outcome.exit_status is None
    assert outcome.signals == ("SIGTERM", "SIGKILL")
    assert any(text.startswith(f"{pid} ") for text in outcome.survivors)
    assert bench.stdout(outcome.streams_digests) == "said\n"
    real(pid, signal.SIGKILL)
    await nothing_lives(bench)


async def test_a_child_that_ignores_term_is_killed_after_the_grace_period(bench: Bench) -> None:
    bench = Bench(bench.root, grace_period_s=0.1)
    script = "trap '' TERM; echo said; while :; do sleep 0.02; done"
    record = await bench.complete(bench.add(task_spec("t", script, timeout_s=0.3)))
    assert (record.timed_out, record.exit_status) == (True, ExitStatus(signal="SIGKILL"))
    assert record.survivors == ()


async def test_a_daemon_that_escapes_is_stopped_with_its_task(bench: Bench) -> None:
    daemon = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        open('pid', 'w').write(str(os.getpid()))\n"
        "        os.rename('pid', 'ready')\n"
        "        time.sleep(60)\n"
        "    os._exit(0)\n"
        "while not os.path.exists('ready'): time.sleep(0.005)\n"
    )
    bench.write("daemon.py", daemon)
    script = "python3 daemon.py >/dev/null 2>&1"
    record = await bench.complete(bench.add(task_spec("t", script)))
    assert record.state is RunState.SUCCEEDED
    pid = int((bench.root / "ready").read_text())
    assert not is_alive(pid)


async def test_a_flood_is_kept_whole(bench: Bench) -> None:
    script = "head -c 20000000 /dev/zero | tr '\\0' 'x'; head -c 1000000 /dev/zero >&2"
    record = await bench.complete(bench.add(task_spec("t", script)))
    attachments = bench.context.cache.attachments_dir
    digests = record.streams_digests
    sizes = [
        (attachments / digest[:2] / digest).stat().st_size
        for digest in (digests.stdout, digests.stderr)
    ]
    assert sizes == [20_000_000, 1_000_000]
    assert bench.cached_entries == 1
    assert bench.look(bench.context.workspace.tasks[record.task]).is_hit


async def test_sixty_runs_at_once_keep_their_streams_apart(bench: Bench) -> None:
    tasks = [bench.add(task_spec(f"t{n}", f"echo {n}; echo err{n} >&2")) for n in range(60)]
    said: dict[int, tuple[str, str]] = {}

    async def one(number: int) -> None:
        record = await bench.complete(tasks[number])
        digests = record.streams_digests
        said[number] = (bench.text(digests.stdout), bench.text(digests.stderr))

    async with anyio.create_task_group() as group:
        for number in range(60):
            group.start_soon(one, number)
    assert said == {n: (f"{n}\n", f"err{n}\n") for n in range(60)}
