"""Whatever happens on disk: looking only at what was touched gives what a fresh walk gives."""

import os
import shutil
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from hazui.domain.paths import CanonicalPath
from hazui.domain.patterns import parse_pattern
from hazui.files.ignore import IgnoreRules
from hazui.files.resolve import InputResolver
from hazui.files.walk import walk_tree

NAMES = st.sampled_from(["a", "b", "a.py", "ab", "a-b", "node_modules", "x.log", "é", "caf\udce9"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
STEPS = st.lists(
    st.tuples(st.sampled_from(["write", "mkdir", "remove", "move", "link", "fifo"]), PATHS, PATHS),
    min_size=1,
    max_size=12,
)
PATTERNS = [
    [parse_pattern(CanonicalPath(""), text) for text in texts]
    for texts in (["**"], ["a/**/*.py", "!**/b/**"], ["*", "b/*"], ["{a,b}/**", "!**/a"])
]


def do(root: Path, step: str, one: str, two: str) -> list[str]:
    """Do one thing to the disk, if it can be done; the paths a notification would name."""
    path, other = root / one, root / two
    # Notifications name the place itself, whatever links led there, and no directory link does.
    named = {one, two, *(os.path.relpath(os.path.realpath(p), root) for p in (path, other))}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if step == "write":
            # Without blocking, should it be a FIFO by now.
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NONBLOCK
            os.close(os.open(path, flags, 0o644))
        elif step == "mkdir":
            path.mkdir(parents=True)
        elif step == "remove":
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        elif step == "move":
            path.rename(other)
        elif step == "link":
            path.symlink_to(two)
        else:
            os.mkfifo(path)
    except OSError:
        pass
    named.update(os.path.relpath(os.path.realpath(p), root) for p in (path, other))
    above = {
        "/".join(parts[:end])
        for parts in (each.split("/") for each in named)
        for end in range(1, len(parts) + 1)
    }
    return sorted(above - {"."})


@settings(max_examples=120, deadline=None)
@given(STEPS)
def test_refreshing_what_was_touched_equals_a_fresh_walk(steps: list[tuple[str, str, str]]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory).resolve()
        (root / ".gitignore").write_text("*.log\n/b/a/\n")
        rules = IgnoreRules(root)
        kept = InputResolver(root, rules)
        for patterns in PATTERNS:
            kept._globbed(tuple(patterns))
        for step, one, two in steps:
            kept.note_changes([CanonicalPath(path) for path in do(root, step, one, two)])
        fresh = walk_tree(root, IgnoreRules(root))
        assert kept.tree.paths == sorted((*fresh.files, *fresh.links, *fresh.specials))
        assert kept.tree.irregular == {*fresh.links, *fresh.specials}
        assert kept.tree.directories == set(fresh.directories)
        again = InputResolver(root, IgnoreRules(root))
        for patterns in PATTERNS:
            expected = sorted(
                path
                for path in again._globbed((parse_pattern(CanonicalPath(""), "**"),))
                if any(p.matches(path) for p in patterns if not p.is_exclusion)
                and not any(p.matches(path) for p in patterns if p.is_exclusion)
            )
            assert kept._globbed(tuple(patterns)) == expected
            assert again._globbed(tuple(patterns)) == expected
