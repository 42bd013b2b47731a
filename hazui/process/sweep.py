"""Ending what runs left behind, and proving that nothing is left.

First everything that belongs to the run is asked (TERM), then killed; the table of processes is
looked at again and again until it shows nothing of the run twice, since a process may fork while it
is being looked for. What is left at the deadline is returned by name.

Invariant: before every signal the identity is checked again, so a pid that was given away since is
never hit.
"""

import os
import signal
import time
from collections.abc import Iterable, Iterator

import anyio

from hazui.domain.ids import RunId
from hazui.process.leftovers import DeadRun, Leftover, LeftoverFinder
from hazui.process.platform import Platform
from hazui.process.table import ProcessIdentity, boot_id, is_same

__all__ = ["KILL_S", "DeadRun", "Leftover", "Sweeper", "send_signal"]

KILL_S = 3.0
"""How long a killed process may take to disappear before it is called a survivor."""
_STEP_FIRST_S = 0.002
_STEP_MAX_S = 0.05


class Sweeper(LeftoverFinder):
    """Sweeps for one session."""

    async def sweep(
        self, run: RunId, grace_s: float, pgid: int | None = None, *, is_thorough: bool = True
    ) -> tuple[Leftover, ...]:
        """End everything that is left of a run; what is returned is still alive.

        Shielded: a cancelled sweep still ends what it found, in at most ``grace_s + KILL_S``.
        """
        steps = self._steps(run, grace_s, pgid, is_thorough=is_thorough)
        survivors: tuple[Leftover, ...] = ()
        with anyio.CancelScope(shield=True):
            for step in steps:
                if isinstance(step, tuple):
                    survivors = step
                else:
                    await anyio.sleep(step)
        return survivors

    def sweep_now(
        self, run: RunId, grace_s: float, pgid: int | None = None
    ) -> tuple[Leftover, ...]:
        """The same without an event loop; blocks while it waits."""
        survivors: tuple[Leftover, ...] = ()
        for step in self._steps(run, grace_s, pgid, is_thorough=True):
            if isinstance(step, tuple):
                survivors = step
            else:
                time.sleep(step)
        return survivors

    def _steps(
        self, run: RunId, grace_s: float, pgid: int | None, *, is_thorough: bool
    ) -> Iterator[float | tuple[Leftover, ...]]:
        """Yield how long to sleep, again and again, and at last the survivors."""
        asked: set[ProcessIdentity] = set()
        start = time.monotonic()
        # A look that another sweep took since the child ended serves this one as well.
        not_before = self._over_since(run)
        step_s = _STEP_FIRST_S
        is_proven = True
        while True:
            left = self._find(run, pgid, not_before, is_thorough=is_thorough)
            elapsed_s = time.monotonic() - start
            if not left:
                if is_proven:
                    break
                # It may have forked behind the back of this look; the next one is a new one.
                is_proven, not_before = True, time.monotonic()
                continue
            is_proven = False
            asked_at = time.monotonic()
            if elapsed_s > grace_s + KILL_S:
                yield tuple(left)
                return
            for leftover in left:
                if elapsed_s >= grace_s:
                    send_signal(leftover.identity, signal.SIGKILL, self._platform)
                elif leftover.identity not in asked:
                    asked.add(leftover.identity)
                    send_signal(leftover.identity, signal.SIGTERM, self._platform)
                    # A stopped process sees its TERM only when it goes on.
                    send_signal(leftover.identity, signal.SIGCONT, self._platform)
            yield step_s
            not_before = max(not_before, asked_at)
            step_s = min(step_s * 1.5, _STEP_MAX_S)
        self.forget(run)
        yield ()

    def sweep_dead_epoch(self, runs: Iterable[DeadRun], grace_s: float) -> tuple[Leftover, ...]:
        """End everything that a previous, dead owner's runs left; blocks while it waits.

        One look finds which runs have anything alive. A recorded group or session number counts
        only while a process in it proves that it is still the run's, by its identity or by its
        HAZUI_RUN: the number may have been given away since.
        """
        survivors: list[Leftover] = []
        for run in self.alive_runs(runs):
            survivors.extend(self.sweep_now(run, grace_s))
        return tuple(survivors)

    async def sweep_rest(self, grace_s: float) -> tuple[Leftover, ...]:
        """The last look of a session: end whatever is left of its runs, kept ones excepted.

        To be called when no child is wanted any more.
        """
        runs = {process.run for process in self._spawner.recent} - self._kept
        survivors: list[Leftover] = []
        for run in self.alive_runs(DeadRun(run) for run in sorted(runs)):
            survivors.extend(await self.sweep(run, grace_s))
        self.reap_orphans()
        return tuple(survivors)


def send_signal(identity: ProcessIdentity, number: int, platform: Platform) -> bool:
    """Signal exactly this process; false when it is gone or may not be signalled."""
    if identity.boot_id != boot_id(has_proc=platform.has_proc):
        return False
    try:
        if not platform.has_pidfd:
            if not is_same(identity, platform):
                return False
            os.kill(identity.pid, number)
            return True
        # The pidfd is opened first: what the check sees is then what the signal reaches.
        fd = os.pidfd_open(identity.pid)
        try:
            if not is_same(identity, platform):
                return False
            signal.pidfd_send_signal(fd, number)
        finally:
            os.close(fd)
    except OSError:
        return False
    return True
