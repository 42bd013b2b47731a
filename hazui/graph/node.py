"""One task inside a plan: its place in it, its neighbours, its counters.

Written by ``Plan`` only, once ``make_nodes`` has made them; everything else reads.
"""

from collections.abc import Collection, Mapping

from hazui.domain.ids import TaskId
from hazui.graph.graph import Edges, Graph
from hazui.graph.limits import MutexKey, MutexTable, Signature, Slots
from hazui.graph.states import TaskState


class Node:
    """A task of one plan. Edges lead only to tasks of the same plan."""

    __slots__ = (
        "above",
        "cursor",
        "hard_below",
        "has_ended",
        "is_lazy",
        "is_shared",
        "is_woken",
        "mutex",
        "pending_hard",
        "pending_weak",
        "rank",
        "signature",
        "state",
        "task",
        "wakers",
        "wave",
        "weak_below",
    )

    def __init__(self, task: TaskId) -> None:
        self.task = task
        self.rank = 0
        """Position in the order of admission, from 0."""
        self.state = TaskState.WAITING
        self.has_ended = False
        """Whether the state is a terminal one."""
        self.signature: Signature = ()
        self.mutex: MutexKey | None = None
        self.is_shared = False
        """Whether it takes its mutex shared."""
        self.above: Neighbours = ()
        """Hard and weak predecessors, canonical order each."""
        self.cursor = -1
        """The last index in ``above`` that may not have ended: whom it is said to wait for."""
        self.hard_below: Neighbours = ()
        self.weak_below: Neighbours = ()
        self.pending_hard = 0
        self.pending_weak = 0
        self.is_lazy = False
        """Whether it starts only when something that needs it misses."""
        self.is_woken = False
        """Whether something did."""
        self.wakers: Neighbours = ()
        """The tasks that wait for it again, after a lookup that missed."""
        self.wave = 0
        """The wave that released it; 0 while it is not released."""

    @property
    def awaited(self) -> "Node | None":
        """The predecessor that it is said to wait for, or None when all have ended.

        The last one in order, since predecessors mostly end in order: so the answer seldom
        changes while the task waits.
        """
        while self.cursor >= 0 and not self._is_held_by(self.above[self.cursor]):
            self.cursor -= 1
        return self.above[self.cursor] if self.cursor >= 0 else None

    def _is_held_by(self, above: "Node") -> bool:
        if above.has_ended:
            return False
        if above.is_woken or above.state is TaskState.DORMANT:
            return self in above.wakers
        return True


Neighbours = list[Node] | tuple[()]
"""Most nodes of a large graph have few neighbours: no list is made for none."""


def make_nodes(
    graph: Graph, tasks: Collection[TaskId], slots: Slots, running: Collection[TaskId] = ()
) -> dict[TaskId, Node]:
    """The nodes of ``tasks``, linked, in canonical order; ``running`` ones wait for nobody."""
    nodes = {task: Node(task) for task in sorted(set(tasks))}
    specs = graph.workspace.tasks
    _link(nodes, graph.hard_edges, graph.weak_edges, running)
    for task, node in nodes.items():
        spec = specs[task]
        if spec.tags:
            node.signature = slots.signature(spec.tags)
        if spec.mutex is not None:
            node.mutex = MutexTable.key_of(spec.mutex, task.project)
            node.is_shared = spec.mutex.is_shared
    return nodes


def give_ranks(nodes: Mapping[TaskId, Node], failed: set[TaskId]) -> list[Node]:
    """Number the nodes in the order of admission: failed last time first, then canonical."""
    ordered = [node for task, node in nodes.items() if task in failed] if failed else []
    ordered.extend(node for task, node in nodes.items() if task not in failed)
    for rank, node in enumerate(ordered):
        node.rank = rank
    return ordered


def unended_below(node: Node) -> list[Node]:
    """Its hard descendants that have not ended, canonical order; none of them runs."""
    seen: dict[Node, None] = {}
    waiting = [node]
    while waiting:
        for below in waiting.pop().hard_below:
            if below not in seen and not below.has_ended:
                seen[below] = None
                waiting.append(below)
    return sorted(seen, key=lambda below: below.task)


def _link(
    nodes: Mapping[TaskId, Node], hard: Edges, weak: Edges, running: Collection[TaskId]
) -> None:
    """Give every node its neighbours among ``nodes``, and count what it waits for.

    A running one waits for nothing any more, and what is above it cannot take it along.
    """
    for task, node in nodes.items():
        if task in running:
            continue
        found = [one for above in hard[task] if (one := nodes.get(above)) is not None]
        for one in found:
            one.hard_below = one.hard_below or []
            one.hard_below.append(node)
        node.pending_hard = len(found)
        if weak[task]:
            weakly = [one for above in weak[task] if (one := nodes.get(above)) is not None]
            for one in weakly:
                one.weak_below = one.weak_below or []
                one.weak_below.append(node)
            node.pending_weak = len(weakly)
            found += weakly
        if found:
            node.above = found
            node.cursor = len(found) - 1
