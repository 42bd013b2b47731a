"""Finding what matches one pattern on disk, entering no directory that cannot hold a match.

The ignore rules do not apply: outputs are usually ignored. A pattern such as
``packages/*/dist/**`` lists ``packages``, then only the ``dist`` of each, however much lies
beside them.
"""

import os
from pathlib import Path

from hazui.domain.patterns import Pattern, compiled
from hazui.files.ignore import STATE_DIRECTORY
from hazui.files.walk import Walk, walk_tree


def walk_pattern(root: Path, pattern: Pattern) -> Walk:
    """The files, links and special files that ``pattern`` matches; no directories."""
    parts = pattern.path.split("/")
    fixed = pattern.fixed_root.split("/") if pattern.fixed_root else []
    found = Walk()
    if STATE_DIRECTORY in fixed:
        return found
    places = [pattern.fixed_root]
    for part in parts[len(fixed) : -1]:
        if part == "**":
            break
        places = [name for place in places for name in _subdirectories(root, place, part, found)]
    else:
        part = parts[-1]
    is_deep = part == "**"
    fullmatch = compiled(pattern.path).fullmatch
    for place in places:
        below = walk_tree(root, None, place, is_deep=is_deep)
        found.files += [path for path in below.files if fullmatch(path)]
        found.links += [path for path in below.links if fullmatch(path)]
        found.specials += [path for path in below.specials if fullmatch(path)]
        found.unrepresentable += [path for path in below.unrepresentable if fullmatch(path)]
        found.unreadable += below.unreadable
    return found


def _subdirectories(root: Path, place: str, part: str, found: Walk) -> list[str]:
    prefix = f"{place}/" if place else ""
    fullmatch = compiled(part).fullmatch
    here = walk_tree(root, None, place, is_deep=False)
    found.unreadable += here.unreadable
    return [
        path
        for path in here.directories
        if fullmatch(path.removeprefix(prefix)) and not os.path.islink(root / path)
    ]
