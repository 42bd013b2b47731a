"""A switch that stops one run, used from anywhere on the event loop, before or during it.

Asking is idempotent; asking a second time, or with ``force``, kills at once. It knows the process
only while one is connected.
"""

from typing import TYPE_CHECKING

from hazui.domain.ids import TaskId

if TYPE_CHECKING:
    from hazui.process.stop import Stopper


class StopSwitch:
    """One for each run, over all of its attempts."""

    def __init__(self) -> None:
        self.is_requested = False
        self.is_forced = False
        self.root: TaskId | None = None
        """The task because of which the run is cancelled, when it is another one."""
        self._stopper: Stopper | None = None

    def request(self, *, force: bool = False, root: TaskId | None = None) -> None:
        """Stop the run; the second time, kill it."""
        self.is_forced = self.is_forced or force or self.is_requested
        self.is_requested = True
        self.root = self.root or root
        if self._stopper is not None:
            self._stopper.request(force=self.is_forced)

    def connect(self, stopper: "Stopper") -> None:
        """The run has a process now; one that was called off before is stopped at once."""
        self._stopper = stopper
        if self.is_requested:
            stopper.request(force=self.is_forced)

    def disconnect(self) -> None:
        """The process has ended."""
        self._stopper = None
