"""Carrying a request to end a child out by timers, while its streams are still being read.

The request is the first signal, KILL follows after the grace period, and a child that does not
even die of that is given up: the reading is called off, and it is named as a survivor. The common
run, which nobody stops, pays for none of this.
"""

import asyncio

import anyio

from hazui.process.spawn import Process
from hazui.process.stop import Stopper
from hazui.process.sweep import KILL_S


class Ending:
    """Of one child; ``scope`` encloses the reading of its streams."""

    def __init__(
        self, process: Process, stopper: Stopper, grace_period_s: float, scope: anyio.CancelScope
    ) -> None:
        self.is_requested = False
        self._process = process
        self._stopper = stopper
        self._grace_period_s = grace_period_s
        self._scope = scope
        self._timers: list[asyncio.TimerHandle] = []

    def request(self, *, force: bool = False) -> None:
        """Ask the child to end; kill it with ``force``, or when it was asked before."""
        is_kill = force or self.is_requested
        self._stopper.request(force=force)
        self.is_requested = True
        self.close()
        loop = asyncio.get_running_loop()
        if is_kill:
            self._timers.append(loop.call_later(KILL_S, self._scope.cancel))
        else:
            self._timers.append(loop.call_later(self._grace_period_s, self._kill))

    def close(self) -> None:
        """The child has ended, or is given up."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    def _kill(self) -> None:
        if not self._process.has_ended:
            self.request(force=True)
