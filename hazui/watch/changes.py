"""What the watcher hands on: one settled set of changes, as canonical paths."""

from dataclasses import dataclass
from pathlib import Path

from hazui.domain.paths import CanonicalPath


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Files that are new, different or gone since they were last reported.

    Directories are never among them: a removed one stands as the files that were below it.
    """

    paths: frozenset[CanonicalPath]
    first_seen_ns: int
    """Monotonic; when the first notification reached hazui."""
    settled_ns: int
    """Monotonic; when nothing more was expected."""
    rescan: bool = False
    """Notifications may have been lost before, so the whole tree was looked at."""
    outside: frozenset[Path] = frozenset()
    """Watched files that lie outside the workspace: configuration and env files."""

    def __bool__(self) -> bool:
        return bool(self.paths or self.outside)
