"""Build the graph out of the declared tasks, and say everything that is wrong with it.

Promises a usable, acyclic ``Graph`` and *all* problems, never only the first: whatever is wrong is
reported and left out, and building goes on. Linear in tasks, edges and literal outputs; nothing
recurses, so that a chain of any length is fine.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from hazui.domain.ids import TaskId
from hazui.domain.specs import Reference, TaskSpec, WorkspaceSpec
from hazui.errors import graph
from hazui.graph.cycles import Edge, find_cycles
from hazui.graph.graph import Edges, Graph
from hazui.graph.references import Resolver, index_by_name
from hazui.graph.targets import resolve_target

ProblemKey = Literal["deps", "weak_deps", "outputs", "default_task"]
SUGGESTIONS_MAX = 50


@dataclass(frozen=True, slots=True)
class GraphProblem:
    """One thing that is wrong, and where it was declared."""

    error: graph.GraphError
    task: TaskId | None
    """The task that declares it; None for a key of the workspace (``default_task``)."""
    key: ProblemKey
    index: int | None = None
    """Position in the list under ``key``, from 0."""


def build(workspace: WorkspaceSpec) -> tuple[Graph, list[GraphProblem]]:
    """Resolve every reference of ``workspace``.

    A graph that comes with problems lacks the edges they are about and must not be run.
    """
    return _Builder(workspace).build()


class _Builder:
    def __init__(self, workspace: WorkspaceSpec) -> None:
        self.workspace = workspace
        self.tasks = tuple(sorted(workspace.tasks))
        self.by_name = index_by_name(workspace)
        self.resolver = Resolver(workspace, self.by_name)
        self.problems: list[GraphProblem] = []
        self.unresolved = 0
        self.hard: dict[TaskId, tuple[TaskId, ...]] = {}
        self.weak: dict[TaskId, tuple[TaskId, ...]] = {}
        self.streams: dict[TaskId, tuple[TaskId, ...]] = {}

    def build(self) -> tuple[Graph, list[GraphProblem]]:
        for task in self.tasks:
            self._edges_of(self.workspace.tasks[task])
        below = _inverted(self.hard), _inverted(self.weak)
        if self._cut_cycles(*below):
            below = _inverted(self.hard), _inverted(self.weak)
        self._check_literal_outputs()
        made = Graph(
            self.workspace,
            self.tasks,
            self.hard,
            self.weak,
            self.streams,
            *below,
            self.by_name,
        )
        self._check_default_task(made)
        return made, self.problems

    def _edges_of(self, spec: TaskSpec) -> None:
        task = spec.id
        hard: tuple[TaskId, ...] = ()
        if spec.deps:
            hard = self._resolved(spec, spec.deps, "deps")
            streaming = [reference for reference in spec.deps if reference.streams]
            if streaming:
                resolve = self.resolver.resolve
                streams = {above for reference in streaming for above in resolve(reference, task)}
                self.streams[task] = tuple(above for above in hard if above in streams)
        self.hard[task] = hard
        if not spec.weak_deps:
            self.weak[task] = ()
            return
        weak = self._resolved(spec, spec.weak_deps, "weak_deps")
        overlap = set(hard).intersection(weak)
        if overlap:
            names = tuple(str(above) for above in sorted(overlap))
            index = self._reference_to(spec, spec.weak_deps, overlap)
            error = graph.DependencyOverlap(task=str(task), overlap=names)
            self.problems.append(GraphProblem(error, task, "weak_deps", index))
            weak = tuple(above for above in weak if above not in overlap)
        self.weak[task] = weak

    def _resolved(
        self, spec: TaskSpec, references: Sequence[Reference], key: ProblemKey
    ) -> tuple[TaskId, ...]:
        task = spec.id
        found: list[TaskId] = []
        for index, reference in enumerate(references):
            above = self.resolver.resolve(reference, task)
            if not above:
                self.problems.append(
                    GraphProblem(self._unresolved(task, reference), task, key, index)
                )
            elif task in above:
                self_reference = graph.SelfReference(task=str(task), reference=reference.text)
                self.problems.append(GraphProblem(self_reference, task, key, index))
            else:
                found.extend(above)
        return tuple(found) if len(found) < 2 else tuple(sorted(set(found)))

    def _unresolved(self, task: TaskId, reference: Reference) -> graph.UnresolvedReference:
        # A missing file can leave thousands of references dangling; comparing each of them
        # with every name would take minutes and help nobody.
        self.unresolved += 1
        near = self.resolver.suggestion(reference) if self.unresolved <= SUGGESTIONS_MAX else None
        return graph.UnresolvedReference(task=str(task), reference=reference.text, suggestion=near)

    def _reference_to(
        self, spec: TaskSpec, references: Iterable[Reference], wanted: set[TaskId]
    ) -> int | None:
        for index, reference in enumerate(references):
            if not wanted.isdisjoint(self.resolver.resolve(reference, spec.id)):
                return index
        return None

    def _cut_cycles(self, hard_below: Edges, weak_below: Edges) -> bool:
        left = self._on_or_below_cycles(hard_below, weak_below)
        if not left:
            return False
        edges = {task: (*self.hard[task], *self.weak[task]) for task in left}
        inside = {task: [a for a in above if a in edges] for task, above in edges.items()}
        cycles, cut = find_cycles(sorted(left), inside)
        for path in cycles:
            self.problems.append(self._cycle_problem(path))
        for task in {task for task, _ in cut}:
            self.hard[task] = _without(self.hard[task], task, cut)
            self.weak[task] = _without(self.weak[task], task, cut)
            if task in self.streams:
                self.streams[task] = _without(self.streams[task], task, cut)
        return True

    def _on_or_below_cycles(self, hard_below: Edges, weak_below: Edges) -> list[TaskId]:
        """Usually none, and then nothing more need be searched (Kahn's algorithm)."""
        hard, weak = self.hard, self.weak
        pending = {t: len(hard[t]) + len(weak[t]) for t in self.tasks if hard[t] or weak[t]}
        free = [task for task in self.tasks if task not in pending]
        while free:
            task = free.pop()
            for one in hard_below.get(task, ()):
                pending[one] -= 1
                if not pending[one]:
                    free.append(one)
            for one in weak_below.get(task, ()):
                pending[one] -= 1
                if not pending[one]:
                    free.append(one)
        return [task for task, count in pending.items() if count]

    def _cycle_problem(self, path: tuple[TaskId, ...]) -> GraphProblem:
        first, second = path[0], path[1]
        spec = self.workspace.tasks[first]
        error = graph.Cycle(path=tuple(str(task) for task in path))
        if second in self.hard[first]:
            return GraphProblem(error, first, "deps", self._reference_to(spec, spec.deps, {second}))
        index = self._reference_to(spec, spec.weak_deps, {second})
        return GraphProblem(error, first, "weak_deps", index)

    def _check_literal_outputs(self) -> None:
        claims: dict[str, tuple[TaskId, int]] = {}
        collisions: dict[str, list[tuple[TaskId, int]]] = {}
        for task in self.tasks:
            outputs = self.workspace.tasks[task].outputs
            for index, pattern in enumerate(outputs):
                if pattern.is_exclusion or not pattern.is_literal:
                    continue
                first = claims.setdefault(pattern.path, (task, index))
                if first[0] is task or first[0] == task:
                    continue
                collided = collisions.setdefault(pattern.path, [first])
                if collided[-1][0] != task:
                    collided.append((task, index))
        for path, collided in collisions.items():
            claimed = [one for one in collided if not self._excludes(one[0], path)]
            if len(claimed) > 1:
                names = tuple(str(task) for task, _ in claimed)
                error = graph.LiteralOutputCollision(path=path, tasks=names)
                second, index = claimed[1]
                self.problems.append(GraphProblem(error, second, "outputs", index))

    def _excludes(self, task: TaskId, path: str) -> bool:
        outputs = self.workspace.tasks[task].outputs
        return any(pattern.is_exclusion and pattern.matches(path) for pattern in outputs)

    def _check_default_task(self, made: Graph) -> None:
        if self.workspace.default_task is None:
            return
        try:
            resolve_target(made, self.workspace.default_task)
        except graph.UnknownTarget as error:
            self.problems.append(GraphProblem(error, None, "default_task"))


def _without(above: tuple[TaskId, ...], task: TaskId, cut: set[Edge]) -> tuple[TaskId, ...]:
    return tuple(one for one in above if (task, one) not in cut)


def _inverted(edges: Edges) -> dict[TaskId, tuple[TaskId, ...]]:
    """The same edges seen from the other end; canonical order follows from that of the keys."""
    found: dict[TaskId, list[TaskId]] = {}
    for task, above in edges.items():
        for one in above:
            found.setdefault(one, []).append(task)
    return {task: tuple(tasks) for task, tasks in found.items()}
