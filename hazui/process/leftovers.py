"""Which processes belong to a run whose child has ended, or must end.

A process belongs to a run when it is in the group or the session of its child, below one that is,
known to have been below one, or when HAZUI_RUN in its environment names the run. Where orphans
come to us (subreaper), everything that a run started and that still lives is below us, so looking
at our own children is proof enough; elsewhere every process of the machine is looked at. An orphan
that wiped its environment is a stray: the last run to end of those it can have come from takes it.

Processes that were released (``leftovers = "keep"``) and what was started for the user are
nobody's.
"""

import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hazui.domain.ids import RunId
from hazui.process.spawn import Process, ProcessSpawner
from hazui.process.table import (
    Marks,
    ProcessIdentity,
    ProcessRow,
    children_of,
    command_of,
    descendants,
    identity_of,
    marks_of,
    own_children,
    read_row,
    read_table,
)

_NOTE_SHARED_S = 0.5
"""How old a look at all processes may be to tell what is below a child."""
REAP_PATIENCE_S = 1.0
"""How long an ended child of unknown origin is left to whoever may wait for it."""
_TICKS_SLACK = 2
"""psutil rounds start times."""


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


@dataclass(slots=True)
class Look:
    """All processes at about one moment; what was asked about them is kept with it."""

    table: Mapping[int, ProcessRow]
    begun_at: float = -1.0
    """Monotonic; -1 is never."""
    children: Mapping[int, list[int]] = field(default_factory=dict)
    marks: dict[int, Marks] = field(default_factory=dict)


class LeftoverFinder:
    """Knows whose the processes are; ``spawner`` knows the children that are still wanted."""

    def __init__(self, spawner: ProcessSpawner) -> None:
        self._spawner = spawner
        self._platform = spawner.platform
        self._seen: dict[RunId, set[ProcessIdentity]] = {}
        self._released: set[ProcessIdentity] = set()
        self._kept: set[RunId] = set()
        self._ended_since: dict[ProcessIdentity, float] = {}
        self._look = Look({})

    def note(self, processes: Iterable[Process]) -> None:
        """Remember what is below each child now, so that a later escape is still known."""
        look = self._recent_look(time.monotonic() - _NOTE_SHARED_S)
        for process in processes:
            seen = self._seen.setdefault(process.run, set())
            for pid in descendants(look.table, [process.pid], look.children) - {process.pid}:
                seen.add(identity_of(look.table[pid], self._platform))

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
        return self._find(run, pgid, time.monotonic(), is_thorough=is_thorough)

    def _find(
        self, run: RunId, pgid: int | None, not_before: float, *, is_thorough: bool
    ) -> list[Leftover]:
        """As ``find_leftovers``; a look that was taken after ``not_before`` is good enough."""
        if not is_thorough and self._platform.has_subreaper and not self._has_strangers(run):
            return []
        look = self._recent_look(not_before)
        table = look.table
        born = self._born(run)
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
                or (
                    row.is_alive
                    and row.start_ticks >= born
                    and run in self._marks(row.pid, look).run_parts
                )
                or self._is_stray_of(row, run, look)
            ):
                roots.append(row.pid)
        found: list[Leftover] = []
        for pid in sorted(descendants(table, roots, look.children)):
            row = table[pid]
            identity = identity_of(row, self._platform)
            if pid in self._spawner.live or identity in self._released:
                continue
            if not row.is_alive:
                self._reap_adopted(row)
                continue
            found.append(Leftover(pid, identity, command_of(pid, self._platform)))
        return found

    def _recent_look(self, not_before: float) -> "Look":
        if not self._look.begun_at >= not_before:
            self._look = Look({}, time.monotonic())
            self._look.table = read_table(self._platform)
            self._look.children = children_of(self._look.table)
        return self._look

    def _marks(self, pid: int, look: "Look") -> Marks:
        if (marks := look.marks.get(pid)) is None:
            marks = look.marks[pid] = marks_of(pid, self._platform)
        return marks

    def _over_since(self, run: RunId) -> float:
        """Since when no child of the run is alive; now, when one is."""
        ends = [p.ended_at for p in self._spawner.recent if p.run == run]
        return max((now_or(end) for end in ends), default=time.monotonic())

    def _born(self, run: RunId) -> int:
        """When the first child of the run started; what is older cannot belong to it."""
        starts = [p.identity.start_ticks for p in self._spawner.recent if p.run == run]
        return min(starts, default=0) - _TICKS_SLACK

    def reap_orphans(self, patience_s: float = REAP_PATIENCE_S) -> int:
        """Take orphans of ours that have ended out of the process table; how many there were.

        To be called now and then: a daemon that a task left may end at any time. One that may be
        a tool of the user is left to whoever waits for it for ``patience_s``.
        """
        if not self._platform.has_subreaper:
            return 0
        rows = [read_row(pid, self._platform) for pid in own_children()]
        ended = [row for row in rows if row and not row.is_alive]
        known = {identity_of(row, self._platform) for row in ended}
        self._ended_since = {key: at for key, at in self._ended_since.items() if key in known}
        return sum(self._reap_adopted(row, patience_s) for row in ended)

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

    def _is_stray_of(self, row: ProcessRow, run: RunId, look: "Look") -> bool:
        """An adopted orphan without any mark, which only this run can still account for."""
        if not self._platform.has_subreaper or row.ppid != os.getpid() or not row.is_alive:
            return False
        if row.pid in self._spawner.live or row.sid == os.getsid(0):
            return False
        marks = self._marks(row.pid, look)
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

    def _reap_adopted(self, row: ProcessRow, patience_s: float = REAP_PATIENCE_S) -> bool:
        """Reap an orphan; its status interests nobody.

        A tool of the user has somebody who waits for it. What is in our own session is left to
        them for ever, what is in one of its own and of no run for a while.
        """
        if row.ppid != os.getpid() or row.sid == os.getsid(0) or row.pid in self._spawner.live:
            return False
        identity = identity_of(row, self._platform)
        is_of_a_run = any(
            process.pid in (row.pgid, row.sid) or identity in self._seen.get(process.run, ())
            for process in self._spawner.recent
        )
        since = self._ended_since.setdefault(identity, time.monotonic())
        if not is_of_a_run and time.monotonic() - since < patience_s:
            return False
        try:
            return os.waitpid(row.pid, os.WNOHANG)[0] == row.pid
        except OSError:
            return False

    def alive_runs(self, dead_runs: Iterable[DeadRun]) -> list[RunId]:
        """Which of them have anything alive, by one look; what proves it is remembered."""
        runs = {dead.run: dead for dead in dead_runs}
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


def now_or(moment: float | None) -> float:
    """``moment``, or now on the monotonic clock."""
    return time.monotonic() if moment is None else moment
