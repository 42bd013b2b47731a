"""What a turn came to: its outcome, its counts, and the transaction that makes them true.

Pure functions of the terminal events of its tasks; the turn driver calls them once at the end.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict

import hazui.protocol.events as ev
from hazui.domain.ids import TaskId, Turn
from hazui.domain.records import SkipCause
from hazui.errors.base import HazuiError
from hazui.protocol.encode import event_to_json
from hazui.protocol.values import TurnOutcome
from hazui.state.stores import TaskResult, TurnCommit
from hazui.supervisor.reporting import Terminal


def outcome_of(
    results: Collection[Terminal], error: HazuiError | None, *, is_cancelled: bool
) -> TurnOutcome:
    """How the turn ended: the worst of what its tasks became, unless it was called off."""
    if error is not None:
        return TurnOutcome.ERRORED
    if is_cancelled:
        return TurnOutcome.STOPPED
    if any(isinstance(event, ev.TaskErrored) for event in results):
        return TurnOutcome.ERRORED
    if any(isinstance(event, ev.TaskFinished) and event.state == "failed" for event in results):
        return TurnOutcome.FAILED
    if any(isinstance(event, ev.TaskCancelled) for event in results):
        return TurnOutcome.STOPPED
    return TurnOutcome.SUCCEEDED


def is_bad(event: Terminal) -> bool:
    """Whether what needs this task cannot run after it."""
    return not isinstance(event, ev.TaskFinished) or event.state == "failed"


def skip_below(
    culprit: ev.TaskFinished | ev.TaskErrored | ev.TaskSkipped,
) -> tuple[SkipCause, TaskId]:
    """Why what needs a task that ended badly is skipped, and the root of it."""
    if isinstance(culprit, ev.TaskSkipped):
        return SkipCause(culprit.cause), TaskId.parse(culprit.root)
    failed = isinstance(culprit, ev.TaskFinished)
    cause = SkipCause.UPSTREAM_FAILED if failed else SkipCause.UPSTREAM_ERRORED
    return cause, TaskId.parse(culprit.task)


def commit_of(
    event: ev.TurnFinished,
    results: Mapping[TaskId, Terminal],
    consumed_triggers: Collection[int],
    ended_at: str,
) -> TurnCommit:
    """What one transaction has to make true for a turn that ended as ``event`` says."""
    return TurnCommit(
        turn=Turn(event.turn),
        outcome=event.outcome.value,
        ended_at=ended_at,
        duration_s=event.duration_s,
        counts=asdict(event.counts),
        results=[_result(task, result) for task, result in results.items()],
        consumed_triggers=tuple(consumed_triggers),
        error=None if event.error is None else event.error.to_json(),
    )


def _result(task: TaskId, event: Terminal) -> TaskResult:
    record = event_to_json(event)
    if not isinstance(event, ev.TaskFinished):
        return TaskResult(task=task, state=event.EVENT.removeprefix("task_"), record=record)
    return TaskResult(
        task=task,
        state=event.state,
        source=event.source,
        duration_s=event.duration_s,
        record=record,
    )
