"""One task inside a plan: its place in it, its counters, what it may hold.

Written by ``Plan`` only; everything else reads.
"""

from hazui.domain.ids import TaskId
from hazui.graph.limits import MutexKey, Signature
from hazui.graph.states import TaskState


class Node:
    """A task of one plan. Edges lead only to tasks of the same plan."""

    __slots__ = (
        "above",
        "cursor",
        "hard_below",
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
        self.signature: Signature = ()
        self.mutex: MutexKey | None = None
        self.is_shared = False
        """Whether it takes its mutex shared."""
        self.above: list[Node] = []
        """Hard and weak predecessors, canonical order each."""
        self.cursor = -1
        """The last index in ``above`` that may not have ended: whom it is said to wait for."""
        self.hard_below: list[Node] = []
        self.weak_below: list[Node] = []
        self.pending_hard = 0
        self.pending_weak = 0
        self.wave = 0
        """The wave that released it; 0 before it was released."""

    @property
    def awaited(self) -> "Node | None":
        """The predecessor that it is said to wait for, or None when all have ended.

        The last one in order, since predecessors mostly end in order: so the answer seldom
        changes while the task waits.
        """
        while self.cursor >= 0 and self.above[self.cursor].has_ended:
            self.cursor -= 1
        return self.above[self.cursor] if self.cursor >= 0 else None

    @property
    def has_ended(self) -> bool:
        state = self.state
        return (
            state is TaskState.SUCCEEDED
            or state is TaskState.FAILED
            or state is TaskState.ERRORED
            or state is TaskState.SKIPPED
            or state is TaskState.CANCELLED
        )
