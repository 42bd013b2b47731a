"""The words of the plan: states with what is known in them, inputs, effects.

A driver feeds inputs to ``Plan.apply`` and carries out the effects that come back. Values only;
nothing here decides anything.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from hazui.domain.ids import TaskId
from hazui.domain.records import CancelShape, SkipCause


class TaskState(StrEnum):
    """Where a task stands. Terminal states are never left."""

    WAITING = "waiting"
    """At least one predecessor in the plan (hard or weak) has not ended; after a lookup that
    missed, that is a service which it woke. No hard one has ended badly. It holds nothing."""
    READY = "ready"
    """Its key can be computed: all its predecessors in the plan have ended, the hard ones well,
    or are services that may sleep until they are needed. Nothing is known about the cache. It
    holds nothing and waits for a slot, or for room under the limit of one of its tags."""
    DORMANT = "dormant"
    """A service that was not asked for and that nobody has needed so far. It could be READY.
    Those that depend on it may be looked up as if it had succeeded, since their keys need only
    its key. It holds nothing; the first of them that misses wakes it and waits for it."""
    LOOKUP = "lookup"
    """The driver computes the key, looks it up and restores a hit. It holds a slot and its tags,
    never a mutex. No process exists."""
    BOUNCED = "bounced"
    """The lookup missed and the mutex was not free. It holds nothing but its place in the queue
    of the mutex, and is spawned without a second lookup."""
    RUNNING = "running"
    """The driver was told to spawn it, and may be spawning, running, retrying or storing. It
    holds a slot, its tags and its mutex."""
    STOPPING = "stopping"
    """It was running when it was cancelled. Its processes may be alive, so it still holds all
    that a running task holds. It may yet end by itself; then that is what counts."""
    SUCCEEDED = "succeeded"
    """Its outputs are in the workspace, fresh or restored; a service is ready. Holds nothing."""
    FAILED = "failed"
    """It ran and said no. Its hard descendants are skipped."""
    ERRORED = "errored"
    """hazui could not do what it takes. Its hard descendants are skipped."""
    SKIPPED = "skipped"
    """A task above it failed or errored, or a circle appeared. It never started."""
    UNNEEDED = "unneeded"
    """It was dormant to the end: all that depends on it ended without it."""
    CANCELLED = "cancelled"
    """It, or a task above it, was called off. It left nothing in the cache."""


TERMINAL = frozenset(
    {
        TaskState.SUCCEEDED,
        TaskState.FAILED,
        TaskState.ERRORED,
        TaskState.SKIPPED,
        TaskState.CANCELLED,
        TaskState.UNNEEDED,
    }
)

Ending = Literal["succeeded", "ready", "failed", "errored", "cancelled"]


@dataclass(frozen=True, slots=True)
class Start:
    """The first input, once."""


@dataclass(frozen=True, slots=True)
class LookedUp:
    """The lookup ended. A hit says that the outputs are restored: the task has succeeded."""

    task: TaskId
    is_hit: bool


@dataclass(frozen=True, slots=True)
class Finished:
    """The task ended, its processes are gone ("ready": a service may be depended on)."""

    task: TaskId
    ending: Ending


@dataclass(frozen=True, slots=True)
class Restarted:
    """An input changed under the task: it is put back to READY, and nothing else is.

    For a task in LOOKUP, BOUNCED or RUNNING, once its processes are gone.
    """

    task: TaskId


@dataclass(frozen=True, slots=True)
class Blocked:
    """A task that was to run again, its processes gone, cannot: what it needs ended badly."""

    task: TaskId
    cause: SkipCause
    root: TaskId


@dataclass(frozen=True, slots=True)
class CancelTask:
    """Call off one task, and with it what needs it."""

    task: TaskId


@dataclass(frozen=True, slots=True)
class CancelAll:
    """Call off everything that has not ended."""


@dataclass(frozen=True, slots=True)
class StopAdmitting:
    """Nothing new may start; what runs goes on.

    With a ``root`` what has not started is skipped because of it, else cancelled.
    """

    root: TaskId | None = None
    cause: SkipCause = SkipCause.RUNTIME_CYCLE


@dataclass(frozen=True, slots=True)
class Pause:
    """Admit nothing until ``Resume`` (a hook looks at a finished wave)."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Admit again."""


Input = (
    Start
    | LookedUp
    | Finished
    | Restarted
    | Blocked
    | CancelTask
    | CancelAll
    | StopAdmitting
    | Pause
    | Resume
)


@dataclass(frozen=True, slots=True)
class LookUp:
    """Compute the key, look it up, restore a hit; answer with ``LookedUp`` or ``Finished``."""

    task: TaskId
    wave: int


@dataclass(frozen=True, slots=True)
class Spawn:
    """Run it; answer with ``Finished`` or ``Restarted``."""

    task: TaskId


@dataclass(frozen=True, slots=True)
class Skip:
    """The task ended as skipped; ``root`` is the culprit at the root."""

    task: TaskId
    cause: SkipCause
    root: TaskId


@dataclass(frozen=True, slots=True)
class Cancel:
    """The task ended as cancelled; but "in_flight" is the order to stop it and then to answer."""

    task: TaskId
    shape: CancelShape
    root: TaskId | None = None


@dataclass(frozen=True, slots=True)
class Unneeded:
    """The dormant service ended without having been started."""

    task: TaskId


@dataclass(frozen=True, slots=True)
class WaveEnded:
    """The last task that this wave released has ended."""

    wave: int


@dataclass(frozen=True, slots=True)
class Done:
    """Every task has ended. The last effect there is."""


Effect = LookUp | Spawn | Skip | Cancel | Unneeded | WaveEnded | Done

WaitName = Literal["dependency", "slot", "tag", "mutex"]


@dataclass(frozen=True, slots=True)
class WaitingReason:
    """What holds a task up, worded as in the events."""

    kind: WaitName
    on: str
    """A task, "jobs", a tag, or "mutex held by task"."""


@dataclass(frozen=True, slots=True)
class Wait:
    """What a task waits for has become this."""

    task: TaskId
    reason: WaitingReason
