"""Which failures are new, looked at, or dismissed; remembered by key between frames."""

from hazui.tui.frame import Frame
from hazui.view.failures import Failure, Memory, failures_of
from hazui.view.models import SessionView


class FailureTracker:
    """What was dismissed stays hidden until that failure is gone; then it counts as new again."""

    def __init__(self) -> None:
        self._version = -1
        self._failures: tuple[Failure, ...] = ()
        self._dismissed: set[str] = set()
        self._unseen: set[str] = set()
        self._memory: Memory = {}

    def update(self, state: SessionView) -> bool:
        """Take in a new state; true when good turned to bad, or back."""
        if state.failure_version == self._version:
            return False
        self._version = state.failure_version
        was_bad = bool(self._failures)
        known = {failure.key for failure in self._failures}
        self._failures = failures_of(state, self._memory)
        now = {failure.key for failure in self._failures}
        self._unseen = (self._unseen & now) | (now - known)
        self._dismissed &= now
        return was_bad != bool(self._failures)

    def frame(self, state: SessionView, now_s: float) -> Frame:
        shown = tuple(each for each in self._failures if each.key not in self._dismissed)
        return Frame(
            state=state,
            failures=shown,
            dismissed=len(self._failures) - len(shown),
            unseen=frozenset(self._unseen - self._dismissed),
            now_s=now_s,
        )

    def seen(self, key: str) -> None:
        self._unseen.discard(key)

    def dismiss(self, key: str) -> None:
        self._dismissed.add(key)

    def undismiss(self) -> None:
        self._dismissed.clear()
