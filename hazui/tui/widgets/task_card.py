"""What is known of the selected task, in a few lines below the list."""

from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.widget import Widget

from hazui.errors.base import one_line
from hazui.tui.widgets.styling import LOOKS, look
from hazui.view import durations, wording
from hazui.view.models import TaskView


class TaskCard(Widget):
    """The facts of the selected task, below the list."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(LOOKS)
    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__(id="task-card")
        self._lines: list[str] = []

    def show(self, view: TaskView | None, now_s: float) -> None:
        lines = card_lines(view, now_s, self.size.width) if view is not None else []
        if lines != self._lines:
            self._lines = lines
            self.refresh()

    def render(self) -> Text:
        text = Text(end="")
        dim = look(self, "text--dim")
        for number, line in enumerate(self._lines):
            text.append("\n" if number else "")
            text.append(line, "" if number == 0 else dim)
        return text


def card_lines(view: TaskView, now_s: float, width: int) -> list[str]:
    """The most telling facts first; a line breaks between facts before it breaks within one."""
    lines = [one_line(view.task)] if view.display != view.task else []
    lines += flowed(times_of(view, now_s), width)
    if view.pids:
        memory = durations.size(view.rss_bytes)
        cpu = durations.percent(view.cpu_percent)
        many = f" +{len(view.pids) - 1}" if len(view.pids) > 1 else ""
        lines.append(f"pid {view.pid}{many}  cpu {cpu}  mem {memory}")
    if view.survivors:
        lines.append(f"could not stop {wording.paths(view.survivors)}")
    if view.reason is not None:
        lines.append(f"because {wording.reason(view.reason)}")
    return lines


def times_of(view: TaskView, now_s: float) -> list[str]:
    """How it stands and how long it took, takes, and usually takes."""
    facts = ["service"] if view.is_service else []
    status = wording.status(view)
    if view.state.is_live:
        facts += [status] if status else []
        seconds = durations.elapsed(view.started_at, now_s)
        facts += [f"for {durations.duration(seconds)}"] if seconds is not None else []
    elif view.duration_s is not None:
        took = durations.duration(view.duration_s)
        facts.append(f"{status} in {took}" if status else f"took {took}")
    elif status:
        facts.append(status)
    if view.usual_s is not None:
        facts.append(f"usually {durations.duration(view.usual_s)}")
    return facts


def flowed(facts: list[str], width: int) -> list[str]:
    """Facts with commas between them, as many to a line as fit."""
    lines: list[str] = []
    for fact in facts:
        if lines and (width <= 0 or cell_len(lines[-1]) + cell_len(fact) + 3 <= width):
            lines[-1] += f", {fact}"
        else:
            if lines:
                lines[-1] += ","
            lines.append(fact)
    return lines
