"""Which tasks a change affects, and why each of them.

A task is affected by a changed input, by a changed declaration of its own, or by an affected task
that it needs. Services are tasks here. Monotone: more changes never affect fewer tasks.
"""

from collections.abc import Collection, Iterable

from hazui.domain.ids import TaskId
from hazui.graph.graph import Graph
from hazui.graph.matcher import InputMatcher
from hazui.graph.reason import CONFIG_CHANGED, AffectedReason


def affected(
    graph: Graph,
    changed: Iterable[str],
    *,
    matcher: InputMatcher | None = None,
    reconfigured: Iterable[TaskId] = (),
    scope: Collection[TaskId] | None = None,
) -> dict[TaskId, AffectedReason]:
    """The affected tasks in canonical order, each with one reason.

    ``changed`` are canonical paths; of several that match a task the first in order is named.
    ``reconfigured`` are tasks whose declaration changed. ``matcher`` is that of this graph, kept
    from change to change by the caller; without it one is made. Only tasks in ``scope`` are
    answered, but what goes through tasks outside of it still counts.
    """
    if matcher is None:
        matcher = InputMatcher(graph)
    found: dict[TaskId, AffectedReason] = {}
    for path in sorted(changed):
        for task, pattern in matcher.match(path):
            if task not in found:
                found[task] = AffectedReason("input_changed", path=path, pattern=pattern.text)
    for task in reconfigured:
        if task in graph:
            found.setdefault(task, CONFIG_CHANGED)
    for task, origin in _downstream(graph, found).items():
        found[task] = AffectedReason("upstream", upstream=origin)
    return {task: found[task] for task in sorted(found) if scope is None or task in scope}


def _downstream(graph: Graph, starts: Collection[TaskId]) -> dict[TaskId, TaskId]:
    """What needs ``starts``, without them -> the nearest start; of equally near ones the first.

    Breadth first, a level at a time, so that the answer depends on no order of iteration.
    """
    origins: dict[TaskId, TaskId] = {}
    level = {task: task for task in starts}
    while level:
        reached: dict[TaskId, TaskId] = {}
        for task, origin in level.items():
            for below in graph.hard_dependents(task):
                if below in origins or below in starts:
                    continue
                known = reached.get(below)
                if known is None or origin < known:
                    reached[below] = origin
        origins.update(reached)
        level = reached
    return origins
