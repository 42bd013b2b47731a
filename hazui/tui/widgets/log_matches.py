"""Matches of a search, so many that they cannot all be kept: a mark at every n-th of them.

The first match and every ``stride``-th behind it are marked; when the marks are full, every other
one is dropped and the stride doubles. What lies between two marks is searched again when someone
goes there, which is near: many matches stand close together.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence

MARKS_MAX = 1 << 17
_RESEARCHED_STEPS_MAX = 16

Order = Callable[[int], tuple[int, int]]
"""Where a match stands in the view, by its first byte."""
Search = Callable[[int, int | None], Iterator[Sequence[tuple[int, int]]]]
"""The matches that begin between two offsets, in helpings."""


class Matches:
    """The matches of one stream, by their first bytes, in order.

    Args:
        search: finds the matches between two marks again.
        order: compares places across streams; grows with the offset.
    """

    def __init__(self, search: Search, order: Order, marks_max: int = MARKS_MAX) -> None:
        self.count = 0
        self.last_end = 0
        """Where the last match ends."""
        self._search = search
        self._order = order
        self._marks_max = marks_max
        self._marks: array[int] = array("Q")
        self._stride = 1

    def extend(self, matches: Sequence[tuple[int, int]]) -> None:
        """Add matches behind all that were added before."""
        if not matches:
            return
        first = -self.count % self._stride
        self._marks.extend(match[0] for match in matches[first :: self._stride])
        self.count += len(matches)
        self.last_end = matches[-1][1]
        while len(self._marks) > self._marks_max:
            self._marks = self._marks[::2]
            self._stride *= 2

    def following(self, place: tuple[int, int]) -> int | None:
        """The first match behind a place."""
        at = bisect_right(self._marks, place, key=self._order)
        if self._stride > 1 and at > 0:
            for byte in self._between(at - 1):
                if self._order(byte) > place:
                    return byte
        return self._marks[at] if at < len(self._marks) else None

    def preceding(self, place: tuple[int, int]) -> int | None:
        """The last match in front of a place."""
        at = bisect_left(self._marks, place, key=self._order)
        if at == 0:
            return None
        found = self._marks[at - 1]
        if self._stride > 1:
            for byte in self._between(at - 1):
                if self._order(byte) >= place:
                    break
                found = byte
        return found

    def count_before(self, place: tuple[int, int]) -> int:
        """How many matches are in front of a place."""
        at = bisect_left(self._marks, place, key=self._order)
        if self._stride == 1 or at == 0:
            return at
        before = (at - 1) * self._stride
        for byte in self._between(at - 1):
            if self._order(byte) >= place:
                break
            before += 1
        return before

    def _between(self, mark: int) -> Iterator[int]:
        """The matches from a mark on, up to the next mark; it gives up in a long gap."""
        stop = self._marks[mark + 1] if mark + 1 < len(self._marks) else self.last_end
        for steps, found in enumerate(self._search(self._marks[mark], stop)):
            yield from (match[0] for match in found)
            if steps >= _RESEARCHED_STEPS_MAX:
                return
