"""Processes, turns, why and the timeline: small views made from the frame alone."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from hazui.errors.base import one_line
from hazui.protocol.values import TurnOutcome
from hazui.tui.bindings import bindings_for
from hazui.tui.frame import Frame
from hazui.tui.widgets.row_list import RowList, fitted
from hazui.tui.widgets.styling import LOOKS, look, state_look
from hazui.tui.widgets.task_list import card_lines
from hazui.view import durations, wording
from hazui.view.models import TaskState, TaskView, TurnView

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
        left.append(f"  pid {view.pid}" if view.pid else "", look(self, "text--dim"))
        if len(view.pids) > 1:
            left.append(f" +{len(view.pids) - 1}", look(self, "text--dim"))
        seconds = durations.elapsed(view.started_at, frame.now_s)
        age = durations.duration(seconds) if seconds is not None and view.state.is_live else ""
        cpu, memory = durations.percent(view.cpu_percent), durations.size(view.rss_bytes)
        right = Text(f"{cpu:>5} {memory:>5} {age:>8} ", look(self, "text--dim"), end="")
        if view.survivors:
            under = Text(f"   survived: {', '.join(map(one_line, view.survivors))}", end="")
            under.stylize(look(self, "text--bad"))
        else:
            under = Text(f"   {one_line(' '.join(view.argv))}", look(self, "text--dim"), end="")
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


class TextPane(VerticalScroll):
    """A scrolled text that is rebuilt when what it shows has changed."""

    BINDINGS = bindings_for("detail")

    def __init__(self, *, dom_id: str, title: str) -> None:
        super().__init__(id=dom_id, classes="panel")
        self.border_title = title
        self.body = LooksText("")

    def compose(self) -> ComposeResult:
        yield self.body


class LooksText(Static):
    COMPONENT_CLASSES: ClassVar[set[str]] = set(LOOKS)


class WhyPane(TextPane):
    """Why the selected task ran, why it was cached or not, what it waits for."""

    def __init__(self) -> None:
        super().__init__(dom_id="why", title="Why")
        self._view: TaskView | None = None

    def show(self, view: TaskView | None, now_s: float) -> None:
        if view is self._view:
            return
        self._view = view
        self.body.update(Text() if view is None else self._text(view, now_s))

    def _text(self, view: TaskView, now_s: float) -> Text:
        text = Text()
        heading, dim = look(self.body, "text--heading"), look(self.body, "text--dim")
        for number, line in enumerate(card_lines(view, now_s)[:2]):
            text.append(f"{line}\n", "" if number else look(self.body, "text--strong"))

        def section(title: str, lines: Sequence[str]) -> None:
            if lines:
                text.append(f"\n{title}\n", heading)
                for line in lines:
                    text.append(f"{line}\n")

        if view.reason is not None:
            section(f"Part of turn {view.turn} because", [wording.reason(view.reason)])
        elif view.turn is None:
            section("Part of no turn yet", ["none of its inputs changed"])
        if view.waiting is not None:
            section("Waits", [wording.waiting(view.waiting)])
        if view.lookup is not None:
            section("Cache", [wording.LOOKUPS[view.lookup]])
            section(
                "What differs from the last run", wording.differences(view.differs, view.omitted)
            )
        if view.lookup_error is not None:
            text.append(f"{one_line(view.lookup_error.message)}\n", look(self.body, "text--warn"))
        section(
            "Depends on",
            [*map(one_line, view.deps), *(f"{one_line(w)} (order only)" for w in view.weak_deps)],
        )
        section("Inputs", list(map(one_line, view.inputs)))
        section("Outputs", list(map(one_line, view.outputs)))
        if not view.watch:
            text.append("\nchanges to its inputs do not run it (watch = false)\n", dim)
        return text


class TimelinePane(TextPane):
    """A bar per task over the current or last turn, the critical path marked."""

    def __init__(self) -> None:
        super().__init__(dom_id="timeline", title="Timeline")

    def show(self, frame: Frame) -> None:
        turn = frame.state.turn
        if turn is None:
            self.body.update(Text("no turn yet"))
            return
        start = durations.epoch_s(turn.started_at) or frame.now_s
        total = turn.duration_s or max(frame.now_s - start, 0.001)
        self.border_subtitle = f"turn {turn.turn}, {durations.duration(total)}"
        self.body.update(self._bars(frame, turn, start, total))

    def _bars(self, frame: Frame, turn: TurnView, start: float, total: float) -> Text:
        text = Text(no_wrap=True)
        width = max(self.size.width - 2, 20)
        names = max((len(planned.task) for planned in turn.tasks), default=4)
        names = min(names, width // 3)
        room = max(width - names - 12, 6)
        critical = frozenset(turn.critical_path)
        for planned in turn.tasks[:500]:
            view = frame.task(planned.task)
            if view is None:
                continue
            text.append(
                f"{one_line(view.task)[:names]:<{names}} ", state_look(self.body, view.state)
            )
            began = durations.epoch_s(view.started_at) if view.started_at else None
            if began is None or view.turn != turn.turn:
                text.append(f"{wording.glyph(view.state)} {wording.word(view.state)}\n")
                continue
            ended = durations.epoch_s(view.ended_at) if view.ended_at else None
            seconds = (ended if ended is not None else frame.now_s) - began
            left = round(min(max((began - start) / total, 0), 1) * (room - 1))
            bar = max(round(min(seconds / total, 1) * room), 1)
            bar = min(bar, room - left)
            text.append(" " * left)
            text.append(
                ("━" if planned.task in critical else "─") * bar, state_look(self.body, view.state)
            )
            text.append(" " * (room - left - bar))
            text.append(f" {durations.duration(seconds)}\n", look(self.body, "text--dim"))
        return text
