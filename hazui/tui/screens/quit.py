"""Quitting: asks when something runs, then shows for whom it waits, the signal, the time."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from hazui.errors.base import one_line
from hazui.tui.bindings import bindings_for
from hazui.tui.widgets.footer import KeyLine
from hazui.tui.widgets.styling import LOOKS, look
from hazui.view import durations, wording
from hazui.view.models import SessionView

NAMES_MAX = 8


class QuitText(Static, can_focus=True):
    """What still runs, or whom stopping waits for."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(LOOKS)


class QuitScreen(ModalScreen[None]):
    """Asks before work is stopped, then shows how stopping goes on."""

    BINDINGS = bindings_for("quit")

    class Confirmed(Message):
        """Stop everything; with ``force`` at once."""

        def __init__(self, *, force: bool) -> None:
            super().__init__()
            self.force = force

    def __init__(self, state: SessionView, now_s: float) -> None:
        super().__init__()
        self.state = state
        self.now_s = now_s
        self.is_stopping = False

    def compose(self) -> ComposeResult:
        with Vertical(id="quit-box", classes="dialog") as box:
            box.border_title = "Quit"
            yield QuitText("", id="quit-text")
            yield KeyLine(dom_id="quit-keys")

    def on_mount(self) -> None:
        self.query_one(QuitText).focus()
        self.show(self.state, self.now_s)

    def show(self, state: SessionView, now_s: float) -> None:
        """Draw how stopping stands."""
        self.state, self.now_s = state, now_s
        # A frame may come before the dialog is composed; it draws itself when it is.
        for widget in self.query(QuitText):
            widget.update(self._progress(widget) if self.is_stopping else self._question(widget))

    def _question(self, widget: QuitText) -> Text:
        live = [name for name, view in self.state.tasks.items() if view.state.is_live]
        many = wording.plural(len(live), "task")
        text = Text(f"{many} still {'runs' if len(live) == 1 else 'run'}.\n")
        text.append("They are stopped and nothing is left behind.\n\n", look(widget, "text--dim"))
        self._names(text, widget, live)
        return text

    def _progress(self, widget: QuitText) -> Text:
        stop = self.state.stop
        if stop is None:
            return Text("Stopping ...")
        passed = durations.elapsed(stop.at, self.now_s) or 0.0
        left = durations.countdown(stop.seconds_left - passed)
        many = wording.plural(len(stop.waiting_for), "task")
        text = Text(f"Waiting for {many}: {one_line(stop.signal)} was sent")
        text.append(f", {left} left.\n\n", look(widget, "text--accent"))
        self._names(text, widget, stop.waiting_for)
        return text

    def _names(self, text: Text, widget: QuitText, names: "list[str] | tuple[str, ...]") -> None:
        for name in names[:NAMES_MAX]:
            view = self.state.tasks.get(name)
            text.append(f"  {one_line(name)}", look(widget, "text--strong"))
            if view is not None and view.pid is not None:
                text.append(f"  pid {view.pid}", look(widget, "text--dim"))
            text.append("\n")
        if len(names) > NAMES_MAX:
            text.append(f"  and {len(names) - NAMES_MAX:,} more\n", look(widget, "text--dim"))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        del parameters
        return not (self.is_stopping and action in ("confirm", "cancel"))

    def stopping(self) -> None:
        """From the question to the progress."""
        self.is_stopping = True
        self.refresh_bindings()
        self.show(self.state, self.now_s)

    def action_confirm(self) -> None:
        if not self.is_stopping:
            self.stopping()
            self.post_message(self.Confirmed(force=False))

    def action_force(self) -> None:
        self.stopping()
        self.post_message(self.Confirmed(force=True))

    def action_cancel(self) -> None:
        if not self.is_stopping:
            self.dismiss(None)
