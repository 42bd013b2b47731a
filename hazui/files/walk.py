"""Reading directories: every entry below a place, with its kind, sorted as canonical paths.

Directories are never entered through links, so a walk ends. A name that no canonical path can
hold (a newline, a bidirectional mark) is left out and kept in ``unrepresentable``; names that are
not UTF-8 survive as surrogates. A directory that vanishes while it is walked is simply empty.
"""

import os
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hazui.domain.paths import CanonicalPath, check_segment
from hazui.errors import segment
from hazui.files.ignore import STATE_DIRECTORY, IgnoreRules


@dataclass(slots=True)
class Walk:
    """What was found. Paths are relative to the workspace root; ``files`` holds no links."""

    files: list[CanonicalPath] = field(default_factory=list)
    links: list[CanonicalPath] = field(default_factory=list)
    specials: list[CanonicalPath] = field(default_factory=list)
    """FIFOs, sockets, devices."""
    directories: list[CanonicalPath] = field(default_factory=list)
    """Those entered, without the starting one."""
    unrepresentable: list[str] = field(default_factory=list)
    unreadable: list[tuple[CanonicalPath, OSError]] = field(default_factory=list)


def is_representable(name: str) -> bool:
    """True when ``name`` can be a segment of a canonical path."""
    if name.isascii() and name.isprintable():
        return True
    try:
        check_segment(name)
    except segment.SegmentError:
        return False
    return True


def walk_tree(
    root: Path, rules: IgnoreRules | None, under: str = "", *, is_deep: bool = True
) -> Walk:
    """Everything below ``under`` ("" = the root) that ``rules`` do not ignore.

    Without rules only ``.hazui`` is left out. The lists are sorted. ``is_deep`` False lists the
    one directory; ``directories`` are then those directly in it, not entered.
    """
    walk = Walk()
    waiting = [under]
    while waiting:
        _enter(os.fspath(root), rules, waiting, walk)
        if not is_deep:
            walk.directories = [CanonicalPath(path) for path in waiting]
            break
    _sort(walk)
    return walk


def walk_in_steps(root: Path, rules: IgnoreRules | None) -> Generator[None, None, Walk]:
    """The same for the whole workspace, one directory a step, for callers that must not block."""
    walk = Walk()
    waiting = [""]
    while waiting:
        _enter(os.fspath(root), rules, waiting, walk)
        yield
    _sort(walk)
    return walk


def walk(root: Path, rules: IgnoreRules | None) -> Iterator[CanonicalPath]:
    """Every file of the workspace, links and special files too, in order."""
    found = walk_tree(root, rules)
    yield from sorted((*found.files, *found.links, *found.specials))


def _sort(walk: Walk) -> None:
    for found in (walk.files, walk.links, walk.specials, walk.directories, walk.unrepresentable):
        found.sort()


def _enter(root: str, rules: IgnoreRules | None, waiting: list[str], walk: Walk) -> None:
    parent = waiting.pop()
    try:
        with os.scandir(f"{root}/{parent}" if parent else root) as entries:
            if parent:
                walk.directories.append(CanonicalPath(parent))
            _sort_out(entries, parent, rules, waiting, walk)
    except (FileNotFoundError, NotADirectoryError):
        # Gone before it was opened, or while it was read: what was read so far stands.
        return
    except OSError as error:
        walk.unreadable.append((CanonicalPath(parent), error))


def _sort_out(
    entries: Iterable[os.DirEntry[str]],
    parent: str,
    rules: IgnoreRules | None,
    waiting: list[str],
    walk: Walk,
) -> None:
    prefix = f"{parent}/" if parent else ""
    scope = None if rules is None else rules.scope(parent)
    for entry in entries:
        name = entry.name
        is_dir = entry.is_dir(follow_symlinks=False)
        if name == STATE_DIRECTORY if scope is None else scope.is_ignored(name, is_dir):
            continue
        path = prefix + name
        if not (name.isascii() and name.isprintable()) and not is_representable(name):
            walk.unrepresentable.append(path)
        elif is_dir:
            waiting.append(path)
        elif entry.is_file(follow_symlinks=False):
            walk.files.append(CanonicalPath(path))
        elif entry.is_symlink():
            walk.links.append(CanonicalPath(path))
        else:
            walk.specials.append(CanonicalPath(path))
