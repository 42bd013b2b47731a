"""A list that paints only what is seen: rows known by key, the selection kept by key.

Subclasses say how a row looks (``paint_row``) and nothing else. Ten thousand rows cost a tuple of
keys; every row has the same number of lines. A change of the rows never moves the selection to
another key while the selected one is still there, and never scrolls by itself.
"""

from collections.abc import Hashable, Sequence
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from hazui.tui.bindings import bindings_for
from hazui.tui.widgets.styling import LOOKS, look


class RowList(ScrollView, can_focus=True):
    """Rows with a cursor."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(LOOKS)
    BINDINGS = bindings_for("list")
    ALLOW_SELECT = False
    ROW_LINES: ClassVar[int] = 1
    EMPTY: ClassVar[str] = ""

    cursor: reactive[int] = reactive(0, repaint=False)
    """Position of the selected row; -1 never occurs, 0 also when there are no rows."""

    class Moved(Message):
        """Another key is selected (None: there are no rows)."""

        def __init__(self, sender: "RowList", key: str | None) -> None:
            super().__init__()
            self.sender = sender
            self.key = key

        @property
        def control(self) -> "RowList":
            return self.sender

    class Entered(Moved):
        """The user goes into a row."""

    def __init__(self, *, dom_id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=dom_id, classes=classes)
        self.keys: tuple[str, ...] = ()
        self._position: dict[str, int] = {}
        self._painted: dict[str, Sequence[Text]] = {}
        self._painted_for: tuple[object, ...] = ()
        self._tokens: dict[str, Hashable] = {}

    @property
    def key(self) -> str | None:
        """The selected key, or None when there are no rows."""
        return self.keys[self.cursor] if self.cursor < len(self.keys) else None

    @property
    def row_width(self) -> int:
        """Columns of a row: what a scrollbar leaves."""
        return self.scrollable_content_region.width

    def set_keys(self, keys: Sequence[str]) -> None:
        """Show these rows, in this order."""
        before = self.key
        if tuple(keys) != self.keys:
            self.keys = tuple(keys)
            self._position = {key: index for index, key in enumerate(self.keys)}
            self.virtual_size = Size(0, len(self.keys) * self.ROW_LINES)
            kept = self._position.get(before) if before is not None else None
            position = min(self.cursor, max(len(self.keys) - 1, 0)) if kept is None else kept
            self.set_reactive(RowList.cursor, position)
            self._painted.clear()
            self._tokens.clear()
            self.refresh()
            if self.key != before:
                self.post_message(self.Moved(self, self.key))
        else:
            self._repaint_changed()

    def _repaint_changed(self) -> None:
        """Paint the rows that are seen anew, and refresh those that look different."""
        self._check_painted()
        first = self.scroll_offset.y // self.ROW_LINES
        last = (self.scroll_offset.y + max(self.size.height, 1) - 1) // self.ROW_LINES
        before, self._painted = self._painted, {}
        for position in range(first, min(last + 1, len(self.keys))):
            key = self.keys[position]
            if key not in before:
                continue  # It was never drawn: it is painted when it is.
            token = self.token(key)
            if token is not None and token == self._tokens.get(key):
                self._painted[key] = before[key]
                continue
            lines = self._lines(key, position == self.cursor)
            if lines != before[key]:
                self.refresh_lines(position * self.ROW_LINES, self.ROW_LINES)

    def _check_painted(self) -> None:
        """Forget what was painted for another width or theme."""
        painted_for = (self.row_width, self.app.theme)
        if painted_for != self._painted_for:
            self._painted_for = painted_for
            self._painted.clear()

    def _lines(self, key: str, is_selected: bool) -> Sequence[Text]:
        lines = self._painted.get(key)
        if lines is None:
            lines = self.paint_row(key, self.row_width, is_selected=is_selected)
            self._painted[key] = lines
            self._tokens[key] = self.token(key)
        return lines

    def token(self, key: str) -> Hashable:
        """What the look of a row depends on; None when that is not worth telling."""
        del key
        return None

    def repaint(self) -> None:
        """Draw every row anew: what they show has changed as a whole."""
        self._painted.clear()
        self.refresh()

    def select(self, key: str, *, tell: bool = True) -> bool:
        """Move to the row of ``key``; False when it is not listed."""
        position = self._position.get(key)
        if position is None:
            return False
        if tell:
            self.move_to(position)
        elif position != self.cursor:
            self.set_reactive(RowList.cursor, position)
            self._reveal()
            self.refresh()
        return True

    def move_to(self, position: int) -> None:
        position = max(min(position, len(self.keys) - 1), 0)
        changed = position != self.cursor
        self.set_reactive(RowList.cursor, position)
        self._reveal()
        self.refresh()
        if changed and self.keys:
            self.post_message(self.Moved(self, self.key))

    def _reveal(self) -> None:
        top = self.cursor * self.ROW_LINES
        region = Region(0, top, max(self.row_width, 1), self.ROW_LINES)
        self.scroll_to_region(region, animate=False, force=True, x_axis=False)

    def paint_row(self, key: str, width: int, *, is_selected: bool) -> Sequence[Text]:
        """The lines of one row; they are cropped and padded to ``width`` by the caller."""
        raise NotImplementedError

    def render_line(self, y: int) -> Strip:
        width = self.row_width
        line = y + self.scroll_offset.y
        position, part = divmod(line, self.ROW_LINES)
        if position >= len(self.keys):
            return self._blank(y, width)
        is_selected = position == self.cursor
        self._check_painted()
        lines = self._lines(self.keys[position], is_selected)
        text = lines[part] if part < len(lines) else Text()
        strip = Strip(text.render(self.app.console)).adjust_cell_length(width)
        if is_selected:
            strip = strip.apply_style(
                look(self, "row--cursor" if self.has_focus else "row--cursor-away")
            )
        return strip.apply_style(self.rich_style)

    def _blank(self, y: int, width: int) -> Strip:
        if not self.keys and y == 0 and self.EMPTY:
            text = Text(self.EMPTY, look(self, "text--dim"), no_wrap=True)
            strip = Strip(text.render(self.app.console, end="")).adjust_cell_length(width)
            return strip.apply_style(self.rich_style)
        return Strip.blank(width, self.rich_style)

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_resize(self) -> None:
        if self.keys:
            self._reveal()

    def on_click(self, event: events.Click) -> None:
        position = (int(event.y) + self.scroll_offset.y) // self.ROW_LINES
        if position >= len(self.keys):
            return
        was_here = position == self.cursor
        self.move_to(position)
        if was_here or event.chain > 1:
            self.action_enter()

    @property
    def page_rows(self) -> int:
        return max(self.size.height // self.ROW_LINES, 1)

    def action_down(self) -> None:
        self.move_to(self.cursor + 1)

    def action_up(self) -> None:
        self.move_to(self.cursor - 1)

    def action_first(self) -> None:
        self.move_to(0)

    def action_last(self) -> None:
        self.move_to(len(self.keys) - 1)

    def action_half_down(self) -> None:
        self.move_to(self.cursor + max(self.page_rows // 2, 1))

    def action_half_up(self) -> None:
        self.move_to(self.cursor - max(self.page_rows // 2, 1))

    def action_enter(self) -> None:
        if self.key is not None:
            self.post_message(self.Entered(self, self.key))


def fitted(left: Text, right: Text, width: int) -> Text:
    """One line: ``left`` cropped with an ellipsis so that ``right`` is whole at the right edge."""
    room = max(width - right.cell_len - 1, 0) if right.cell_len else width
    left = left.copy()
    if left.style:
        # Without spans, rendering a text forgets its own style.
        left.stylize_before(left.style)
        left.style = ""
    left.truncate(room, overflow="ellipsis", pad=True)
    if right.cell_len:
        left.append(" ")
        left.append_text(right)
    left.end = ""
    left.no_wrap = True
    return left
