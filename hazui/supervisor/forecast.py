"""What a run would do, without doing it: for each task of a selection, what the cache predicts.

A task below one that would run is "unknown": its key depends on outputs that do not exist yet.
"""

from collections.abc import Collection
from dataclasses import dataclass

from hazui.cache.explain import Fact, differences
from hazui.cache.manifest import describe
from hazui.domain.ids import TaskId
from hazui.domain.records import CompletedRecord, RunState, Source
from hazui.errors.run_task import RunTaskError
from hazui.graph.reason import AffectedReason
from hazui.graph.selection import Selection
from hazui.supervisor.session import Session


@dataclass(frozen=True, slots=True)
class Forecast:
    """One task: why it is in the run, and what would become of its lookup."""

    task: TaskId
    reason: AffectedReason
    result: str
    """``hit``, a kind of miss, ``disabled``, ``unknown``, ``error`` or ``service``."""
    key: str | None = None
    differs: tuple[Fact, ...] = ()
    omitted: int = 0
    because: str = ""
    """What ``unknown`` waits for, or the message of ``error``."""


def forecast(
    session: Session, selection: Selection, forced: Collection[TaskId] = ()
) -> list[Forecast]:
    """Predict in the order in which tasks could run. Reads files and cache, writes nothing."""
    found: list[Forecast] = []
    unsettled: dict[TaskId, TaskId] = {}
    for task in session.workspace.graph.topological_order():
        if task not in selection.tasks:
            continue
        reason = selection.tasks[task]
        above = next((a for a in session.workspace.graph.hard(task) if a in unsettled), None)
        if above is not None:
            unsettled[task] = unsettled[above]
            because = f"waits for the outputs of {unsettled[above]}"
            found.append(Forecast(task, reason, "unknown", because=because))
            continue
        one = _one(session, task, reason, is_forced=task in forced)
        if one.result not in ("hit", "service"):
            unsettled[task] = task
        found.append(one)
    return found


def _one(session: Session, task: TaskId, reason: AffectedReason, *, is_forced: bool) -> Forecast:
    spec = session.workspace.graph.spec(task)
    try:
        built = session.build_key(spec, ())
    except RunTaskError as error:
        chain = "; ".join(str(link) for link in error.iter_chain())
        return Forecast(task, reason, "error", because=chain)
    if spec.is_service:
        session.keys[task] = built
        return Forecast(task, reason, "service", built.key)
    if is_forced or not spec.cache:
        return Forecast(task, reason, "disabled", built.key)
    looked = session.cache.lookup(built.key)
    if looked.entry is not None:
        session.done[task] = CompletedRecord(
            task=task,
            source=Source.CACHE_HIT,
            state=RunState.SUCCEEDED,
            exit_status=None,
            run=None,
            streams_digests=looked.entry.streams,
            outputs=looked.entry.outputs,
        )
        return Forecast(task, reason, "hit", built.key)
    old = session.cache.last.text_of(task)
    if old is None:
        return Forecast(task, reason, looked.result.value, built.key)
    differs, omitted = differences(old, describe(built.action, session.context.secret_key))
    return Forecast(task, reason, looked.result.value, built.key, tuple(differs), omitted)
