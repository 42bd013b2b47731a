"""Every byte a child writes arrives, whatever the child does."""

import os
import resource
import signal
import time

import anyio
import pytest

from hazui.domain.records import COMPLETE, Streams
from hazui.errors.stream import CapturedStream
from hazui.process.capture import CaptureError, capture
from hazui.process.platform import Platform
from hazui.process.spawn import Process
from tests.support.processes import Nursery

pytestmark = pytest.mark.anyio
OUT, ERR = CapturedStream


async def test_both_streams_and_the_status_arrive(nursery: Nursery) -> None:
    process = nursery.spawn("sh", "-c", "echo out; echo err >&2; exit 3")
    ran = await nursery.run(process)
    assert (ran.stdout, ran.stderr, ran.status.code) == (b"out\n", b"err\n", 3)
    assert ran.streams == Streams()
    assert ran.totals == {OUT: 4, ERR: 4}
    assert process.has_ended
    assert nursery.spawner.live == {}


async def test_a_flood_on_both_streams_is_kept_to_the_last_byte(nursery: Nursery) -> None:
    size = 50_000_000
    ran = await nursery.run(nursery.spawn_child("flood", str(size)))
    line = b"o" * 99 + b"\n"
    whole = (line * 655 * (size // 65_500 + 1))[:size]
    assert len(ran.stdout) == len(ran.stderr) == size
    # Writes may be cut anywhere, so what counts is what was written and how much of it.
    assert ran.stdout.count(b"o") + ran.stdout.count(b"\n") == size
    assert ran.stderr == ran.stdout.replace(b"o", b"e") or ran.stderr.count(b"e") > size * 0.98
    assert ran.stdout[:65_500] == whole[:65_500]
    assert ran.streams == Streams()


async def test_a_flooding_child_does_not_hold_up_the_loop(nursery: Nursery) -> None:
    ticks: list[float] = []

    async def tick() -> None:
        while True:
            before = time.monotonic()
            await anyio.sleep(0.002)
            ticks.append(time.monotonic() - before)

    async with anyio.create_task_group() as group:
        group.start_soon(tick)
        await nursery.run(nursery.spawn_child("flood", "20000000"))
        group.cancel_scope.cancel()
    assert len(ticks) > 5


async def test_a_long_line_without_its_end_is_kept(nursery: Nursery) -> None:
    ran = await nursery.run(nursery.spawn_child("one_line", "1000000"))
    assert ran.stdout == b"x" * 1_000_000


async def test_a_character_cut_in_two_is_kept(nursery: Nursery) -> None:
    ran = await nursery.run(nursery.spawn_child("split_utf8"))
    assert ran.stdout.decode() == "café\n"


async def test_a_stream_may_be_closed_early(nursery: Nursery) -> None:
    ran = await nursery.run(nursery.spawn_child("early_close"))
    assert (ran.stdout, ran.status.code) == (b"short\n", 4)
    assert ran.stderr == b"".join(b"line %d\n" % number for number in range(100))


async def test_exit_is_not_end_of_file(nursery: Nursery) -> None:
    process = nursery.spawn_child("holder")
    start = time.monotonic()
    ran = await nursery.run(process, drain_s=0.2)
    assert time.monotonic() - start < 5
    said, pid = ran.stdout.splitlines()
    assert said == b"said by the child"
    assert ran.status.code == 0
    assert not ran.streams.are_complete
    assert ran.streams.stdout.cut_bytes == 0
    if nursery.platform.has_proc:
        assert ran.streams.stdout.holders == (int(pid),) == ran.streams.stderr.holders
    assert await nursery.sweeper.sweep(process.run, 1.0, process.pgid) == ()


async def test_a_stream_that_somebody_keeps_filling_is_cut(nursery: Nursery) -> None:
    process = nursery.spawn_child("holder", "write")
    ran = await nursery.run(process, drain_s=0.1)
    assert not ran.streams.stdout.is_complete
    assert b"more" in ran.stdout
    assert await nursery.sweeper.sweep(process.run, 1.0, process.pgid) == ()


async def test_a_terminal_is_two_terminals_and_ends_with_its_users(nursery: Nursery) -> None:
    process = nursery.spawn(
        "sh", "-c", "test -t 1 && test -t 2 && echo out && echo err >&2 && stty -a <&1", tty=True
    )
    ran = await nursery.run(process)
    assert ran.status.code == 0
    assert ran.stdout.startswith(b"out\n")
    assert b"columns 120" in ran.stdout
    assert ran.stderr == b"err\n"
    assert ran.streams == Streams()


async def test_whoever_holds_a_terminal_is_named(nursery: Nursery) -> None:
    process = nursery.spawn_child("holder", tty=True)
    ran = await nursery.run(process, drain_s=0.1)
    pid = int(ran.stdout.splitlines()[1])
    if nursery.platform.has_proc:
        assert ran.streams.stdout.holders == (pid,)
    assert await nursery.sweeper.sweep(process.run, 1.0, process.pgid) == ()


async def test_much_output_on_a_terminal_is_kept(nursery: Nursery) -> None:
    ran = await nursery.run(nursery.spawn_child("flood", "1000000", tty=True))
    assert len(ran.stdout) == len(ran.stderr) == 1_000_000


async def test_a_full_disk_ends_the_child_and_drains_the_other_stream(nursery: Nursery) -> None:
    # A file size limit is a disk that is full for us; the child gets its own limit before.
    process = nursery.spawn_child("flood", "3000000")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    with nursery.spool(process) as spool:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
        try:
            with pytest.raises(CaptureError) as caught:
                await capture(process, spool, lambda *_: None, 5.0)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert isinstance(caught.value.source, OSError)
    assert not caught.value.streams.are_complete
    assert process.has_ended
    assert await nursery.sweeper.sweep(process.run, 1.0, process.pgid) == ()


async def test_a_read_error_names_its_stream(
    nursery: Nursery, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = nursery.spawn("sh", "-c", "echo kept >&2; sleep 600")
    broken, real = process.stdout_fd, os.read

    def read(fd: int, size: int) -> bytes:
        if fd == broken:
            raise OSError(5, "Input/output error")
        return real(fd, size)

    with nursery.spool(process) as spool:
        seen: list[int] = []

        def break_stdout(*_: object) -> None:
            # The line on stderr is there; the next read of stdout fails.
            if not seen:
                seen.append(1)
                monkeypatch.setattr("hazui.process.capture.os.read", read)
                os.killpg(process.pgid, signal.SIGTERM)

        with pytest.raises(CaptureError) as caught:
            await capture(process, spool, break_stdout, 5.0)
        monkeypatch.undo()
        assert caught.value.stream is OUT
        assert caught.value.streams.stderr == COMPLETE
        assert spool.files.stderr.read_bytes() == b"kept\n"


async def test_a_cancelled_capture_gives_its_descriptors_back(nursery: Nursery) -> None:
    process = nursery.spawn_child("stubborn")
    with nursery.spool(process) as spool, anyio.move_on_after(0.2):
        await capture(process, spool, lambda *_: None, 5.0)
    assert process.stdout_fd == -1
    process.signal_group(signal.SIGKILL)
    assert (await process.wait()).signal == "SIGKILL"


async def test_usage_is_known_after_the_end(nursery: Nursery) -> None:
    process: Process = nursery.spawn_child("one_line", "10")
    await nursery.run(process)
    assert process.usage.max_rss_bytes > 1 << 20
    assert process.usage.cpu_s > 0


async def test_the_portable_way_uses_no_accelerator(nursery: Nursery) -> None:
    if nursery.platform == Platform():
        process = nursery.spawn("true")
        assert process._pidfd == -1
        await nursery.run(process)
