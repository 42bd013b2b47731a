"""The writing end of a log: raw bytes straight to disk, one journal record for each chunk.

Every ``append`` is one write to the stream and one to the journal, unbuffered, so a killed
supervisor loses nothing that it had read. Writes go to explicit offsets: one that failed half-way
is overwritten by the next and never shifts what follows. Streams are hashed on the way, so that
finishing costs no second read.
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
    LogFiles,
    files_in,
    new_hasher,
)

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW


class RunSpool:
    """The log of one run while it is being captured; used from one thread.

    Args:
        directory: made with its parents when it is not there; holds nothing but this log.
        hash_name: the workspace's hash.
        fsync: have the bytes on the disk before ``finish`` returns.

    Raises:
        OSError: the files cannot be made.
    """

    def __init__(self, directory: Path, hash_name: str, *, fsync: bool = False) -> None:
        self.directory = directory
        self._fsync = fsync
        self._fds: list[int] = []
        base = str(directory)
        try:
            os.mkdir(base, 0o700)
        except FileExistsError:
            pass
        except FileNotFoundError:
            os.makedirs(base, 0o700)
        try:
            for name in (*STREAMS, JOURNAL):
                self._fds.append(os.open(f"{base}/{name}", _FLAGS | os.O_TRUNC, 0o600))
        except OSError:
            self.abandon()
            raise
        self._sizes = [0, 0, 0]
        self._hashers = [new_hasher(hash_name) for _ in range(3)]

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

    def _append(self, number: int, chunk: bytes, at_ns: int) -> None:
        flags = ENDS_LINE if chunk.endswith(b"\n") else 0
        record = RECORD.pack(at_ns, len(chunk), chunk.count(b"\n"), number, flags)
        write_at(self._fds[number], chunk, self._sizes[number])
        write_at(self._fds[2], record, self._sizes[2])
        self._sizes[number] += len(chunk)
        self._sizes[2] += len(record)
        self._hashers[number].update(chunk)
        self._hashers[2].update(record)

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


def write_at(fd: int, data: bytes, offset: int) -> None:
    """Write all of ``data`` at ``offset``.

    Raises:
        OSError: the disk refused; some of the bytes may be there.
    """
    written = os.pwrite(fd, data, offset)
    while written < len(data):
        written += os.pwrite(fd, data[written:], offset + written)
