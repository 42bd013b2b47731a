"""Looking after the cache: what it holds, whether it is sound, and what may go.

Least recently used entries go first, then the blobs that no entry needs. A blob that ``pinned``
names is never removed. Removing is safe beside a running owner: an entry goes before its blobs,
and one that a reader just opened at worst turns its hit into a miss.
"""

import contextlib
import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from hazui.cache.entry import DamagedEntry, Entry, SchemaMismatch, decode
from hazui.cache.store import Cache
from hazui.domain.ids import ActionKey, Digest
from hazui.errors import fs
from hazui.files.digest import hash_file

FRESH_S = 600.0
"""A blob younger than this may belong to an entry that is being written."""

DUE_S = 86400.0
DUE_SHARE = 10
"""Cleaning is due when a tenth of what the cache may hold was stored since the last time."""

Progress = Callable[[int, int], None]
"""Done and total, in bytes."""


@dataclass(frozen=True, slots=True)
class CacheInfo:
    """Counts and sizes; a blob that several entries share counts once."""

    entries: int = 0
    blobs: int = 0
    size_bytes: int = 0
    unusable_entries: int = 0
    """Damaged, or of another revision or hash."""
    quarantined: int = 0


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What reading every blob and entry again has found."""

    entries: int = 0
    blobs: int = 0
    size_bytes: int = 0
    bad_blobs: tuple[Digest, ...] = ()
    """Their bytes were not those of their names; put into quarantine."""
    broken_entries: tuple[ActionKey, ...] = ()
    """Damaged, or without one of their blobs; put into quarantine."""

    @property
    def is_sound(self) -> bool:
        return not self.bad_blobs and not self.broken_entries


@dataclass(frozen=True, slots=True)
class CleanReport:
    """What was removed, and what is left."""

    evicted_for_age: int = 0
    evicted_for_size: int = 0
    removed_blobs: int = 0
    freed_bytes: int = 0
    kept_bytes: int = 0


class _File(NamedTuple):
    path: str
    name: str
    size_bytes: int
    mtime_ns: int


class _Known(NamedTuple):
    file: _File
    entry: Entry | None


def info(cache: Cache) -> CacheInfo:
    """What the cache holds now."""
    known = list(_entries(cache))
    blobs = list(_files(cache, "cas"))
    return CacheInfo(
        entries=len(known),
        blobs=len(blobs),
        size_bytes=sum(file.size_bytes for file in blobs)
        + sum(item.file.size_bytes for item in known),
        unusable_entries=sum(item.entry is None for item in known),
        quarantined=len(_names(os.path.join(cache.directory, "quarantine"))),
    )


def verify(cache: Cache, progress: Progress | None = None) -> VerifyReport:
    """Read every blob again and put aside what is not what its name says."""
    blobs = list(_files(cache, "cas"))
    total = sum(file.size_bytes for file in blobs)
    sound: set[str] = set()
    bad: list[Digest] = []
    done = 0
    for file in blobs:
        try:
            actual, _ = hash_file(file.path, cache.hash_name)
        except fs.NotFound:
            continue
        except fs.FsError:
            actual = Digest("")
        if actual == file.name:
            sound.add(file.name)
        else:
            bad.append(Digest(file.name))
            cache.put_aside(file.path, f"{file.name}.blob")
        done += file.size_bytes
        if progress is not None:
            progress(done, total)
    broken: list[ActionKey] = []
    entries = 0
    for item in _entries(cache):
        entries += 1
        if item.entry is None:
            is_broken = not _is_foreign(cache, item.file)
        else:
            is_broken = not item.entry.digests <= sound
        if is_broken:
            broken.append(ActionKey(item.file.name))
            cache.quarantine(ActionKey(item.file.name))
    return VerifyReport(entries, len(blobs), total, tuple(bad), tuple(broken))


def clean(
    cache: Cache,
    max_bytes: int | None = None,
    max_age_s: float | None = None,
    pinned: Collection[Digest] = (),
) -> CleanReport:
    """Evict what is too old, then the least recently used until the rest fits; then tidy up.

    An entry is kept when everything that it holds is pinned: evicting it would free nothing.
    """
    now_ns = cache.clock.wall_ns()
    pins = frozenset(pinned)
    known = sorted(_entries(cache), key=lambda item: item.file.mtime_ns)
    blobs = {file.name: file for file in _files(cache, "cas")}
    users: dict[str, int] = {}
    for item in known:
        for digest in item.entry.digests if item.entry else ():
            users[digest] = users.get(digest, 0) + 1
    total = sum(blobs[digest].size_bytes for digest in users if digest in blobs)
    total += sum(item.file.size_bytes for item in known)
    aged = sized = freed = 0
    for item in known:
        is_old = max_age_s is not None and now_ns - item.file.mtime_ns > max_age_s * 1e9
        is_too_much = max_bytes is not None and total > max_bytes
        is_unusable = item.entry is None
        if not (is_old or is_too_much or is_unusable):
            continue
        if item.entry is not None and item.entry.digests <= pins:
            continue
        if not _unlink(item.file.path):
            continue
        freed += item.file.size_bytes
        total -= item.file.size_bytes
        aged += is_old or is_unusable
        sized += not (is_old or is_unusable)
        for digest in item.entry.digests if item.entry else ():
            users[digest] -= 1
            if not users[digest] and digest in blobs and digest not in pins:
                total -= blobs[digest].size_bytes
    removed = 0
    for name, file in blobs.items():
        is_fresh = now_ns - file.mtime_ns < FRESH_S * 1e9 and name not in users
        if not users.get(name) and name not in pins and not is_fresh and _unlink(file.path):
            removed += 1
            freed += file.size_bytes
    _tidy(cache, now_ns)
    return CleanReport(aged, sized, removed, freed, max(0, total))


def clean_when_due(
    cache: Cache,
    max_bytes: int,
    max_age_s: float,
    pinned: Callable[[], Collection[Digest]],
) -> CleanReport | None:
    """Clean if that was last done a day ago, or much was stored since; None when it is not due.

    To be called now and then, such as when a session ends; costs one stat when it is not due.
    ``pinned`` is asked only when it is.
    """
    stamp = os.path.join(cache.directory, "cleaned")
    try:
        age_s = (cache.clock.wall_ns() - os.stat(stamp).st_mtime_ns) / 1e9
    except FileNotFoundError:
        age_s = DUE_S
    if 0 <= age_s < DUE_S and cache.stored_bytes * DUE_SHARE < max_bytes:
        return None
    report = clean(cache, max_bytes, max_age_s, pinned())
    cache.stored_bytes = 0
    with contextlib.suppress(OSError), open(stamp, "wb"):
        os.utime(stamp)
    return report


def clear(cache: Cache) -> CacheInfo:
    """Remove everything, attachments excepted; what there was."""
    before = info(cache)
    cache.last.forget_all()
    for folder in ("ac", "cas"):
        for file in _files(cache, folder):
            _unlink(file.path)
    for folder in ("tmp", "quarantine"):
        base = os.path.join(cache.directory, folder)
        for name in _names(base):
            _unlink(f"{base}/{name}")
    return before


def _tidy(cache: Cache, now_ns: int) -> None:
    """Drop what a killed store left behind, and what lay in quarantine for long enough."""
    for folder, age_s in (("tmp", FRESH_S), ("quarantine", 7 * 86400.0)):
        base = os.path.join(cache.directory, folder)
        for name in _names(base):
            with contextlib.suppress(OSError):
                if now_ns - os.lstat(f"{base}/{name}").st_ctime_ns > age_s * 1e9:
                    os.unlink(f"{base}/{name}")


def _entries(cache: Cache) -> Iterator[_Known]:
    for file in _files(cache, "ac"):
        try:
            with open(file.path, "rb") as opened:
                data = opened.read()
            yield _Known(file, decode(data, ActionKey(file.name), cache.hash_name))
        except FileNotFoundError:
            continue
        except (OSError, SchemaMismatch, DamagedEntry):
            yield _Known(file, None)


def _is_foreign(cache: Cache, file: _File) -> bool:
    """Whole, but of another revision or hash: not broken, only of no use now."""
    try:
        with open(file.path, "rb") as opened:
            decode(opened.read(), ActionKey(file.name), cache.hash_name)
    except SchemaMismatch:
        return True
    except (OSError, DamagedEntry):
        return False
    return False


def _files(cache: Cache, folder: str) -> Iterator[_File]:
    base = os.path.join(cache.directory, folder)
    for shard in sorted(_names(base)):
        try:
            with os.scandir(f"{base}/{shard}") as listing:
                for item in listing:
                    with contextlib.suppress(FileNotFoundError):
                        status = item.stat(follow_symlinks=False)
                        yield _File(item.path, item.name, status.st_size, status.st_mtime_ns)
        except (FileNotFoundError, NotADirectoryError):
            continue


def _names(directory: str) -> list[str]:
    try:
        return os.listdir(directory)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _unlink(path: str) -> bool:
    try:
        os.unlink(path)
    except OSError:
        return False
    return True
