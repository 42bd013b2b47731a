"""Finding and ending what a run left behind, and proving that nothing is left.

A process belongs to a run when it is in the group or the session of its child, below one that is,
known to have been below one, or when HAZUI_RUN in its environment names the run. Where orphans
come to us (subreaper), everything that a run started and that still lives is below us, so looking
at our own children is proof enough; elsewhere every process of the machine is looked at. An orphan
that wiped its environment is a stray: the last run to end of those it can have come from takes it.

Invariant: before every signal the identity is checked again, so a pid that was given away since is
never hit. Processes that were released (``leftovers = "keep"``) are never touched.
"""

import os
import signal
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import anyio

from hazui.domain.ids import RunId
from hazui.process.platform import Platform
from hazui.process.spawn import Process, ProcessSpawner
from hazui.process.table import (
    ProcessIdentity,
    ProcessRow,
    boot_id,
    command_of,
    descendants,
    identity_of,
    is_same,
    marks_of,
    own_children,
    read_row,
    read_table,
)

KILL_S = 3.0
"""How long a killed process may take to disappear before it is called a survivor."""
_STEP_FIRST_S = 0.002
_STEP_MAX_S = 0.05


@dataclass(frozen=True, slots=True, order=True)
class Leftover:
    """A process that belongs to a run whose child has ended, or must end."""

    pid: int
    identity: ProcessIdentity
    command: str

    def __str__(self) -> str:
        return f"{self.pid} {self.command}"


@dataclass(frozen=True, slots=True)
class DeadRun:
    """What a previous owner recorded of a run: the registry's row."""

    run: RunId
    identity: ProcessIdentity | None = None
    """None: it was not started, or its owner died before it could record the pid."""
    known: tuple[ProcessIdentity, ...] = ()
    """Processes that were seen below it."""


class Sweeper:
    """Sweeps for one session; ``spawner`` knows the children that are still wanted."""

    def __init__(self, spawner: ProcessSpawner) -> None:
        self._spawner = spawner
        self._platform = spawner.platform
        self._seen: dict[RunId, set[ProcessIdentity]] = {}
        self._released: set[ProcessIdentity] = set()
        self._kept: set[RunId] = set()

    def note(self, processes: Iterable[Process], table: Mapping[int, ProcessRow]) -> None:
        """Remember what is below each child now, so that a later escape is still known."""
        for process in processes:
            seen = self._seen.setdefault(process.run, set())
            for pid in descendants(table, [process.pid]) - {process.pid}:
                seen.add(identity_of(table[pid], self._platform))

    def release(self, run: RunId, identities: Iterable[ProcessIdentity]) -> None:
        """Leave these processes, which the run is allowed to leave behind, alone from now on."""
        self._released.update(identities)
        self._kept.add(run)

    def forget(self, run: RunId) -> None:
        """The run is over and swept."""
        self._seen.pop(run, None)

    def find_leftovers(
        self, run: RunId, pgid: int | None = None, *, is_thorough: bool = True
    ) -> list[Leftover]:
        """What is alive of a run, its own child excluded while that has not ended.

        With ``is_thorough`` every process is looked at; else, where orphans come to us, only those
        below us, which costs microseconds when there are none.
        """
        if not is_thorough and self._platform.has_subreaper and not self._has_strangers(run):
            return []
        table = read_table(self._platform)
        return self._find(table, run, pgid)

    def _find(
        self, table: Mapping[int, ProcessRow], run: RunId, pgid: int | None
    ) -> list[Leftover]:
        seen = self._seen.get(run, set())
        roots: list[int] = []
        leader = table.get(pgid) if pgid else None
        child = self._spawner.live.get(pgid) if pgid else None
        # A leader that is not our child is a stranger who was given the pid again.
        is_group_ours = leader is None or not leader.is_alive or child is not None
        for row in table.values():
            if row.pid == os.getpid():
                continue
            if (
                (is_group_ours and pgid and pgid in (row.pgid, row.sid))
                or (seen and identity_of(row, self._platform) in seen)
                or (row.is_alive and run in marks_of(row.pid, self._platform).run_parts)
                or self._is_stray_of(row, run)
            ):
                roots.append(row.pid)
        found: list[Leftover] = []
        for pid in sorted(descendants(table, roots)):
            row = table[pid]
            identity = identity_of(row, self._platform)
            if pid in self._spawner.live or identity in self._released:
                continue
            if not row.is_alive:
                self._reap_adopted(row)
                continue
            found.append(Leftover(pid, identity, command_of(pid, self._platform)))
        return found

    def reap_orphans(self) -> int:
        """Take orphans of ours that have ended out of the process table; how many there were.

        To be called now and then: a daemon that a task left may end at any time.
        """
        if not self._platform.has_subreaper:
            return 0
        rows = (read_row(pid, self._platform) for pid in own_children())
        return sum(self._reap_adopted(row) for row in rows if row and not row.is_alive)

    def _has_strangers(self, run: RunId) -> bool:
        """Whether a child of ours, that nobody spawned as a task, may have come from the run."""
        found = False
        for pid in own_children():
            row = None if pid in self._spawner.live else read_row(pid, self._platform)
            if row is None:
                continue
            if not row.is_alive:
                self._reap_adopted(row)
            elif identity_of(row, self._platform) not in self._released:
                marks = marks_of(pid, self._platform)
                found |= run in marks.run_parts or not (marks.run_parts or marks.is_tool)
        return found

    def _is_stray_of(self, row: ProcessRow, run: RunId) -> bool:
        """An adopted orphan without any mark, which only this run can still account for."""
        if not self._platform.has_subreaper or row.ppid != os.getpid() or not row.is_alive:
            return False
        if row.pid in self._spawner.live or row.sid == os.getsid(0):
            return False
        marks = marks_of(row.pid, self._platform)
        if not marks.is_readable or marks.run_parts or marks.is_tool:
            return False
        suspects = [
            process
            for process in self._spawner.recent
            if process.identity.start_ticks <= row.start_ticks
            and (process.ended_ticks is None or row.start_ticks <= process.ended_ticks)
        ]
        others = [process for process in suspects if process.run != run]
        return len(others) < len(suspects) and all(
            process.has_ended and process.run not in self._kept for process in others
        )

    def _reap_adopted(self, row: ProcessRow) -> bool:
        """Reap an orphan; its status interests nobody.

        Only one that is not in our own session: whoever runs a tool for the user waits for it.
        """
        if row.ppid != os.getpid() or row.sid == os.getsid(0) or row.pid in self._spawner.live:
            return False
        try:
            return os.waitpid(row.pid, os.WNOHANG)[0] == row.pid
        except OSError:
            return False

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
        step_s = _STEP_FIRST_S
        while left := self.find_leftovers(run, pgid, is_thorough=is_thorough):
            elapsed_s = time.monotonic() - start
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
        for run in self._alive_runs({dead.run: dead for dead in runs}):
            survivors.extend(self.sweep_now(run, grace_s))
        return tuple(survivors)

    def _alive_runs(self, runs: Mapping[RunId, DeadRun]) -> list[RunId]:
        """The runs of which something lives, with what proves it remembered."""
        table = {pid: row for pid, row in read_table(self._platform).items() if row.is_alive}
        table.pop(os.getpid(), None)
        owners: dict[int, RunId] = {}
        for pid in table:
            for part in marks_of(pid, self._platform).run_parts:
                if (dead := runs.get(RunId(part))) is not None:
                    owners[pid] = dead.run
        for dead in runs.values():
            for identity in (dead.identity, *dead.known):
                row = table.get(identity.pid) if identity else None
                if row is not None and identity_of(row, self._platform) == identity:
                    owners[row.pid] = dead.run
        for pid, run in list(owners.items()):
            leader = runs[run].identity
            seen = self._seen.setdefault(run, set())
            seen.add(identity_of(table[pid], self._platform))
            if leader is None or leader.pid not in (table[pid].pgid, table[pid].sid):
                continue
            for row in table.values():
                if leader.pid in (row.pgid, row.sid):
                    seen.add(identity_of(row, self._platform))
        return sorted(set(owners.values()))


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
