"""Starting a child, and learning how it ended.

A child gets a session and a process group of its own, ``/dev/null`` for stdin and one pipe for each
output stream (or one pseudo-terminal for each, when it wants a terminal). The program is looked up
with the child's PATH and working directory, not with ours. Exits are noticed by the event loop
whether anybody waits or not, and a status comes from the kernel or not at all.

Invariant: while a ``Process`` has not ended, its pid is ours and cannot be given away, because only
this module reaps it.
"""

import asyncio
import errno
import fcntl
import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hazui.domain.ids import RunId
from hazui.domain.records import ExitStatus, Usage
from hazui.errors import process as process_errors
from hazui.errors.stream import CapturedStream
from hazui.process.lookup import find_program
from hazui.process.platform import Platform
from hazui.process.pty import open_output_terminal
from hazui.process.signals import signal_name
from hazui.process.table import ProcessIdentity, boot_id, identity_of, read_row, ticks_now

STDOUT, STDERR = CapturedStream.STDOUT, CapturedStream.STDERR
_WIDE_PIPE_BYTES = 1 << 20
_WIDE_CHILDREN_MAX = 16
"""The user has 64 MiB for pipes; past that every new pipe, the children's own too, gets tiny."""
_RSS_UNIT_BYTES = 1 if sys.platform == "darwin" else 1024
_RECENT_MAX = 1000
_POLL_FIRST_S = 0.001
_POLL_MAX_S = 0.02


@dataclass(frozen=True, slots=True)
class SpawnRequest:
    """What to start."""

    argv: Sequence[str]
    cwd: Path
    """Absolute."""
    env: Mapping[str, str]
    """The whole environment of the child; carries HAZUI_RUN."""
    run: RunId
    tty: bool = False


class Process:
    """A child of ours, from its start to the moment its status is known.

    The file descriptors belong to whoever captures; ``close_streams`` gives them back otherwise.
    """

    def __init__(
        self,
        popen: "subprocess.Popen[bytes]",
        request: SpawnRequest,
        fds: tuple[int, int],
        platform: Platform,
        terminals: Mapping[CapturedStream, str],
    ) -> None:
        self.pid = popen.pid
        self.pgid = popen.pid
        """Of its group and of its session."""
        self.run = request.run
        self.is_tty = request.tty
        self.stdout_fd, self.stderr_fd = fds
        self.terminals = terminals
        """Names of the child's ends, when it was given terminals."""
        self.usage = Usage()
        """Of the child and of the descendants it waited for; known when it has ended."""
        self.ended_at: float | None = None
        """Monotonic seconds."""
        self.ended_ticks: int | None = None
        """Like the start time of an identity: which processes it may have started."""
        self.platform = platform
        self._popen = popen
        self._status: ExitStatus | None = None
        self._error: process_errors.WaitFailed | None = None
        self._ended = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._pidfd = -1
        self._poll_s = _POLL_FIRST_S
        self._identity: ProcessIdentity | None = None
        self._watch()

    @property
    def identity(self) -> ProcessIdentity:
        """Its pid, start time and boot; the first look may wait until the child has started."""
        if self._identity is None:
            row = read_row(self.pid, self.platform)
            self._identity = (
                identity_of(row, self.platform)
                if row
                else ProcessIdentity(self.pid, 0, boot_id(has_proc=self.platform.has_proc))
            )
        return self._identity

    @property
    def has_ended(self) -> bool:
        """It was reaped, or its status was lost: its pid must not be signalled any more."""
        return self._ended.is_set()

    async def ended(self) -> None:
        """Return when the child has ended; never raises for how. Any number may wait."""
        await self._ended.wait()

    async def wait(self) -> ExitStatus:
        """How the child ended; returns on its exit, whoever still holds its streams.

        Cancelling a wait leaves the child and other waits alone.

        Raises:
            process.WaitFailed: somebody else reaped the child.
        """
        await self._ended.wait()
        if self._error is not None:
            raise self._error
        assert self._status is not None
        return self._status

    def signal_group(self, number: int) -> bool:
        """Signal every process of the group; false when the child has ended.

        Raises:
            process.SignalFailed: the system refused.
        """
        if self.has_ended:
            return False
        try:
            os.killpg(self.pgid, number)
        except ProcessLookupError:
            return False
        except OSError as error:
            raise process_errors.SignalFailed(
                signal=signal_name(number), pid=self.pid, source=error
            ) from error
        return True

    def close_streams(self) -> None:
        """Close the reading ends that nobody captures; may be called twice."""
        for name in ("stdout_fd", "stderr_fd"):
            fd: int = getattr(self, name)
            if fd >= 0:
                setattr(self, name, -1)
                os.close(fd)

    def _watch(self) -> None:
        if self.platform.has_pidfd:
            try:
                self._pidfd = os.pidfd_open(self.pid)
            except OSError:
                self._poll()
                return
            self._loop.add_reader(self._pidfd, self._reap)
        else:
            self._poll()

    def _poll(self) -> None:
        if not self._reap():
            self._loop.call_later(self._poll_s, self._poll)
            self._poll_s = min(self._poll_s * 1.5, _POLL_MAX_S)

    def _reap(self) -> bool:
        """Take the status if there is one; true when the child has ended."""
        _ = self.identity  # Afterwards there is nothing left to read it from.
        try:
            if self._pidfd >= 0:
                # Proves that the pid is still this child and not a later one; reaps nothing.
                os.waitid(os.P_PIDFD, self._pidfd, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            pid, status, usage = os.wait4(self.pid, os.WNOHANG)
        except OSError as error:
            self._error = process_errors.WaitFailed(pid=self.pid, source=error)
        else:
            if pid == 0:
                return False
            code = os.waitstatus_to_exitcode(status)
            self._status = ExitStatus.from_wait(code)
            self.usage = Usage(usage.ru_maxrss * _RSS_UNIT_BYTES, usage.ru_utime + usage.ru_stime)
        if self._pidfd >= 0:
            self._loop.remove_reader(self._pidfd)
            os.close(self._pidfd)
            self._pidfd = -1
        self.ended_at = time.monotonic()
        self.ended_ticks = ticks_now()
        # Popen would wait for the pid again when it is collected, so it is told a status.
        self._popen.returncode = 0
        self._ended.set()
        return True


class ProcessSpawner:
    """Starts children and knows which of them are alive; one for each event loop."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self._live: dict[int, Process] = {}
        self.recent: deque[Process] = deque(maxlen=_RECENT_MAX)
        """The last children, ended or not, oldest first."""

    @property
    def live(self) -> Mapping[int, Process]:
        """Children that have not ended, by pid."""
        for pid in [pid for pid, process in self._live.items() if process.has_ended]:
            del self._live[pid]
        return self._live

    def spawn(self, request: SpawnRequest) -> Process:
        """Start a child; call it on the thread of the event loop.

        Raises:
            process.NonAbsoluteCwd: ``cwd`` is relative.
            process.SpawnFailed: its source tells a missing program, one that must not or cannot be
                executed, a missing directory and exhausted limits apart.
        """
        if not request.cwd.is_absolute():
            raise process_errors.NonAbsoluteCwd(cwd=request.cwd)
        program = request.argv[0] if request.argv else ""
        try:
            process = self._spawn(request)
        except OSError as error:
            raise process_errors.SpawnFailed(program=program, source=error) from error
        except ValueError as error:
            source = OSError(errno.EINVAL, str(error))
            raise process_errors.SpawnFailed(program=program, source=source) from error
        self._live[process.pid] = process
        self.recent.append(process)
        return process

    def _spawn(self, request: SpawnRequest) -> Process:
        executable = find_program(request.argv, request.cwd, request.env)
        is_wide = len(self.live) < _WIDE_CHILDREN_MAX
        opened: list[int] = []
        try:
            for _ in range(2):
                ends = (
                    open_output_terminal(request.env) if request.tty else open_pipe(is_wide=is_wide)
                )
                opened += ends
            terminals = (
                {stream: os.ttyname(opened[at]) for at, stream in ((1, STDOUT), (3, STDERR))}
                if request.tty
                else {}
            )
            popen = subprocess.Popen(
                request.argv,
                executable=executable,
                stdin=subprocess.DEVNULL,
                stdout=opened[1],
                stderr=opened[3],
                cwd=request.cwd,
                env=request.env,
                start_new_session=True,
                close_fds=True,
            )
        except BaseException:
            for fd in opened:
                os.close(fd)
            raise
        os.close(opened[1])
        os.close(opened[3])
        return Process(popen, request, (opened[0], opened[2]), self.platform, terminals)


def open_pipe(*, is_wide: bool) -> tuple[int, int]:
    """A pipe whose reading end does not block; a wide one takes a flood with fewer switches."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    if is_wide and hasattr(fcntl, "F_SETPIPE_SZ"):
        try:
            fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, _WIDE_PIPE_BYTES)
        except OSError:
            pass  # The user's share of pipe memory is used up; 64 KiB work as well.
    return reading, writing
