"""What the screen draws at one moment: one frozen value for all widgets."""

from dataclasses import dataclass

from hazui.view.failures import Failure
from hazui.view.models import SessionView, TaskView


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """``failures`` holds what is not dismissed; ``now_s`` is seconds since the Unix epoch."""

    state: SessionView
    failures: tuple[Failure, ...] = ()
    dismissed: int = 0
    """How many failures are hidden until they change."""
    unseen: frozenset[str] = frozenset()
    """Keys of failures that appeared and were not looked at yet."""
    now_s: float = 0.0

    def task(self, name: str | None) -> TaskView | None:
        return self.state.tasks.get(name) if name is not None else None

    def failure(self, key: str | None) -> Failure | None:
        return next((failure for failure in self.failures if failure.key == key), None)

    def failure_of(self, task: str | None) -> Failure | None:
        """The first failure of a task, if it has one."""
        return next((failure for failure in self.failures if failure.task == task), None)
