"""The top line: what is watched, the turn, how many run and failed, new errors, the time."""

from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from rich.text import Text
from textual.widget import Widget

from hazui.errors.base import one_line
from hazui.tui.frame import Frame
from hazui.tui.widgets.row_list import fitted
from hazui.tui.widgets.styling import LOOKS, look
from hazui.view import durations, wording
from hazui.view.models import SessionView, TaskState, WatchState


class Fact(NamedTuple):
    """A part of the line that may be left out."""

    text: str
    look: str
    rank: int
    """The highest is left out first when the line is too short."""


class Header(Widget):
    """The line at the top: workspace, watching, turn, new errors, time."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(LOOKS)
    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__(id="header")
        self._frame: Frame | None = None
        self._line = Text(" hazui")

    def show(self, frame: Frame) -> None:
        before = self._line
        self._frame = frame
        self._line = self._built()
        if self._line != before:
            self.refresh()

    def on_resize(self) -> None:
        self._line = self._built()
        self.refresh()

    def render(self) -> Text:
        return self._line

    def _built(self) -> Text:
        if self._frame is None:
            return Text(" hazui")
        state = self._frame.state
        left = Text(" hazui ", look(self, "text--heading"), end="")
        if state.name:
            left.append(f" {one_line(state.name)} ", look(self, "text--strong"))
        right = Text(end="")
        unseen = len(self._frame.unseen)
        if unseen:
            badge = (
                wording.plural(unseen, "new error") if self.size.width >= 80 else f"{unseen} new"
            )
            right.append(f" {badge} ] ", look(self, "text--bad"))
            right.append(" ")
        right.append(f"{durations.clock(self._frame.now_s)} ", look(self, "text--dim"))
        width = self.size.width
        facts = self._facts(state)
        room = width - left.cell_len - right.cell_len - 1
        for fact in sorted(facts, key=lambda fact: -fact.rank):
            if sum(cell_len(each.text) + 2 for each in facts) <= room:
                break
            facts.remove(fact)
        for fact in facts:
            left.append("  ")
            left.append(fact.text, look(self, fact.look))
        return fitted(left, right, width)

    def _facts(self, state: SessionView) -> list[Fact]:
        facts = [self._watch(state)]
        if state.is_closed:
            facts.insert(0, Fact("session closed", "text--warn", 0))
        if state.problems:
            found = wording.plural(len(state.problems), "config problem")
            facts.insert(0, Fact(f"{found} (c)", "text--bad", 0))
        turn = state.turn
        if turn is not None:
            progress = f" {turn.done}/{len(turn.tasks)}" if turn.is_open and turn.tasks else ""
            facts.append(Fact(f"turn {turn.turn}{progress}", "text--dim", 4))
        running = state.count(TaskState.RUNNING)
        if running:
            facts.append(Fact(f"{running:,} running", "text--accent", 3))
        failed, errored = state.count(TaskState.FAILED), state.count(TaskState.ERRORED)
        if failed:
            facts.append(Fact(f"{failed:,} failed", "text--bad", 1))
        if errored:
            facts.append(Fact(f"{errored:,} errored", "text--bad", 2))
        if turn is not None and not turn.is_open and not failed and not errored and not running:
            facts.append(Fact("all good", "text--good", 3))
        if not state.is_durable and state.session:
            facts.append(Fact("not durable", "text--warn", 2))
        return facts

    @staticmethod
    def _watch(state: SessionView) -> Fact:
        watch = state.watch
        if watch.is_paused:
            return Fact("paused (p)", "text--warn", 0)
        if watch.state is WatchState.DEGRADED:
            return Fact("watching is degraded", "text--warn", 1)
        if watch.state is WatchState.WATCHING:
            polling = " (polling)" if watch.backend == "polling" else ""
            files = wording.plural(watch.files, "file")
            return Fact(f"watching {files}{polling}", "text--dim", 5)
        return Fact("not watching" if state.session else "starting", "text--dim", 5)
