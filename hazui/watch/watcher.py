"""The watcher: from raw notifications to settled, true change sets.

Notifications are hints. Each is checked against the disk and the index's baseline; whatever may
have been lost (a stopped process, a burst, a broken watch) is made good by looking at the whole
tree. ``start`` builds the watches; ``run`` works on the caller's event loop and owns all state;
the source's threads only put signals into an inbox.

Invariant: a file that changed after ``start`` and is not hazui's own doing is in a change set,
or is still waiting to be looked at.

One file because starting, looking, telling and mending share one state, and each has to be read
with the others in mind.
"""

import asyncio
import os
import time
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import NamedTuple

from hazui.domain.clock import Clock, SystemClock
from hazui.domain.paths import CanonicalPath
from hazui.domain.patterns import Pattern
from hazui.errors import watch
from hazui.files.index import FileIndex
from hazui.files.resolve import InputResolver
from hazui.files.tree import TreeChange
from hazui.files.walk import walk_in_steps
from hazui.watch.changes import ChangeSet
from hazui.watch.examine import Examiner, Findings
from hazui.watch.outside import OutsideFiles, nearest_directory
from hazui.watch.settle import Settler
from hazui.watch.signals import ClockJumped, EventsSeen, RawEvent, Signal, WatchBroke
from hazui.watch.slices import in_slices, result_of
from hazui.watch.source import Backend, WatchSource, is_utf8
from hazui.watch.storm import Storm, is_hinted
from hazui.watch.troubles import Tell, Troubles

INBOX_SIGNALS = 1_000
"""A loop that is further behind than this looks at the tree instead."""
FEW_EVENTS = 64
HEALTH_S = 1.0
VANISHED_RETRY_S = 0.1
FILL_PAUSE_S = 0.005
DRAIN_PAUSE_S = 0.1
BREAKS_MAX = 10
BREAKS_WITHIN_S = 10.0
"""A native watch that broke more often than that is given up for a while."""
_WATCH_PAUSE_NS = 50_000_000
"""New directories are watched at once, those that follow together: each round costs a thread."""
_FILL_FILES = 200
_GRANULARITY_NS = 2_000_000_000
_IN_FLIGHT_NS = 100_000_000
"""A change younger than this may still be on its way here."""


class Ready(NamedTuple):
    """How many files are watched, and how."""

    files: int
    backend: Backend


class Watcher:
    """Watches one workspace for its resolver and index; made, started and run on one thread."""

    def __init__(
        self,
        resolver: InputResolver,
        index: FileIndex,
        *,
        literals: Iterable[CanonicalPath] = (),
        outside: Iterable[Path] = (),
        settle_ms: int = 0,
        source: Callable[[Callable[[Signal], None]], WatchSource] = WatchSource,
        clock: Clock | None = None,
    ) -> None:
        """``literals`` are inputs and configuration files that are watched though ignored."""
        self._tree = resolver.tree
        self._root = os.fspath(resolver.root)
        self._prefix = self._root.rstrip("/") + "/"
        self._index = index
        self._clock = clock or SystemClock()
        self._examiner = Examiner(self._tree, index, literals)
        self._outside = OutsideFiles(outside)
        self._settler = Settler(settle_ms)
        self._source = source(self._emit)
        self._inbox: deque[Signal] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()
        self._is_closed = False
        self._is_paused = False
        self._root_identity: tuple[int, int] | None = None
        self._troubles = Troubles()
        self._must_rescan = False
        self._is_inbox_full = False
        self._breaks_s: list[float] = []
        self._overflows = 0
        self._storm = Storm()
        self._fresh: set[CanonicalPath] = set()
        self._watch_again_at_ns = 0
        self._unfilled: Iterator[CanonicalPath] = iter(())
        self._is_filled = False
        self._is_drained = True

    def start(self) -> Ready:
        """Build the watches; from its return on no change is lost.

        Raises:
            watch.RootVanished: the workspace directory is not there.
        """
        self._root_identity = self._identity()
        if self._root_identity is None:
            raise watch.RootVanished(path=Path(self._root))
        tree = self._tree
        self._examiner.watched_since_ns = self._clock.wall_ns()
        if not tree.is_walked:
            tree.walk()
        was_watched = self._index.begin_baseline()
        self._watch_all()
        came = TreeChange()
        # What was made between the walk and the watch.
        for directory in ("", *sorted(tree.directories)):
            try:
                changed_ns = os.stat(f"{self._prefix}{directory}").st_mtime_ns
            except OSError:
                changed_ns = time.time_ns()
            if changed_ns >= tree.walked_at_ns - _GRANULARITY_NS:
                change = tree.refresh_entries(directory)
                self._add_directories(change.directories_added)
                came.extend(change)
        if was_watched:
            # Another watcher ended a moment ago; nobody has reported what happened since.
            findings = Findings()
            self._examiner.take(came, findings)
            gone = set(self._index.baseline_paths()).difference(tree.paths)
            self._examiner.files(gone, findings, is_sweep=True)
            self._settle(findings, self._clock.monotonic_ns())
            self._must_rescan = True
        self._unfilled = iter(list(tree.paths))
        return Ready(len(tree.paths), self._source.backend)

    async def run(
        self,
        on_change: Callable[[ChangeSet], None],
        on_degraded: Tell,
        on_recovered: Tell,
    ) -> None:
        """Hand on change sets until ``close`` or cancellation; call once, after ``start``.

        ``on_degraded`` gets a trouble when it begins, ``on_recovered`` the same when it is over.
        """
        self._loop = asyncio.get_running_loop()
        while not self._is_closed:
            self._troubles.end("overflow")
            self._troubles.tell(on_degraded, on_recovered)
            await self._wait()
            await self._take_signals()
            await self._watch_fresh()
            self._check_health()
            must_look = self._must_rescan or self._storm.is_due(self._clock.monotonic_ns())
            if must_look and "root" not in self._troubles:
                await self._rescan()
            self._troubles.tell(on_degraded, on_recovered)
            self._fill_some()
            if not self._is_paused:
                settled = self._settler.take(self._clock.monotonic_ns())
                if settled is not None:
                    on_change(settled)

    @property
    def watched_directories(self) -> AbstractSet[str]:
        """Absolute; each by itself, not what lies below."""
        return self._source.directories

    @property
    def pending_paths(self) -> AbstractSet[CanonicalPath]:
        """Changes that wait: for quiet, or for ``resume``."""
        return self._settler.paths

    def pause(self) -> None:
        """Hand nothing on until ``resume``; what changes meanwhile is collected."""
        self._is_paused = True

    def resume(self) -> None:
        self._is_paused = False
        self._wake.set()

    def hold(self, key: Hashable, patterns: Sequence[Pattern]) -> None:
        """Put aside changes to what a running task may write, until ``release`` of the same key.

        Record its outputs in the index before releasing: what equals the record is dropped.
        """
        self._examiner.hold(key, patterns)

    def release(self, key: Hashable) -> None:
        """Look at what was put aside; what is not recorded as own is a change after all."""
        findings = Findings()
        self._examiner.release(key, findings)
        self._settle(findings, self._clock.monotonic_ns())
        self._wake.set()

    def close(self) -> None:
        """End ``run``, and leave no thread and no descriptor. May be called twice."""
        self._is_closed = True
        self._wake.set()
        self._source.close()

    def _emit(self, signal: Signal) -> None:
        if len(self._inbox) < INBOX_SIGNALS:
            self._inbox.append(signal)
        else:
            self._is_inbox_full = True
        loop = self._loop
        if loop is not None and not self._is_closed:
            try:
                loop.call_soon_threadsafe(self._wake.set)
            except RuntimeError:
                # The loop has ended; nobody listens any more.
                pass

    async def _wait(self) -> None:
        timeout_s = HEALTH_S
        if "root" in self._troubles:
            timeout_s = VANISHED_RETRY_S
        elif not self._is_filled or self._fresh:
            timeout_s = FILL_PAUSE_S
        elif not self._is_drained:
            timeout_s = DRAIN_PAUSE_S
        dues_ns = (None if self._is_paused else self._settler.due_ns(), self._storm.look_at_ns)
        for due_ns in dues_ns:
            if due_ns is not None:
                timeout_s = min(timeout_s, (due_ns - self._clock.monotonic_ns()) / 1e9)
        if not self._inbox and timeout_s > 0:
            try:
                async with asyncio.timeout(timeout_s):
                    await self._wake.wait()
            except TimeoutError:
                pass
        self._wake.clear()

    async def _take_signals(self) -> None:
        while self._inbox:
            signal = self._inbox.popleft()
            match signal:
                case EventsSeen(events, seen_ns):
                    await self._take_events(events, seen_ns)
                case ClockJumped():
                    self._storm.suspect(self._clock.monotonic_ns())
                case WatchBroke(reason):
                    self._mend(reason)
        if self._is_inbox_full:
            self._is_inbox_full = False
            self._storm.suspect(self._clock.monotonic_ns())

    async def _take_events(self, events: set[RawEvent], seen_ns: int) -> None:
        if self._storm.note(len(events), seen_ns):
            self._storm.skip(path[len(self._prefix) :] for _, path in events)
            return
        findings = Findings(hash_ahead=len(events) <= FEW_EVENTS)
        is_outside = False
        # Deletions first: a directory that was replaced is then looked at as it is now.
        async for kind, path in in_slices(sorted(events, reverse=True)):
            if path.startswith(self._prefix):
                relative = CanonicalPath(path[len(self._prefix) :])
                self._examiner.event(kind, relative, findings)
            is_outside = is_outside or not path.startswith(self._prefix)
        self._follow(findings)
        outside = self._outside.news() if is_outside else set()
        self._settle(findings, seen_ns, outside=outside)

    def _follow(self, findings: Findings) -> None:
        """Note what is to be watched from now on, and what is gone."""
        tree = self._tree
        self._fresh |= findings.directories_added
        self._source.forget(
            self._prefix + each
            for each in findings.directories_removed
            if each not in tree.directories
        )
        if findings.rules_changed:
            tree.rules.forget()
            self._must_rescan = True

    async def _watch_fresh(self) -> None:
        """Watch new directories, then look once more for what came before the watch did."""
        now_ns = self._clock.monotonic_ns()
        missing = self._literal_directories() - self._source.directories
        if not (self._fresh or missing) or now_ns < self._watch_again_at_ns:
            return
        tree = self._tree
        fresh = {each for each in self._fresh if each in tree.directories}
        self._fresh = set()
        self._trouble(self._source.add({*missing, *(self._prefix + each for each in fresh)}))
        self._watch_again_at_ns = self._clock.monotonic_ns() + _WATCH_PAUSE_NS
        findings = Findings(hash_ahead=False)
        async for each in in_slices(sorted(fresh)):
            self._examiner.take(tree.refresh_entries(each), findings)
            self._examiner.files(tree.directly_in(each), findings)
        self._examiner.files(self._examiner.literals if missing else (), findings)
        self._follow(findings)
        self._settle(findings, now_ns)

    def _settle(
        self,
        findings: Findings,
        seen_ns: int,
        *,
        outside: Iterable[Path] = (),
        rescan: bool = False,
    ) -> None:
        self._settler.add(
            findings.paths,
            set(outside),
            first_seen_ns=seen_ns,
            now_ns=self._clock.monotonic_ns(),
            rescan=rescan,
        )

    async def _rescan(self) -> None:
        is_suspicious = not self._must_rescan
        self._must_rescan = False
        hinted = self._storm.over()
        if is_suspicious:
            # A directory may have been replaced unseen; then the watch on it is gone.
            self._watch_all()
        tree = self._tree
        seen_ns = self._clock.monotonic_ns()
        started_ns = time.time_ns()
        version = tree.version
        found = await result_of(walk_in_steps(tree.root, tree.rules))
        touched = tree.touched_since(version)
        change = tree.adopt(found, started_ns)
        if touched is None:
            change.extend(tree.walk())
        else:
            # Files that somebody noted while the walk was under way.
            for path in touched:
                change.extend(tree.refresh(path))
        findings = Findings(hash_ahead=False)
        self._examiner.take(change, findings)
        findings.directories_added.clear()
        wanted = self._wanted_directories()
        fresh = wanted - self._source.directories
        if wanted != self._source.directories:
            self._trouble(self._source.replace(wanted))
        for directory in sorted(fresh):
            # Listed before its watch stood.
            relative = directory[len(self._prefix) :]
            if relative in tree.directories:
                self._examiner.take(tree.refresh_entries(relative), findings)
        paths = [*tree.paths, *self._examiner.literals]
        batches = (paths[start : start + 50] for start in range(0, len(paths), 50))
        async for batch in in_slices(batches):
            self._examiner.files(batch, findings, is_sweep=True)
        self._follow(findings)
        self._settle(findings, seen_ns, outside=self._outside.news(), rescan=True)
        self._is_filled = True
        if is_suspicious and self._was_lost(findings.paths, hinted, started_ns):
            self._overflows += 1
            self._troubles.begin("overflow", watch.Overflowed(count=self._overflows))

    def _was_lost(self, paths: Iterable[CanonicalPath], hints: set[str], started_ns: int) -> bool:
        """Whether the look found something that no notification had named, and none will."""
        for signal in list(self._inbox):
            if isinstance(signal, EventsSeen):
                hints.update(path[len(self._prefix) :] for _, path in signal.events)
        for path in paths:
            state = self._index.baseline(path)
            is_old = state is not None and state.ctime_ns < started_ns - _IN_FLIGHT_NS
            if is_old and not is_hinted(path, hints):
                return True
        return False

    def _check_health(self) -> None:
        self._is_drained = self._source.reap()
        identity = self._identity()
        if identity is None:
            self._troubles.begin("root", watch.RootVanished(path=Path(self._root)))
        elif "root" in self._troubles or identity != self._root_identity:
            self._troubles.end("root")
            self._root_identity = identity
            self._watch_all()
            self._must_rescan = True
        elif self._source.should_retry:
            self._watch_all()
            self._must_rescan = True

    def _fill_some(self) -> None:
        if self._is_filled:
            return
        batch = [path for _, path in zip(range(_FILL_FILES), self._unfilled, strict=False)]
        self._examiner.fill(batch)
        self._is_filled = not batch

    def _watch_all(self) -> None:
        self._source.avoid(
            (self._prefix + path).rpartition("/")[0]
            for path in self._tree.paths
            if not path.isascii() and not is_utf8(path)
        )
        self._trouble(self._source.replace(self._wanted_directories()))

    def _add_directories(self, directories: Iterable[CanonicalPath]) -> None:
        self._trouble(self._source.add(self._prefix + each for each in directories))

    def _wanted_directories(self) -> set[str]:
        wanted = {self._prefix + each for each in self._tree.directories}
        wanted.add(self._root)
        return wanted | self._literal_directories() | self._outside.directories()

    def _literal_directories(self) -> set[str]:
        return {
            nearest_directory(self._prefix + path)
            for path in self._examiner.literals
            if path not in self._tree
        }

    def _mend(self, reason: str) -> None:
        """Put a watch in place of one that broke; a full look finds what it had not told yet."""
        self._must_rescan = True
        now_s = time.monotonic()
        self._breaks_s = [each for each in self._breaks_s if now_s - each < BREAKS_WITHIN_S]
        self._breaks_s.append(now_s)
        if len(self._breaks_s) > BREAKS_MAX:
            self._trouble(self._source.give_up(reason))
            return
        # watchfiles names the undecodable path in quotes; its directory is polled from now on.
        named = reason.partition('"')[2].rpartition("/")[0]
        if named in self._source.directories:
            self._source.avoid((named,))
        self._watch_all()

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self._root)
        except OSError:
            return None
        return (found.st_dev, found.st_ino)

    def _trouble(self, problem: watch.WatchError | None) -> None:
        """Note why it polls, or that it does not have to any more."""
        if problem is not None:
            self._troubles.begin("backend", problem)
        elif self._source.backend == "native":
            self._troubles.end("backend")
