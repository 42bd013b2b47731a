"""The tasks: glyph, word, name, time or memory.

The order is the workspace's and never changes by itself; failed first and a filter are asked for.
"""

from collections.abc import Hashable, Sequence

from rich.text import Text

from hazui.errors.base import one_line
from hazui.tui.bindings import bindings_for
from hazui.tui.frame import Frame
from hazui.tui.widgets.row_list import RowList, fitted
from hazui.tui.widgets.styling import look, state_look
from hazui.view import durations, wording
from hazui.view.models import TaskState, TaskView

WORD_COLUMNS = 9
_RANK = {
    TaskState.FAILED: 0,
    TaskState.ERRORED: 0,
    TaskState.RUNNING: 1,
    TaskState.WAITING: 2,
    TaskState.SKIPPED: 3,
    TaskState.CANCELLED: 3,
}


class TaskList(RowList):
    """The tasks in a stable order; the selection follows the task, not the row."""

    BINDINGS = bindings_for("tasks")
    EMPTY = " no tasks yet"

    def __init__(self) -> None:
        super().__init__(dom_id="task-list")
        self._frame: Frame | None = None
        self.failed_first = False
        self.needle = ""
        """Only tasks whose name or a tag contains it are listed."""
        self._has_begun = False

    def show(self, frame: Frame) -> None:
        self._frame = frame
        self.set_keys(self._order(frame))
        if not self._has_begun:
            self._begin(frame)

    def _begin(self, frame: Frame) -> None:
        """Start on a task that is part of the first turn; from then on only the user moves."""
        tasks = frame.state.tasks
        first = next((key for key in self.keys if tasks[key].state is not TaskState.IDLE), None)
        if first is None:
            return
        self._has_begun = True
        if self.cursor == 0:
            self.select(first)

    def _order(self, frame: Frame) -> Sequence[str]:
        tasks = frame.state.tasks
        names: Sequence[str] = frame.state.order
        if self.needle:
            needle = self.needle.casefold()
            names = [
                name
                for name in names
                if needle in name.casefold()
                or needle in tasks[name].display.casefold()
                or any(needle in tag.casefold() for tag in tasks[name].tags)
            ]
        if self.failed_first:
            names = sorted(names, key=lambda name: _RANK.get(tasks[name].state, 4))
        return names

    def filter(self, needle: str) -> None:
        self.needle = needle.strip()
        if self._frame is not None:
            self.set_keys(self._order(self._frame))

    def action_failed_first(self) -> None:
        self.failed_first = not self.failed_first
        if self._frame is not None:
            self.set_keys(self._order(self._frame))
            self._reveal()

    def token(self, key: str) -> Hashable:
        frame = self._frame
        view = frame.task(key) if frame is not None else None
        if frame is None or view is None:
            return None
        tenths = 0
        if view.state.is_live:
            tenths = round((durations.elapsed(view.started_at, frame.now_s) or 0) * 10)
        return (
            view.state,
            view.display,
            view.waiting,
            view.duration_s,
            view.rss_bytes,
            view.cpu_percent,
            tenths,
        )

    def paint_row(self, key: str, width: int, *, is_selected: bool) -> Sequence[Text]:
        del is_selected
        frame = self._frame
        view = frame.task(key) if frame is not None else None
        if frame is None or view is None:
            return [Text(f" {one_line(key)}")]
        style = state_look(self, view.state)
        left = Text(end="", no_wrap=True)
        left.append(f" {wording.glyph(view.state)} ", style)
        if width >= 24:
            left.append(f"{wording.word(view.state):<{WORD_COLUMNS}} ", style)
        left.append(one_line(view.display), look(self, "text--strong") if view.state.is_bad else "")
        if view.state is TaskState.WAITING and view.waiting is not None:
            left.append(f" ‹ {one_line(view.waiting.on)}", look(self, "text--dim"))  # noqa: RUF001
        return [fitted(left, self._measure(view, frame.now_s, width), width)]

    def _measure(self, view: TaskView, now_s: float, width: int) -> Text:
        right = Text(end="")
        dim = look(self, "text--dim")
        if view.state.is_live:
            memory = durations.size(view.rss_bytes) if view.rss_bytes else ""
            seconds = durations.elapsed(view.started_at, now_s)
            if memory and (view.is_service or width >= 44):
                cpu = f"{durations.percent(view.cpu_percent):>4} " if width >= 44 else ""
                right.append(f"{cpu}{memory}", dim)
            if seconds is not None and (not memory or not view.is_service or width >= 44):
                right.append(" " if right else "")
                right.append(durations.duration(seconds), state_look(self, view.state))
        elif view.state in (TaskState.SUCCEEDED, TaskState.FAILED) and view.duration_s is not None:
            right.append(durations.duration(view.duration_s), dim)
        if right:
            right.append(" ")
        return right
