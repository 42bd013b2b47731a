"""The help: every key, by group, made from the table of bindings and the user's keymap."""

from collections.abc import Mapping
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from hazui.tui.bindings import GROUPS, PLACES, bindings_for
from hazui.tui.keymap import keys_of
from hazui.tui.widgets.footer import KeyLine, key_name
from hazui.tui.widgets.styling import LOOKS, look


class HelpText(Static):
    """The text of all keys."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(LOOKS)


class HelpScreen(ModalScreen[None]):
    """Every key by group, with the user's own."""

    BINDINGS = bindings_for("close")

    def __init__(self, keymap: Mapping[str, str]) -> None:
        super().__init__()
        self.keymap = keymap

    def compose(self) -> ComposeResult:
        with Vertical(id="help-box", classes="dialog") as box:
            box.border_title = "Keys"
            with VerticalScroll(id="help-scroll"):
                yield HelpText("", id="help-text")
            yield KeyLine(dom_id="help-keys")

    def on_mount(self) -> None:
        text = self.query_one(HelpText)
        text.update(help_text(text, self.keymap))
        self.query_one(VerticalScroll).focus()

    def action_close(self) -> None:
        self.dismiss(None)

    def _scroller(self) -> VerticalScroll:
        return self.query_one(VerticalScroll)

    def action_scroll_down(self) -> None:
        self._scroller().action_scroll_down()

    def action_scroll_up(self) -> None:
        self._scroller().action_scroll_up()

    def action_scroll_home(self) -> None:
        self._scroller().action_scroll_home()

    def action_scroll_end(self) -> None:
        self._scroller().action_scroll_end()

    def action_page_down(self) -> None:
        self._scroller().action_page_down()

    def action_page_up(self) -> None:
        self._scroller().action_page_up()


def help_rows(keymap: Mapping[str, str]) -> list[tuple[str, str, str, str]]:
    """Group, keys as written for people, what it does, id; each action once."""
    rows: list[tuple[str, str, str, str]] = []
    seen: set[str] = set()
    for group in GROUPS:
        for place in PLACES:
            for key in place.keys:
                if key.group != group or key.id in seen:
                    continue
                seen.add(key.id)
                names = "  ".join(key_name(part) for part in keys_of(key, keymap))
                rows.append((group, names, key.tooltip, key.id))
    return rows


def help_text(widget: HelpText, keymap: Mapping[str, str]) -> Text:
    """One line per action: keys, words, and the name that a keymap uses."""
    text = Text()
    group = ""
    for each, names, words, name in help_rows(keymap):
        if each != group:
            text.append(f"{chr(10) if group else ''}{each}\n", look(widget, "text--heading"))
            group = each
        text.append(f"  {names:<14}", look(widget, "text--strong"))
        text.append(f" {words}")
        text.append(f"  {name}\n", look(widget, "text--dim"))
    return text
