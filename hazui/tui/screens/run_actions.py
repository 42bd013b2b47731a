"""What the keys for running and stopping do: each becomes a command for the supervisor."""

from typing import TYPE_CHECKING, Any

from textual.message import Message

from hazui.protocol import commands

if TYPE_CHECKING:
    from hazui.tui.frame import Frame
    from hazui.tui.intents import Outside
    from hazui.view.models import TaskView


class ProblemsRequested(Message):
    """The user wants to see what is wrong with the configuration."""


class RunActions:
    """Mixed into the main screen."""

    frame: "Frame"
    outside: "Outside"

    if TYPE_CHECKING:
        post_message: Any

        @property
        def selected(self) -> TaskView | None: ...

        def notify(self, message: str, **options: Any) -> None: ...

    def action_rerun(self) -> None:
        if (view := self.selected) is not None:
            self.outside.post(commands.RunTasks(targets=(view.task,), force=True))
            self.notify(f"{view.task} runs again")

    def action_rerun_failed(self) -> None:
        self.outside.post(commands.RunTasks(only_failed=True))

    def action_run_all(self) -> None:
        self.outside.post(commands.RunTasks(every_task=True))

    def action_stop(self) -> None:
        self._stop(force=False)

    def action_kill(self) -> None:
        self._stop(force=True)

    def _stop(self, *, force: bool) -> None:
        view = self.selected
        if view is not None:
            self.outside.post(commands.StopTask(task=view.task, force=force))

    def action_pause(self) -> None:
        is_paused = self.frame.state.watch.is_paused
        self.outside.post(commands.ResumeWatch() if is_paused else commands.PauseWatch())

    def action_problems(self) -> None:
        self.post_message(ProblemsRequested())
