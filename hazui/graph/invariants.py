"""Run-time checks: what tasks really wrote must not contradict the graph.

Glob outputs are only known when a task has run. ``Claims`` keeps who wrote which path in one turn
and finds two things: one path written by two tasks, and an output that is an input of a task which
the writer comes after (directly, or through what others wrote). Pure bookkeeping: it says, others
stop the run.

As long as every reader comes after its writer in one topological order there can be no circle, so
nothing is searched before the first edge that goes against that order.
"""

from collections import deque
from collections.abc import Iterable, Iterator

from hazui.domain.ids import TaskId
from hazui.errors import graph
from hazui.graph.graph import Graph
from hazui.graph.matcher import InputMatcher


class Claims:
    """The outputs of one turn, as they appear."""

    def __init__(self, graph_: Graph, matcher: InputMatcher | None = None) -> None:
        self._graph = graph_
        self._matcher = matcher or InputMatcher(graph_)
        self._writers: dict[str, TaskId] = {}
        self._read_by: dict[TaskId, dict[TaskId, None]] = {}
        """Writer -> the tasks that have something it wrote as an input."""
        self._positions: dict[TaskId, int] = {}
        self._is_ordered = True

    def record(
        self, task: TaskId, outputs: Iterable[str]
    ) -> graph.OutputOverlap | graph.RuntimeCycle | None:
        """Note what ``task`` materialised (canonical paths), and say what is wrong with it.

        All outputs are noted, whatever is wrong; the first problem in order of path is returned.
        A task that writes its own input is no circle of tasks: the watcher holds such a loop.
        """
        problem: graph.OutputOverlap | graph.RuntimeCycle | None = None
        for path in sorted(outputs):
            first = self._writers.setdefault(path, task)
            if first != task:
                problem = problem or graph.OutputOverlap(
                    path=path, first=str(first), second=str(task)
                )
                continue
            for reader, _ in self._matcher.match(path):
                if reader == task or reader in self._read_by.get(task, ()):
                    continue
                self._read_by.setdefault(task, {})[reader] = None
                problem = problem or self._circle(task, reader)
        return problem

    def _circle(self, writer: TaskId, reader: TaskId) -> graph.RuntimeCycle | None:
        if not self._positions:
            order = self._graph.topological_order()
            self._positions = {task: position for position, task in enumerate(order)}
        if self._positions[writer] > self._positions[reader]:
            self._is_ordered = False
        if self._is_ordered:
            return None
        way = self._path(reader, writer)
        if way is None:
            return None
        names = tuple(str(task) for task in (writer, *way))
        return graph.RuntimeCycle(path=names, edge=(str(writer), str(reader)))

    def _path(self, start: TaskId, goal: TaskId) -> list[TaskId] | None:
        """A shortest way down from ``start`` to ``goal``, or None."""
        came_from: dict[TaskId, TaskId] = {}
        queue = deque([start])
        while queue:
            task = queue.popleft()
            if task == goal:
                path = [goal]
                while path[-1] != start:
                    path.append(came_from[path[-1]])
                return path[::-1]
            for below in self._below(task):
                if below not in came_from and below != start:
                    came_from[below] = task
                    queue.append(below)
        return None

    def _below(self, task: TaskId) -> Iterator[TaskId]:
        yield from self._graph.hard_dependents(task)
        yield from self._graph.weak_dependents(task)
        yield from self._read_by.get(task, ())
