"""The Textual application: pumps events in one place, draws frames, opens dialogs.

Events are queued as they come and folded once per frame, at most twenty times a second; everything
on the screen is drawn from that one frozen view. Commands go out through the door. The supervisor
encloses this app: leaving it stops nothing by itself.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual.command import Provider
from textual.driver import Driver
from textual.notifications import SeverityLevel
from textual.types import CSSPathType
from textual.worker import Worker

from hazui.errors.base import one_line
from hazui.protocol import commands
from hazui.protocol.door import Door
from hazui.protocol.events import Lagged, Stamped
from hazui.tui.bindings import APP, TASKS, Key, bindings_for
from hazui.tui.breaking import Breaking
from hazui.tui.frame import Frame
from hazui.tui.intents import Outside, Settings
from hazui.tui.keymap import checked
from hazui.tui.opening import Opening
from hazui.tui.palette import ActionCommands, TaskCommands
from hazui.tui.screens.help import HelpScreen
from hazui.tui.screens.main import MainScreen
from hazui.tui.screens.problems import ProblemsScreen, place_of
from hazui.tui.screens.quit import QuitScreen
from hazui.tui.tracking import FailureTracker
from hazui.tui.widgets.errors_panel import ErrorsPanel
from hazui.view.models import SessionView, TaskState
from hazui.view.reduce import reduce_batch

FRAMES_PER_S = 20
CLOCK_S = 0.25
"""How often what grows with time is drawn while a task runs."""
IDLE_CLOCK_S = 1.0
"""How often when none does: an idle screen should cost next to nothing."""
_SEVERITIES: dict[str, SeverityLevel] = {"info": "information", "warning": "warning"}
DARK, LIGHT = "textual-dark", "textual-light"


class HazuiApp(Opening, Breaking):
    """Shows one door's session; returns the exit code that the user's leaving asks for."""

    TITLE: str | None = "hazui"
    CSS_PATH: ClassVar[CSSPathType | None] = [
        "styles/looks.tcss",
        "styles/main.tcss",
        "styles/dialogs.tcss",
    ]
    BINDINGS = bindings_for("app")
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {
        ActionCommands,
        TaskCommands,
    }
    NOTIFICATION_TIMEOUT: ClassVar[float] = 3

    def __init__(
        self,
        door: Door,
        *,
        settings: Settings,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        super().__init__()
        self.door = door
        self.settings = settings
        self.now_s = now_s
        self.state = SessionView()
        self.tracker = FailureTracker()
        self.frame_shown = Frame(state=self.state)
        self._pending: list[Stamped] = []
        self._has_ended = False
        self._drawn_s = 0.0
        self._quitting = False
        self.main = MainScreen(settings, Outside(self.door.post, self.copy_text, self.open_editor))
        self.keymap_in_use, self._keymap_problems = checked(dict(settings.keymap))

    def get_driver_class(self) -> type[Driver]:
        from textual.drivers.linux_driver import LinuxDriver

        from hazui.tui.lasting_driver import LastingDriver

        found = super().get_driver_class()
        return LastingDriver if found is LinuxDriver else found

    def get_default_screen(self) -> MainScreen:
        return self.main

    def on_mount(self) -> None:
        if self.settings.theme in self.available_themes:
            self.theme = self.settings.theme
        self.set_keymap(self.keymap_in_use)
        for problem in self._keymap_problems:
            self.notify(problem, severity="warning", timeout=10)
        if self.settings.theme and self.settings.theme not in self.available_themes:
            self.notify(f"unknown theme {self.settings.theme}", severity="warning")
        self.theme_changed_signal.subscribe(self, lambda _: self._draw())
        self.run_worker(self._pump(), name="pump", exit_on_error=False)
        self.set_interval(1 / FRAMES_PER_S, self._on_frame, name="frames")

    async def _pump(self) -> None:
        """Queue every event; the only reader of the subscription."""
        subscription = self.door.subscribe()
        try:
            while batch := await subscription.next_batch():
                for stamped in batch:
                    if isinstance(stamped.event, Lagged):
                        self._pending += self.door.read_events(
                            stamped.event.from_seq, stamped.event.to_seq
                        )
                    else:
                        self._pending.append(stamped)
        finally:
            subscription.close()
            self._has_ended = True

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.worker.name == "pump" and event.worker.error is not None:
            self.notify(str(event.worker.error), severity="error", timeout=20)

    def _on_frame(self) -> None:
        if not self.main.is_mounted:
            return
        before = self.state
        if self._pending:
            batch, self._pending = self._pending, []
            self.state = reduce_batch(before, batch)
        if self.state is not before:
            if self.tracker.update(self.state) and self.settings.bell:
                self.bell()
            self._draw()
            self._announce(before)
        elif self.now_s() - self._drawn_s >= self._clock_s():
            self._draw()
        self.main.tick()
        if (self.state.is_closed or self._has_ended) and not self._pending:
            self.exit(0)

    def _clock_s(self) -> float:
        is_busy = self.state.count(TaskState.RUNNING) or self.state.stop is not None
        return CLOCK_S if is_busy else IDLE_CLOCK_S

    def _draw(self) -> None:
        self._drawn_s = self.now_s()
        self.frame_shown = self.tracker.frame(self.state, self._drawn_s)
        if self.main.is_mounted:
            self.main.show(self.frame_shown)
        if isinstance(self.screen, QuitScreen):
            self.screen.show(self.state, self._drawn_s)

    def _announce(self, before: SessionView) -> None:
        """Toasts for what has no panel of its own."""
        state = self.state
        if state.problems and state.problems is not before.problems:
            self.notify(
                "The new configuration has problems; what ran before keeps running. Press c.",
                severity="error",
            )
        known = {notice.seq for notice in before.notices}
        for notice in state.notices:
            if notice.seq not in known:
                self.notify(notice.text, severity=_SEVERITIES.get(notice.level, "error"))

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """A toast; its text is foreign text, whatever the caller says of markup."""
        del markup
        super().notify(
            one_line(message),
            title=one_line(title),
            severity=severity,
            timeout=timeout,
            markup=False,
        )

    # Errors.

    def on_errors_panel_looked(self, event: ErrorsPanel.Looked) -> None:
        self.tracker.seen(event.failure.key)
        if event.failure.task:
            self.main.tasks.select(event.failure.task)
        self._draw()

    def on_errors_panel_dismiss_requested(self, event: ErrorsPanel.DismissRequested) -> None:
        self.tracker.dismiss(event.key)
        self._draw()

    def on_errors_panel_undismiss_requested(self) -> None:
        self.tracker.undismiss()
        self._draw()

    # Dialogs.

    def action_help(self) -> None:
        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.keymap_in_use))

    def action_toggle_theme(self) -> None:
        self.theme = LIGHT if self.current_theme.dark else DARK

    def on_problems_requested(self) -> None:
        if self.state.problems:
            self.push_screen(ProblemsScreen(self.state.problems))
        else:
            self.notify("The configuration has no problems.", timeout=2)

    def on_problems_screen_edit_requested(self, event: ProblemsScreen.EditRequested) -> None:
        file, line, column = place_of(event.problem)
        if file is not None:
            self.open_editor(Path(self.settings.root / file), line, column)

    def call_key_action(self, key: Key) -> None:
        """Run an action of the table as if its key was pressed on the main screen."""
        owner = self.main.tasks if key in TASKS.keys else self.main
        node = self if key in APP.keys else owner
        self.call_later(self.run_action, key.action, node)

    def go_to_task(self, name: str) -> None:
        self.main.tasks.select(name)
        self.main.action_view("tasks")

    # Quitting.

    def action_request_quit(self) -> None:
        if not self.state.has_live_tasks:
            self.exit(0)
        elif not isinstance(self.screen, QuitScreen):
            self.push_screen(QuitScreen(self.state, self.now_s()))

    async def action_quit(self) -> None:
        self.action_request_quit()

    def action_interrupt(self) -> None:
        selected = self.screen.get_selected_text()
        if selected:
            self.copy_text(selected)
            self.screen.clear_selection()
        elif isinstance(self.screen, QuitScreen):
            self.screen.action_force()
        else:
            self.action_request_quit()

    def on_quit_screen_confirmed(self, event: QuitScreen.Confirmed) -> None:
        if self._quitting and event.force and self.state.stop is None:
            # It was forced before and nothing answers: leave; the command line stops the rest.
            self.exit(0)
        self._quitting = True
        self.door.post(commands.Quit(force=event.force))
