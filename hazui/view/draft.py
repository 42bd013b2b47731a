"""A session view in the making: changed in place while one batch of events is folded into it.

The dictionary of tasks is copied at most once per batch. Counters change in one place (``put``),
so no two views can disagree; a view that was handed out is never touched.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from hazui.protocol.events import Stamped
from hazui.view.models import SessionView, TaskState, TaskView, TurnView

_ENDED = frozenset(
    (
        TaskState.READY,
        TaskState.SUCCEEDED,
        TaskState.CACHED,
        TaskState.FAILED,
        TaskState.ERRORED,
        TaskState.SKIPPED,
        TaskState.CANCELLED,
    )
)


@dataclass(slots=True)
class Draft:
    """A session view while a batch of events is folded into it; frozen again at the end."""

    base: SessionView
    changes: dict[str, Any] = field(default_factory=dict)
    tasks: dict[str, TaskView] = field(default_factory=dict)
    counts: dict[TaskState, int] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)
    is_own: bool = False
    events: int = 0

    def get(self, name: str) -> Any:
        return self.changes[name] if name in self.changes else getattr(self.base, name)

    def own(self) -> None:
        if not self.is_own:
            self.tasks = dict(self.base.tasks)
            self.counts = dict(self.base.counts)
            self.is_own = True

    def task(self, name: str) -> TaskView:
        """The task as it stands; one that is not known yet is made."""
        known = (self.tasks if self.is_own else self.base.tasks).get(name)
        if known is not None:
            return known
        made = TaskView(task=name, display=name)
        self.added.append(name)
        self.put(made)
        return made

    def put(self, view: TaskView) -> None:
        """The only place where a task's entry and the counters change."""
        self.own()
        before = self.tasks.get(view.task)
        self.tasks[view.task] = view
        if before is None:
            self.counts[view.state] = self.counts.get(view.state, 0) + 1
            return
        if before.state is not view.state:
            self.counts[before.state] -= 1
            self.counts[view.state] = self.counts.get(view.state, 0) + 1
        if before.state is not view.state or before.turn != view.turn:
            self._progress(before, view)
        moved = before.state is not view.state and view.failure is not None
        if moved or before.failure is not view.failure or before.root != view.root:
            self.touch_failures()

    def touch_failures(self) -> None:
        self.changes["failure_version"] = self.get("failure_version") + 1

    def _progress(self, before: TaskView, after: TaskView) -> None:
        """Keep count of the current turn's tasks that came to an end in it."""
        turn: TurnView | None = self.get("turn")
        if turn is None:
            return
        was, now = (view.state in _ENDED and view.turn == turn.turn for view in (before, after))
        if was != now:
            self.changes["turn"] = replace(turn, done=turn.done + now - was)

    def note(self, stamped: Stamped) -> None:
        """Take in that there was an event, whatever it says."""
        self.events += 1
        if stamped.at:
            self.changes["last_at"] = stamped.at
        self.changes["last_seq"] = max(self.get("last_seq"), stamped.seq)

    def frozen(self) -> SessionView:
        if not self.events:
            return self.base
        if self.added:
            self.changes["order"] = (*self.get("order"), *self.added)
        if self.is_own:
            self.changes["tasks"] = self.tasks
            self.changes["counts"] = self.counts
        self.changes["events"] = self.base.events + self.events
        return replace(self.base, **self.changes)
