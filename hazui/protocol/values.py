"""Small values that events carry: reasons, triggers, differences, cache results."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class ReasonKind(StrEnum):
    """Why a task is part of a turn."""

    REQUESTED = "requested"
    INPUT_CHANGED = "input_changed"
    UPSTREAM = "upstream"
    CONFIG_CHANGED = "config_changed"
    NEVER_RAN = "never_ran"
    FAILED_LAST_TIME = "failed_last_time"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one task is part of a turn; what is set besides follows from the kind."""

    kind: ReasonKind
    path: str | None = None
    """The changed file (input_changed)."""
    pattern: str | None = None
    """The pattern of the task that the file matched (input_changed)."""
    upstream: str | None = None
    """The full name of the task above (upstream)."""


class WaitKind(StrEnum):
    """What can hold up a task that is wanted."""

    DEPENDENCY = "dependency"
    SLOT = "slot"
    TAG = "tag"
    MUTEX = "mutex"


@dataclass(frozen=True, slots=True)
class WaitReason:
    """What one task waits for right now."""

    kind: WaitKind
    on: str
    """What it waits for: a task, "jobs", a tag, or "mutex held by task"."""


class TriggerKind(StrEnum):
    """What can open or extend a turn."""

    START = "start"
    CHANGE = "change"
    REQUEST = "request"
    RECOVERY = "recovery"


@dataclass(frozen=True, slots=True)
class Trigger:
    """What opened a turn; ``paths`` are the changed files of a change."""

    kind: TriggerKind
    paths: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class PlannedTask:
    """A task of a turn, with the reason for it."""

    task: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Recovered:
    """What the last owner left: counts."""

    abandoned: int = 0
    interrupted: int = 0
    pending: int = 0


@dataclass(frozen=True, slots=True)
class LoadedTask:
    """A task as configured: what a front end shows of it before it ever ran."""

    task: str
    kind: Literal["task", "service"]
    display: str
    deps: tuple[str, ...]
    weak_deps: tuple[str, ...]
    tags: tuple[str, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    watch: bool
    usual_s: float | None


class LookupResult(StrEnum):
    """What the cache said; everything but a hit means that the task runs."""

    HIT = "hit"
    NO_ENTRY = "no_entry"
    SCHEMA_MISMATCH = "schema_mismatch"
    CORRUPT_ENTRY = "corrupt_entry"
    DISABLED = "disabled"


class DifferenceKind(StrEnum):
    """What about a task can differ from its last manifest."""

    FILE_CHANGED = "file_changed"
    FILE_ADDED = "file_added"
    FILE_REMOVED = "file_removed"
    ENV = "env"
    COMMAND = "command"
    DEPENDENCY = "dependency"
    OUTPUTS = "outputs"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs from the last manifest of the task."""

    kind: DifferenceKind
    name: str


class Phase(StrEnum):
    """The phases of one task; the first two and ``restore`` also name where an error arose."""

    KEY = "key"
    LOOKUP = "lookup"
    RESTORE = "restore"
    SPAWN = "spawn"
    CAPTURE = "capture"
    WAIT = "wait"
    OUTPUTS = "outputs"
    STORE = "store"
    READY = "ready"


class TurnOutcome(StrEnum):
    """How a turn ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ERRORED = "errored"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Counts:
    """How the tasks of a turn ended: disjoint, and together ``total``. ``succeeded`` ran fresh."""

    total: int = 0
    succeeded: int = 0
    cached: int = 0
    failed: int = 0
    errored: int = 0
    skipped: int = 0
    cancelled: int = 0
