"""Words for what happened, the same on the screen, in plain output and in reports.

Every state has a glyph and a word, so that nothing is said by colour alone. Names, paths and
messages are foreign text: they are made printable on one line here and are never markup.
"""

from collections.abc import Sequence

from hazui.domain.records import ExitStatus
from hazui.errors.base import one_line
from hazui.protocol.values import (
    Difference,
    DifferenceKind,
    LookupResult,
    Reason,
    ReasonKind,
    Trigger,
    TriggerKind,
    TurnOutcome,
    WaitKind,
    WaitReason,
)
from hazui.view import durations
from hazui.view.models import TaskState, TaskView

GLYPHS: dict[TaskState, str] = {
    TaskState.IDLE: "·",
    TaskState.WAITING: "○",
    TaskState.RUNNING: "▸",
    TaskState.READY: "●",
    TaskState.SUCCEEDED: "✓",
    TaskState.CACHED: "=",
    TaskState.FAILED: "✗",
    TaskState.ERRORED: "!",
    TaskState.SKIPPED: "–",  # noqa: RUF001 - an en dash is one column wide and unlike a minus sign
    TaskState.CANCELLED: "⊘",
}

RELATIONS: dict[str, str] = {
    "caused_by": "caused by",
    "while_handling": "while handling",
    "member": "one of several",
    "reported_by": "reported by",
}

LOOKUPS: dict[LookupResult, str] = {
    LookupResult.HIT: "found in the cache",
    LookupResult.NO_ENTRY: "not in the cache",
    LookupResult.SCHEMA_MISMATCH: "the cache entry was written by another version",
    LookupResult.CORRUPT_ENTRY: "the cache entry was damaged",
    LookupResult.DISABLED: "the cache is off for this task",
}

_DIFFERENCES: dict[DifferenceKind, str] = {
    DifferenceKind.FILE_CHANGED: "{} changed",
    DifferenceKind.FILE_ADDED: "{} was added",
    DifferenceKind.FILE_REMOVED: "{} was removed",
    DifferenceKind.ENV: "the variable {} differs",
    DifferenceKind.COMMAND: "the command differs ({})",
    DifferenceKind.DEPENDENCY: "{} of a dependency differs",
    DifferenceKind.OUTPUTS: "the declared outputs differ ({})",
}


def glyph(state: TaskState) -> str:
    """One cell that stands for a state."""
    return GLYPHS[state]


def word(state: TaskState) -> str:
    """The word for a state."""
    return state.value


def plural(count: int, noun: str, many: str | None = None) -> str:
    """``1 task``, ``1,204 files``."""
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"


def exit_status(status: ExitStatus | None, *, timed_out: bool = False) -> str:
    """``exit 1``, ``killed by SIGKILL``, ``timed out, killed by SIGTERM``."""
    text = "no exit status" if status is None else str(status)
    return f"timed out, {text}" if timed_out else text


def reason(value: Reason) -> str:
    """Why a task is part of a turn, as a sentence with its object."""
    if value.kind is ReasonKind.INPUT_CHANGED:
        path = one_line(value.path or "an input")
        if value.pattern is None or value.pattern == value.path:
            return f"{path} changed"
        return f"{path} changed (matches {one_line(value.pattern)})"
    if value.kind is ReasonKind.UPSTREAM:
        return f"{one_line(value.upstream or 'a task above')} runs again"
    return _REASONS[value.kind]


_REASONS: dict[ReasonKind, str] = {
    ReasonKind.REQUESTED: "it was asked for",
    ReasonKind.CONFIG_CHANGED: "its configuration changed",
    ReasonKind.NEVER_RAN: "it has never run",
    ReasonKind.FAILED_LAST_TIME: "it failed last time",
}


def waiting(value: WaitReason) -> str:
    """What a task waits for: ``for api:build``, ``for a free slot``."""
    on = one_line(value.on)
    if value.kind is WaitKind.SLOT:
        return "for a free slot"
    if value.kind is WaitKind.TAG:
        return f"for a free place of the tag {on}"
    if value.kind is WaitKind.MUTEX:
        return f"for the mutex {on}"
    return f"for {on}"


def difference(value: Difference) -> str:
    """What differs from the last time, as a sentence."""
    return _DIFFERENCES[value.kind].format(one_line(value.name))


def differences(values: Sequence[Difference], omitted: int) -> list[str]:
    """One sentence per difference, and one that counts what is not shown."""
    lines = [difference(value) for value in values]
    if omitted:
        lines.append(f"and {omitted:,} more")
    return lines


def paths(values: Sequence[str], shown: int = 1) -> str:
    """``src/a.py``, ``src/a.py and 3 more``."""
    if not values:
        return "no file"
    first = ", ".join(one_line(path) for path in values[:shown])
    left = len(values) - shown
    return f"{first} and {left:,} more" if left > 0 else first


def trigger(value: Trigger) -> str:
    """What opened a turn."""
    if value.kind is TriggerKind.CHANGE:
        return f"{paths(value.paths or ())} changed" if value.paths else "files changed"
    return _TRIGGERS[value.kind]


_TRIGGERS: dict[TriggerKind, str] = {
    TriggerKind.START: "started",
    TriggerKind.REQUEST: "asked for",
    TriggerKind.RECOVERY: "recovered from the last session",
}

OUTCOMES: dict[TurnOutcome, str] = {
    TurnOutcome.SUCCEEDED: "succeeded",
    TurnOutcome.FAILED: "failed",
    TurnOutcome.ERRORED: "errored",
    TurnOutcome.STOPPED: "was stopped",
    TurnOutcome.INTERRUPTED: "was interrupted",
}


def skipped(cause: str | None, root: str | None) -> str:
    """Why a task was skipped."""
    name = one_line(root or "a task above")
    if cause == "runtime_cycle":
        return f"part of a cycle through {name}"
    return f"{name} {'errored' if cause == 'upstream_errored' else 'failed'}"


def cancelled(shape: str | None, root: str | None) -> str:
    """How a task was cancelled."""
    if shape == "in_flight":
        return "stopped while running"
    if shape == "upstream":
        return f"{one_line(root or 'a task above')} was cancelled"
    return "stopped before it started"


def status(view: TaskView) -> str:
    """What a list says next to a task's word, without anything that grows with time."""
    if view.state is TaskState.WAITING:
        if view.restart_in_s is not None:
            return f"restarts in {durations.duration(view.restart_in_s)}"
        return waiting(view.waiting) if view.waiting is not None else ""
    if view.state is TaskState.SKIPPED:
        return skipped(view.skip_cause, view.root)
    if view.state is TaskState.CANCELLED:
        return cancelled(view.cancel_shape, view.root)
    if view.state is TaskState.FAILED:
        return exit_status(view.exit_status, timed_out=view.timed_out)
    if view.state is TaskState.ERRORED and view.failure is not None and view.failure.error:
        return view.failure.error.code
    if view.state is TaskState.IDLE and view.changed_not_run:
        return "changed, not run"
    if view.stale:
        return "stale: an input changed meanwhile"
    return ""
