"""What the keys for the output do, and the search and filter lines."""

from typing import TYPE_CHECKING

from textual.widgets import Input

if TYPE_CHECKING:
    from hazui.tui.widgets.output_panel import OutputPanel, SearchLine
    from hazui.tui.widgets.task_list import TaskList


class OutputActions:
    """Mixed into the main screen."""

    output: "OutputPanel"
    tasks: "TaskList"
    task_filter: "SearchLine"
    active: str

    if TYPE_CHECKING:

        def _activate(self, name: str) -> None: ...

    def action_layout(self) -> None:
        self.output.cycle()

    def action_follow(self) -> None:
        pane = self.output.pane
        pane.follow = not pane.follow

    def action_wrap(self) -> None:
        wrap = not self.output.pane.wrap
        for pane in (self.output.stdout, self.output.stderr):
            pane.wrap = wrap

    def action_times(self) -> None:
        times = not self.output.pane.times
        for pane in (self.output.stdout, self.output.stderr):
            pane.times = times

    def action_search(self) -> None:
        if self.active == "tasks":
            self.task_filter.display = True
            self.task_filter.focus()
        else:
            if self.active != "output":
                self._activate("output")
            self.output.open_search()

    def action_next_match(self) -> None:
        self.output.pane.next_match()

    def action_previous_match(self) -> None:
        self.output.pane.previous_match()

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.input is self.task_filter:
            self.tasks.filter(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.input is self.task_filter:
            self._close_filter()

    def _close_filter(self) -> None:
        self.task_filter.display = False
        self.tasks.focus()
