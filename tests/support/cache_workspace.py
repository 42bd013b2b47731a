"""A small workspace on a real disk with a cache in it, for the tests of cache and execution."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from hazui.cache.entry import Entry, Produced
from hazui.cache.store import Cache
from hazui.domain.ids import ActionKey
from hazui.domain.paths import CanonicalPath
from hazui.domain.records import StreamDigests
from hazui.errors.stream import CapturedStream
from hazui.files.digest import hash_bytes
from hazui.files.index import FileIndex
from hazui.spool.attachments import attach
from hazui.spool.writer import RunSpool

HASH = "blake3"


def key_of(text: str) -> ActionKey:
    return ActionKey(hash_bytes(text.encode(), HASH))


class CacheWorkspace:
    """Files, an index and a cache under one root."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.state_dir = root / ".hazui"
        self.attachments = self.state_dir / "attachments"
        self.cache = Cache(self.state_dir / "cache", self.attachments, HASH)
        self.index = FileIndex(root, HASH)
        self._runs = 0

    def write(self, path: str, data: bytes, mode: int = 0o644) -> Produced:
        full = self.root / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_bytes(data)
        full.chmod(mode)
        return Produced(CanonicalPath(path), mode)

    def read(self, path: str) -> bytes:
        return (self.root / path).read_bytes()

    def streams(self, stdout: bytes = b"", stderr: bytes = b"") -> StreamDigests:
        """Captured and finished, as after a run."""
        self._runs += 1
        run_dir = self.state_dir / "runs" / f"run-{self._runs}"
        spool = RunSpool(run_dir, HASH)
        if stdout:
            spool.append(CapturedStream.STDOUT, stdout, 1)
        if stderr:
            spool.append(CapturedStream.STDERR, stderr, 2)
        digests = spool.finish()
        attach(run_dir, self.attachments, digests)
        return digests

    def store(self, name: str, files: Mapping[str, bytes], stdout: bytes = b"") -> Entry:
        produced = [self.write(path, data) for path, data in files.items()]
        return self.cache.store(key_of(name), produced, self.streams(stdout), self.root)

    def tree(self) -> dict[str, tuple[bytes, int]]:
        """Every file outside ``.hazui`` with its bytes and mode."""
        found: dict[str, tuple[bytes, int]] = {}
        for directory, folders, files in os.walk(self.root):
            folders[:] = [name for name in folders if name != ".hazui"]
            for name in files:
                path = Path(directory, name)
                if path.is_file() and not path.is_symlink():
                    relative = str(path.relative_to(self.root))
                    found[relative] = (path.read_bytes(), path.stat().st_mode & 0o7777)
        return found

    def blob(self, digest: str) -> Path:
        return self.state_dir / "cache" / "cas" / digest[:2] / digest

    def spoil(self, digest: str, data: bytes) -> None:
        """Change a blob behind the cache's back."""
        blob = self.blob(digest)
        blob.chmod(0o644)
        blob.write_bytes(data)


OS_CALLS = ("open", "read", "write", "rename", "link", "mkdir", "fchmod", "stat", "lstat", "unlink")


@contextmanager
def failing_os_call(number: int, error: int, only_below: str) -> Iterator[Callable[[], bool]]:
    """Let the ``number``-th of the operating system calls fail once; says whether it came to it.

    Calls are counted when they name something below ``only_below``, or are made on a descriptor.
    """
    seen = 0
    has_failed = False

    def wrap(name: str) -> Callable[..., object]:
        real: Callable[..., object] = getattr(os, name)

        def call(*args: object, **kwargs: object) -> object:
            nonlocal seen, has_failed
            named = [arg for arg in args if isinstance(arg, str | os.PathLike)]
            is_ours = not named or any(os.fspath(arg).startswith(only_below) for arg in named)
            if is_ours:
                seen += 1
                if seen == number:
                    has_failed = True
                    raise OSError(error, os.strerror(error), *[str(arg) for arg in named[:1]])
            return real(*args, **kwargs)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name in OS_CALLS:
            patch.setattr(os, name, wrap(name))
        yield lambda: has_failed
