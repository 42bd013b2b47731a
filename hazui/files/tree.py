"""The workspace's file list in memory: walked once, then kept right one path at a time.

The list is sorted, so everything below a directory is one slice of it. It is a belief about the
disk: ``refresh`` looks at a path again and tells what became different. A log of touched paths
lets whoever derived something from the list (an expanded pattern) catch up without the rest.

Invariant: no path is listed that the rules ignore, no directory is listed as a file, and every
listed path's directory is in ``directories``.
"""

import os
import stat
import time
from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from hazui.domain.paths import CanonicalPath
from hazui.files.ignore import IgnoreRules
from hazui.files.walk import Walk, is_representable, walk_tree

LOG_LENGTH_MAX = 4096


@dataclass(slots=True)
class TreeChange:
    """What a look at the disk changed in the list."""

    added: list[CanonicalPath] = field(default_factory=list)
    removed: list[CanonicalPath] = field(default_factory=list)
    directories_added: list[CanonicalPath] = field(default_factory=list)
    directories_removed: list[CanonicalPath] = field(default_factory=list)

    def extend(self, other: "TreeChange") -> None:
        self.added += other.added
        self.removed += other.removed
        self.directories_added += other.directories_added
        self.directories_removed += other.directories_removed


class FileTree:
    """Files of one workspace that are not ignored. ``walk`` comes first."""

    def __init__(self, root: Path, rules: IgnoreRules) -> None:
        self.root = root
        self.rules = rules
        self.paths: list[CanonicalPath] = []
        """Sorted; files, links and special files."""
        self.irregular: set[CanonicalPath] = set()
        """Those of ``paths`` that are not plain files: links, FIFOs, sockets, devices."""
        self.directories: set[CanonicalPath] = set()
        """Without the root."""
        self.unrepresentable: list[str] = []
        """Names left out by the last walk, because no canonical path can hold them."""
        self.is_walked = False
        self.walked_at_ns = 0
        """Wall time when the last whole walk began."""
        self._log: list[CanonicalPath] = []
        self._log_start = 0

    def walk(self) -> TreeChange:
        """Read the whole tree again; what differs from before."""
        started_ns = time.time_ns()
        return self.adopt(walk_tree(self.root, self.rules), started_ns)

    def adopt(self, found: Walk, started_ns: int) -> TreeChange:
        """Take a finished walk for the truth; ``started_ns`` is the wall time of its begin."""
        self.walked_at_ns = started_ns
        self.unrepresentable = found.unrepresentable
        is_first = not self.is_walked
        self.is_walked = True
        before, before_directories = self.paths, self.directories
        self.paths = _all_of(found)
        self.irregular = {*found.links, *found.specials}
        self.directories = set(found.directories)
        if is_first:
            self._forget_log()
            return TreeChange(list(self.paths), [], list(found.directories), [])
        if self.paths == before and self.directories == before_directories:
            return TreeChange()  # what nearly every rescan finds, without building four sets
        change = TreeChange(
            sorted(set(self.paths).difference(before)),
            sorted(set(before).difference(self.paths)),
            sorted(self.directories - before_directories),
            sorted(before_directories - self.directories),
        )
        self._note(change.added)
        self._note(change.removed)
        return change

    def __contains__(self, path: str) -> bool:
        position = bisect_left(self.paths, path)
        return position < len(self.paths) and self.paths[position] == path

    def below(self, directory: str) -> list[CanonicalPath]:
        """The listed paths under ``directory`` ("" = all), in order."""
        start, end = self._slice(directory)
        return self.paths[start:end]

    def directly_in(self, directory: str) -> list[CanonicalPath]:
        """The listed paths whose parent is ``directory``."""
        start = len(directory) + 1 if directory else 0
        return [path for path in self.below(directory) if "/" not in path[start:]]

    @property
    def version(self) -> int:
        """Grows with every touched path; for ``touched_since``."""
        return self._log_start + len(self._log)

    def touched_since(self, version: int) -> list[CanonicalPath] | None:
        """The paths that came or went after ``version``; None when that is too long ago."""
        if version < self._log_start:
            return None
        return self._log[version - self._log_start :]

    def refresh(self, path: CanonicalPath, *, is_deep: bool = True) -> TreeChange:
        """Look at one path on disk again, and at all below it when it is a directory.

        ``is_deep`` False leaves a directory alone that is already listed.
        """
        unknown = self._unknown_above(path)
        if unknown is not None:
            # Its directory is new here, ignored, gone or a link: that decides about all below.
            path = unknown
        try:
            mode = os.lstat(f"{self.root}/{path}").st_mode
        except OSError:
            return self._remove(path)
        if stat.S_ISDIR(mode):
            if not is_deep and path in self.directories:
                return TreeChange()
            return self._refresh_directory(path)
        gone = self._remove_below(path)
        if self.rules.is_ignored(path, False) or not _all_representable(path):
            gone.extend(self._remove(path))
            return gone
        if stat.S_ISREG(mode):
            self.irregular.discard(path)
        else:
            self.irregular.add(path)
        if path not in self:
            insort(self.paths, path)
            gone.added.append(path)
            self._note((path,))
        return gone

    def _unknown_above(self, path: CanonicalPath) -> CanonicalPath | None:
        """The topmost directory above ``path`` that is not listed; None when all are."""
        if path.rpartition("/")[0] in self.directories or "/" not in path:
            return None
        end = path.find("/")
        while end > 0 and path[:end] in self.directories:
            end = path.find("/", end + 1)
        return CanonicalPath(path[:end]) if end > 0 else None

    def refresh_entries(self, directory: str) -> TreeChange:
        """List one known directory again ("" = root); enter only what is new in it."""
        change = TreeChange()
        found = walk_tree(self.root, self.rules, directory, is_deep=False)
        now = {*found.files, *found.links, *found.specials, *found.directories}
        start = len(directory) + 1 if directory else 0
        before: set[CanonicalPath] = set()
        for path in self.below(directory):
            end = path.find("/", start)
            before.add(path if end < 0 else CanonicalPath(path[:end]))
        # A known directory without files is on one side only, and is found unchanged below.
        for path in sorted(now ^ before):
            change.extend(self.refresh(path))
        return change

    def _refresh_directory(self, path: CanonicalPath) -> TreeChange:
        if self.rules.is_ignored(path, True) or not _all_representable(path):
            return self._remove(path)
        change = TreeChange()
        if path in self:
            change.extend(self._drop([path]))
        found = walk_tree(self.root, self.rules, path)
        before, now = self.below(path), _all_of(found)
        prefix = f"{path}/"
        directories = {each for each in self.directories if each.startswith(prefix)}
        if path in self.directories:
            directories.add(path)
        change.extend(
            TreeChange(
                sorted(set(now).difference(before)),
                sorted(set(before).difference(now)),
                sorted(set(found.directories) - directories),
                sorted(directories.difference(found.directories)),
            )
        )
        start, end = self._slice(path)
        self.paths[start:end] = now
        self.irregular.difference_update(before)
        self.irregular.update(found.links, found.specials)
        self.directories.difference_update(directories)
        self.directories.update(found.directories)
        self._note(change.added)
        self._note(change.removed)
        return change

    def _remove(self, path: CanonicalPath) -> TreeChange:
        change = self._remove_below(path)
        if path in self:
            change.extend(self._drop([path]))
        return change

    def _remove_below(self, path: CanonicalPath) -> TreeChange:
        start, end = self._slice(path)
        if path not in self.directories and start == end:
            return TreeChange()
        prefix = f"{path}/"
        directories = [each for each in self.directories if each.startswith(prefix)]
        if path in self.directories:
            directories.append(path)
        self.directories.difference_update(directories)
        removed = self.paths[start:end]
        del self.paths[start:end]
        self.irregular.difference_update(removed)
        self._note(removed)
        return TreeChange([], removed, [], directories)

    def _drop(self, paths: list[CanonicalPath]) -> TreeChange:
        for path in paths:
            del self.paths[bisect_left(self.paths, path)]
        self.irregular.difference_update(paths)
        self._note(paths)
        return TreeChange([], paths)

    def _slice(self, directory: str) -> tuple[int, int]:
        if not directory:
            return 0, len(self.paths)
        # "0" is the character after "/".
        start = bisect_left(self.paths, f"{directory}/")
        return start, bisect_left(self.paths, f"{directory}0", start)

    def _note(self, paths: Iterable[CanonicalPath]) -> None:
        self._log.extend(paths)
        if len(self._log) > LOG_LENGTH_MAX:
            self._forget_log()

    def _forget_log(self) -> None:
        # One more than was ever handed out, so that everybody starts over.
        self._log_start += len(self._log) + 1
        self._log = []


def _all_of(found: Walk) -> list[CanonicalPath]:
    if not found.links and not found.specials:
        return found.files
    return sorted((*found.files, *found.links, *found.specials))


def _all_representable(path: str) -> bool:
    if path.isascii() and path.isprintable():
        return True
    return all(is_representable(part) for part in path.split("/"))
