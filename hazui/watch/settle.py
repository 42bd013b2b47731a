"""When a set of changes is complete: pure, time comes in as numbers.

Every further change moves the end of the wait by the quiet time, up to a cap, so that a file
that is written without pause cannot hold a save back for ever.
"""

from collections.abc import Set as AbstractSet
from pathlib import Path

from hazui.domain.paths import CanonicalPath
from hazui.watch.changes import ChangeSet

CAP_FACTOR = 10
"""A set is handed on at the latest after this many quiet times."""


class Settler:
    """Collects changes until ``settle_ms`` passed without one; 0 hands on at once."""

    def __init__(self, settle_ms: int = 0) -> None:
        self._quiet_ns = settle_ms * 1_000_000
        self._paths: set[CanonicalPath] = set()
        self._outside: set[Path] = set()
        self._is_rescan = False
        self._first_seen_ns = 0
        self._last_ns = 0

    def add(
        self,
        paths: set[CanonicalPath],
        outside: set[Path],
        *,
        first_seen_ns: int,
        now_ns: int,
        rescan: bool = False,
    ) -> None:
        """Take changes; nothing at all is ignored."""
        if not paths and not outside:
            return
        if not self._paths and not self._outside:
            self._first_seen_ns = first_seen_ns
        self._paths |= paths
        self._outside |= outside
        self._is_rescan = self._is_rescan or rescan
        self._last_ns = now_ns

    @property
    def is_empty(self) -> bool:
        return not self._paths and not self._outside

    @property
    def paths(self) -> AbstractSet[CanonicalPath]:
        return self._paths

    def due_ns(self) -> int | None:
        """When the set may be taken, or None while there is nothing in it."""
        if self.is_empty:
            return None
        cap_ns = self._first_seen_ns + CAP_FACTOR * self._quiet_ns
        return min(self._last_ns + self._quiet_ns, max(cap_ns, self._first_seen_ns))

    def take(self, now_ns: int) -> ChangeSet | None:
        """The settled set, which is then forgotten; None while there is none or it is not due."""
        due_ns = self.due_ns()
        if due_ns is None or now_ns < due_ns:
            return None
        settled = ChangeSet(
            frozenset(self._paths),
            self._first_seen_ns,
            now_ns,
            self._is_rescan,
            frozenset(self._outside),
        )
        self._paths, self._outside, self._is_rescan = set(), set(), False
        return settled
