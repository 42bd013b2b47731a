"""Bringing one child to its end: ask, wait, kill, sweep.

The phases only go forward: running, asked, killed, ended, swept. ``request`` may be called from
anywhere on the event loop and any number of times; the first asks, a second one or ``force`` kills.
``wait_stopped`` carries the rest out and every caller gets the same report.
"""

import contextlib
import signal
from dataclasses import dataclass
from enum import IntEnum

import anyio

from hazui.errors import process as process_errors
from hazui.process.signals import signal_name
from hazui.process.spawn import Process
from hazui.process.sweep import KILL_S, Leftover, Sweeper
from hazui.process.table import command_of


class StopPhase(IntEnum):
    """How far the end has come."""

    RUNNING = 0
    """Nobody asked."""
    ASKED = 1
    """The first signal is out; the grace period runs."""
    KILLED = 2
    """KILL is out."""
    ENDED = 3
    """The child is reaped, or does not die; the sweep runs."""
    SWEPT = 4
    """The report is there."""


@dataclass(frozen=True, slots=True)
class StopReport:
    """What it took."""

    signals: tuple[str, ...] = ()
    """Sent to the group, in order."""
    survivors: tuple[Leftover, ...] = ()
    """Still alive after everything."""


class Stopper:
    """The one way in which a child is stopped.

    Args:
        first_signal: SIGTERM, or SIGINT for what wants to be interrupted.
        grace_period_s: how long the child may take after the first signal.
    """

    def __init__(
        self,
        process: Process,
        sweeper: Sweeper,
        *,
        grace_period_s: float,
        first_signal: int = signal.SIGTERM,
    ) -> None:
        self.phase = StopPhase.RUNNING
        self._process = process
        self._sweeper = sweeper
        self._grace_period_s = grace_period_s
        self._first_signal = first_signal
        self._signals: list[str] = []
        self._requested = anyio.Event()
        self._forced = anyio.Event()
        self._swept = anyio.Event()
        self._report = StopReport()
        self._is_carried = False

    @property
    def is_requested(self) -> bool:
        """The child ended, or will end, because we wanted it to."""
        return bool(self._signals)

    def request(self, *, force: bool = False) -> None:
        """Ask the child to end; kill it when it was asked already, or with ``force``."""
        if self._process.has_ended or self.phase >= StopPhase.KILLED:
            self._requested.set()
            return
        if self.phase is StopPhase.RUNNING:
            # What is below the child now is remembered, should it leave group and session.
            self._sweeper.note([self._process])
        if force or self.phase is StopPhase.ASKED:
            self._kill()
        else:
            self.phase = StopPhase.ASKED
            self._send(self._first_signal)
            # A stopped process sees the signal only when it goes on.
            self._send(signal.SIGCONT, is_reported=False)
        self._requested.set()

    async def wait_stopped(self) -> StopReport:
        """Wait for a request, then for the end of everything that the run started.

        Once there was a request it is carried out even when this is cancelled; that takes at most
        the grace period twice and a few seconds.
        """
        await self._requested.wait()
        with anyio.CancelScope(shield=True):
            if self._is_carried:
                await self._swept.wait()
            else:
                self._is_carried = True
                await self._carry_out()
        return self._report

    async def _carry_out(self) -> None:
        try:
            if self.phase is StopPhase.ASKED:
                with anyio.move_on_after(self._grace_period_s):
                    await self._ended_or_forced()
                if not (self._process.has_ended or self._forced.is_set()):
                    self._kill()
            with anyio.move_on_after(KILL_S):
                await self._process.ended()
            self.phase = StopPhase.ENDED
            survivors = await self._sweeper.sweep(
                self._process.run,
                0.0 if self._forced.is_set() else self._grace_period_s,
                self._process.pgid,
            )
            if not self._process.has_ended:
                command = command_of(self._process.pid, self._process.platform)
                child = Leftover(self._process.pid, self._process.identity, command)
                survivors = (child, *survivors)
            self._report = StopReport(tuple(self._signals), survivors)
        finally:
            self.phase = StopPhase.SWEPT
            self._swept.set()

    async def _ended_or_forced(self) -> None:
        async with anyio.create_task_group() as group:

            async def forced() -> None:
                await self._forced.wait()
                group.cancel_scope.cancel()

            group.start_soon(forced)
            await self._process.ended()
            group.cancel_scope.cancel()

    def _kill(self) -> None:
        self.phase = StopPhase.KILLED
        self._forced.set()
        self._send(signal.SIGKILL)

    def _send(self, number: int, *, is_reported: bool = True) -> None:
        sent = False
        with contextlib.suppress(process_errors.SignalFailed):
            sent = self._process.signal_group(number)
        if sent and is_reported:
            self._signals.append(signal_name(number))
