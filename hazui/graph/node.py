"""One task inside a plan: its place in it, its counters, what it may hold.

Written by ``Plan`` only; everything else reads.
"""

from collections.abc import Mapping

from hazui.domain.ids import TaskId
from hazui.graph.graph import Edges
from hazui.graph.limits import MutexKey, Signature
from hazui.graph.states import TaskState


class Node:
    """A task of one plan. Edges lead only to tasks of the same plan."""

    __slots__ = (
        "above",
        "cursor",
        "hard_below",
        "has_ended",
        "is_shared",
        "mutex",
        "pending_hard",
        "pending_weak",
        "rank",
        "signature",
        "state",
        "task",
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
        self.wave = 0
        """The wave that released it; 0 while it is not released."""

    @property
    def awaited(self) -> "Node | None":
        """The predecessor that it is said to wait for, or None when all have ended.

        The last one in order, since predecessors mostly end in order: so the answer seldom
        changes while the task waits.
        """
        while self.cursor >= 0 and self.above[self.cursor].has_ended:
            self.cursor -= 1
        return self.above[self.cursor] if self.cursor >= 0 else None


Neighbours = list[Node] | tuple[()]
"""Most nodes of a large graph have few neighbours: no list is made for none."""


def link(nodes: Mapping[TaskId, Node], hard: Edges, weak: Edges) -> None:
    """Give every node its neighbours among ``nodes``, and count what it waits for."""
    for task, node in nodes.items():
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
