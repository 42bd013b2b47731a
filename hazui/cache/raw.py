"""Reading, writing and copying the bytes of whole files, by descriptor.

What is common to all blobs: nothing is read or written in part, a source that changes under our
hands is noticed, and the kernel copies what is big. Knows nothing of digests' places or of entries.
"""

import errno
import os
import threading
from typing import Self

from hazui.domain.ids import Digest
from hazui.errors import fs
from hazui.files.digest import hash_file, open_regular

SMALL_BYTES = 1 << 20
"""Up to this size a file is held in memory whole; above it, it is copied by the kernel."""

_COPY_BYTES = 1 << 30


class SourceChanged(Exception):  # noqa: N818
    """The file was written to, replaced or removed while it was being read."""


class HashingBeside:
    """Hashes a file on a thread of its own, which has ended when the block is left."""

    def __init__(self, path: str, hash_name: str) -> None:
        self._path = path
        self._hash_name = hash_name
        self._digest: Digest | None = None
        self._error: fs.FsError | None = None
        self._thread = threading.Thread(target=self._work, name="hazui-hash")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join()

    def result(self) -> Digest:
        """The digest.

        Raises:
            OSError: the file could not be read.
        """
        if self._error is not None:
            cause = self._error.__cause__
            raise cause if isinstance(cause, OSError) else OSError(str(self._error))
        assert self._digest is not None
        return self._digest

    def _work(self) -> None:
        try:
            self._digest, _ = hash_file(self._path, self._hash_name)
        except fs.FsError as error:
            self._error = error


def is_same(before: os.stat_result, after: os.stat_result) -> bool:
    """Whether nothing was written to the file, and its mode not changed, between the two."""
    return (
        before.st_mtime_ns == after.st_mtime_ns
        and before.st_size == after.st_size
        and before.st_ctime_ns == after.st_ctime_ns
        and before.st_ino == after.st_ino
        and before.st_mode == after.st_mode
    )


def read_all(fd: int) -> bytes:
    """From the descriptor's position to its end.

    Raises:
        OSError: a read failed.
    """
    size = os.fstat(fd).st_size
    # One byte more than it should have tells at once that this was the end.
    data = os.read(fd, size + 1)
    if len(data) == size:
        return data
    parts = [data]
    while part := os.read(fd, SMALL_BYTES):
        parts.append(part)
    return b"".join(parts)


def write_all(fd: int, data: bytes) -> None:
    """Write until everything is written.

    Raises:
        OSError: a write failed.
    """
    written = os.write(fd, data)
    while written < len(data):
        written += os.write(fd, data[written:])


def copy_bytes(source: int, target: int, size_bytes: int) -> None:
    """Copy a file to its end, inside the kernel; sharing the blocks where it can.

    Raises:
        OSError: a read or write failed.
    """
    if size_bytes > SMALL_BYTES and _clone(source, target):
        return
    try:
        while os.sendfile(target, source, None, _COPY_BYTES):
            pass
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOSYS, errno.ENOTSOCK, errno.ENOTSUP):
            raise
        while block := os.read(source, SMALL_BYTES):
            write_all(target, block)


def _clone(source: int, target: int) -> bool:
    try:
        import fcntl

        # FICLONE of linux/fs.h: btrfs and xfs share the blocks until one side is written to.
        fcntl.ioctl(target, 0x40049409, source)
    except (ImportError, OSError):
        return False
    return True


def open_source(source: str) -> int:
    """Open what is to be stored; SourceChanged when it is no regular file any more."""
    try:
        return open_regular(source)
    except FileNotFoundError as error:
        raise SourceChanged(source) from error
    except OSError as error:
        if error.errno == errno.EINVAL:
            raise SourceChanged(source) from error
        raise


def holds(path: str, data: bytes) -> bool:
    """Whether the file at ``path`` holds exactly ``data``."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return os.fstat(fd).st_size == len(data) and read_all(fd) == data
    except OSError:
        return False
    finally:
        os.close(fd)


def sync(path: str) -> None:
    """Force a file to disk."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
