"""The content-addressed store: ``cas/<2 hex>/<hex>``, one read-only file for each content.

A blob appears whole or not at all: it is written under a temporary name, hashed as the bytes that
were written, and renamed. A bad blob of the same name is replaced on the way. Nothing here knows
of tasks, entries or the workspace. Paths are plain text because thousands are handled a turn.

Invariant: the digest that ``put`` returns is that of the bytes which now lie under its name.
"""

import contextlib
import itertools
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hazui.cache.raw import (
    SMALL_BYTES,
    HashingBeside,
    SourceChanged,
    copy_bytes,
    holds,
    is_same,
    open_source,
    read_all,
    sync,
    write_all,
)
from hazui.domain.ids import Digest
from hazui.files.digest import hash_bytes, hash_descriptor, open_regular

PARALLEL_BYTES = 16 << 20
"""From this size on a second thread is worth its start."""

_BLOB_MODE = 0o444


@dataclass(frozen=True, slots=True)
class Put:
    """What was read from a file and now lies in the store."""

    digest: Digest
    size_bytes: int
    status: os.stat_result
    """Of the file that was read, from its descriptor."""


class Blobs:
    """The blobs under one directory."""

    def __init__(self, directory: Path, hash_name: str, *, fsync: bool = False) -> None:
        self.directory = directory
        self._base = str(directory / "cas")
        self._temporary = str(directory / "tmp")
        self._hash_name = hash_name
        self._fsync = fsync
        self._numbers = itertools.count()

    def path(self, digest: Digest) -> str:
        """Where the blob of ``digest`` is, or would be."""
        return f"{self._base}/{digest[:2]}/{digest}"

    def temporary(self) -> str:
        """A name that nobody else uses, on the same file system as the blobs."""
        return f"{self._temporary}/{os.getpid()}-{id(self):x}-{next(self._numbers)}"

    def put(self, source: str) -> Put:
        """Take in the bytes of ``source``; links are followed.

        Raises:
            SourceChanged: it changed while it was read, or is no regular file any more.
            OSError: with the failing path as ``filename``.
        """
        fd = open_source(source)
        try:
            before = os.fstat(fd)
            if before.st_size <= SMALL_BYTES:
                digest, size = self._put_small(fd)
            else:
                digest, size = self._put_large(fd, before.st_size)
            after = os.fstat(fd)
        except OSError as error:
            error.filename = error.filename or source
            raise
        finally:
            os.close(fd)
        if size != after.st_size or not is_same(before, after):
            raise SourceChanged(source)
        return Put(digest, size, after)

    def link(self, source: str, digest: Digest) -> int:
        """Let the blob of ``digest`` be ``source`` itself (copied where links fail); its size.

        Raises:
            OSError: with the failing path as ``filename``.
        """
        target = self.path(digest)
        try:
            os.link(source, target)
            return os.stat(target).st_size
        except FileExistsError:
            there, status = os.stat(target), os.stat(source)
            if there.st_ino == status.st_ino and there.st_dev == status.st_dev:
                return status.st_size
        except OSError:
            # No such directory yet, or no hard links here: the careful way tells which.
            status = os.stat(source)
        temporary = self.temporary()
        try:
            self._retry_with_directory(lambda: os.link(source, temporary), self._temporary)
        except OSError as error:
            if isinstance(error, FileNotFoundError):
                raise
            # The file system has no hard links, or no more of them for this file.
            fd = open_regular(source)
            try:
                self._copy(fd, temporary, status.st_size)
            finally:
                os.close(fd)
        self.publish(temporary, target)
        return status.st_size

    def check_out(self, digest: Digest, target: str, mode: int) -> Digest | None:
        """Copy a blob to ``target``, a new file with ``mode``; the digest of what was copied.

        None when there is no such blob. When the digest is another one, the copy is not kept.

        Raises:
            OSError: with the failing path as ``filename``; no copy is left.
        """
        try:
            source = open_regular(self.path(digest))
        except FileNotFoundError:
            return None
        try:
            size = os.fstat(source).st_size
            if size > SMALL_BYTES:
                actual = self._check_out_large(source, self.path(digest), target, mode, size)
            else:
                data = read_all(source)
                actual = hash_bytes(data, self._hash_name)
                if actual == digest:
                    with self._fresh(target, 0o600) as fd:
                        write_all(fd, data)
                        os.fchmod(fd, mode)
        finally:
            os.close(source)
        if actual != digest and size > SMALL_BYTES:
            os.unlink(target)
        return actual

    def link_out(self, digest: Digest, target: str) -> Digest | None:
        """Give a blob, once verified, the further name ``target``; its actual digest, or None.

        Raises:
            OSError: with the failing path as ``filename``.
        """
        source = self.path(digest)
        try:
            fd = open_regular(source)
        except FileNotFoundError:
            return None
        try:
            actual, _ = hash_descriptor(fd, self._hash_name)
        finally:
            os.close(fd)
        if actual != digest:
            return actual
        directory = os.path.dirname(target)
        try:
            self._retry_with_directory(lambda: os.link(source, target), directory)
        except FileExistsError:
            pass
        except OSError:
            temporary = self.temporary()
            self.check_out(digest, temporary, 0o600)
            self.publish(temporary, target)
        return actual

    def publish(self, temporary: str, target: str) -> None:
        """Rename a finished file to its name below the store, making its directory if needed.

        Raises:
            OSError: the temporary file is gone then.
        """
        directory = os.path.dirname(target)
        try:
            if self._fsync:
                sync(temporary)
            self._retry_with_directory(lambda: os.rename(temporary, target), directory)
            if self._fsync:
                sync(directory)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise

    def write(self, data: bytes, target: str, mode: int = _BLOB_MODE) -> None:
        """Put a small file in its place at once.

        Raises:
            OSError: with the failing path as ``filename``.
        """
        temporary = self.temporary()
        fd = self._create(temporary, mode)
        try:
            try:
                write_all(fd, data)
            finally:
                os.close(fd)
        except OSError as error:
            os.unlink(temporary)
            error.filename = error.filename or temporary
            raise
        self.publish(temporary, target)

    def _put_small(self, fd: int) -> tuple[Digest, int]:
        data = read_all(fd)
        digest = hash_bytes(data, self._hash_name)
        target = self.path(digest)
        if not holds(target, data):
            self.write(data, target)
        return digest, len(data)

    def _put_large(self, fd: int, size_bytes: int) -> tuple[Digest, int]:
        temporary = self.temporary()
        self._copy(fd, temporary, size_bytes)
        try:
            copied = open_regular(temporary)
            try:
                digest, size = hash_descriptor(copied, self._hash_name)
            finally:
                os.close(copied)
        except BaseException:
            os.unlink(temporary)
            raise
        self.publish(temporary, self.path(digest))
        return digest, size

    def _check_out_large(self, source: int, path: str, target: str, mode: int, size: int) -> Digest:
        with self._fresh(target, 0o600) as fd:
            if size < PARALLEL_BYTES:
                copy_bytes(source, fd, size)
                os.lseek(fd, 0, os.SEEK_SET)
                actual, _ = hash_descriptor(fd, self._hash_name)
            else:
                # Blobs are never written to in place, so it may be hashed while it is copied.
                with HashingBeside(path, self._hash_name) as hashing:
                    copy_bytes(source, fd, size)
                actual = hashing.result()
            os.fchmod(fd, mode)
            return actual

    def _copy(self, fd: int, temporary: str, size_bytes: int) -> None:
        with self._fresh(temporary, _BLOB_MODE) as target:
            copy_bytes(fd, target, size_bytes)

    @contextlib.contextmanager
    def _fresh(self, path: str, mode: int) -> Iterator[int]:
        """A new file, open for writing; removed again when the block fails."""
        fd = self._create(path, mode)
        try:
            yield fd
        except BaseException as error:
            os.close(fd)
            with contextlib.suppress(OSError):
                os.unlink(path)
            if isinstance(error, OSError):
                error.filename = error.filename or path
            raise
        os.close(fd)

    def _create(self, path: str, mode: int) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        try:
            return os.open(path, flags, mode)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
            return os.open(path, flags, mode)

    @staticmethod
    def _retry_with_directory(action: Callable[[], None], directory: str) -> None:
        try:
            action()
        except FileNotFoundError:
            os.makedirs(directory, mode=0o700, exist_ok=True)
            action()
