"""The bottom line: the keys that work where the focus is, and what was last done."""

from typing import ClassVar

from rich.text import Text
from textual import events
from textual.binding import Binding
from textual.widget import Widget

from hazui.tui.widgets.styling import LOOKS, look

KEY_NAMES: dict[str, str] = {
    "question_mark": "?",
    "slash": "/",
    "right_square_bracket": "]",
    "left_square_bracket": "[",
    "full_stop": ".",
    "colon": ":",
    "escape": "Esc",
    "enter": "Enter",
    "tab": "Tab",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "up": "↑",
    "down": "↓",
    "delete": "Del",
}


def key_name(key: str) -> str:
    """How a key is written for people: ``]``, ``Ctrl-P``, ``Esc``."""
    if key.startswith("ctrl+"):
        return f"Ctrl-{key_name(key.removeprefix('ctrl+')).upper()}"
    if key.startswith("shift+"):
        return f"Shift-{key_name(key.removeprefix('shift+'))}"
    return KEY_NAMES.get(key, key)


class KeyLine(Widget):
    """Keys with their labels; a click presses the key."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(LOOKS)
    ALLOW_SELECT = False

    def __init__(self, *, dom_id: str = "footer") -> None:
        super().__init__(id=dom_id)
        self._spans: list[tuple[int, int, str]] = []
        self.hints: tuple[str, ...] = ()
        """Ids in the order to show them; empty: every binding that is marked to be shown."""

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._updated)

    def _updated(self, _: object) -> None:
        self.refresh()

    def render(self) -> Text:
        shown = self._shown()
        last = shown.pop("help", None)
        end = self._hint(last) if last is not None else Text()
        text = Text(" ", end="", no_wrap=True)
        self._spans = []
        for binding in shown.values():
            hint = self._hint(binding)
            if text.cell_len + hint.cell_len + end.cell_len > self.size.width:
                continue
            self._spans.append((text.cell_len, text.cell_len + hint.cell_len, binding.key))
            text.append_text(hint)
        if last is not None:
            self._spans.append((text.cell_len, text.cell_len + end.cell_len, last.key))
        text.append_text(end)
        return text

    def _shown(self) -> dict[str, Binding]:
        """The bindings to show by their ids, in order."""
        working: dict[str, Binding] = {}
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if binding.id is not None and active.enabled:
                working.setdefault(binding.id, binding)
        if not self.hints:
            return {name: binding for name, binding in working.items() if binding.show}
        return {name: working[name] for name in (*self.hints, "help") if name in working}

    def _hint(self, binding: Binding) -> Text:
        hint = Text()
        hint.append(f" {key_name(binding.key)} ", look(self, "text--key"))
        hint.append(f" {binding.description}  ", look(self, "text--dim"))
        return hint

    def on_click(self, event: events.Click) -> None:
        for start, end, key in self._spans:
            if start <= event.x < end:
                self.app.simulate_key(key)
                return
