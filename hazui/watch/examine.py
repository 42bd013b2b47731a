"""Hints against the truth: which of the files that a notification names are really different.

A file is news when it differs from the index's baseline, which is what was last reported or what
hazui itself wrote. So own outputs and restores are dropped, and so is a touch that left the
content as it was. When in doubt a file is reported: a false alarm ends at an unchanged key, a
lost change is lost.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from hazui.domain.paths import CanonicalPath
from hazui.domain.patterns import Pattern
from hazui.errors import fs
from hazui.files.ignore import is_rule_file
from hazui.files.index import FileIndex, FileState
from hazui.files.tree import FileTree, TreeChange
from hazui.watch.signals import ADDED, MODIFIED

COMPARE_BYTES_MAX = 4 << 20
"""Larger files are reported without looking into them."""
HASH_AHEAD_BYTES_MAX = 256 << 10
"""Changed files up to this size are hashed at once: the key needs it next, and a notification
that comes late for the same write is then told apart from another write."""
_CLOCK_SLACK_NS = 2_000_000_000


@dataclass(slots=True)
class Findings:
    """What a batch of notifications turned out to mean."""

    paths: set[CanonicalPath] = field(default_factory=set)
    directories_added: set[CanonicalPath] = field(default_factory=set)
    directories_removed: set[CanonicalPath] = field(default_factory=set)
    rules_changed: bool = False
    """A ``.gitignore`` or ``.ignore`` is among the paths."""
    hash_ahead: bool = True
    """False for a batch of many files."""


class Examiner:
    """``literals`` are watched although they may be ignored."""

    def __init__(self, tree: FileTree, index: FileIndex, literals: Iterable[CanonicalPath]) -> None:
        self.tree = tree
        self.index = index
        self.literals = frozenset(literals)
        self.watched_since_ns = 0
        """Wall time before the first watch; what changed earlier is no news."""
        self._held: dict[Hashable, Sequence[Pattern]] = {}
        self._held_paths: set[CanonicalPath] = set()

    def event(self, kind: int, path: CanonicalPath, findings: Findings) -> None:
        """Look at what one notification names; ``kind`` as in ``signals``."""
        change = self.tree.refresh(path, is_deep=kind != MODIFIED)
        candidates = {*change.added, *change.removed}
        if is_rule_file(path) and self._is_directory(path.rpartition("/")[0]):
            # Also when it is ignored by its own lines.
            findings.rules_changed = True
        if path in self.tree.directories:
            if kind != MODIFIED:
                # It may be another directory of the same name, with no watch on it or below.
                prefix = f"{path}/"
                findings.directories_added.add(path)
                findings.directories_added.update(
                    each for each in self.tree.directories if each.startswith(prefix)
                )
            if kind == ADDED:
                candidates.update(self.tree.below(path))
        elif path in self.tree or path in self.literals or self.index.baseline(path) is not None:
            candidates.add(path)
        self.literals_below(path, candidates)
        self.take(change, findings, is_news=False)
        self.files(candidates, findings, certain=change)

    def _is_directory(self, path: str) -> bool:
        return not path or path in self.tree.directories

    def literals_below(self, path: str, candidates: set[CanonicalPath]) -> None:
        """Add the ignored literals under a directory that came or went."""
        prefix = f"{path}/"
        candidates.update(each for each in self.literals if each.startswith(prefix))

    def take(self, change: TreeChange, findings: Findings, *, is_news: bool = True) -> None:
        """Note a change of the file list."""
        findings.directories_added.update(change.directories_added)
        findings.directories_removed.update(change.directories_removed)
        if is_news:
            self.files({*change.added, *change.removed}, findings, certain=change)

    def files(
        self,
        paths: Iterable[CanonicalPath],
        findings: Findings,
        *,
        certain: TreeChange | None = None,
        is_sweep: bool = False,
    ) -> None:
        """Compare files with the baseline and move it.

        ``certain`` names those that came or went for sure. In a sweep a file that was never
        looked at is news only if it changed since the watch began.
        """
        came = set(certain.added) if certain else set()
        went = set(certain.removed) if certain else set()
        for path in paths:
            if is_sweep and self.index.is_at_baseline(path):
                continue
            if self._held and any(
                pattern.matches(path) for patterns in self._held.values() for pattern in patterns
            ):
                self._held_paths.add(path)
                continue
            if self._is_news(path, came, went, is_sweep, findings.hash_ahead):
                findings.paths.add(path)
                if is_rule_file(path):
                    findings.rules_changed = True

    def hold(self, key: Hashable, patterns: Sequence[Pattern]) -> None:
        """Put aside what matches until ``release``: outputs of a task that is running."""
        self._held[key] = tuple(patterns)

    def release(self, key: Hashable, findings: Findings) -> None:
        """Look at what was put aside; what was recorded as own in the meantime is no news."""
        if self._held.pop(key, None) is not None and self._held_paths:
            paths, self._held_paths = self._held_paths, set()
            self.files(paths, findings)

    def fill(self, paths: Iterable[CanonicalPath]) -> None:
        """Give files without a baseline one, if they have not changed since the watch began."""
        for path in paths:
            if self.index.baseline(path) is None:
                try:
                    now = self.index.look(path)
                except fs.FsError:
                    continue
                if self._is_older_than_watch(now):
                    self.index.set_baseline(path, now)

    def _is_older_than_watch(self, state: FileState) -> bool:
        return max(state.ctime_ns, state.mtime_ns) < self.watched_since_ns - _CLOCK_SLACK_NS

    def _is_news(
        self,
        path: CanonicalPath,
        came: set[CanonicalPath],
        went: set[CanonicalPath],
        is_sweep: bool,
        hash_ahead: bool,
    ) -> bool:
        index = self.index
        base = index.baseline(path)
        try:
            now = index.look(path)
        except fs.FsError:
            # Gone, a dangling link, or no longer readable.
            index.forget(path)
            index.set_baseline(path, None)
            return base is not None or path in went or path in came
        if not now.is_regular:
            index.set_baseline(path, now)
            return base is None or base.mode != now.mode
        if base is None:
            is_news = not (is_sweep and self._is_older_than_watch(now) and path not in came)
        elif base.has_stat_of(now):
            is_news = not base.is_settled and self._is_other_content(path, base, now)
        elif base.size_bytes == now.size_bytes and base.is_executable == now.is_executable:
            is_news = self._is_other_content(path, base, now)
        else:
            is_news = True
        if is_news:
            index.set_baseline(path, self._with_digest(path, now) if hash_ahead else now)
        else:
            known = index.known(path)
            if known is not None and known.has_stat_of(now):
                index.set_baseline(path, known)
            elif base is None:
                index.set_baseline(path, now)
        return is_news

    def _is_other_content(self, path: CanonicalPath, base: FileState, now: FileState) -> bool:
        if base.digest is None or now.size_bytes > COMPARE_BYTES_MAX:
            return True
        known = self.index.known(path)
        if known is not None and known.digest != base.digest:
            # Somebody read another content in between, and must hear that this one is back.
            return True
        try:
            return self.index.state(path).digest != base.digest
        except fs.FsError:
            return True

    def _with_digest(self, path: CanonicalPath, now: FileState) -> FileState:
        if now.size_bytes > HASH_AHEAD_BYTES_MAX:
            return now
        try:
            return self.index.state(path)
        except fs.FsError:
            return now
