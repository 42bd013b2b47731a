"""The graph of tasks: every edge resolved, every index made once.

Promises constant-time neighbours and linear closures, all iterative, all in canonical order
(project, then name). A hard edge orders, cascades and brings outputs; a weak edge only orders.
Knows nothing of files, processes or time.

Invariant: acyclic over hard and weak edges together. Edges that closed a cycle are reported by
``build`` and left out here, so that every walk over a graph ends.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

from hazui.domain.ids import TaskId
from hazui.domain.specs import TaskSpec, WorkspaceSpec

Edges = Mapping[TaskId, tuple[TaskId, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """The resolved tasks of one workspace. Made by ``build`` only; never changed."""

    workspace: WorkspaceSpec
    tasks: tuple[TaskId, ...]
    """All tasks in canonical order."""
    hard_edges: Edges
    """Task -> the tasks it depends on, canonical order, no doubles; likewise the next three."""
    weak_edges: Edges
    stream_edges: Edges
    """The part of the hard edges whose streams enter the action key."""
    hard_dependent_edges: Edges
    weak_dependent_edges: Edges
    by_name: Mapping[str, tuple[TaskId, ...]]
    """Task name -> the tasks of that name in all projects."""
    _order: list[TaskId] = field(default_factory=list)

    def __contains__(self, task: object) -> bool:
        return task in self.hard_edges

    def spec(self, task: TaskId) -> TaskSpec:
        """What the user declared for ``task``."""
        return self.workspace.tasks[task]

    def hard(self, task: TaskId) -> tuple[TaskId, ...]:
        """The tasks that ``task`` needs."""
        return self.hard_edges[task]

    def weak(self, task: TaskId) -> tuple[TaskId, ...]:
        """The tasks that ``task`` comes after when both run."""
        return self.weak_edges[task]

    def stream_deps(self, task: TaskId) -> tuple[TaskId, ...]:
        """The needed tasks whose captured streams are part of the key of ``task``."""
        return self.stream_edges.get(task, ())

    def hard_dependents(self, task: TaskId) -> tuple[TaskId, ...]:
        """The tasks that need ``task``."""
        return self.hard_dependent_edges.get(task, ())

    def weak_dependents(self, task: TaskId) -> tuple[TaskId, ...]:
        """The tasks that come after ``task`` when both run."""
        return self.weak_dependent_edges.get(task, ())

    def resolve_target(self, text: str, bearing_project: str | None = None) -> list[TaskId]:
        """The tasks that a target on the command line means; see ``targets``.

        Raises:
            hazui.errors.graph.UnknownTarget: no task is meant.
        """
        from hazui.graph.targets import resolve_target

        return resolve_target(self, text, bearing_project)

    def closure(self, targets: Iterable[TaskId]) -> set[TaskId]:
        """The targets and everything they need, directly or not."""
        return _reachable(targets, self.hard_edges)

    def dependents_closure(self, tasks: Iterable[TaskId]) -> set[TaskId]:
        """The tasks and everything that needs them, directly or not."""
        return _reachable(tasks, self.hard_dependent_edges)

    def topological_order(self) -> list[TaskId]:
        """All tasks, each after its hard and weak predecessors, else in canonical order.

        Kahn's algorithm with a heap; made at the first call and kept. The list is the caller's.
        """
        if not self._order and self.tasks:
            self._order.extend(self._sorted())
        return list(self._order)

    def critical_path(self, durations: Mapping[TaskId, float]) -> tuple[TaskId, ...]:
        """The chain of tasks, first to last, whose durations (seconds) add up to the most.

        Only tasks named in ``durations`` count; edges of both kinds order.
        """
        longest: dict[TaskId, float] = {}
        before: dict[TaskId, TaskId | None] = {}
        for task in self.topological_order():
            if task not in durations:
                continue
            best: TaskId | None = None
            for above in (*self.hard_edges[task], *self.weak_edges[task]):
                if above in longest and (best is None or longest[above] > longest[best]):
                    best = above
            before[task] = best
            longest[task] = durations[task] + (0.0 if best is None else longest[best])
        if not longest:
            return ()
        path: list[TaskId] = []
        step: TaskId | None = max(longest, key=longest.__getitem__)
        while step is not None:
            path.append(step)
            step = before[step]
        return tuple(reversed(path))

    def _sorted(self) -> Iterable[TaskId]:
        pending = {t: len(self.hard_edges[t]) + len(self.weak_edges[t]) for t in self.tasks}
        ready = [task for task, count in pending.items() if not count]
        heapify(ready)
        while ready:
            task = heappop(ready)
            yield task
            for below in (*self.hard_dependents(task), *self.weak_dependents(task)):
                pending[below] -= 1
                if not pending[below]:
                    heappush(ready, below)


def _reachable(starts: Iterable[TaskId], edges: Edges) -> set[TaskId]:
    seen = set(starts)
    waiting = list(seen)
    while waiting:
        for neighbour in edges.get(waiting.pop(), ()):
            if neighbour not in seen:
                seen.add(neighbour)
                waiting.append(neighbour)
    return seen
