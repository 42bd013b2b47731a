"""The cache of one workspace: look up, restore, store.

``ac`` says by action key what was produced, ``cas`` holds the bytes by digest. A store writes the
blobs first and the entry last (CACHE-017), so a reader sees a miss until everything is there and
a kill leaves no half entry. A look-up never raises: what cannot be used is a miss (CACHE-016).

It knows nothing of tasks but their last manifests, and is used from one thread.
"""

import contextlib
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from hazui.cache.blobs import Blobs
from hazui.cache.entry import DamagedEntry, Entry, Produced, SchemaMismatch, decode, encode
from hazui.cache.last import LastManifests
from hazui.cache.raw import SourceChanged, is_same
from hazui.cache.restoring import Staged, stage
from hazui.domain.clock import Clock, SystemClock
from hazui.domain.ids import ActionKey, Digest
from hazui.domain.paths import parse_workspace_absolute
from hazui.domain.records import StoredOutput, StreamDigests
from hazui.errors import fs, parse_absolute, restore, store
from hazui.errors.base import HazuiError
from hazui.files.index import FileIndex

USED_GRANULARITY_NS = 3600 * 1_000_000_000
"""The time of last use is noted no more often than this."""


class LookupStatus(StrEnum):
    """What the action cache says of a key."""

    HIT = "hit"
    NO_ENTRY = "no_entry"
    SCHEMA_MISMATCH = "schema_mismatch"
    CORRUPT_ENTRY = "corrupt_entry"


@dataclass(frozen=True, slots=True)
class Lookup:
    """A value, whatever happened; ``entry`` only with a hit."""

    result: LookupStatus
    entry: Entry | None = None
    error: HazuiError | None = None
    """What is wrong with the entry, for a person to read; the run goes on as on any miss."""


_NO_ENTRY = Lookup(LookupStatus.NO_ENTRY)
_SCHEMA_MISMATCH = Lookup(LookupStatus.SCHEMA_MISMATCH)


class Cache:
    """The cache under ``directory``; finished streams lie in ``attachments_dir``."""

    def __init__(
        self,
        directory: Path,
        attachments_dir: Path,
        hash_name: str,
        fsync: bool = False,
        clock: Clock | None = None,
    ) -> None:
        self.directory = directory
        self.attachments_dir = attachments_dir
        self.hash_name = hash_name
        self.clock: Clock = clock or SystemClock()
        self.blobs = Blobs(directory, hash_name, fsync=fsync)
        self.last = LastManifests(directory / "manifests")
        self.stored_bytes = 0
        """What was stored through this object, blobs that were there already included."""
        self._entries = str(directory / "ac")

    def entry_path(self, key: ActionKey) -> str:
        return f"{self._entries}/{key[:2]}/{key}"

    def lookup(self, key: ActionKey) -> Lookup:
        """What is stored under ``key``; blobs are not looked at yet."""
        path = self.entry_path(key)
        try:
            data = self._read(path)
        except FileNotFoundError:
            return _NO_ENTRY
        except OSError as error:
            failure = restore.Io(phase="entry", source=fs.from_os_error(Path(path), "read", error))
            return Lookup(LookupStatus.CORRUPT_ENTRY, error=failure)
        try:
            return Lookup(LookupStatus.HIT, decode(data, key, self.hash_name))
        except SchemaMismatch:
            return _SCHEMA_MISMATCH
        except DamagedEntry as error:
            damage = restore.BlobCorrupt(
                path=Path(path), expected=error.expected, actual=error.actual
            )
            self.quarantine(key)
            return Lookup(LookupStatus.CORRUPT_ENTRY, error=damage)

    def stage(
        self,
        entry: Entry,
        root: Path,
        index: FileIndex,
        previous_outputs: Collection[StoredOutput] = (),
    ) -> Staged:
        """Verify and copy what the workspace lacks; nothing in it is touched yet.

        Raises:
            restore.RestoreError: see ``restoring.stage``.
        """
        return stage(self.blobs, self.attachments_dir, entry, root, index, previous_outputs)

    def restore(
        self,
        entry: Entry,
        root: Path,
        index: FileIndex,
        previous_outputs: Collection[StoredOutput] = (),
    ) -> tuple[StoredOutput, ...]:
        """Put the outputs of ``entry`` in place; those already right are left alone (CACHE-019).

        ``previous_outputs`` are those of the task's last record: the ones that this entry does
        not have are removed if nothing changed them since.

        Raises:
            restore.BlobMissing: the cache lacks content that the entry names.
            restore.BlobCorrupt: content in the cache is not what its name says.
            restore.TargetBlocked: something stands where an output belongs.
            restore.Io: anything else; as after all of them, the workspace is as it was.
        """
        return self.stage(entry, root, index, previous_outputs).commit()

    def store(
        self,
        key: ActionKey,
        outputs: Sequence[Produced],
        digests: StreamDigests,
        root: Path,
    ) -> Entry:
        """Take in what a run produced: blobs first, the entry last (CACHE-017).

        The streams must lie among the attachments; they are linked, not copied.

        Raises:
            store.InvalidOutputPath: a path that no entry may hold; nothing was written.
            store.OutputChangedWhileStoring: an output is no longer what the run left.
            store.Io: reading an output or writing into the cache failed.
        """
        for output in outputs:
            try:
                parse_workspace_absolute(f"/{output.path}")
            except parse_absolute.ParseAbsoluteError as error:
                raise store.InvalidOutputPath(path=root / output.path, source=error) from error
        stored = self._take_in(outputs, os.fspath(root))
        streams_bytes = self._link_streams(digests)
        entry = Entry(
            key=key,
            outputs=stored,
            streams=digests,
            streams_bytes=streams_bytes,
            created_at=self.clock.utc(),
        )
        path = self.entry_path(key)
        try:
            self.blobs.write(encode(entry, self.hash_name), path, 0o600)
        except OSError as error:
            raise _io("entry", path, "write", error) from error
        self.stored_bytes += entry.size_bytes
        return entry

    def quarantine(self, key: ActionKey, error: HazuiError | None = None) -> None:
        """Put an entry, and the blob that ``error`` names, aside: the next look-up is a miss."""
        self.put_aside(self.entry_path(key), f"{key}.entry")
        if isinstance(error, restore.BlobCorrupt):
            digest = Digest(error.expected)
            self.put_aside(self.blobs.path(digest), f"{digest}.blob")

    def put_aside(self, path: str, name: str) -> None:
        """Move a file out of the cache into its quarantine, under ``name``."""
        aside = self.directory / "quarantine"
        try:
            aside.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.rename(path, aside / name)
        except FileNotFoundError:
            return
        except OSError:
            # What cannot be kept for inspection must at least not be found again.
            with contextlib.suppress(OSError):
                os.unlink(path)

    def _take_in(self, outputs: Sequence[Produced], root: str) -> tuple[StoredOutput, ...]:
        stored: list[StoredOutput] = []
        taken: list[tuple[str, os.stat_result]] = []
        for path, mode in outputs:
            full = f"{root}/{path}"
            try:
                put = self.blobs.put(full)
            except SourceChanged as error:
                raise store.OutputChangedWhileStoring(path=Path(full)) from error
            except OSError as error:
                raise _io("blobs", full, "store", error) from error
            if put.status.st_mode & 0o7777 != mode:
                raise store.OutputChangedWhileStoring(path=Path(full))
            stored.append(StoredOutput(path, mode, put.digest, put.size_bytes))
            taken.append((full, put.status))
        # Something still at work may have written to the first while the last was being read.
        for full, status in taken:
            try:
                is_still = is_same(status, os.stat(full))
            except OSError as error:
                raise store.OutputChangedWhileStoring(path=Path(full)) from error
            if not is_still:
                raise store.OutputChangedWhileStoring(path=Path(full))
        return tuple(sorted(stored, key=lambda output: output.path))

    def _link_streams(self, digests: StreamDigests) -> int:
        size_bytes = 0
        base = os.fspath(self.attachments_dir)
        for digest in (digests.stdout, digests.stderr, digests.journal):
            source = f"{base}/{digest[:2]}/{digest}"
            try:
                size_bytes += self.blobs.link(source, digest)
            except OSError as error:
                raise _io("streams", source, "link", error) from error
        return size_bytes

    def _read(self, path: str) -> bytes:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            status = os.fstat(fd)
            if self.clock.wall_ns() - status.st_mtime_ns > USED_GRANULARITY_NS:
                with contextlib.suppress(OSError):
                    os.utime(fd)
            data = os.read(fd, status.st_size + 1)
            while len(data) < status.st_size and (more := os.read(fd, status.st_size)):
                data += more
            return data
        finally:
            os.close(fd)


def _io(phase: str, path: str, operation: str, error: OSError) -> store.Io:
    name = error.filename if isinstance(error.filename, str) else path
    return store.Io(phase=phase, source=fs.from_os_error(Path(name), operation, error))
