"""What the running tasks cost: one pass over the processes of the machine for all trees.

A tree is a task's child and everything below it, also what left it for us or for its session. The
pass reads each process once; what does not change (the command line) is kept per identity. CPU is
a difference between two passes, so the first sample of a process says 0.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from hazui.domain.ids import TaskId
from hazui.process.platform import Platform
from hazui.process.table import (
    CLOCK_TICKS_PER_S,
    ProcessIdentity,
    ProcessRow,
    children_of,
    command_of,
    descendants,
    identity_of,
    read_table,
)


@dataclass(frozen=True, slots=True)
class ProcessSample:
    """One process of a tree."""

    pid: int
    ppid: int
    state: str
    """One letter as in ps."""
    cpu_percent: float
    """Of one core, since the last pass."""
    rss_bytes: int
    threads: int
    age_s: float
    command: str
    identity: ProcessIdentity


@dataclass(frozen=True, slots=True)
class Sample:
    """One tree."""

    processes: tuple[ProcessSample, ...] = ()
    """The root first, then by pid."""
    cpu_percent: float = 0.0
    rss_bytes: int = 0

    @property
    def pids(self) -> tuple[int, ...]:
        return tuple(process.pid for process in self.processes)


class Sampler:
    """Keeps what it needs between two passes; used from one thread."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._cpu_ticks: dict[ProcessIdentity, int] = {}
        self._commands: dict[ProcessIdentity, str] = {}
        self._children: dict[int, list[int]] = {}
        self._at = 0.0
        self.table: Mapping[int, ProcessRow] = {}
        """The rows of the last pass, for whoever wants to look at the same moment."""

    def sample(self, roots: Mapping[TaskId, int]) -> dict[TaskId, Sample]:
        """The trees below these pids; a root that is gone has an empty one."""
        now = time.monotonic()
        elapsed_s = now - self._at if self._at else 0.0
        self._at = now
        self.table = read_table(self._platform)
        self._children = children_of(self.table)
        sessions: dict[int, list[int]] = {}
        for row in self.table.values():
            sessions.setdefault(row.sid, []).append(row.pid)
        cpu_ticks: dict[ProcessIdentity, int] = {}
        trees = {
            task: self._tree(root, sessions.get(root, []), elapsed_s, cpu_ticks)
            for task, root in roots.items()
        }
        self._cpu_ticks = cpu_ticks
        self._commands = {key: self._commands[key] for key in cpu_ticks}
        return trees

    def _tree(
        self,
        root: int,
        session: list[int],
        elapsed_s: float,
        cpu_ticks: dict[ProcessIdentity, int],
    ) -> Sample:
        pids = descendants(self.table, [root, *session], self._children)
        processes: list[ProcessSample] = []
        for pid in sorted(pids, key=lambda pid: (pid != root, pid)):
            row = self.table[pid]
            identity = identity_of(row, self._platform)
            before = self._cpu_ticks.get(identity)
            cpu_ticks[identity] = row.cpu_ticks
            used_s = (row.cpu_ticks - before) / CLOCK_TICKS_PER_S if before is not None else 0.0
            command = self._commands.get(identity)
            if command is None:
                command = self._commands[identity] = command_of(pid, self._platform)
            processes.append(
                ProcessSample(
                    pid,
                    row.ppid,
                    row.state,
                    max(0.0, used_s / elapsed_s * 100) if elapsed_s > 0 else 0.0,
                    row.rss_bytes,
                    row.threads,
                    age_s(row, self._platform),
                    command,
                    identity,
                )
            )
        return Sample(
            tuple(processes),
            sum(process.cpu_percent for process in processes),
            sum(process.rss_bytes for process in processes),
        )


def age_s(row: ProcessRow, platform: Platform) -> float:
    """Seconds since the process started."""
    since = time.clock_gettime(time.CLOCK_BOOTTIME) if platform.has_proc else time.time()
    return max(0.0, since - row.start_ticks / CLOCK_TICKS_PER_S)
