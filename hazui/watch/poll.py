"""Watching without notifications: directories are listed again and again and compared.

Compared are size, mtime, ctime and inode in nanoseconds (the poller of watchfiles looks at whole
seconds and misses the second of two quick saves). The pause grows with the cost of a round, so
that polling takes at most about a tenth of a core.
"""

import os
import threading
import time
from collections.abc import Iterable

from hazui.watch.signals import ADDED, DELETED, MODIFIED, Emit, EventsSeen, RawEvent

INTERVAL_S = 0.2
COST_FACTOR = 10
_JOIN_S = 10.0

Signature = tuple[int, int, int, int, int]
Listing = dict[str, Signature]


class PollWatch:
    """Looks at the directories from construction on; ``start`` begins the rounds."""

    def __init__(
        self, directories: Iterable[str], emit: Emit, *, interval_s: float = INTERVAL_S
    ) -> None:
        self._emit = emit
        self._interval_s = interval_s
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._listings: dict[str, Listing] = {}
        self.add(directories)
        self._thread = threading.Thread(target=self._rounds, name="hazui-poll", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def add(self, directories: Iterable[str]) -> None:
        """Watch more directories, as they are now."""
        fresh = {directory: _list(directory) for directory in directories}
        with self._lock:
            self._listings.update(fresh)

    def close(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(_JOIN_S)

    def _rounds(self) -> None:
        pause_s = self._interval_s
        while not self._stop.wait(pause_s):
            started_s = time.monotonic()
            events = self._round()
            if events:
                self._emit(EventsSeen(events, time.monotonic_ns()))
            pause_s = max(self._interval_s, COST_FACTOR * (time.monotonic() - started_s))

    def _round(self) -> set[RawEvent]:
        events: set[RawEvent] = set()
        with self._lock:
            listings = list(self._listings.items())
        for directory, before in listings:
            if self._stop.is_set():
                return events
            now = _list(directory)
            if now == before:
                continue
            for name in before.keys() - now.keys():
                events.add((DELETED, f"{directory}/{name}"))
            for name, signature in now.items():
                known = before.get(name)
                if known is None or known[3:] != signature[3:]:
                    events.add((ADDED, f"{directory}/{name}"))
                elif known != signature:
                    events.add((MODIFIED, f"{directory}/{name}"))
            with self._lock:
                if directory in self._listings:
                    self._listings[directory] = now
        return events


def _list(directory: str) -> Listing:
    listing: Listing = {}
    try:
        with os.scandir(directory) as entries:
            for entry in entries:
                signature = _signature(entry)
                if signature is not None:
                    listing[entry.name] = signature
    except OSError:
        # Gone or unreadable: what was in it counts as deleted.
        return {}
    return listing


def _signature(entry: os.DirEntry[str]) -> Signature | None:
    try:
        if entry.is_dir(follow_symlinks=False):
            # What happens in it is seen by its own listing, or is nobody's business.
            return (0, 0, 0, entry.inode(), 1)
        try:
            found = entry.stat()
        except FileNotFoundError:
            found = entry.stat(follow_symlinks=False)
    except OSError:
        return None
    return (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino, 0)
