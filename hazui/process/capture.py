"""Moving a child's output into its spool while it runs, and knowing when that is all.

Exit is not end of file: a grandchild may hold a stream open for ever. So the streams are read until
the child has ended *and* both reached their end or a deadline passed; then what is in the pipe at
that moment is still taken, and the record says that the stream was cut and who holds it.

Each call-back of the event loop reads one bounded chunk of one stream, so a flooding child delays
nobody for longer than that.
"""

import asyncio
import contextlib
import errno
import os
import time
from collections.abc import Callable

import anyio

from hazui.domain.records import COMPLETE, Streams, StreamState
from hazui.errors import process as process_errors
from hazui.errors.stream import CapturedStream
from hazui.process.holders import find_holders, pipe_target
from hazui.process.spawn import Process
from hazui.spool.format import CHUNK_BYTES_MAX
from hazui.spool.writer import RunSpool

OutputCallback = Callable[[CapturedStream, int], None]
"""Told of a stream's total bytes after each chunk; must be quick and must not raise."""

LAST_READ_BYTES_MAX = 4 << 20
"""What is taken at the deadline from a stream that somebody keeps filling."""


class CaptureError(Exception):
    """A stream did not reach its end because it could not be read, or could not be stored."""

    def __init__(self, stream: CapturedStream, source: OSError, streams: Streams) -> None:
        super().__init__(f"Cannot capture {stream}")
        self.stream = stream
        self.source = source
        self.streams = streams
        """What is known of both streams."""
        self.__cause__ = source


async def capture(
    process: Process,
    spool: RunSpool,
    on_output: OutputCallback,
    drain_s: float,
    *,
    on_failure: Callable[[], None] | None = None,
) -> Streams:
    """Read both streams of ``process`` to their ends, or until ``drain_s`` after its exit.

    Takes the two file descriptors over and closes them, also when cancelled. ``on_failure`` is
    called once, at the first stream that fails, and has to bring the child to its end (KILL to
    its group when not given); the other stream is then drained as usual.

    Raises:
        CaptureError: a stream could not be read or stored; a second failure is a note on it.
    """
    kill = on_failure or (lambda: kill_group(process))
    pumps = [
        _Pump(process, stream, fd, spool, on_output, kill)
        for stream, fd in (
            (CapturedStream.STDOUT, process.stdout_fd),
            (CapturedStream.STDERR, process.stderr_fd),
        )
    ]
    process.stdout_fd = process.stderr_fd = -1
    all_done = asyncio.Event()
    try:
        for pump in pumps:
            pump.start(lambda: all_done.set() if all(p.is_done for p in pumps) else None)
        await process.ended()
        with anyio.move_on_after(drain_s):
            await all_done.wait()
        states = [pump.cut() for pump in pumps]
    finally:
        for pump in pumps:
            pump.close()
    streams = Streams(states[0], states[1])
    failed = sorted((pump for pump in pumps if pump.error), key=lambda pump: pump.failed_ns)
    if failed:
        first = failed[0]
        assert first.error is not None
        error = CaptureError(first.stream, first.error, streams)
        for other in failed[1:]:
            error.add_note(f"{other.stream} failed too: {other.error}")
        raise error
    return streams


def kill_group(process: Process) -> None:
    """KILL to the group; what cannot be killed is found by the sweep and named there."""
    import signal

    with contextlib.suppress(process_errors.SignalFailed):
        process.signal_group(signal.SIGKILL)


class _Pump:
    """One stream on its way to the spool."""

    def __init__(
        self,
        process: Process,
        stream: CapturedStream,
        fd: int,
        spool: RunSpool,
        on_output: OutputCallback,
        kill: Callable[[], None],
    ) -> None:
        self.stream = stream
        self.error: OSError | None = None
        self.failed_ns = 0
        self.is_done = False
        self._process = process
        self._fd = fd
        self._spool = spool
        self._on_output = on_output
        self._kill = kill
        self._total_bytes = 0
        self._tell_done: Callable[[], object] = lambda: None
        self._loop = asyncio.get_running_loop()

    def start(self, tell_done: Callable[[], object]) -> None:
        self._tell_done = tell_done
        self._loop.add_reader(self._fd, self._read)

    def cut(self) -> StreamState:
        """Take what has arrived and stop; says whether that was all."""
        if self.is_done:
            return COMPLETE if self.error is None else StreamState(0)
        limit = self._total_bytes + LAST_READ_BYTES_MAX
        while self._total_bytes < limit and self._read():
            pass
        if self.is_done:
            return COMPLETE if self.error is None else StreamState(0)
        target = self._process.terminals.get(self.stream) or pipe_target(self._fd)
        return StreamState(unread_bytes(self._fd), find_holders(target, self._process.platform))

    def close(self) -> None:
        if self._fd >= 0:
            self._loop.remove_reader(self._fd)
            os.close(self._fd)
            self._fd = -1
        self.is_done = True
        self._tell_done()

    def _read(self) -> bool:
        """Move one chunk; false when there was none."""
        try:
            chunk = os.read(self._fd, CHUNK_BYTES_MAX)
        except BlockingIOError:
            return False
        except OSError as error:
            # A terminal whose last user is gone answers EIO: that is its end of file.
            if self._process.is_tty and error.errno == errno.EIO:
                chunk = b""
            else:
                self._fail(error)
                return False
        if not chunk:
            self.close()
            return False
        try:
            self._spool.append(self.stream, chunk, time.time_ns())
        except OSError as error:
            self._fail(error)
            return False
        self._total_bytes += len(chunk)
        self._on_output(self.stream, self._total_bytes)
        return True

    def _fail(self, error: OSError) -> None:
        self.error = error
        self.failed_ns = time.monotonic_ns()
        self.close()
        self._kill()


def unread_bytes(fd: int) -> int:
    """Bytes that wait in a pipe or terminal; 0 when that cannot be known."""
    import array
    import fcntl
    import termios

    count = array.array("i", [0])
    try:
        fcntl.ioctl(fd, termios.FIONREAD, count)
    except OSError:
        return 0
    return count[0]
