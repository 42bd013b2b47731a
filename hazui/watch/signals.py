"""What the threads of the watcher tell its owner. Hints, all of them: the disk is the truth."""

from collections.abc import Callable
from dataclasses import dataclass

ADDED = 1
MODIFIED = 2
DELETED = 3

RawEvent = tuple[int, str]
"""Kind and absolute path, as watchfiles gives them."""


@dataclass(frozen=True, slots=True)
class EventsSeen:
    """Raw notifications of one step of the source."""

    events: set[RawEvent]
    seen_ns: int
    """Monotonic."""


@dataclass(frozen=True, slots=True)
class ClockJumped:
    """This process stood still (Ctrl-Z, suspend), so the kernel's queue may have overflowed."""

    gap_s: float


@dataclass(frozen=True, slots=True)
class WatchBroke:
    """A native watch ended by itself and what it had collected is lost."""

    reason: str


Signal = EventsSeen | ClockJumped | WatchBroke
Emit = Callable[[Signal], None]
"""Called from a watcher thread; must not block and must not raise."""
