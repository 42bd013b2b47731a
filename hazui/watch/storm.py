"""When notifications may have been lost: pure, time and counts come in as numbers.

The kernel keeps 16,384 entries and drops the rest without a word, and a file that is made takes
about four. So after many notifications, or when this process stood still, the whole tree is
looked at once. Whether something was really lost is known only then.
"""

from collections.abc import Iterable

BURST_EVENTS = 8_000
"""So many at once are not looked at one by one: looking at the tree is cheaper."""
STORM_EVENTS = 2_000
"""After so many without a quiet second the tree is looked at as well."""
STORM_QUIET_NS = 200_000_000
STORM_LASTS_NS = 2_000_000_000
_CALM_NS = 1_000_000_000


class Storm:
    """Counts notifications and says when to look."""

    def __init__(self) -> None:
        self.look_at_ns: int | None = None
        """Monotonic; when the tree is to be looked at. None: no need."""
        self._events = 0
        self._since_ns = 0
        self._last_ns = 0
        self._hinted: set[str] = set()

    def note(self, count: int, seen_ns: int) -> bool:
        """Note notifications; True when they should be skipped and the tree looked at instead."""
        if seen_ns - self._last_ns > _CALM_NS:
            self._events, self._since_ns = 0, seen_ns
        self._last_ns = seen_ns
        self._events += count
        if count > BURST_EVENTS:
            self.look_at_ns = seen_ns
            return True
        if self._events > STORM_EVENTS:
            latest_ns = max(self._since_ns + STORM_LASTS_NS, seen_ns)
            self.look_at_ns = min(seen_ns + STORM_QUIET_NS, latest_ns)
        return False

    def suspect(self, now_ns: int) -> None:
        """Something else hints at a loss: look at once."""
        self.look_at_ns = now_ns

    def skip(self, paths: Iterable[str]) -> None:
        """Remember what was named by notifications that were skipped."""
        self._hinted.update(paths)

    def is_due(self, now_ns: int) -> bool:
        return self.look_at_ns is not None and self.look_at_ns <= now_ns

    def over(self) -> set[str]:
        """The look begins: forget everything, and hand over the paths that were skipped."""
        self.look_at_ns = None
        self._events = 0
        hinted, self._hinted = self._hinted, set()
        return hinted


def is_hinted(path: str, hints: set[str]) -> bool:
    """Whether ``path`` or a directory above it is among ``hints``."""
    end = len(path)
    while end > 0:
        if path[:end] in hints:
            return True
        end = path.rfind("/", 0, end)
    return False
