"""What goes wrong while the workspace is watched for changes.

Most of these degrade the watch and are shown; only a vanished root ends it.
"""

from dataclasses import dataclass
from pathlib import Path

from hazui.errors.base import HazuiError, Kind


class WatchError(HazuiError):
    """What the watcher could not do."""

    FAMILY = "watch"


@dataclass(eq=False, kw_only=True)
class LimitReached(WatchError):
    """The system refuses more watches."""

    CODE = "watch.limit_reached"
    KIND = Kind.ENVIRONMENT

    limit: int
    """How many are allowed."""
    how_to_raise: str
    """A command or setting that raises it."""

    def sentence(self) -> str:
        return f"The limit of {self.limit} watches is reached"

    @property
    def hint(self) -> str | None:
        return (
            f"Raise it: {self.how_to_raise}; or add what need not be watched to workspace.ignore."
        )


@dataclass(eq=False, kw_only=True)
class RootVanished(WatchError):
    """The workspace directory is not there any more."""

    CODE = "watch.root_vanished"
    KIND = Kind.ENVIRONMENT
    HINT = "Put it back, or start hazui where it is now."

    path: Path

    def sentence(self) -> str:
        return f"The watched directory {self.path} has vanished"


@dataclass(eq=False, kw_only=True)
class Overflowed(WatchError):
    """Notifications were lost; the tree is read again in full."""

    CODE = "watch.overflowed"
    KIND = Kind.ENVIRONMENT
    HINT = "A full rescan follows; if it happens often, add generated directories to ignore."

    count: int
    """How often so far in this session."""

    def sentence(self) -> str:
        return f"Change notifications were lost ({self.count} so far)"


@dataclass(eq=False, kw_only=True)
class PollingOnly(WatchError):
    """Native notifications do not work here, so the tree is polled."""

    CODE = "watch.polling_only"
    KIND = Kind.ENVIRONMENT
    HINT = "Polling is slower and costs CPU; a local file system avoids it."

    reason: str

    def sentence(self) -> str:
        return f"Changes are found by polling: {self.reason}"
