"""Patterns into files: the inputs a task reads, the outputs it left.

Inputs come from one kept file list, limited by the ignore rules; an expansion is remembered and
only what was touched since is matched again. Outputs are read fresh from the disk, ignored or
not. A glob never matches a directory. A link to a file counts as that file, and every link must
lead to a place inside the workspace.
"""

import os
import re
import stat
from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from hazui.domain.paths import CanonicalPath
from hazui.domain.patterns import Pattern, compiled
from hazui.errors import fs
from hazui.files.ignore import STATE_DIRECTORY, IgnoreRules
from hazui.files.outputs import walk_pattern
from hazui.files.tree import FileTree, TreeChange

_EXPANSIONS_MAX = 20_000


class Expansion(NamedTuple):
    """What patterns stand for. All sorted; the four lists share no path."""

    files: tuple[CanonicalPath, ...] = ()
    """Regular files, or links to such inside the workspace."""
    not_regular: tuple[CanonicalPath, ...] = ()
    """Matched, but a FIFO, socket, device, dangling link, link to a directory, or a directory
    named literally."""
    missing: tuple[CanonicalPath, ...] = ()
    """Literals with nothing there; outputs only, a missing literal input is an error."""
    unrepresentable: tuple[str, ...] = ()
    """Matched by a glob, but no canonical path can hold the name; outputs only."""


class _Remembered(NamedTuple):
    version: int
    paths: list[CanonicalPath]


class InputResolver:
    """Expands patterns against one workspace. ``root`` is absolute and resolved."""

    def __init__(self, root: Path, rules: IgnoreRules) -> None:
        self.root = root
        self.tree = FileTree(root, rules)
        self._root_text = os.fspath(root).rstrip("/")
        self._real_root = os.path.realpath(root).rstrip("/")
        self._remembered: dict[tuple[Pattern, ...], _Remembered] = {}

    def expand(self, patterns: Sequence[Pattern]) -> Expansion:
        """The files that a task's inputs stand for now; the first call walks the workspace.

        Literals are included whether ignored or not.

        Raises:
            fs.NotFound: a literal names nothing.
            fs.PermissionDenied: a link leads out of the workspace (a note says where to), or a
                literal lies in ``.hazui``.
            fs.Io: links that lead in a circle (errno ELOOP), or a failed look.
        """
        files: set[CanonicalPath] = set()
        not_regular: list[CanonicalPath] = []
        for path in self._literals(patterns):
            if self._is_file(path, must_exist=True):
                files.add(path)
            else:
                not_regular.append(path)
        found = self._globbed(tuple(patterns))
        irregular = self.tree.irregular
        if irregular:
            for path in irregular.intersection(found):
                if self._is_file(path, must_exist=False):
                    files.add(path)
                elif path not in not_regular:
                    not_regular.append(path)
            files.update(path for path in found if path not in irregular)
        elif not files:
            return Expansion(tuple(found), tuple(sorted(not_regular)))
        else:
            files.update(found)
        return Expansion(tuple(sorted(files)), tuple(sorted(not_regular)))

    def note_changes(
        self, added: Iterable[CanonicalPath], removed: Iterable[CanonicalPath] = ()
    ) -> TreeChange:
        """Look at these paths again (files or directories), as after a task wrote them."""
        change = TreeChange()
        if self.tree.is_walked:
            for path in (*added, *removed):
                change.extend(self.tree.refresh(path))
        return change

    def expand_outputs(self, patterns: Sequence[Pattern]) -> Expansion:
        """What a task's outputs stand for on disk right now, ignored or not; never ``.hazui``.

        Raises:
            fs.PermissionDenied: a link leads out of the workspace (a note says where to), or a
                directory may not be read.
            fs.Io: links that lead in a circle (errno ELOOP), or a failed look.
        """
        files: set[CanonicalPath] = set()
        odd: set[CanonicalPath] = set()
        missing: set[CanonicalPath] = set()
        unrepresentable: set[str] = set()
        for path in self._literals(patterns):
            if not os.path.lexists(f"{self._root_text}/{path}"):
                missing.add(path)
            elif self._is_file(path, must_exist=False):
                files.add(path)
            else:
                odd.add(path)
        excluding = [compiled(p.path) for p in patterns if p.is_exclusion]
        for pattern in patterns:
            if pattern.is_exclusion or pattern.is_literal:
                continue
            if pattern.fixed_root:
                self._check_inside(pattern.fixed_root)
            found = walk_pattern(self.root, pattern)
            if found.unreadable:
                place, error = found.unreadable[0]
                raise fs.from_os_error(self.root / place, "list", error) from error
            unrepresentable.update(
                name for name in found.unrepresentable if not _is_any(excluding, name)
            )
            files.update(path for path in found.files if not _is_any(excluding, path))
            for path in (*found.links, *found.specials):
                if not _is_any(excluding, path):
                    (files if self._is_file(path, must_exist=False) else odd).add(path)
        return Expansion(
            tuple(sorted(files)),
            tuple(sorted(odd)),
            tuple(sorted(missing)),
            tuple(sorted(unrepresentable)),
        )

    def _literals(self, patterns: Sequence[Pattern]) -> list[CanonicalPath]:
        excluding = [pattern for pattern in patterns if pattern.is_exclusion]
        return [
            CanonicalPath(pattern.path)
            for pattern in dict.fromkeys(patterns)
            if pattern.is_literal
            and not pattern.is_exclusion
            and not any(each.matches(pattern.path) for each in excluding)
        ]

    def _globbed(self, patterns: tuple[Pattern, ...]) -> list[CanonicalPath]:
        tree = self.tree
        if not tree.is_walked:
            tree.walk()
        remembered = self._remembered.get(patterns)
        if remembered is not None:
            if remembered.version == tree.version:
                return remembered.paths
            touched = tree.touched_since(remembered.version)
            if touched is not None:
                self._catch_up(patterns, remembered.paths, touched)
                self._remembered[patterns] = _Remembered(tree.version, remembered.paths)
                return remembered.paths
        found: set[CanonicalPath] = set()
        for pattern in patterns:
            if not pattern.is_exclusion and not pattern.is_literal:
                found.update(_matching(pattern, tree.below(pattern.fixed_root)))
        for pattern in patterns:
            if pattern.is_exclusion and found:
                found.difference_update(_matching(pattern, list(found)))
        paths = sorted(found)
        if len(self._remembered) >= _EXPANSIONS_MAX:
            self._remembered.clear()
        self._remembered[patterns] = _Remembered(tree.version, paths)
        return paths

    def _catch_up(
        self,
        patterns: tuple[Pattern, ...],
        paths: list[CanonicalPath],
        touched: list[CanonicalPath],
    ) -> None:
        for path in dict.fromkeys(touched):
            is_wanted = (
                any(_is_glob_match(p, path) for p in patterns if not p.is_exclusion)
                and not any(p.matches(path) for p in patterns if p.is_exclusion)
                and path in self.tree
            )
            position = bisect_left(paths, path)
            is_there = position < len(paths) and paths[position] == path
            if is_wanted and not is_there:
                insort(paths, path)
            elif is_there and not is_wanted:
                del paths[position]

    def _is_file(self, path: CanonicalPath, *, must_exist: bool) -> bool:
        """Whether the path leads to a regular file inside the workspace."""
        full = f"{self._root_text}/{path}"
        try:
            mode = os.lstat(full).st_mode
            # Inputs are many: a plain file below listed directories needs no resolving of links.
            parent = path.rpartition("/")[0]
            if (
                must_exist
                and stat.S_ISREG(mode)
                and (parent in self.tree.directories or not parent)
            ):
                return True
            if stat.S_ISLNK(mode):
                mode = os.stat(full).st_mode
        except FileNotFoundError as error:
            if must_exist and not os.path.islink(full):
                raise fs.from_os_error(Path(full), "look at", error) from error
            return False
        except OSError as error:
            raise fs.from_os_error(Path(full), "look at", error) from error
        self._check_inside(path)
        return stat.S_ISREG(mode)

    def _check_inside(self, path: str) -> None:
        full = f"{self._root_text}/{path}"
        target = os.path.realpath(full)
        place = target.removeprefix(f"{self._real_root}/")
        if place is target and target != self._real_root:
            error = fs.PermissionDenied(path=Path(full))
            error.add_note(f"it leads out of the workspace, to {target}")
            raise error
        if STATE_DIRECTORY in place.split("/"):
            error = fs.PermissionDenied(path=Path(full))
            error.add_note(f"{STATE_DIRECTORY} holds hazui's own state ({target})")
            raise error


def _matching(pattern: Pattern, paths: list[CanonicalPath]) -> list[CanonicalPath]:
    root = pattern.fixed_root
    if pattern.path == (f"{root}/**" if root else "**"):
        prefix = f"{root}/" if root else ""
        return [path for path in paths if path.startswith(prefix)] if prefix else paths
    if pattern.is_literal:
        return [path for path in paths if path == pattern.path]
    fullmatch = compiled(pattern.path).fullmatch
    return [path for path in paths if fullmatch(path)]


def _is_glob_match(pattern: Pattern, path: CanonicalPath) -> bool:
    return not pattern.is_literal and pattern.matches(path)


def _is_any(regexes: Sequence[re.Pattern[str]], path: str) -> bool:
    return any(regex.fullmatch(path) for regex in regexes)
