"""Why and the timeline: texts made from the frame alone."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from hazui.errors.base import one_line
from hazui.tui.bindings import bindings_for
from hazui.tui.frame import Frame
from hazui.tui.widgets.styling import LOOKS, look, state_look
from hazui.tui.widgets.task_card import times_of
from hazui.view import durations, wording
from hazui.view.models import TaskView, TurnView


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
    """Text in the looks of the theme."""

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
        text.append(f"{one_line(view.task)}\n", look(self.body, "text--strong"))
        text.append(
            f"{wording.glyph(view.state)} {wording.word(view.state)}",
            state_look(self.body, view.state),
        )
        text.append(f"  {', '.join(times_of(view, now_s))}\n", dim)

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
        self._frame: Frame | None = None

    def on_resize(self) -> None:
        if self._frame is not None:
            self.show(self._frame)

    def show(self, frame: Frame) -> None:
        self._frame = frame
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
