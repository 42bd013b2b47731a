"""The limits on what runs together: slots, tags and mutexes, and who is next.

``Slots`` counts the global cap and the caps of tags and holds the ready tasks. They are kept in
one heap per *signature* (the set of capped tags a task has), since tasks of one signature can be
admitted or not all alike: choosing the next one costs the number of signatures, not of tasks.
``MutexTable`` holds owners and a first-in first-out queue per mutex: a task in the queue is never
overtaken by a later one, so an exclusive waiter is not starved by a stream of shared ones.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from heapq import heappop, heappush

from hazui.domain.ids import TaskId
from hazui.domain.specs import Mutex

Signature = tuple[str, ...]
MutexKey = tuple[str | None, str]
"""The project of a project-scoped mutex, else None; its name."""


class Slots:
    """The global cap, the caps of tags, and the ready tasks in order of their rank."""

    def __init__(self, jobs: int, tag_limits: Mapping[str, int]) -> None:
        self.free = jobs
        self.tag_room = dict(tag_limits)
        self.heaps: dict[Signature, list[int]] = {}

    def signature(self, tags: Iterable[str]) -> Signature:
        """The capped ones among ``tags``."""
        if not self.tag_room:
            return ()
        return tuple(sorted(tag for tag in tags if tag in self.tag_room))

    def add_ready(self, rank: int, signature: Signature) -> None:
        heap = self.heaps.get(signature)
        if heap is None:
            heap = self.heaps[signature] = []
        heappush(heap, rank)

    def full_tag(self, signature: Signature) -> str | None:
        """The first tag of ``signature`` that has no room left."""
        for tag in signature:
            if self.tag_room[tag] <= 0:
                return tag
        return None

    def has_room(self, signature: Signature) -> bool:
        return self.free > 0 and self.full_tag(signature) is None

    def take(self, signature: Signature) -> None:
        self.free -= 1
        for tag in signature:
            self.tag_room[tag] -= 1

    def give_back(self, signature: Signature) -> None:
        self.free += 1
        for tag in signature:
            self.tag_room[tag] += 1

    def next_ready(self) -> tuple[int, Signature] | None:
        """The ready task of the lowest rank that has room now; it stays in its heap.

        The caller takes it out with ``pop_ready``; ranks that are no longer ready are its
        business, too.
        """
        if self.free <= 0:
            return None
        best: tuple[int, Signature] | None = None
        for signature, heap in self.heaps.items():
            if not heap or (best is not None and heap[0] > best[0]):
                continue
            if not signature or self.full_tag(signature) is None:
                best = heap[0], signature
        return best

    def pop_ready(self, signature: Signature) -> None:
        heappop(self.heaps[signature])


class MutexTable:
    """Who holds which mutex, and who is next."""

    def __init__(self) -> None:
        self._holders: dict[MutexKey, dict[TaskId, bool]] = {}
        self.queues: dict[MutexKey, OrderedDict[TaskId, bool]] = {}

    @staticmethod
    def key_of(mutex: Mutex, project: str) -> MutexKey:
        return (project if mutex.scope == "project" else None, mutex.name)

    def holders(self, key: MutexKey) -> list[TaskId]:
        """The holders, oldest first."""
        return list(self._holders.get(key, ()))

    def acquire(self, key: MutexKey, task: TaskId, is_shared: bool) -> bool:
        """Take the mutex if it is free for ``task`` and nobody queues for it."""
        if self.queues.get(key) or not self._is_compatible(key, is_shared):
            return False
        self._holders.setdefault(key, {})[task] = is_shared
        return True

    def enqueue(self, key: MutexKey, task: TaskId, is_shared: bool) -> None:
        self.queues.setdefault(key, OrderedDict())[task] = is_shared

    def next_waiter(self, key: MutexKey) -> TaskId | None:
        """The head of the queue, if the mutex is free for it."""
        queue = self.queues.get(key)
        if not queue:
            return None
        task, is_shared = next(iter(queue.items()))
        return task if self._is_compatible(key, is_shared) else None

    def grant(self, key: MutexKey) -> None:
        """Give the mutex to the head of its queue, which ``next_waiter`` has just named."""
        task, is_shared = self.queues[key].popitem(last=False)
        if not self.queues[key]:
            del self.queues[key]
        self._holders.setdefault(key, {})[task] = is_shared

    def release(self, key: MutexKey, task: TaskId) -> None:
        holders = self._holders[key]
        del holders[task]
        if not holders:
            del self._holders[key]

    def leave(self, key: MutexKey, task: TaskId) -> None:
        """Take ``task`` out of the queue."""
        queue = self.queues[key]
        del queue[task]
        if not queue:
            del self.queues[key]

    def _is_compatible(self, key: MutexKey, is_shared: bool) -> bool:
        holders = self._holders.get(key)
        return not holders or (is_shared and all(holders.values()))
