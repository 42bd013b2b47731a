"""Notifications for a growing set of directories, natively where possible, by polling where not.

Directories that came later live in a second native watch, so that a ``mkdir`` does not cost a
new watch on everything; when that one has grown they are merged. Directories that the native
door cannot take (names that are not UTF-8 in or above them) are polled. When the system's limit
is reached everything is polled, and the native way is tried again later.

All methods are called from one thread; signals come from others.
"""

import os
import time
from collections.abc import Callable, Collection, Iterable
from collections.abc import Set as AbstractSet
from typing import Literal

from hazui.errors import watch
from hazui.watch import limits
from hazui.watch.native import DEBOUNCE_MS, STEP_MS, NativeWatch
from hazui.watch.poll import INTERVAL_S, PollWatch
from hazui.watch.signals import Emit

MERGE_DIRECTORIES = 400
"""A second watch that has grown beyond this is merged into the first."""
RETRY_S = 30.0
_BUILD_TRIES = 5

Backend = Literal["native", "polling"]


class WatchSource:
    """Emits raw events for entries of the watched directories, never for what lies deeper."""

    def __init__(
        self,
        emit: Emit,
        *,
        step_ms: int = STEP_MS,
        debounce_ms: int = DEBOUNCE_MS,
        force_polling: bool = False,
        poll_interval_s: float = INTERVAL_S,
    ) -> None:
        self._emit = emit
        self._step_ms = step_ms
        self._debounce_ms = debounce_ms
        self._force_polling = force_polling
        self._poll_interval_s = poll_interval_s
        self._directories: set[str] = set()
        self._undecodable: set[str] = set()
        self._base: NativeWatch | None = None
        self._later: NativeWatch | None = None
        self._later_directories: set[str] = set()
        self._poll: PollWatch | None = None
        self._retired: list[NativeWatch] = []
        self._retry_at_s = 0.0
        self._limits: tuple[int, ...] = ()
        self._is_closed = False

    @property
    def backend(self) -> Backend:
        return "polling" if self._base is None else "native"

    @property
    def directories(self) -> AbstractSet[str]:
        """What is watched, absolute."""
        return self._directories

    def replace(self, directories: Iterable[str]) -> watch.WatchError | None:
        """Watch exactly these, in place of what was watched before; without a gap.

        Returns what forced it to poll instead, or None when the native way works.
        """
        if self._is_closed:
            return None
        self._directories = set(directories)
        problem: watch.WatchError | None = None
        base: NativeWatch | None = None
        if not self._force_polling:
            try:
                base = self._native(self._can_be_native)
            except watch.WatchError as error:
                problem = error
                self._retry_at_s = time.monotonic() + RETRY_S
                self._limits = limits.current()
        self._retire(self._base, self._later)
        old_poll = self._poll
        self._base, self._later, self._poll = base, None, None
        self._later_directories = set()
        self._poll_rest(self._directories if base is None else self._cannot_be_native())
        if old_poll is not None:
            old_poll.close()
        return problem

    def give_up(self, reason: str) -> watch.WatchError:
        """Poll everything for a while: the native way breaks again and again."""
        self._retry_at_s = time.monotonic() + RETRY_S
        self._limits = limits.current()
        self._retire(self._base, self._later)
        self._base, self._later, self._later_directories = None, None, set()
        if not self._is_closed:
            self._poll_rest(self._directories)
        return watch.PollingOnly(reason=reason)

    def add(self, directories: Iterable[str]) -> watch.WatchError | None:
        """Watch these as well (or anew, when a directory was replaced by another of its name)."""
        fresh = set(directories)
        if not fresh or self._is_closed:
            return None
        self._directories |= fresh
        if self._base is None:
            self._poll_rest(fresh)
            return None
        bad = {each for each in fresh if not self._can_be_native(each)}
        if bad:
            self._poll_rest(bad)
        self._later_directories |= fresh - bad
        if len(self._later_directories) > MERGE_DIRECTORIES:
            return self.replace(self._directories)
        if fresh == bad:
            return None
        return self._renew_later()

    def forget(self, directories: Iterable[str]) -> None:
        """These are gone; the kernel has dropped their watches already."""
        gone = set(directories)
        self._directories -= gone
        self._later_directories -= gone
        self._undecodable -= gone

    def avoid(self, directories: Iterable[str]) -> None:
        """Poll these from the next ``replace`` on: they hold names that break the native one."""
        self._undecodable.update(directories)

    @property
    def should_retry(self) -> bool:
        """True when it polls, and the native way may work again by now."""
        if self._base is not None or self._force_polling or not self._directories:
            return False
        return time.monotonic() >= self._retry_at_s or limits.current() != self._limits

    def reap(self) -> bool:
        """Close the watches that others have taken over from; False while one is still draining."""
        for each in [each for each in self._retired if each.is_drained]:
            self._retired.remove(each)
            each.close()
        return not self._retired

    def close(self) -> None:
        """Leave no thread and no descriptor behind; what is asked for afterwards is not begun.

        The watcher's loop may be in the middle of taking in what it saw last.
        """
        self._is_closed = True
        for each in (self._base, self._later, self._poll, *self._retired):
            if each is not None:
                each.close()
        self._retired = []
        self._base, self._later, self._poll = None, None, None
        self._directories = set()

    def _renew_later(self) -> watch.WatchError | None:
        old = self._later
        wanted = self._later_directories
        try:
            self._later = self._build(wanted)
        except watch.WatchError:
            # The limit: one watch on everything says so, and polls.
            return self.replace(self._directories)
        self._retire(old)
        return None

    def _retire(self, *watches: NativeWatch | None) -> None:
        for each in watches:
            if each is not None:
                each.retire()
                self._retired.append(each)

    def _native(self, is_wanted: Callable[[str], bool]) -> NativeWatch:
        return self._build({each for each in self._directories if is_wanted(each)})

    def _build(self, directories: set[str]) -> NativeWatch:
        for _ in range(_BUILD_TRIES):
            try:
                built = NativeWatch(
                    sorted(directories),
                    self._emit,
                    step_ms=self._step_ms,
                    debounce_ms=self._debounce_ms,
                )
            except (FileNotFoundError, PermissionError):
                # Gone since it was listed. Its parent's watch tells when it comes back.
                directories = {each for each in directories if _is_readable(each)}
            else:
                built.start()
                return built
        raise watch.PollingOnly(reason="directories vanish faster than they can be watched")

    def _poll_rest(self, directories: Collection[str]) -> None:
        if not directories:
            return
        if self._poll is None:
            self._poll = PollWatch(directories, self._emit, interval_s=self._poll_interval_s)
            self._poll.start()
        else:
            self._poll.add(directories)

    def _can_be_native(self, directory: str) -> bool:
        return directory not in self._undecodable and is_utf8(directory)

    def _cannot_be_native(self) -> set[str]:
        return {each for each in self._directories if not self._can_be_native(each)}


def is_utf8(text: str) -> bool:
    """False when ``text`` carries bytes that the native door cannot take."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_readable(directory: str) -> bool:
    return os.path.isdir(directory) and os.access(directory, os.R_OK | os.X_OK)
