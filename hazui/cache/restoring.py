"""Putting a hit back into the workspace: stage and verify everything, then rename (CACHE-019).

``stage`` touches nothing in the workspace. It finds which outputs are right already, copies the
others under temporary names and checks every digest. ``Staged.commit`` then renames; when one of
the renames fails, all before it are undone and the workspace is as it was. Whatever is neither a
file nor a link is never replaced or removed, and nothing is written outside the workspace.
"""

import contextlib
import errno
import os
import stat
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path

from hazui.cache.blobs import Blobs
from hazui.cache.entry import Entry
from hazui.cache.undo import Undo
from hazui.domain.ids import Digest
from hazui.domain.paths import CanonicalPath
from hazui.domain.records import StoredOutput
from hazui.errors import fs, restore
from hazui.files.index import FileIndex

_IN_THE_WAY = frozenset(
    {errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.ENOTEMPTY, errno.ELOOP, errno.EACCES}
    | {errno.EPERM, errno.EROFS, errno.EBUSY, errno.ETXTBSY, errno.ENAMETOOLONG}
)


class Staged:
    """A hit that is ready to be renamed into place; use ``commit`` or ``discard`` once."""

    def __init__(self, entry: Entry, root: Path, index: FileIndex, blobs: Blobs) -> None:
        self.entry = entry
        self._root = os.fspath(root)
        self._index = index
        self._blobs = blobs
        self.files: list[tuple[StoredOutput, str]] = []
        """Outputs that are not right yet, each with its verified copy."""
        self.stale: tuple[StoredOutput, ...] = ()
        """Outputs of the last record that this entry does not have."""
        self.placed: list[CanonicalPath] = []
        self.removed: list[CanonicalPath] = []
        """What ``commit`` did to the workspace."""

    def commit(self) -> tuple[StoredOutput, ...]:
        """Rename everything into place; all outputs of the entry are then right.

        Raises:
            restore.TargetBlocked: something stands where an output belongs; all is undone.
            restore.Io: a rename failed for another reason; all is undone.
        """
        if not self.files and not self.stale:
            return self.entry.outputs
        undo = Undo(self._blobs.temporary)
        target = self._root
        phase = "rename"
        try:
            for output, staged in self.files:
                target = f"{self._root}/{output.path}"
                undo.make_directories(os.path.dirname(target))
                _require_replaceable(target)
                undo.replace(staged, target)
            phase = "remove"
            for output in self.stale:
                if is_right(self._index, output):
                    target = f"{self._root}/{output.path}"
                    undo.remove(target)
                    self.removed.append(output.path)
        except BaseException as error:
            notes = undo.back()
            self.discard()
            self.removed.clear()
            if isinstance(error, OSError):
                failure = _failure(target, phase, error)
                for note in notes:
                    failure.add_note(note)
                raise failure from failure.__cause__
            for note in notes:
                error.add_note(note)
            raise
        undo.keep()
        for output, _ in self.files:
            self._index.record_own_write(output.path, output.digest)
            self.placed.append(output.path)
        for path in self.removed:
            self._index.record_own_write(path)
        self.files = []
        return self.entry.outputs

    def discard(self) -> None:
        """Remove the copies; the workspace was not touched."""
        for _, staged in self.files:
            with contextlib.suppress(OSError):
                os.unlink(staged)
        self.files = []


def stage(
    blobs: Blobs,
    attachments_dir: Path,
    entry: Entry,
    root: Path,
    index: FileIndex,
    previous: Collection[StoredOutput] = (),
) -> Staged:
    """Verify and copy what the workspace lacks of ``entry``, without touching the workspace.

    ``previous`` are the outputs of the task's last record; those that are none of the entry's
    and still hold what the record says are removed by ``commit``.

    Raises:
        restore.BlobMissing: the entry names content that the cache does not hold.
        restore.BlobCorrupt: a blob is not what its name says.
        restore.TargetBlocked: something stands where an output belongs.
        restore.Io: a copy could not be made.
    """
    staged = Staged(entry, root, index, blobs)
    missing = [output for output in entry.outputs if not is_right(index, output)]
    if previous:
        kept = {output.path for output in entry.outputs}
        staged.stale = tuple(output for output in previous if output.path not in kept)
    try:
        _attach_streams(blobs, attachments_dir, entry)
        if missing:
            require_free(os.fspath(root), missing)
        for output in missing:
            copy = blobs.temporary()
            target = root / output.path
            _checked(
                target,
                output.digest,
                partial(blobs.check_out, output.digest, copy, output.mode),
            )
            staged.files.append((output, copy))
    except BaseException:
        staged.discard()
        raise
    return staged


def is_right(index: FileIndex, output: StoredOutput) -> bool:
    """Whether the workspace holds the output with these bytes and this mode now."""
    try:
        state = index.state(output.path)
    except fs.FsError:
        return False
    return state.digest == output.digest and state.mode & 0o7777 == output.mode


def require_free(root: str, outputs: Collection[StoredOutput]) -> None:
    """Check that each output can be put where it belongs.

    Raises:
        restore.TargetBlocked: a target is neither missing nor a file or link, or its directory
            is something else, or lies outside the workspace once links are followed.
    """
    checked: set[str] = set()
    for output in outputs:
        target = f"{root}/{output.path}"
        directory = os.path.dirname(target)
        if directory not in checked:
            real = os.path.realpath(directory)
            if real != root and not real.startswith(f"{root}/"):
                outside = fs.PermissionDenied(path=Path(target))
                outside.add_note(f"its directory is {real}, outside the workspace")
                raise restore.TargetBlocked(path=Path(target), source=outside)
            checked.add(directory)
        try:
            _require_replaceable(target)
        except OSError as error:
            raise _failure(target, "stage", error) from error


def _require_replaceable(target: str) -> None:
    try:
        mode = os.lstat(target).st_mode
    except FileNotFoundError:
        return
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), target)
    if not (stat.S_ISREG(mode) or stat.S_ISLNK(mode)):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target)


def _attach_streams(blobs: Blobs, attachments_dir: Path, entry: Entry) -> None:
    base = os.fspath(attachments_dir)
    streams = entry.streams
    for digest in (streams.stdout, streams.stderr, streams.journal):
        target = f"{base}/{digest[:2]}/{digest}"
        if not os.access(target, os.F_OK):
            _checked(
                Path(target),
                digest,
                partial(blobs.link_out, digest, target),
            )


def _checked(target: Path, digest: Digest, action: Callable[[], Digest | None]) -> None:
    """Do a copy that answers with what it found in place of ``digest``, None when there is none."""
    try:
        actual = action()
    except OSError as error:
        raise _failure(os.fspath(target), "stage", error) from error
    if actual is None:
        raise restore.BlobMissing(path=target, digest=digest)
    if actual != digest:
        raise restore.BlobCorrupt(path=target, expected=digest, actual=actual)


def _failure(target: str, phase: str, error: OSError) -> restore.RestoreError:
    path = Path(target)
    source = fs.from_os_error(path, phase, error)
    if error.errno in _IN_THE_WAY and phase != "remove":
        return restore.TargetBlocked(path=path, source=source)
    return restore.Io(phase=phase, source=source)
