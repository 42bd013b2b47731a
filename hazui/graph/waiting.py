"""What each task waits for, and when that is worth telling.

A reason is always derived from the present state of the plan, never stored as truth; only what
was last *told* is kept, so that the same reason is not told twice. Who is told asks for it
(``take``), between two waits of its own: what came and went in between is never told, and a run of
nothing but cache hits tells nothing.

Bound: when a tag or mutex changes hands, the reason changes for everybody in its queue. It is told
anew to the first ``RETOLD_MAX`` in line; the others are told again when they come to the front.
"""

from collections.abc import Sequence
from itertools import islice

from hazui.domain.ids import TaskId
from hazui.graph.limits import MutexKey, MutexTable, Signature, Slots
from hazui.graph.node import Node
from hazui.graph.states import TaskState, Wait, WaitingReason

RETOLD_MAX = 16
_NO_SLOT = WaitingReason("slot", "jobs")


class WaitReports:
    """Derives waiting reasons and remembers which were told."""

    def __init__(self, by_rank: Sequence[Node], slots: Slots, mutexes: MutexTable) -> None:
        self._by_rank = by_rank
        self._slots = slots
        self._mutexes = mutexes
        self._noted: dict[Node, None] = {}
        self._noted_mutexes: set[MutexKey] = set()
        self._told: dict[TaskId, WaitingReason] = {}
        self._told_signatures: dict[Signature, WaitingReason] = {}

    def note(self, node: Node) -> None:
        """Something about ``node`` may have changed what it waits for."""
        self._noted[node] = None

    def note_mutex(self, key: MutexKey) -> None:
        """The mutex changed hands."""
        self._noted_mutexes.add(key)

    def reason(self, node: Node, by_task: dict[TaskId, Node]) -> WaitingReason | None:
        """What ``node`` waits for now; None when it waits for nothing."""
        state = node.state
        if state is TaskState.WAITING:
            awaited = node.awaited
            return None if awaited is None else WaitingReason("dependency", str(awaited.task))
        if state is TaskState.READY:
            return self._room_reason(node.signature)
        if state is not TaskState.BOUNCED or node.mutex is None:
            return None
        holders = self._mutexes.holders(node.mutex)
        if holders:
            return WaitingReason("mutex", f"{node.mutex[1]} held by {holders[0]}")
        # The mutex is free and the head of its queue lacks a slot or a tag; so do those behind.
        head = next(iter(self._mutexes.queues[node.mutex]))
        return self._room_reason(by_task[head].signature)

    def take(self, by_task: dict[TaskId, Node]) -> list[Wait]:
        """The reasons that changed since the last call."""
        for signature, heap in self._slots.heaps.items():
            if heap and len(heap) <= RETOLD_MAX:
                common = self._room_reason(signature)
                if self._told_signatures.get(signature) != common:
                    self._told_signatures[signature] = common
                    self._noted.update(dict.fromkeys(self._by_rank[rank] for rank in heap))
        for key in self._noted_mutexes:
            for task in islice(self._mutexes.queues.get(key, ()), RETOLD_MAX):
                self._noted[by_task[task]] = None
        self._noted_mutexes.clear()
        found: list[Wait] = []
        for node in self._noted:
            reason = self.reason(node, by_task)
            if reason is None:
                self._told.pop(node.task, None)
            elif self._told.get(node.task) != reason:
                self._told[node.task] = reason
                found.append(Wait(node.task, reason))
        self._noted.clear()
        return found

    def _room_reason(self, signature: Signature) -> WaitingReason:
        tag = self._slots.full_tag(signature)
        return _NO_SLOT if tag is None else WaitingReason("tag", tag)
