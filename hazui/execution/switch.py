"""A switch that stops one run, used from anywhere on the event loop, before or during it.

Asking is idempotent; asking a second time, or with ``force``, kills at once. It knows the process
only while one is connected.
"""

from typing import TYPE_CHECKING

from hazui.domain.ids import TaskId

if TYPE_CHECKING:
    from hazui.execution.ending import Ending


class StopSwitch:
    """One for each run, over all of its attempts."""

    def __init__(self) -> None:
        self.is_requested = False
        self.is_forced = False
        self.root: TaskId | None = None
        """The task because of which the run is cancelled, when it is another one."""
        self._ending: Ending | None = None

    def request(self, *, force: bool = False, root: TaskId | None = None) -> None:
        """Stop the run; the second time, kill it."""
        self.is_forced = self.is_forced or force or self.is_requested
        self.is_requested = True
        self.root = self.root or root
        if self._ending is not None:
            self._ending.request(force=self.is_forced)

    def connect(self, ending: "Ending") -> None:
        """The run has a process now; one that was called off before is stopped at once."""
        self._ending = ending
        if self.is_requested:
            ending.request(force=self.is_forced)

    def disconnect(self) -> None:
        """The process has ended."""
        self._ending = None
