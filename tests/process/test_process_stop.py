"""Nothing survives a stop, and what does is named."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import anyio
import psutil
import pytest

from hazui.domain.ids import RunId
from hazui.process.spawn import Process
from hazui.process.stop import Stopper, StopPhase, StopReport
from hazui.process.sweep import DeadRun, send_signal
from hazui.process.table import ProcessIdentity, identity_of, marks_of, read_row
from tests.support.poll import wait_until
from tests.support.processes import CHILDREN, Nursery, Ran

pytestmark = pytest.mark.anyio


async def said(nursery: Nursery, process: Process) -> bytes:
    """The first line of a child, which is captured by nobody."""
    line = b""
    with anyio.fail_after(20):
        while not line.endswith(b"\n"):
            try:
                line += os.read(process.stdout_fd, 1)
            except BlockingIOError:
                await anyio.sleep(0.005)
    return line


async def stop(
    nursery: Nursery, process: Process, grace_period_s: float = 0.3, **how: bool
) -> StopReport:
    stopper = Stopper(process, nursery.sweeper, grace_period_s=grace_period_s)
    stopper.request(**how)
    with anyio.fail_after(30):
        report = await stopper.wait_stopped()
    assert stopper.phase is StopPhase.SWEPT
    process.close_streams()
    return report


def is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


async def test_a_polite_child_is_asked_once(nursery: Nursery) -> None:
    process = nursery.spawn("sleep", "600")
    report = await stop(nursery, process, grace_period_s=10)
    assert (report.signals, report.survivors) == (("SIGTERM",), ())
    assert (await process.wait()).signal == "SIGTERM"


async def test_the_first_signal_may_be_another(nursery: Nursery) -> None:
    process = nursery.spawn("sleep", "600")
    stopper = Stopper(process, nursery.sweeper, grace_period_s=10, first_signal=signal.SIGINT)
    stopper.request()
    assert (await stopper.wait_stopped()).signals == ("SIGINT",)
    assert (await process.wait()).signal == "SIGINT"
    process.close_streams()


async def test_a_child_that_ignores_term_is_killed_after_its_grace(nursery: Nursery) -> None:
    process = nursery.spawn_child("stubborn")
    await said(nursery, process)
    start = time.monotonic()
    report = await stop(nursery, process, grace_period_s=0.3)
    assert time.monotonic() - start >= 0.3
    assert (report.signals, report.survivors) == (("SIGTERM", "SIGKILL"), ())
    assert (await process.wait()).signal == "SIGKILL"


async def test_a_second_request_forces(nursery: Nursery) -> None:
    process = nursery.spawn_child("stubborn")
    await said(nursery, process)
    stopper = Stopper(process, nursery.sweeper, grace_period_s=600)
    stopper.request()
    assert stopper.phase is StopPhase.ASKED
    reports = []

    async def wait() -> None:
        reports.append(await stopper.wait_stopped())

    with anyio.fail_after(20):
        async with anyio.create_task_group() as group:
            group.start_soon(wait)
            group.start_soon(wait)
            await anyio.lowlevel.checkpoint()
            stopper.request()
            stopper.request()
    assert [report.signals for report in reports] == [("SIGTERM", "SIGKILL")] * 2
    process.close_streams()


async def test_force_kills_at_once(nursery: Nursery) -> None:
    process = nursery.spawn_child("stubborn")
    await said(nursery, process)
    report = await stop(nursery, process, grace_period_s=600, force=True)
    assert report.signals == ("SIGKILL",)


async def test_a_stopped_child_is_continued_so_that_it_ends(nursery: Nursery) -> None:
    process = nursery.spawn_child("stop_self")
    await said(nursery, process)
    wait_until(lambda: psutil.Process(process.pid).status() == psutil.STATUS_STOPPED)
    report = await stop(nursery, process, grace_period_s=20)
    assert report.signals == ("SIGTERM",)


async def test_a_request_after_the_end_finds_nothing_to_do(nursery: Nursery) -> None:
    process = nursery.spawn("true")
    await nursery.run(process)
    report = await stop(nursery, process)
    assert (report.signals, report.survivors) == ((), ())


async def test_a_cancelled_stop_is_carried_out(nursery: Nursery) -> None:
    process = nursery.spawn_child("stubborn")
    await said(nursery, process)
    stopper = Stopper(process, nursery.sweeper, grace_period_s=0.2)
    stopper.request()
    with anyio.move_on_after(0.01):
        await stopper.wait_stopped()
    assert process.has_ended
    process.close_streams()


@pytest.mark.parametrize("how", [("stay",), ("stay", "ignore"), (), ("hold",), ("stay", "clear")])
async def test_a_daemon_does_not_get_away(nursery: Nursery, how: tuple[str, ...]) -> None:
    process = nursery.spawn_child("daemon", *how)
    daemon = int(await said(nursery, process))
    if "clear" in how and not nursery.platform.has_subreaper:
        # Without its variable, a new session and no parent of ours: nothing is left to find it by.
        await stop(nursery, process)
        os.kill(daemon, signal.SIGKILL)
        wait_until(lambda: is_gone(daemon))
        return
    assert not is_gone(daemon)
    report = await stop(nursery, process)
    assert report.survivors == ()
    assert is_gone(daemon)


async def test_what_a_finished_child_left_is_swept(nursery: Nursery) -> None:
    process = nursery.spawn_child("daemon")
    ran: Ran = await nursery.run(process)
    daemon = int(ran.stdout)
    found = nursery.sweeper.find_leftovers(process.run, process.pgid, is_thorough=False)
    assert [leftover.pid for leftover in found] == [daemon]
    assert "daemon.py" in found[0].command
    assert str(found[0]).startswith(f"{daemon} ")
    assert await nursery.sweeper.sweep(process.run, 5, process.pgid, is_thorough=False) == ()
    assert is_gone(daemon)


async def test_what_was_released_is_left_alone(nursery: Nursery) -> None:
    process = nursery.spawn_child("daemon")
    daemon = int((await nursery.run(process)).stdout)
    (leftover,) = nursery.sweeper.find_leftovers(process.run, process.pgid)
    nursery.sweeper.release(process.run, [leftover.identity])
    assert await nursery.sweeper.sweep(process.run, 0.1, process.pgid) == ()
    assert nursery.sweeper.find_leftovers(process.run, is_thorough=False) == []
    assert not is_gone(daemon)
    os.kill(daemon, signal.SIGKILL)
    wait_until(lambda: is_gone(daemon))


async def test_other_runs_are_left_alone(nursery: Nursery) -> None:
    one, other = nursery.spawn_child("stubborn"), nursery.spawn_child("daemon", "stay")
    await said(nursery, one)
    daemon = int(await said(nursery, other))
    await stop(nursery, one)
    assert not is_gone(daemon)
    assert not other.has_ended
    await stop(nursery, other)
    assert is_gone(daemon)


@pytest.mark.slow
async def test_two_hundred_processes_are_all_ended(nursery: Nursery) -> None:
    process = nursery.spawn_child("forks", "200")
    await said(nursery, process)
    pids = [child.pid for child in psutil.Process(process.pid).children(recursive=True)]
    assert len(pids) == 200
    report = await stop(nursery, process)
    assert report.survivors == ()
    assert [pid for pid in pids if not is_gone(pid)] == []


async def test_survivors_are_named(nursery: Nursery, monkeypatch: pytest.MonkeyPatch) -> None:
    process = nursery.spawn_child("daemon")
    daemon = int((await nursery.run(process)).stdout)
    # Nothing survives KILL that a test could start, so the signal is lost on its way.
    with monkeypatch.context() as patch:
        patch.setattr("hazui.process.sweep.send_signal", lambda *_: False)
        patch.setattr("hazui.process.sweep.KILL_S", 0.05)
        (survivor,) = await nursery.sweeper.sweep(process.run, 0.05, process.pgid)
    assert survivor.pid == daemon
    assert await nursery.sweeper.sweep(process.run, 0.05, process.pgid) == ()


async def test_a_pid_that_was_given_away_is_not_signalled(nursery: Nursery) -> None:
    process = nursery.spawn("sleep", "600")
    mine = process.identity
    for stranger in (
        ProcessIdentity(mine.pid, mine.start_ticks - 1, mine.boot_id),
        ProcessIdentity(mine.pid, mine.start_ticks, "another boot"),
    ):
        assert send_signal(stranger, signal.SIGKILL, nursery.platform) is False
        assert nursery.sweeper.sweep_dead_epoch([DeadRun(RunId("gone"), stranger)], 0.1) == ()
    assert not is_gone(process.pid)
    assert send_signal(mine, signal.SIGKILL, nursery.platform) is True
    assert (await process.wait()).signal == "SIGKILL"
    process.close_streams()


async def test_the_marker_is_compared_part_by_part(nursery: Nursery) -> None:
    process = nursery.spawn("sleep", "600", env={"HAZUI_RUN": "session/7/abc123"})
    assert marks_of(process.pid, nursery.platform).run_parts == ("session", "7", "abc123")
    assert nursery.sweeper.find_leftovers(RunId("abc12")) == []
    row = read_row(process.pid, nursery.platform)
    assert row is not None
    assert identity_of(row, nursery.platform) == process.identity
    process.signal_group(signal.SIGKILL)
    await nursery.run(process)


@pytest.mark.slow
async def test_what_a_killed_owner_left_is_ended_by_the_next(
    nursery: Nursery, tmp_path: Path
) -> None:
    way = "accelerated" if nursery.platform.has_proc else "portable"
    with subprocess.Popen(  # noqa: ASYNC220 - the dead owner has no loop of ours
        [sys.executable, str(CHILDREN / "owner.py"), str(tmp_path), way],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as owner:
        assert owner.stdout is not None
        lines = list(iter(owner.stdout.readline, b"done\n"))
        children = psutil.Process(owner.pid).children(recursive=True)
        owner.kill()
    dead = [
        DeadRun(RunId(row["run"]), ProcessIdentity(**row["identity"]))
        for row in map(json.loads, lines)
    ]
    assert len(dead) == 4
    assert sum(not is_gone(child.pid) for child in children) >= 2
    found = [left for one in dead for left in nursery.sweeper.find_leftovers(one.run)]
    assert len(found) >= 5
    assert nursery.sweeper.sweep_dead_epoch(dead, 0.2) == ()
    assert [left for left in found if not is_gone(left.pid)] == []
    assert nursery.sweeper.sweep_dead_epoch(dead, 0.2) == ()


async def test_a_stray_is_taken_by_the_last_run_it_can_have_come_from(nursery: Nursery) -> None:
    if not nursery.platform.has_subreaper:
        pytest.skip("orphans do not come to us")
    other = nursery.spawn("sleep", "600")
    process = nursery.spawn_child("daemon", "clear")
    daemon = int((await nursery.run(process)).stdout)
    # Both runs were alive when it started: whose it is cannot be said yet.
    assert nursery.sweeper.find_leftovers(process.run, process.pgid) == []
    assert not is_gone(daemon)
    await stop(nursery, other)
    assert is_gone(daemon)


async def test_a_tool_of_the_user_is_no_leftover(nursery: Nursery) -> None:
    if not nursery.platform.has_subreaper:
        pytest.skip("orphans do not come to us")
    process = nursery.spawn("sleep", "600")
    tool = subprocess.Popen(  # noqa: ASYNC220
        [sys.executable, str(CHILDREN / "daemon.py")], stdout=subprocess.PIPE
    )
    assert tool.stdout is not None
    detached = int(tool.stdout.readline())
    assert tool.wait() == 0
    tool.stdout.close()
    await stop(nursery, process)
    assert not is_gone(detached)
    assert nursery.sweeper.find_leftovers(process.run, is_thorough=False) == []
    os.kill(detached, signal.SIGKILL)
    wait_until(lambda: is_gone(detached))


async def test_the_last_look_of_a_session_ends_what_escaped_the_others(nursery: Nursery) -> None:
    escaped, kept = nursery.spawn_child("daemon"), nursery.spawn_child("daemon")
    daemon, wanted = [int((await nursery.run(process)).stdout) for process in (escaped, kept)]
    (leftover,) = nursery.sweeper.find_leftovers(kept.run)
    nursery.sweeper.release(kept.run, [leftover.identity])
    assert await nursery.sweeper.sweep_rest(2) == ()
    assert is_gone(daemon)
    assert not is_gone(wanted)
    os.kill(wanted, signal.SIGKILL)
    wait_until(lambda: is_gone(wanted))


@pytest.mark.slow
@pytest.mark.parametrize("delay_s", [0.0, 0.01, 0.03, 0.06, 0.1])
async def test_a_stop_in_the_middle_of_forking_leaves_nothing(
    nursery: Nursery, delay_s: float
) -> None:
    processes = [nursery.spawn_child("forks", "40") for _ in range(3)]
    await anyio.sleep(delay_s)
    stoppers = [Stopper(process, nursery.sweeper, grace_period_s=0.1) for process in processes]
    reports: list[StopReport] = []

    async def finish(stopper: Stopper) -> None:
        reports.append(await stopper.wait_stopped())

    with anyio.fail_after(40):
        async with anyio.create_task_group() as group:
            for stopper in stoppers:
                stopper.request(force=delay_s > 0.05)
                group.start_soon(finish, stopper)
    assert [report.survivors for report in reports] == [(), (), ()]
    for process in processes:
        process.close_streams()
        assert nursery.sweeper.find_leftovers(process.run, process.pgid) == []


@pytest.mark.slow
async def test_many_children_at_once_keep_every_byte(nursery: Nursery) -> None:
    totals: list[int] = []

    async def one() -> None:
        ran = await nursery.run(nursery.spawn_child("flood", "300000"))
        totals.append(len(ran.stdout) + len(ran.stderr))
        assert ran.streams.are_complete

    async with anyio.create_task_group() as group:
        for _ in range(24):
            group.start_soon(one)
    assert totals == [600_000] * 24


async def test_whoever_waits_for_a_tool_gets_its_status(nursery: Nursery) -> None:
    tool = subprocess.Popen(  # noqa: ASYNC220 - as an editor is opened for the user
        ["sh", "-c", "exit 5"], start_new_session=True
    )
    wait_until(lambda: psutil.Process(tool.pid).status() == psutil.STATUS_ZOMBIE)
    process = nursery.spawn("true")
    await nursery.run(process)
    await nursery.sweeper.sweep(process.run, 0.1, process.pgid)
    assert nursery.sweeper.reap_orphans() == 0
    assert tool.wait() == 5
