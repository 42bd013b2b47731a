"""What a request or a change really runs: the closure over hard edges, and what is left out.

``watch = false`` (a deploy) is the rule behind all of this: such a task runs when it is asked for
by name, or when a task that was asked for by name needs it; never because of a change, of "all",
or of no target. A task that is in the set for one of those reasons and needs such a task is left
out, too, until the other has a result that stands: it waits on it.

A task whose last result stands (``settled``) is not pulled in by what needs it; when it is itself
wanted, it is in the set like any other.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from hazui.domain.ids import TaskId
from hazui.graph.graph import Graph
from hazui.graph.reason import REQUESTED, AffectedReason
from hazui.graph.targets import watched_tasks


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A wanted task that is not run: shown as "changed, not run"."""

    reason: AffectedReason
    waits_on: TaskId | None
    """The task with ``watch = false`` that it needs; None when it is such a task itself."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What runs and what does not; both in canonical order."""

    tasks: Mapping[TaskId, AffectedReason]
    left_out: Mapping[TaskId, LeftOut]


def select_named(graph: Graph, targets: Iterable[TaskId]) -> Selection:
    """The targets, asked for by name, and all that they need."""
    named = set(targets)
    return select(graph, dict.fromkeys(named, REQUESTED), named=named)


def select_all(graph: Graph) -> Selection:
    """Every watched task (``--all``)."""
    return select(graph, dict.fromkeys(watched_tasks(graph), REQUESTED))


def select(
    graph: Graph,
    wanted: Mapping[TaskId, AffectedReason],
    *,
    named: Collection[TaskId] = (),
    settled: Collection[TaskId] = frozenset(),
) -> Selection:
    """Close ``wanted`` over hard edges.

    ``named`` are the wanted tasks that were asked for by name; ``settled`` the tasks whose last
    result stands. A task that is pulled in has the reason ``requested``, with the wanted task
    that needs it in ``needed_by``.
    """
    allowed = _pulled_in(graph, sorted(named), settled, wanted)
    others = [task for task in sorted(wanted) if task not in allowed]
    blocked = _blocked(graph, others, allowed, settled, wanted)
    runnable = [task for task in others if task not in blocked]
    chosen = {**_pulled_in(graph, runnable, settled, wanted), **allowed}
    reasons: dict[TaskId, AffectedReason] = {}
    for task in sorted(chosen):
        reason = wanted.get(task)
        reasons[task] = reason or AffectedReason("requested", needed_by=chosen[task])
    return Selection(
        reasons,
        {task: LeftOut(wanted[task], blocked[task]) for task in others if task in blocked},
    )


def _pulled_in(
    graph: Graph,
    starts: Iterable[TaskId],
    settled: Collection[TaskId],
    wanted: Collection[TaskId],
) -> dict[TaskId, TaskId]:
    """The starts and what they need -> the start that pulled it in; the first one wins."""
    found: dict[TaskId, TaskId] = {}
    for start in starts:
        found.setdefault(start, start)
    waiting = list(reversed(found))
    while waiting:
        task = waiting.pop()
        for above in graph.hard(task):
            if above not in found and (above not in settled or above in wanted):
                found[above] = found[task]
                waiting.append(above)
    return found


def _blocked(
    graph: Graph,
    tasks: Iterable[TaskId],
    allowed: Collection[TaskId],
    settled: Collection[TaskId],
    wanted: Collection[TaskId],
) -> dict[TaskId, TaskId | None]:
    """The tasks at or above ``tasks`` that may not run -> what they wait on.

    Depth first, iterative: a task is decided after everything it needs.
    """
    verdicts: dict[TaskId, TaskId | None] = {}
    decided: set[TaskId] = set(allowed)
    walk = list(tasks)
    while walk:
        task = walk[-1]
        if task in decided:
            walk.pop()
            continue
        if not graph.spec(task).watch:
            verdicts[task] = None
            decided.add(task)
            walk.pop()
            continue
        needs = [a for a in graph.hard(task) if a not in settled or a in wanted]
        undecided = [above for above in needs if above not in decided]
        if undecided:
            walk.extend(reversed(undecided))
            continue
        culprit = next((above for above in needs if above in verdicts), None)
        if culprit is not None:
            verdicts[task] = verdicts[culprit] or culprit
        decided.add(task)
        walk.pop()
    return verdicts
