"""A switch that stops one run, pulled from anywhere on the event loop, before or during it.

Pulling is idempotent; a second pull, or ``force``, kills at once. It knows the process only while
one is connected.
"""

from typing import TYPE_CHECKING

from hazui.domain.ids import TaskId

if TYPE_CHECKING:
    from hazui.process.stop import Stopper


class StopSwitch:
    """One for each run, over all of its attempts."""

    def __init__(self) -> None:
        self.is_pulled = False
        self.is_forced = False
        self.root: TaskId | None = None
        """The task because of which the run is cancelled, when it is another one."""
        self._stopper: Stopper | None = None

    def pull(self, *, force: bool = False, root: TaskId | None = None) -> None:
        """Stop the run; the second time, kill it."""
        self.is_forced = self.is_forced or force or self.is_pulled
        self.is_pulled = True
        self.root = self.root or root
        if self._stopper is not None:
            self._stopper.request(force=self.is_forced)

    def connect(self, stopper: "Stopper") -> None:
        """The run has a process now; one that was called off before is stopped at once."""
        self._stopper = stopper
        if self.is_pulled:
            stopper.request(force=self.is_forced)

    def disconnect(self) -> None:
        """The process has ended."""
        self._stopper = None
