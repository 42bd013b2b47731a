"""Events out: everything that happened, as frozen values in the past tense.

The screen, headless runs, the journal and tests read the same stream. Fields may be added, never
renamed. A value here has no ``seq`` and ``at``; the hub stamps it (``Stamped``). Task names are
always full (``project:task``), paths workspace-relative with ``/``. One file because it is one
vocabulary, which is read and checked as a whole.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from hazui.domain.links import Diagnosis
from hazui.domain.records import ExitStatus, Streams
from hazui.errors.record import ErrorRecord
from hazui.protocol.values import (
    Counts,
    Difference,
    LoadedTask,
    LookupResult,
    Phase,
    PlannedTask,
    Recovered,
    Trigger,
    TurnOutcome,
    WaitReason,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOpened:
    """This process owns the workspace now; the first event of a stream."""

    EVENT: ClassVar[str] = "session_opened"
    session: str
    epoch: int
    root: str
    durable: bool
    recovered: Recovered = field(default_factory=Recovered)
    name: str = ""
    """The workspace's name."""
    state_dir: str = ""
    """Absolute; where the spools of this session are read from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRefused:
    """The workspace could not be owned; nothing follows."""

    EVENT: ClassVar[str] = "session_refused"
    error: ErrorRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceLoaded:
    """A configuration is in force."""

    EVENT: ClassVar[str] = "workspace_loaded"
    revision: str
    tasks: tuple[LoadedTask, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigRejected:
    """The configuration does not validate; the last valid one stays in force."""

    EVENT: ClassVar[str] = "config_rejected"
    problems: tuple[ErrorRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchReady:
    """From here on no change is missed."""

    EVENT: ClassVar[str] = "watch_ready"
    files: int
    backend: Literal["native", "polling"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchDegraded:
    """Changes are found late, or in parts of the tree not at all."""

    EVENT: ClassVar[str] = "watch_degraded"
    error: ErrorRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRecovered:
    """The watcher works again as before ``error``."""

    EVENT: ClassVar[str] = "watch_recovered"
    error: ErrorRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchPaused:
    """Changes are collected but start nothing."""

    EVENT: ClassVar[str] = "watch_paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchResumed:
    """Changes start turns again."""

    EVENT: ClassVar[str] = "watch_resumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSetSeen:
    """Files changed, and it has been quiet since."""

    EVENT: ClassVar[str] = "change_set"
    paths: tuple[str, ...]
    rescan: bool
    first_seen_to_settled_ms: float
    not_run: tuple[str, ...] = ()
    """Affected tasks with ``watch = false``: "changed, not run"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnStarted:
    """A turn is open with these tasks."""

    EVENT: ClassVar[str] = "turn_started"
    turn: int
    trigger: Trigger
    tasks: tuple[PlannedTask, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnExtended:
    """A change or a request came while the turn was open: it takes these tasks in as well."""

    EVENT: ClassVar[str] = "turn_extended"
    turn: int
    trigger: Trigger
    tasks: tuple[PlannedTask, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskWaiting:
    """A wanted task cannot start yet, or waits for something else than before."""

    EVENT: ClassVar[str] = "task_waiting"
    task: str
    turn: int
    reason: WaitReason


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheLookedUp:
    """A key was built and looked up."""

    EVENT: ClassVar[str] = "cache_lookup"
    task: str
    turn: int
    key: str
    result: LookupResult
    differs: tuple[Difference, ...] = ()
    omitted: int = 0
    """How many more differences there are than ``differs`` shows."""
    error: ErrorRecord | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStarted:
    """A task is about to run its command; hits are not started."""

    EVENT: ClassVar[str] = "task_started"
    task: str
    turn: int
    run: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPhaseEntered:
    """A task goes on with its next phase."""

    EVENT: ClassVar[str] = "task_phase"
    task: str
    turn: int
    phase: Phase


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessSpawned:
    """A task's process exists; its output may follow."""

    EVENT: ClassVar[str] = "process_spawned"
    task: str
    turn: int
    pid: int
    pgid: int
    argv: tuple[str, ...]
    cwd: str
    execution_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputAppended:
    """``text`` only with ``--output events``; bytes are read from the spool otherwise."""

    EVENT: ClassVar[str] = "output"
    task: str
    turn: int
    stream: Literal["stdout", "stderr"]
    bytes_total: int
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessSampled:
    """What the process tree of a task uses at the moment."""

    EVENT: ClassVar[str] = "process_sample"
    task: str
    turn: int
    pids: tuple[int, ...]
    cpu_percent: float
    """Of one core, over the whole tree; may exceed 100."""
    rss_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessExited:
    """A task's own process ended; output may still follow, what is left is swept."""

    EVENT: ClassVar[str] = "process_exited"
    task: str
    turn: int
    pid: int
    exit_status: ExitStatus
    max_rss_bytes: int
    cpu_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskAttemptFailed:
    """One attempt failed and the task is tried again."""

    EVENT: ClassVar[str] = "task_attempt_failed"
    task: str
    turn: int
    attempt: int
    of: int
    exit_status: ExitStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFinished:
    """A task has a result, its own or a restored one; terminal."""

    EVENT: ClassVar[str] = "task_finished"
    task: str
    turn: int
    source: Literal["cache_hit", "fresh_run"]
    state: Literal["succeeded", "failed"]
    exit_status: ExitStatus | None
    duration_s: float
    stdout_hash: str
    stderr_hash: str
    journal_hash: str
    """The journal of arrival of both streams; gives the merged view."""
    streams: Streams = field(default_factory=Streams)
    outputs: tuple[str, ...] = ()
    timed_out: bool = False
    stale: bool = False
    attempt: int = 1
    survivors: tuple[str, ...] = ()
    diagnosis: Diagnosis | None = None
    run: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskErrored:
    """hazui could not run the task or take its result; terminal."""

    EVENT: ClassVar[str] = "task_errored"
    task: str
    turn: int
    phase: Phase
    error: ErrorRecord
    run: str | None = None
    exit_status: ExitStatus | None = None
    stdout_hash: str | None = None
    stderr_hash: str | None = None
    journal_hash: str | None = None
    attempt: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSkipped:
    """A task was not started because of ``root``; terminal."""

    EVENT: ClassVar[str] = "task_skipped"
    task: str
    turn: int
    cause: Literal["upstream_failed", "upstream_errored", "runtime_cycle"]
    root: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCancelled:
    """A task was stopped or dropped before it started; terminal."""

    EVENT: ClassVar[str] = "task_cancelled"
    task: str
    turn: int
    shape: Literal["in_flight", "never_started", "upstream"]
    root: str | None = None
    signals: tuple[str, ...] = ()
    survivors: tuple[str, ...] = ()
    run: str | None = None
    stdout_hash: str | None = None
    stderr_hash: str | None = None
    journal_hash: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceBecameReady:
    """A service answers its probe; for the turn it is done."""

    EVENT: ClassVar[str] = "service_ready"
    task: str
    turn: int
    after_s: float
    probe: str
    pid: int
    adopted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceWentDown:
    """A service ended or does not answer any more."""

    EVENT: ClassVar[str] = "service_down"
    task: str
    turn: int
    exit_status: ExitStatus | None
    error: ErrorRecord | None
    will_restart_in_s: float | None
    restarts: int
    requested: bool = False
    """It was stopped because somebody asked, or because it is started again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnFinished:
    """A turn is committed."""

    EVENT: ClassVar[str] = "turn_finished"
    turn: int
    outcome: TurnOutcome
    counts: Counts
    duration_s: float
    critical_path: tuple[str, ...] = ()
    error: ErrorRecord | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """Something a person should know that belongs to no task."""

    EVENT: ClassVar[str] = "notice"
    level: Literal["info", "warning", "error"]
    text: str
    error: ErrorRecord | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lagged:
    """This front end fell behind: the events between were dropped, re-read the journal."""

    EVENT: ClassVar[str] = "lagged"
    from_seq: int
    to_seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StopProgressed:
    """While quitting: whom it waits for, the signal sent, and the seconds until the next one."""

    EVENT: ClassVar[str] = "stop_progress"
    waiting_for: tuple[str, ...]
    signal: str
    seconds_left: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionClosed:
    """The session is over; the last event of a stream."""

    EVENT: ClassVar[str] = "session_closed"
    clean: bool


Event = (
    SessionOpened
    | SessionRefused
    | WorkspaceLoaded
    | ConfigRejected
    | WatchReady
    | WatchDegraded
    | WatchRecovered
    | WatchPaused
    | WatchResumed
    | ChangeSetSeen
    | TurnStarted
    | TurnExtended
    | TaskWaiting
    | CacheLookedUp
    | TaskStarted
    | TaskPhaseEntered
    | ProcessSpawned
    | OutputAppended
    | ProcessSampled
    | ProcessExited
    | TaskAttemptFailed
    | TaskFinished
    | TaskErrored
    | TaskSkipped
    | TaskCancelled
    | ServiceBecameReady
    | ServiceWentDown
    | TurnFinished
    | Noticed
    | Lagged
    | StopProgressed
    | SessionClosed
)


@dataclass(frozen=True, slots=True)
class Stamped:
    """An event with its place in the stream of one owner epoch and its time (UTC, ISO 8601)."""

    seq: int
    at: str
    event: Event

    def to_json(self) -> dict[str, Any]:
        """One flat JSON object: ``event``, ``at``, ``seq``, then the fields."""
        from hazui.protocol.encode import event_to_json

        return {
            "event": self.event.EVENT,
            "at": self.at,
            "seq": self.seq,
            **event_to_json(self.event),
        }
