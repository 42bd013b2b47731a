"""Records as events: the one place where what happened gets its words for the stream."""

from collections.abc import Sequence

import hazui.protocol.events as ev
from hazui.domain.ids import TaskId, Turn
from hazui.domain.records import CancelledRecord, CompletedRecord, SkipRecord
from hazui.domain.specs import TaskSpec, WorkspaceSpec
from hazui.errors.base import HazuiError
from hazui.errors.record import record_of
from hazui.execution.left import left_of
from hazui.graph.graph import Graph
from hazui.graph.reason import AffectedReason
from hazui.protocol.values import (
    Counts,
    LoadedTask,
    Phase,
    PlannedTask,
    Reason,
    ReasonKind,
)
from hazui.state.stores import LastResult

Terminal = ev.TaskFinished | ev.TaskErrored | ev.TaskSkipped | ev.TaskCancelled


def finished(record: CompletedRecord, turn: Turn) -> ev.TaskFinished:
    """A task that ran, or was restored, to its end."""
    return ev.TaskFinished(
        task=str(record.task),
        turn=turn,
        source=record.source.value,
        state=record.state.value,
        exit_status=record.exit_status,
        duration_s=round(record.duration_s, 6),
        stdout_hash=record.streams_digests.stdout,
        stderr_hash=record.streams_digests.stderr,
        journal_hash=record.streams_digests.journal,
        streams=record.streams,
        outputs=tuple(output.path for output in record.outputs),
        timed_out=record.timed_out,
        stale=record.stale,
        attempt=record.attempt,
        survivors=record.survivors,
        diagnosis=record.diagnosis,
        run=record.run,
    )


def errored(
    task: TaskId, turn: Turn, phase: Phase, error: HazuiError, *, run: str | None, attempt: int
) -> ev.TaskErrored:
    """A task that hazui could not carry through, with what its process left."""
    left = left_of(error)
    digests = left.digests if left else None
    return ev.TaskErrored(
        task=str(task),
        turn=turn,
        phase=phase,
        error=record_of(error),
        run=run,
        exit_status=left.exit_status if left else None,
        stdout_hash=digests.stdout if digests else None,
        stderr_hash=digests.stderr if digests else None,
        journal_hash=digests.journal if digests else None,
        attempt=attempt,
    )


def skipped(record: SkipRecord, turn: Turn) -> ev.TaskSkipped:
    """A task that did not run because of one above it."""
    return ev.TaskSkipped(
        task=str(record.task), turn=turn, cause=record.cause.value, root=str(record.root)
    )


def cancelled(record: CancelledRecord, turn: Turn) -> ev.TaskCancelled:
    """A task that was called off."""
    digests = record.streams_digests
    return ev.TaskCancelled(
        task=str(record.task),
        turn=turn,
        shape=record.shape,
        root=None if record.root is None else str(record.root),
        signals=record.signals,
        survivors=record.survivors,
        run=record.run,
        stdout_hash=digests.stdout if digests else None,
        stderr_hash=digests.stderr if digests else None,
        journal_hash=digests.journal if digests else None,
    )


def reason(value: AffectedReason) -> Reason:
    """The graph's reason in the words of the stream."""
    return Reason(
        ReasonKind(value.kind),
        value.path,
        value.pattern,
        None if value.upstream is None else str(value.upstream),
    )


def planned(reasons: Sequence[tuple[TaskId, AffectedReason]]) -> tuple[PlannedTask, ...]:
    """The tasks of a turn, each with why it is part of it."""
    return tuple(PlannedTask(str(task), reason(why)) for task, why in reasons)


def loaded(spec: WorkspaceSpec, graph: Graph, last: dict[TaskId, LastResult]) -> ev.WorkspaceLoaded:
    """The workspace as a front end lists it."""
    return ev.WorkspaceLoaded(
        revision=spec.digest[:16],
        tasks=tuple(_loaded_task(spec.tasks[task], graph, last.get(task)) for task in graph.tasks),
    )


def _loaded_task(spec: TaskSpec, graph: Graph, last: LastResult | None) -> LoadedTask:
    return LoadedTask(
        task=str(spec.id),
        kind=spec.kind.value,
        display=spec.display or str(spec.id),
        deps=tuple(str(above) for above in graph.hard(spec.id)),
        weak_deps=tuple(str(above) for above in graph.weak(spec.id)),
        tags=tuple(sorted(spec.tags)),
        inputs=tuple(pattern.text for pattern in spec.inputs),
        outputs=tuple(pattern.text for pattern in spec.outputs),
        watch=spec.watch,
        usual_s=last.usual_s if last else None,
    )


def counts(total: int, results: Sequence[Terminal], ready: int) -> Counts:
    """How the tasks of a turn ended; ``ready`` services count as succeeded."""
    succeeded = cached = failed = errors = skips = cancels = 0
    for event in results:
        match event:
            case ev.TaskFinished(source="cache_hit"):
                cached += 1
            case ev.TaskFinished(state="succeeded"):
                succeeded += 1
            case ev.TaskFinished():
                failed += 1
            case ev.TaskErrored():
                errors += 1
            case ev.TaskSkipped():
                skips += 1
            case ev.TaskCancelled():
                cancels += 1
    return Counts(total, succeeded + ready, cached, failed, errors, skips, cancels)
