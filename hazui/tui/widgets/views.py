"""Processes and turns: small lists made from the frame alone."""

import shlex
from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text

from hazui.errors.base import one_line
from hazui.protocol.values import TurnOutcome
from hazui.tui.frame import Frame
from hazui.tui.widgets.row_list import RowList, fitted
from hazui.tui.widgets.styling import look, state_look
from hazui.view import durations, wording
from hazui.view.models import TaskState, TurnView

_OUTCOME_STATES = {
    None: TaskState.RUNNING,
    TurnOutcome.SUCCEEDED: TaskState.SUCCEEDED,
    TurnOutcome.FAILED: TaskState.FAILED,
    TurnOutcome.ERRORED: TaskState.ERRORED,
    TurnOutcome.STOPPED: TaskState.CANCELLED,
    TurnOutcome.INTERRUPTED: TaskState.CANCELLED,
}


class ProcessList(RowList):
    """The live process trees: task, pid, how many, CPU, memory, age; the command below."""

    ROW_LINES: ClassVar[int] = 2
    EMPTY = " nothing runs"

    def __init__(self) -> None:
        super().__init__(dom_id="processes", classes="panel")
        self.border_title = "Processes"
        self._frame: Frame | None = None

    def show(self, frame: Frame) -> None:
        self._frame = frame
        live = [
            name
            for name in frame.state.order
            if frame.state.tasks[name].state.is_live or frame.state.tasks[name].survivors
        ]
        self.set_keys(live)

    def paint_row(self, key: str, width: int, *, is_selected: bool) -> Sequence[Text]:
        del is_selected
        frame = self._frame
        view = frame.task(key) if frame is not None else None
        if frame is None or view is None:
            return []
        left = Text(f" {wording.glyph(view.state)} ", state_look(self, view.state), end="")
        left.append(one_line(view.display), look(self, "text--strong"))
        seconds = durations.elapsed(view.started_at, frame.now_s)
        age = durations.duration(seconds) if seconds is not None and view.state.is_live else ""
        cpu, memory = durations.percent(view.cpu_percent), durations.size(view.rss_bytes)
        right = Text(f"{cpu:>5} {memory:>5} {age:>8} ", look(self, "text--dim"), end="")
        if view.survivors:
            under = Text(f"   survived: {', '.join(map(one_line, view.survivors))}", end="")
            under.stylize(look(self, "text--bad"))
        else:
            more = f" +{len(view.pids) - 1}" if len(view.pids) > 1 else ""
            pid = f"pid {view.pid}{more}  " if view.pid else ""
            command = one_line(shlex.join(view.argv))
            under = Text(f"   {pid}{command}", look(self, "text--dim"), end="")
        return [fitted(left, right, width), fitted(under, Text(), width)]


class TurnList(RowList):
    """The history of this session's turns: what opened them, how they ended, how long."""

    ROW_LINES: ClassVar[int] = 2
    EMPTY = " no turns yet"

    def __init__(self) -> None:
        super().__init__(dom_id="turns", classes="panel")
        self.border_title = "Turns"
        self._turns: dict[str, TurnView] = {}
        self._now_s = 0.0

    def show(self, frame: Frame) -> None:
        self._now_s = frame.now_s
        state = frame.state
        turns = (*((state.turn,) if state.turn is not None else ()), *state.past_turns)
        self._turns = {str(turn.turn): turn for turn in turns}
        self.set_keys(list(self._turns))

    def paint_row(self, key: str, width: int, *, is_selected: bool) -> Sequence[Text]:
        del is_selected
        turn = self._turns.get(key)
        if turn is None:
            return []
        state = _OUTCOME_STATES[turn.outcome]
        left = Text(f" {wording.glyph(state)} turn {turn.turn} ", state_look(self, state), end="")
        outcome = wording.OUTCOMES[turn.outcome] if turn.outcome is not None else "is running"
        left.append(outcome)
        seconds = turn.duration_s
        if seconds is None:
            seconds = durations.elapsed(turn.started_at, self._now_s)
        right = Text(f"{durations.duration(seconds or 0)} ", look(self, "text--dim"), end="")
        under = Text(f"   {wording.trigger(turn.trigger)}: ", look(self, "text--dim"), end="")
        under.append(_counts(turn), look(self, "text--dim"))
        return [fitted(left, right, width), fitted(under, Text(), width)]


def _counts(turn: TurnView) -> str:
    counts = turn.counts
    if counts is None or not counts.total:
        return wording.plural(len(turn.tasks), "task")
    parts = [
        (counts.failed, "failed"),
        (counts.errored, "errored"),
        (counts.skipped, "skipped"),
        (counts.cancelled, "cancelled"),
        (counts.succeeded, "ran"),
        (counts.cached, "cached"),
    ]
    return ", ".join(f"{count:,} {word}" for count, word in parts if count)
