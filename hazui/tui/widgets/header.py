"""The top line: what is watched, the turn, how many run and failed, new errors, the time."""

from typing import ClassVar

from rich.text import Text
from textual.widget import Widget

from hazui.errors.base import one_line
from hazui.tui.frame import Frame
from hazui.tui.widgets.row_list import fitted
from hazui.tui.widgets.styling import LOOKS, look
from hazui.view import durations, wording
from hazui.view.models import SessionView, TaskState, WatchState


class Header(Widget):
    COMPONENT_CLASSES: ClassVar[set[str]] = set(LOOKS)
    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__(id="header")
        self._frame: Frame | None = None

    def show(self, frame: Frame) -> None:
        self._frame = frame
        self.refresh()

    def render(self) -> Text:
        if self._frame is None:
            return Text(" hazui")
        state = self._frame.state
        left = Text(" hazui ", look(self, "text--heading"), end="")
        if state.name:
            left.append(f" {one_line(state.name)} ", look(self, "text--strong"))
        for text, style in self._facts(state):
            left.append("  ")
            left.append(text, look(self, style))
        right = Text(end="")
        unseen = len(self._frame.unseen)
        if unseen:
            right.append(f" {wording.plural(unseen, 'new error')} ] ", look(self, "text--bad"))
            right.append(" ")
        right.append(f"{durations.clock(self._frame.now_s)} ", look(self, "text--dim"))
        return fitted(left, right, self.size.width)

    def _facts(self, state: SessionView) -> list[tuple[str, str]]:
        """Texts with their looks, the most important ones first: the line is cropped at its end."""
        facts = [self._watch(state)]
        if state.is_closed:
            facts.insert(0, ("session closed", "text--warn"))
        if state.problems:
            found = wording.plural(len(state.problems), "config problem")
            facts.insert(0, (f"{found} (c)", "text--bad"))
        turn = state.turn
        if turn is not None:
            progress = f" {turn.done}/{len(turn.tasks)}" if turn.is_open and turn.tasks else ""
            facts.append((f"turn {turn.turn}{progress}", "text--dim"))
        running = state.count(TaskState.RUNNING)
        if running:
            facts.append((f"{running:,} running", "text--accent"))
        failed = state.count(TaskState.FAILED)
        if failed:
            facts.append((f"{failed:,} failed", "text--bad"))
        errored = state.count(TaskState.ERRORED)
        if errored:
            facts.append((f"{errored:,} errored", "text--bad"))
        if turn is not None and not turn.is_open and not failed and not errored and not running:
            facts.append(("all good", "text--good"))
        if not state.is_durable and state.session:
            facts.append(("not durable", "text--warn"))
        return facts

    @staticmethod
    def _watch(state: SessionView) -> tuple[str, str]:
        watch = state.watch
        if watch.is_paused:
            return "paused (p)", "text--warn"
        if watch.state is WatchState.DEGRADED:
            return "watching is degraded", "text--warn"
        if watch.state is WatchState.WATCHING:
            polling = " (polling)" if watch.backend == "polling" else ""
            return f"watching {wording.plural(watch.files, 'file')}{polling}", "text--dim"
        return ("not watching" if state.session else "starting"), "text--dim"
