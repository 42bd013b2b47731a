"""What the keys for errors do: walk, open the editor, jump to the log, copy."""

from typing import TYPE_CHECKING, Any

from hazui.tui.logs import last_lines, log_paths
from hazui.tui.source import resolved
from hazui.view.chain import FailureLink
from hazui.view.failures import Failure
from hazui.view.report import link_text, report

if TYPE_CHECKING:
    from hazui.tui.frame import Frame
    from hazui.tui.intents import Outside, Settings
    from hazui.tui.widgets.errors_panel import ErrorsPanel
    from hazui.tui.widgets.output_panel import OutputPanel
    from hazui.tui.widgets.task_list import TaskList

REPORT_LINES = 40


class ErrorActions:
    """Mixed into the main screen, which owns the widgets named here."""

    frame: "Frame"
    settings: "Settings"
    outside: "Outside"
    errors: "ErrorsPanel"
    output: "OutputPanel"
    tasks: "TaskList"
    active: str

    if TYPE_CHECKING:

        def _activate(self, name: str) -> None: ...

        def notify(self, message: str, **options: Any) -> None: ...

    def action_next_error(self) -> None:
        self._step(1)

    def action_previous_error(self) -> None:
        self._step(-1)

    def _step(self, by: int) -> None:
        if self.errors.step(by):
            self._activate("errors")
        else:
            self.notify("There are no errors.", timeout=2)

    def action_root(self) -> None:
        if self.active == "tasks" and (found := self.frame.failure_of(self.tasks.key)) is not None:
            self.errors.select(found.key)
        if self.errors.to_root():
            self._activate("errors")
        else:
            self.notify("There are no errors.", timeout=2)

    def _current(self) -> tuple[Failure, FailureLink] | None:
        """What the keys act on: the selected link, or the root of the selected task's failure."""
        failure, link = self.errors.failure, self.errors.link
        if self.active == "tasks":
            own = self.frame.failure_of(self.tasks.key)
            if own is not None and (failure is None or own.task != failure.task):
                return own, own.root
        if failure is None or link is None:
            self.notify("There is no error to act on.", timeout=2)
            return None
        return failure, link

    def action_edit(self) -> None:
        current = self._current()
        if current is None:
            return
        failure, link = current
        if link.file is None:
            link = failure.root
        if link.file is None:
            self.notify("This link names no file.", timeout=3)
            return
        path = resolved(link.file, root=self.settings.root, cwd=failure.cwd)
        if path is None:
            self.notify(f"{link.place} is not there.", severity="warning")
            return
        self.outside.edit(path, link.line, link.column)

    def action_log_lines(self) -> None:
        current = self._current()
        if current is None:
            return
        failure, link = current
        if link.stream is None:
            link = next((each for each in failure.chain if each.stream), link)
        if not failure.task or failure.log is None:
            self.notify("This link was not read from a log.", timeout=3)
            return
        self.tasks.select(failure.task, tell=False)
        self.output.show_log(failure.task, failure.log)
        self._activate("output")
        if link.stream is not None and link.byte_start is not None:
            self.output.jump(link.stream, link.byte_start)

    def action_copy_link(self) -> None:
        if (current := self._current()) is not None:
            self.outside.copy(link_text(current[1]))

    def action_copy_report(self) -> None:
        current = self._current()
        if current is None:
            return
        failure, _ = current
        state_dir = self.settings.state_dir
        ends = [
            (stream, last_lines(state_dir, failure.log, stream, REPORT_LINES))
            for stream in ("stdout", "stderr")
        ]
        paths = log_paths(state_dir, failure.log)
        self.outside.copy(report(failure, last_lines=ends, log_paths=paths))
