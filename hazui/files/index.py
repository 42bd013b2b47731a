"""What hazui knows about files: their stat, their digest, and what has been reported of them.

A digest is reused while size, mtime, ctime, inode and mode are those it was taken with. That is
safe only when the file had been still for a while when it was hashed: a second write within the
granularity of the clock leaves the same times behind. Such an entry is racily clean (as in git's
index) and is hashed again until it has settled. The quiet time needed is 2 s where the file
system keeps whole seconds only; 100 ms where the ctime, which no user can set, shows a fraction.

Beside it stands the baseline: the state of every watched file that has been reported or that
hazui itself wrote. Reading a file (for a key) never moves the baseline, else a change that is
read before its notification arrives would never be reported to the tasks that ran without it.

Invariant: ``state`` never raises for the content of the index; a wrong entry costs a hash.
"""

import os
import stat
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple, cast

from hazui.domain.ids import Digest
from hazui.domain.paths import CanonicalPath
from hazui.errors import fs
from hazui.files import index_format
from hazui.files.digest import hash_descriptor, open_regular

COARSE_QUIET_NS = 2_000_000_000
FINE_QUIET_NS = 100_000_000
PRUNE_LOOKS = 1_000
_HASH_TRIES = 5


class FileState(NamedTuple):
    """One file as it was seen. ``mode`` is the full ``st_mode``; links were followed."""

    size_bytes: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    mode: int
    digest: Digest | None = None
    """None when only its stat was taken."""
    is_settled: bool = False
    """False: racily clean; an equal stat does not prove an equal content."""

    @property
    def is_executable(self) -> bool:
        """Whether the owner may execute it: what git and the action key look at."""
        return bool(self.mode & stat.S_IXUSR)

    @property
    def is_regular(self) -> bool:
        return stat.S_ISREG(self.mode)

    def has_stat_of(self, other: "FileState") -> bool:
        """True when nothing that a stat shows differs."""
        return self[:5] == other[:5]


def from_stat(result: os.stat_result, digest: Digest | None, seen_ns: int) -> FileState:
    """``seen_ns`` is the wall time before the stat, or before the content was read."""
    ctime_ns = result.st_ctime_ns
    quiet_ns = COARSE_QUIET_NS if ctime_ns % 1_000_000_000 == 0 else FINE_QUIET_NS
    newest_ns = max(ctime_ns, result.st_mtime_ns)
    return FileState(
        result.st_size,
        result.st_mtime_ns,
        ctime_ns,
        result.st_ino,
        result.st_mode,
        digest,
        # A time in the future says nothing: such a file never settles.
        seen_ns - newest_ns > quiet_ns,
    )


class FileIndex:
    """States by canonical path, for one workspace and one hash function.

    Used from one thread at a time. ``wall_ns`` must be comparable with file times.
    """

    def __init__(
        self, root: Path, hash_name: str, wall_ns: Callable[[], int] = time.time_ns
    ) -> None:
        self.root = root
        self.hash_name = hash_name
        self._wall_ns = wall_ns
        self._prefix = os.fspath(root).rstrip("/") + "/"
        self._states: dict[CanonicalPath, FileState] = {}
        self._baseline: dict[CanonicalPath, FileState] = {}
        self._is_baseline_begun = False

    def state(self, path: CanonicalPath) -> FileState:
        """The file as it is now, with its digest; costs one stat when it has not changed.

        Raises:
            fs.NotFound: there is no such file.
            fs.PermissionDenied: it may not be read.
            fs.Io: reading failed, or it is not a regular file (errno EINVAL).
        """
        full = self._prefix + path
        known = self._states.get(path)
        try:
            if known is not None and known.is_settled and known.digest is not None:
                found = os.stat(full)
                if (
                    found.st_mtime_ns == known.mtime_ns
                    and found.st_ctime_ns == known.ctime_ns
                    and found.st_size == known.size_bytes
                    and found.st_ino == known.inode
                    and found.st_mode == known.mode
                ):
                    return known
            fresh = self._hash(full)
        except OSError as error:
            self._states.pop(path, None)
            raise fs.from_os_error(Path(full), "read", error) from error
        self._states[path] = fresh
        return fresh

    def look(self, path: CanonicalPath) -> FileState:
        """The file's stat as it is now, with a digest only where it is known to hold.

        Raises:
            fs.FsError: as ``state``, but never for what is not regular.
        """
        full = self._prefix + path
        seen_ns = self._wall_ns()
        try:
            found = from_stat(os.stat(full), None, seen_ns)
        except OSError as error:
            raise fs.from_os_error(Path(full), "look at", error) from error
        known = self._states.get(path)
        if known is not None and known.is_settled and known.has_stat_of(found):
            return known
        return found

    def is_at_baseline(self, path: CanonicalPath) -> bool:
        """True when one stat proves that nothing has happened since the baseline; else unknown."""
        base = self._baseline.get(path)
        if base is None or not base.is_settled:
            return False
        try:
            found = os.stat(self._prefix + path)
        except OSError:
            return False
        return (
            found.st_mtime_ns == base.mtime_ns
            and found.st_ctime_ns == base.ctime_ns
            and found.st_size == base.size_bytes
            and found.st_ino == base.inode
            and found.st_mode == base.mode
        )

    def known(self, path: CanonicalPath) -> FileState | None:
        """What was last seen, without looking."""
        return self._states.get(path)

    def known_paths(self) -> Iterable[CanonicalPath]:
        """The paths with a digest."""
        return self._states.keys()

    def forget(self, path: CanonicalPath) -> None:
        """Drop the digest; the next ``state`` reads the file."""
        self._states.pop(path, None)

    def record_own_write(self, path: CanonicalPath, digest: Digest | None = None) -> None:
        """Take the file as it is now for hazui's own doing: it will not be reported as a change.

        Called after a task produced or a restore wrote it. ``digest`` saves reading a file whose
        content is known; without it the digest last returned by ``state`` is kept, or the file is
        hashed. A file that is not there any more is recorded as deleted.
        """
        full = self._prefix + path
        known = self._states.get(path)
        try:
            if digest is not None:
                # Somebody may have written between the digest and now, so it is not settled.
                state = from_stat(os.stat(full), digest, 0)
            else:
                found = from_stat(os.stat(full), None, 0)
                same = known is not None and known.has_stat_of(found)
                state = known if known is not None and same else self._hash(full)
        except OSError:
            self._states.pop(path, None)
            self._baseline.pop(path, None)
            return
        self._states[path] = state
        self._baseline[path] = state

    def begin_baseline(self) -> bool:
        """Take what is known now for what has been reported; called when watching begins.

        True when there has been a watch before: then what changed in between is to be reported.
        """
        was_begun = self._is_baseline_begun
        self._is_baseline_begun = True
        self._baseline = {**self._states, **self._baseline}
        return was_begun

    def baseline(self, path: CanonicalPath) -> FileState | None:
        """The state that was last reported or written by hazui; None: no such file then."""
        return self._baseline.get(path)

    def baseline_paths(self) -> Iterable[CanonicalPath]:
        return self._baseline.keys()

    def set_baseline(self, path: CanonicalPath, state: FileState | None) -> None:
        """Note what has been reported of ``path``; None when it is gone."""
        if state is None:
            self._baseline.pop(path, None)
        else:
            self._baseline[path] = state

    def load(self, file: Path) -> int:
        """Read what ``save`` wrote; how many entries. Anything unreadable counts as empty."""
        try:
            data = file.read_bytes()
        except OSError:
            return 0
        found = index_format.decode(data, self.hash_name)
        if found is None:
            return 0
        names, rows = found
        # tuple.__new__ instead of the class: no Python call for each of 50,000 entries.
        states = map(partial(tuple.__new__, FileState), cast("Iterable[FileState]", rows))
        self._states = dict(zip(cast("list[CanonicalPath]", names), states, strict=True))
        return len(self._states)

    def save(self, file: Path) -> None:
        """Write all digests in one file, in place of an older one.

        A few entries are looked for each time, so that those of deleted files do not pile up.

        Raises:
            fs.FsError: it cannot be written; the older one is then still there.
        """
        self._prune()
        names = list(self._states)
        rows = cast("list[index_format.Row]", list(self._states.values()))
        data = index_format.encode(self.hash_name, names, rows)
        staged = file.with_name(f"{file.name}.{os.getpid()}.tmp")
        try:
            staged.write_bytes(data)
            staged.replace(file)
        except OSError as error:
            staged.unlink(missing_ok=True)
            raise fs.from_os_error(file, "write", error) from error

    def _prune(self) -> None:
        names = list(self._states)
        start = self._wall_ns() % max(len(names), 1)
        for path in (names + names)[start : start + min(len(names), PRUNE_LOOKS)]:
            if not os.path.lexists(self._prefix + path):
                self._states.pop(path, None)

    def _hash(self, full: str) -> FileState:
        tries_left = _HASH_TRIES
        while True:
            seen_ns = self._wall_ns()
            descriptor = open_regular(full)
            try:
                before = os.fstat(descriptor)
                digest, size_bytes = hash_descriptor(descriptor, self.hash_name)
                after = os.fstat(descriptor)
            finally:
                os.close(descriptor)
            is_still = (
                before.st_mtime_ns == after.st_mtime_ns
                and before.st_ctime_ns == after.st_ctime_ns
                and size_bytes == after.st_size
            )
            if is_still:
                return from_stat(after, digest, seen_ns)
            tries_left -= 1
            if not tries_left:
                # Written to without a pause: a digest of no one content, which is never trusted.
                return from_stat(after, digest, 0)
