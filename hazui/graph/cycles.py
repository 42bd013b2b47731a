"""Cycles, found and cut: which edges close one, and the path to show for each.

Strongly connected components (Tarjan, iterative) say where cycles are; in each, a breadth-first
search from its first task finds a shortest cycle through that task. The edges of a reported cycle
are cut and the search goes on in what is left of the component, so that cycles without a common
edge are all named, yet a knot of everything-needs-everything does not become thousands of
problems: each component is told at most ``ROUNDS_MAX`` of them, and what still closes a cycle
after that is cut in silence.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from hazui.domain.ids import TaskId

Edge = tuple[TaskId, TaskId]
ROUNDS_MAX = 8


def find_cycles(
    tasks: Iterable[TaskId], edges: Mapping[TaskId, Sequence[TaskId]]
) -> tuple[list[tuple[TaskId, ...]], set[Edge]]:
    """The cycles to report, and the edges whose removal leaves none.

    A path begins and ends with the same task; each task needs the one after it.
    """
    cycles: list[tuple[TaskId, ...]] = []
    cut: set[Edge] = set()
    knots = _components(tasks, edges, cut)
    for _ in range(ROUNDS_MAX):
        if not knots:
            return cycles, cut
        left: list[TaskId] = []
        for knot in knots:
            path = _shortest_through(min(knot), set(knot), edges, cut)
            cycles.append(path)
            cut.update(pairwise(path))
            left.extend(sorted(knot))
        knots = _components(left, edges, cut)
    for knot in knots:
        inside = set(knot)
        cut.update((a, b) for a in knot for b in edges[a] if b in inside and b <= a)
    return cycles, cut


def _components(
    tasks: Iterable[TaskId], edges: Mapping[TaskId, Sequence[TaskId]], cut: set[Edge]
) -> list[list[TaskId]]:
    """The strongly connected components of more than one task."""
    index: dict[TaskId, int] = {}
    low: dict[TaskId, int] = {}
    on_stack: set[TaskId] = set()
    stack: list[TaskId] = []
    found: list[list[TaskId]] = []
    for start in tasks:
        if start in index:
            continue
        index[start] = low[start] = len(index)
        stack.append(start)
        on_stack.add(start)
        walk = [(start, iter(edges[start]))]
        while walk:
            task, neighbours = walk[-1]
            for other in neighbours:
                if cut and (task, other) in cut:
                    continue
                if other not in index:
                    index[other] = low[other] = len(index)
                    stack.append(other)
                    on_stack.add(other)
                    walk.append((other, iter(edges[other])))
                    break
                if other in on_stack and index[other] < low[task]:
                    low[task] = index[other]
            else:
                walk.pop()
                if walk and low[task] < low[walk[-1][0]]:
                    low[walk[-1][0]] = low[task]
                if low[task] == index[task]:
                    knot = [stack.pop()]
                    while knot[-1] != task:
                        knot.append(stack.pop())
                    on_stack.difference_update(knot)
                    if len(knot) > 1:
                        found.append(knot)
    return found


def _shortest_through(
    start: TaskId,
    inside: set[TaskId],
    edges: Mapping[TaskId, Sequence[TaskId]],
    cut: set[Edge],
) -> tuple[TaskId, ...]:
    """A shortest cycle through ``start``; there is one, since ``inside`` is strongly connected."""
    came_from: dict[TaskId, TaskId] = {}
    queue = deque([start])
    while queue:
        task = queue.popleft()
        for other in edges[task]:
            if other not in inside or (task, other) in cut:
                continue
            if other == start:
                path = [start, task]
                while path[-1] != start:
                    path.append(came_from[path[-1]])
                return tuple(reversed(path))
            if other not in came_from:
                came_from[other] = task
                queue.append(other)
    raise AssertionError(f"{start} is not on a cycle")
