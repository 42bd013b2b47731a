"""Content hashes of bytes and files, with the hash function the workspace chose.

Files are read in blocks into one buffer, never mapped: a mapped file that is truncated while it
is hashed kills the process with SIGBUS. They are opened so that a FIFO cannot block.
"""

import errno
import hashlib
import os
import stat
from pathlib import Path
from typing import Protocol

from hazui.domain.ids import Digest
from hazui.errors import fs

BLOCK_BYTES = 1 << 18


class Hasher(Protocol):
    """What both hash functions have in common."""

    def update(self, data: bytes | memoryview, /) -> object: ...

    def hexdigest(self) -> str: ...


def new_hasher(hash_name: str) -> Hasher:
    """An empty hasher; ``hash_name`` is ``blake3`` or ``sha256``.

    Raises:
        ValueError: the name is neither.
    """
    if hash_name == "blake3":
        from blake3 import blake3

        hasher: Hasher = blake3()
        return hasher
    if hash_name == "sha256":
        return hashlib.sha256()
    raise ValueError(f"unknown hash function: {hash_name!r}")


def hash_bytes(data: bytes | memoryview, hash_name: str) -> Digest:
    """The digest of ``data``."""
    hasher = new_hasher(hash_name)
    hasher.update(data)
    return Digest(hasher.hexdigest())


def hash_file(path: Path | str, hash_name: str) -> tuple[Digest, int]:
    """The digest of a regular file's content and how many bytes were read; links are followed.

    Raises:
        fs.NotFound: there is nothing at the path.
        fs.PermissionDenied: the file may not be read.
        fs.Io: reading failed, or it is not a regular file (errno EINVAL).
    """
    try:
        descriptor = open_regular(path)
        try:
            return hash_descriptor(descriptor, hash_name)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise fs.from_os_error(Path(path), "read", error) from error


def open_regular(path: Path | str) -> int:
    """Open a regular file for reading without ever blocking on a FIFO.

    Raises:
        OSError: it cannot be opened; EINVAL when it is not a regular file.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise OSError(errno.EINVAL, "not a regular file", os.fspath(path))


def hash_descriptor(descriptor: int, hash_name: str) -> tuple[Digest, int]:
    """Hash from the descriptor's position to its end.

    Raises:
        OSError: a read failed.
    """
    hasher = new_hasher(hash_name)
    first = os.read(descriptor, BLOCK_BYTES)
    size_bytes = len(first)
    if size_bytes:
        hasher.update(first)
        if size_bytes == BLOCK_BYTES or os.fstat(descriptor).st_size > size_bytes:
            block = bytearray(BLOCK_BYTES * 4)
            view = memoryview(block)
            while count := os.readv(descriptor, [block]):
                hasher.update(view[:count])
                size_bytes += count
    return Digest(hasher.hexdigest()), size_bytes
