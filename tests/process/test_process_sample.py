"""Samples agree with psutil, and one pass serves all trees."""

import os
import signal
from pathlib import Path

import anyio
import psutil
import pytest

from hazui.domain.ids import TaskId
from hazui.process.platform import PORTABLE, detect
from hazui.process.sample import Sampler
from hazui.process.spawn import Process
from hazui.process.table import (
    CLOCK_TICKS_PER_S,
    ProcessRow,
    children_of,
    command_of,
    descendants,
    read_row,
    read_table,
)
from tests.support.poll import wait_until
from tests.support.processes import Nursery, platforms

pytestmark = pytest.mark.anyio
TASK = TaskId("web", "build")


async def end(nursery: Nursery, process: Process) -> None:
    process.signal_group(signal.SIGKILL)
    await nursery.run(process)


async def test_a_tree_is_found_with_what_it_costs(nursery: Nursery) -> None:
    process = nursery.spawn("sh", "-c", "sleep 600 & sleep 601 & while :; do :; done")
    sampler = Sampler(nursery.platform)
    wait_until(lambda: len(sampler.sample({TASK: process.pid})[TASK].pids) == 3)
    wait_until(lambda: sampler.sample({TASK: process.pid})[TASK].cpu_percent > 10)
    sample = sampler.sample({TASK: process.pid, TaskId("web", "gone"): 2**22 + 1})[TASK]
    root = sample.processes[0]
    oracle = psutil.Process(process.pid)
    assert root.pid == process.pid
    assert root.ppid == os.getpid()
    assert root.threads == 1
    assert root.command.startswith("sh -c sleep 600")
    assert root.identity == process.identity
    assert sample.rss_bytes == sum(row.rss_bytes for row in sample.processes) > 0
    assert abs(root.rss_bytes - oracle.memory_info().rss) < 4 << 20
    assert 0 <= root.age_s < 60
    assert set(sample.pids) == {process.pid, *(child.pid for child in oracle.children())}
    assert sampler.sample({TASK: 2**22 + 1})[TASK].processes == ()
    await end(nursery, process)


async def test_what_left_its_parent_still_belongs_to_the_session(nursery: Nursery) -> None:
    process = nursery.spawn("sh", "-c", "(sleep 600 &) ; exec sleep 601")
    sampler = Sampler(nursery.platform)
    wait_until(lambda: len(sampler.sample({TASK: process.pid})[TASK].pids) == 2)
    await end(nursery, process)


@pytest.mark.parametrize("way", sorted(platforms()))
async def test_rows_agree_with_psutil(way: str) -> None:
    platform = platforms()[way]
    row = read_row(os.getpid(), platform)
    me = psutil.Process()
    assert row is not None
    assert (row.ppid, row.pgid, row.sid) == (me.ppid(), os.getpgid(0), os.getsid(0))
    assert row.is_alive
    assert row.name == me.name()
    assert abs(row.cpu_ticks / CLOCK_TICKS_PER_S - sum(me.cpu_times()[:2])) < 1
    assert read_row(2**22 + 1, platform) is None
    if not platform.has_proc:
        assert abs(row.start_ticks / CLOCK_TICKS_PER_S - me.create_time()) < 0.02


async def test_both_ways_see_the_same_processes(nursery: Nursery) -> None:
    process = nursery.spawn("sleep", "600")
    one, other = read_table(detect({})), read_table(PORTABLE)
    assert process.pid in one.keys() & other.keys()
    assert one[process.pid].ppid == other[process.pid].ppid == os.getpid()
    assert one[process.pid].sid == other[process.pid].sid == process.pid
    await end(nursery, process)


async def test_a_name_with_parentheses_and_spaces_is_read(nursery: Nursery, tmp_path: Path) -> None:
    program = tmp_path / "a) S 1 (b"
    program.write_text("#!/bin/sh\nread line < /dev/tty; sleep 600\n")
    program.chmod(0o755)
    process = nursery.spawn(str(program))
    row = wait_until(lambda: read_row(process.pid, nursery.platform))
    assert row is not None
    assert row.ppid == os.getpid()
    assert row.pgid == process.pid
    await end(nursery, process)


async def test_a_process_without_a_command_line_shows_its_name(nursery: Nursery) -> None:
    process = nursery.spawn("true")
    with anyio.fail_after(5):
        await process.ended()
    process.close_streams()
    assert command_of(process.pid, nursery.platform) == ""
    assert command_of(os.getpid(), nursery.platform).startswith(psutil.Process().cmdline()[0][:50])


def test_descendants_of_a_loop_end() -> None:
    def row(pid: int, ppid: int) -> ProcessRow:
        return ProcessRow(pid, ppid, pid, pid, "S", 0, 0, 0, 1, "x")

    rows = {1: row(1, 3), 2: row(2, 1), 3: row(3, 2), 4: row(4, 9)}
    assert descendants(rows, [1]) == {1, 2, 3}
    assert descendants(rows, [4, 7], children_of(rows)) == {4}


def test_the_accelerators_can_be_turned_off() -> None:
    assert detect({"HAZUI_NO_ACCELERATORS": "1"}) == PORTABLE
    assert detect({"HAZUI_NO_ACCELERATORS": "0"}) == detect({})
