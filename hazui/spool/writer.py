"""The writing end of a log: raw bytes straight to disk, one journal record for each chunk.

Every ``append`` is one write to the stream and one to the journal, unbuffered, so a killed
supervisor loses nothing that it had read. Writes go to explicit offsets: one that failed half-way
is overwritten by the next and never shifts what follows. Streams are hashed on the way, so that
finishing costs no second read.

A log that may grow for ever rotates: it goes on in fresh files that begin with the last part of the
old ones, whose names are then taken away. A reader notices that and turns to the new files.
"""

import os
from pathlib import Path
from types import TracebackType
from typing import Self

from hazui.domain.ids import Digest
from hazui.domain.records import StreamDigests
from hazui.errors.stream import CapturedStream
from hazui.spool.format import (
    CHUNK_BYTES_MAX,
    ENDS_LINE,
    JOURNAL,
    RECORD,
    STREAMS,
    ChunkRecord,
    LogFiles,
    files_in,
    new_hasher,
)

KEPT_BYTES = 1 << 20
"""What of a log outlives its rotation, at most."""
FRESH = ".fresh"
"""What the files of a rotation under way are called."""
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW


class RunSpool:
    """The log of one run while it is being captured; used from one thread.

    Args:
        directory: made with its parents when it is not there; holds nothing but this log.
        hash_name: the workspace's hash.
        fsync: have the bytes on the disk before ``finish`` returns.
        rotate_bytes: rotate when both streams together are larger; None is never.

    Raises:
        OSError: the files cannot be made.
    """

    def __init__(
        self,
        directory: Path,
        hash_name: str,
        *,
        fsync: bool = False,
        rotate_bytes: int | None = None,
    ) -> None:
        self.directory = directory
        self.dropped_bytes = 0
        """Bytes of both streams that rotation took away."""
        self._hash_name = hash_name
        self._rotate_bytes = rotate_bytes
        self._rotate_at = rotate_bytes or 0
        self._fsync = fsync
        self._fds: list[int] = []
        base = str(directory)
        try:
            os.mkdir(base, 0o700)
        except FileExistsError:
            pass
        except FileNotFoundError:
            os.makedirs(base, 0o700)
        self._open("")

    def _open(self, suffix: str) -> None:
        """Begin with empty files."""
        self._sizes = [0, 0, 0]
        self._hashers = [new_hasher(self._hash_name) for _ in range(3)]
        self._fds = []
        base = str(self.directory)
        try:
            for name in (*STREAMS, JOURNAL):
                self._fds.append(os.open(f"{base}/{name}{suffix}", _FLAGS | os.O_TRUNC, 0o600))
        except OSError:
            self.abandon()
            raise

    @property
    def files(self) -> LogFiles:
        """Where it is written, until it is attached."""
        return files_in(self.directory)

    @property
    def sizes(self) -> dict[CapturedStream, int]:
        """Bytes held by each stream."""
        return dict(zip(STREAMS, self._sizes, strict=False))

    @property
    def is_open(self) -> bool:
        return bool(self._fds)

    def append(self, stream: CapturedStream, chunk: bytes | memoryview, at_ns: int) -> None:
        """Add bytes that arrived at ``at_ns`` (wall clock, nanoseconds).

        Raises:
            OSError: the disk refused; the log holds what it held before.
        """
        number = 0 if stream is CapturedStream.STDOUT else 1
        for start in range(0, len(chunk), CHUNK_BYTES_MAX):
            self._append(number, bytes(chunk[start : start + CHUNK_BYTES_MAX]), at_ns)
        if self._rotate_bytes is not None and sum(self._sizes[:2]) > self._rotate_at:
            self._rotate(self._rotate_bytes)

    def _append(self, number: int, chunk: bytes, at_ns: int) -> None:
        flags = ENDS_LINE if chunk.endswith(b"\n") else 0
        record = RECORD.pack(at_ns, len(chunk), chunk.count(b"\n"), number, flags)
        write_at(self._fds[number], chunk, self._sizes[number])
        write_at(self._fds[2], record, self._sizes[2])
        self._sizes[number] += len(chunk)
        self._sizes[2] += len(record)
        self._hashers[number].update(chunk)
        self._hashers[2].update(record)

    def _rotate(self, rotate_bytes: int) -> None:
        """Go on in fresh files that begin with the last chunks of these."""
        old_fds, old_sizes, old_hashers = self._fds, self._sizes, self._hashers
        kept = _last_chunks(old_fds[2], old_sizes, min(KEPT_BYTES, rotate_bytes // 2))
        names = [*STREAMS, JOURNAL]
        try:
            self._open(FRESH)
            for record, offset in kept:
                chunk = os.pread(old_fds[record.stream], record.length, offset)
                self._append(record.stream, chunk, record.at_ns)
            # The journal last: a reader that finds it new finds the streams new, too.
            while names:
                os.rename(self.directory / f"{names[0]}{FRESH}", self.directory / names[0])
                del names[0]
        except OSError:
            self.abandon()
            self._fds, self._sizes, self._hashers = old_fds, old_sizes, old_hashers
            if len(names) < len(old_fds):
                raise  # The old files have lost names: this log cannot be finished.
            # The log goes on as it is, and is tried again when it has grown as much again.
            self._rotate_at = sum(old_sizes[:2]) + rotate_bytes
            return
        self._rotate_at = rotate_bytes
        for fd in old_fds:
            os.close(fd)
        self.dropped_bytes += sum(old_sizes[:2]) - sum(self._sizes[:2])

    def flush(self) -> None:
        """Have everything on the disk itself; appended bytes are in the files already.

        Raises:
            OSError: the disk refused.
        """
        for fd in self._fds:
            os.fsync(fd)

    def finish(self) -> StreamDigests:
        """Close the log and say what it holds.

        Raises:
            OSError: the disk refused; the files are closed all the same.
        """
        try:
            for fd, size in zip(self._fds, self._sizes, strict=True):
                # A write that failed half-way may have left bytes past the end.
                if os.fstat(fd).st_size != size:
                    os.ftruncate(fd, size)
            if self._fsync:
                self.flush()
        finally:
            self.abandon()
        stdout, stderr, journal = (Digest(hasher.hexdigest()) for hasher in self._hashers)
        return StreamDigests(stdout, stderr, journal)

    def abandon(self) -> None:
        """Close the files and leave them as they are; may be called twice."""
        fds, self._fds = self._fds, []
        for fd in fds:
            os.close(fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.abandon()


def _last_chunks(
    journal_fd: int, sizes: list[int], kept_bytes: int
) -> list[tuple[ChunkRecord, int]]:
    """The last records, with the offset of each one's bytes, that fit into ``kept_bytes``."""
    offsets = sizes[:2]
    chunks: list[tuple[ChunkRecord, int]] = []
    position = sizes[2]
    while position > 0 and kept_bytes > 0:
        position -= RECORD.size
        record = ChunkRecord._make(RECORD.unpack(os.pread(journal_fd, RECORD.size, position)))
        kept_bytes -= record.length
        offsets[record.stream] -= record.length
        if kept_bytes >= 0:
            chunks.append((record, offsets[record.stream]))
    chunks.reverse()
    return chunks


def write_at(fd: int, data: bytes, offset: int) -> None:
    """Write all of ``data`` at ``offset``.

    Raises:
        OSError: the disk refused; some of the bytes may be there.
    """
    written = os.pwrite(fd, data, offset)
    while written < len(data):
        written += os.pwrite(fd, data[written:], offset + written)
