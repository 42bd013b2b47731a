"""View models: what a front end shows, as frozen values.

``reduce`` makes them from events and nothing else; widgets and the plain front end draw them. They
know no terminal, no file and no clock: whatever grows with time (elapsed seconds) is computed by
whoever draws, from ``started_at``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from operator import attrgetter
from typing import Any

from hazui.domain.links import Diagnosis
from hazui.domain.records import ExitStatus, Streams
from hazui.errors.record import ErrorRecord
from hazui.protocol.values import (
    Counts,
    Difference,
    LookupResult,
    Phase,
    PlannedTask,
    Reason,
    Recovered,
    Trigger,
    TurnOutcome,
    WaitReason,
)


class TaskState(StrEnum):
    """What became of a task the last time it was part of a turn."""

    IDLE = "idle"
    """Known, and not part of a turn of this session yet."""
    WAITING = "waiting"
    RUNNING = "running"
    READY = "ready"
    """A service that answers its probe."""
    SUCCEEDED = "succeeded"
    CACHED = "cached"
    FAILED = "failed"
    """It ran and ended badly."""
    ERRORED = "errored"
    """hazui could not do its part: the chain of typed errors says what."""
    SKIPPED = "skipped"
    CANCELLED = "cancelled"

    @property
    def is_live(self) -> bool:
        """True when a process may exist."""
        return self in (TaskState.RUNNING, TaskState.READY)

    @property
    def is_bad(self) -> bool:
        return self in (TaskState.FAILED, TaskState.ERRORED)


@dataclass(frozen=True, slots=True)
class LogRef:
    """Which captured streams to show: a run in flight, or the hashes of a finished one."""

    run: str | None = None
    stdout_hash: str | None = None
    stderr_hash: str | None = None
    journal_hash: str | None = None
    is_replayed: bool = False
    """The bytes come from the cache, not from a process of this turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureFacts:
    """Everything that is known of a task's last bad end; kept until it ends well."""

    turn: int
    at: str
    seq: int
    exit_status: ExitStatus | None = None
    timed_out: bool = False
    phase: Phase | None = None
    error: ErrorRecord | None = None
    diagnosis: Diagnosis | None = None
    log: LogRef | None = None
    attempt: int = 1
    survivors: tuple[str, ...] = ()
    argv: tuple[str, ...] = ()
    cwd: str = ""
    pid: int | None = None
    execution_id: str | None = None
    differs: tuple[Difference, ...] = ()
    omitted: int = 0
    duration_s: float | None = None
    streams: Streams = field(default_factory=Streams)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskView:
    """Everything that is shown of one task."""

    task: str
    kind: str = "task"
    display: str = ""
    deps: tuple[str, ...] = ()
    weak_deps: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    watch: bool = True
    usual_s: float | None = None
    state: TaskState = TaskState.IDLE
    turn: int | None = None
    reason: Reason | None = None
    waiting: WaitReason | None = None
    phase: Phase | None = None
    run: str | None = None
    attempt: int = 1
    attempts_failed: int = 0
    pid: int | None = None
    pgid: int | None = None
    pids: tuple[int, ...] = ()
    argv: tuple[str, ...] = ()
    cwd: str = ""
    execution_id: str | None = None
    cpu_percent: float = 0.0
    rss_bytes: int = 0
    max_rss_bytes: int = 0
    cpu_s: float = 0.0
    exit_status: ExitStatus | None = None
    started_at: str | None = None
    """UTC; of the run that is going on, or went on last."""
    ended_at: str | None = None
    duration_s: float | None = None
    log: LogRef | None = None
    """What to show: the previous run's output stays until the new one prints."""
    stdout_bytes: int = 0
    stderr_bytes: int = 0
    lookup: LookupResult | None = None
    lookup_error: ErrorRecord | None = None
    differs: tuple[Difference, ...] = ()
    omitted: int = 0
    produced: tuple[str, ...] = ()
    timed_out: bool = False
    stale: bool = False
    survivors: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()
    skip_cause: str | None = None
    root: str | None = None
    """The culprit above (skipped, cancelled because of another)."""
    cancel_shape: str | None = None
    restart_in_s: float | None = None
    restarts: int = 0
    probe: str | None = None
    adopted: bool = False
    changed_not_run: bool = False
    failure: FailureFacts | None = None

    @property
    def is_service(self) -> bool:
        return self.kind == "service"


_NAMES = tuple(each.name for each in fields(TaskView))
_GET = attrgetter(*_NAMES)
_SETTERS: dict[str, Callable[[TaskView, Any], None]] = {
    name: TaskView.__dict__[name].__set__ for name in _NAMES
}
_SET = tuple(_SETTERS.values())


def changed(view: TaskView, **changes: Any) -> TaskView:
    """A copy with other values: ``dataclasses.replace``, several times faster.

    Every event makes one, and with ten thousand tasks a batch has tens of thousands of events.

    Raises:
        KeyError: there is no such field.
    """
    made = object.__new__(TaskView)
    for put, value in zip(_SET, _GET(view), strict=True):
        put(made, value)
    for name, value in changes.items():
        _SETTERS[name](made, value)
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnView:
    """One turn, open or past."""

    turn: int
    started_at: str
    trigger: Trigger
    tasks: tuple[PlannedTask, ...]
    done: int = 0
    """How many of ``tasks`` came to an end (a ready service counts)."""
    outcome: TurnOutcome | None = None
    counts: Counts | None = None
    duration_s: float | None = None
    critical_path: tuple[str, ...] = ()
    error: ErrorRecord | None = None

    @property
    def is_open(self) -> bool:
        return self.outcome is None


class WatchState(StrEnum):
    """How far changes are noticed."""

    OFF = "off"
    WATCHING = "watching"
    DEGRADED = "degraded"


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchView:
    """What is shown of the watcher."""

    state: WatchState = WatchState.OFF
    is_paused: bool = False
    files: int = 0
    backend: str = ""
    error: ErrorRecord | None = None
    last_paths: tuple[str, ...] = ()
    """Of the last change set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """Something a person should know that belongs to no task."""

    seq: int
    at: str
    level: str
    text: str
    error: ErrorRecord | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StopView:
    """How stopping stands: for whom, the signal sent, the seconds until the next one."""

    at: str
    waiting_for: tuple[str, ...]
    signal: str
    seconds_left: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView:
    """The whole of what is known. ``tasks`` is never changed once handed out."""

    name: str = ""
    root: str = ""
    state_dir: str = ""
    session: str = ""
    epoch: int = 0
    is_durable: bool = True
    recovered: Recovered = field(default_factory=Recovered)
    revision: str = ""
    order: tuple[str, ...] = ()
    """Task names in the order they are listed: canonical, and it never changes by itself."""
    tasks: Mapping[str, TaskView] = field(default_factory=dict)
    counts: Mapping[TaskState, int] = field(default_factory=dict)
    watch: WatchView = field(default_factory=WatchView)
    turn: TurnView | None = None
    """The current turn, or the last one."""
    past_turns: tuple[TurnView, ...] = ()
    """Finished turns before it, the newest first; bounded."""
    problems: tuple[ErrorRecord, ...] = ()
    """Of a configuration that was rejected; the one before it is still in force."""
    notices: tuple[NoticeView, ...] = ()
    """The newest last; bounded."""
    refused: ErrorRecord | None = None
    stop: StopView | None = None
    is_closed: bool = False
    was_clean: bool = True
    last_at: str = ""
    last_seq: int = 0
    events: int = 0
    failure_version: int = 0
    """Changes exactly when the list of failures may have."""

    def count(self, state: TaskState) -> int:
        return self.counts.get(state, 0)

    @property
    def has_live_tasks(self) -> bool:
        """True when something runs, so that quitting has to stop it."""
        return any(self.count(state) for state in TaskState if state.is_live)
