"""The five store facets of a session, as small interfaces, each with a declared tier.

A durable session refuses any facet whose tier is ephemeral; there is no silent fallback. The
supervisor sees these protocols only: ``durable.py`` keeps them in SQLite and files, ``memory.py``
in memory for ``--scratch``. Log bytes never go through here, only their digests do.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from hazui.domain.ids import Digest, Epoch, RunId, SessionId, TaskId, Turn


class Tier(StrEnum):
    """Whether a facet outlives its owner."""

    """Whether a store outlives the process."""

    DURABLE = "durable"
    EPHEMERAL = "ephemeral"


class ProcessState(StrEnum):
    """The life of a registered execution; what a dead owner left open ends as ABANDONED."""

    REGISTERED = "registered"  # persisted, not spawned yet
    RUNNING = "running"  # has a process identity
    ENDED = "ended"
    RELEASED = "released"  # kept on purpose, outside every later sweep
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessRow:
    """One execution. ``pid``, ``start_ticks``, ``boot_id`` are its identity once it runs."""

    execution_id: RunId
    epoch: Epoch
    turn: Turn
    task: TaskId
    attempt: int = 1
    state: ProcessState = ProcessState.REGISTERED
    pid: int | None = None
    pgid: int | None = None
    start_ticks: int | None = None
    boot_id: str | None = None
    exit_status: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessEnv:
    """What a process ran with; values of variables only as keyed fingerprints."""

    argv: tuple[str, ...]
    cwd: str
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskResult:
    """How one task ended in a committed turn. ``record`` is its terminal event as JSON."""

    task: TaskId
    state: str
    source: str | None = None
    duration_s: float | None = None
    record: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnRow:
    """One turn, open or ended. ``trigger`` and ``error`` are JSON values."""

    """One turn as it is kept."""

    turn: Turn
    epoch: Epoch
    trigger: Mapping[str, Any]
    started_at: str
    outcome: str | None = None
    """None while the turn is open."""
    ended_at: str | None = None
    duration_s: float | None = None
    counts: Mapping[str, int] | None = None
    error: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnCommit:
    """What one transaction makes true: the results, and the triggers that they consumed."""

    turn: Turn
    outcome: str
    ended_at: str
    duration_s: float
    counts: Mapping[str, int]
    results: Sequence[TaskResult] = ()
    consumed_triggers: Sequence[int] = ()
    error: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class PendingTrigger:
    """A change set that no committed turn has consumed."""

    """A change set that no committed turn has worked on."""

    id: int
    paths: tuple[str, ...]
    rescan: bool


@dataclass(frozen=True, slots=True)
class LastResult:
    """The newest result of a task over all committed turns."""

    state: str
    turn: Turn
    usual_s: float | None
    """Median of the last fresh successes; None when there is none."""


def median_s(durations: Sequence[float]) -> float:
    """The middle one, the lower of two; at least one is wanted.

    Written out because the standard module loads decimals and fractions at every start.
    """
    return sorted(durations)[(len(durations) - 1) // 2]


class SessionStore(Protocol):
    """Turns, results and the event journal of one session."""

    tier: Tier

    def session_id(self) -> SessionId: ...

    def open_turn(self, turn: TurnRow) -> None: ...

    def next_turn(self) -> Turn:
        """One more than any turn ever opened."""
        ...

    def commit_turn(self, commit: TurnCommit) -> None:
        """All or nothing: same turn and content again is accepted, other content refused.

        Raises:
            HazuiRuntimeError: ``store_commit_failed`` or ``session_execution_lease_lost``.
        """
        ...

    def close_open_turns(self, outcome: str, ended_at: str) -> int:
        """End every turn a dead owner left open; how many there were."""
        ...

    def turns(self, limit: int | None = None) -> list[TurnRow]:
        """Newest first."""
        ...

    def results(self, turn: Turn) -> list[TaskResult]: ...

    def last_results(self) -> dict[TaskId, LastResult]: ...

    def append_events(self, epoch: Epoch, rows: Iterable[tuple[int, int | None, str]]) -> None:
        """Journal ``(seq, turn, JSON text)`` rows in one transaction."""
        ...

    def events(self, epoch: Epoch, from_seq: int, to_seq: int) -> list[str]:
        """JSON texts, both ends included."""
        ...

    def turn_events(self, turn: Turn) -> list[str]: ...


class ProcessRegistry(Protocol):
    """Executions, written before their process exists."""

    tier: Tier

    def register(self, row: ProcessRow) -> None:
        """Persist an execution id before the spawn.

        Raises:
            HazuiRuntimeError: ``missing_process_execution_id`` for a blank id.
        """
        ...

    def update(self, execution_id: RunId, **changes: Any) -> None:
        """Change columns of a known row.

        Raises:
            HazuiRuntimeError: ``missing_process_execution_id`` when the id is not registered.
        """
        ...

    def unfinished(self, before: Epoch) -> list[ProcessRow]:
        """Rows of epochs before ``before`` that are registered or running."""
        ...

    def abandon(self, execution_ids: Collection[RunId]) -> None: ...


class ProcessEnvStore(Protocol):
    """What each process ran with, written with its registration."""

    """What each execution was started with; values are fingerprints."""

    tier: Tier

    def put(self, execution_id: RunId, env: ProcessEnv) -> None: ...

    def get(self, execution_id: RunId) -> ProcessEnv | None: ...


class TriggerStore(Protocol):
    """Pending change sets; consumed by the commit of the turn that worked on them."""

    tier: Tier

    def add(self, paths: Collection[str], rescan: bool) -> int: ...

    def pending(self) -> list[PendingTrigger]: ...

    def discard(self, ids: Collection[int]) -> None:
        """Drop change sets that affect nothing."""
        ...


class AttachmentStore(Protocol):
    """Where finished streams lie, by content."""

    tier: Tier

    @property
    def directory(self) -> Path: ...

    def pinned(self) -> set[Digest]:
        """Digests that committed turns refer to."""
        ...


@dataclass(frozen=True, slots=True)
class Stores:
    """The five facets of one open session, in the order in which they are checked."""

    attachment_store: AttachmentStore
    process_env_store: ProcessEnvStore
    session_store: SessionStore
    process_registry: ProcessRegistry
    trigger_store: TriggerStore

    def tiers(self) -> dict[str, Tier]:
        return {name: getattr(self, name).tier for name in self.__slots__}
