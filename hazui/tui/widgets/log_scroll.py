"""Moving through a log: following its end, keys, the wheel, the scroll bar, wrapping.

The place is a line of the log and a row of it; the scroll bar follows it. Sizes are set without
their reactions: a log that grows must not lay the screen out again.
"""

from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.widget import Widget

from hazui.tui.bindings import bindings_for
from hazui.tui.widgets.log_canvas import LogCanvas
from hazui.tui.widgets.log_viewport import Place

_COLUMNS_STEP = 8


class LogScroll(LogCanvas):
    """A log that can be moved through."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("detail")

    def __init__(self, *, id: str | None = None, workspace: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, workspace=workspace)
        self.known_lines = 0
        """Lines of the log at the last tick."""
        self._is_following = True
        self._seen_lines = 0
        self._is_moving = False

    def reset_place(self) -> None:
        """Begin anew, at the end, with another log."""
        self.place, self._left, self.marked = Place(), 0, None
        self._is_following = True
        self._seen_lines = 0
        self.known_lines = self.port.count if self.port is not None else 0
        self.repaint_all()
        self.settle()

    def grown(self) -> None:
        """Take in that the log has more lines than ``known_lines`` says."""
        if self.port is None:
            return
        before, self.known_lines = self.known_lines, self.port.count
        if self._is_following:
            self.settle()
        else:
            self._set_extent()
            if before <= self.place.line + self.height_rows:
                self.refresh_text()
        self.refresh_title()

    def on_resize(self) -> None:
        self.repaint_all()
        self.settle()

    @property
    def follow(self) -> bool:
        """Whether the end stays in view as the log grows."""
        return self._is_following

    @follow.setter
    def follow(self, value: bool) -> None:
        if value == self._is_following:
            return
        self._is_following = value
        self._seen_lines = self.known_lines
        if value:
            self.settle()
            self.refresh_text()
        self.refresh_title()

    @property
    def wrap(self) -> bool:
        """Whether long lines go on in the next row."""
        return self._is_wrapped

    @wrap.setter
    def wrap(self, value: bool) -> None:
        self._is_wrapped, self._left = value, 0
        self.place = Place(self.place.line)
        self.repaint_all()
        self.settle()

    @property
    def times(self) -> bool:
        """Whether each line begins with the time at which it arrived."""
        return self._has_times

    @times.setter
    def times(self, value: bool) -> None:
        self._has_times = value
        self.repaint_all()
        self.settle()

    @property
    def unseen_lines(self) -> int:
        """Lines that arrived below since following was left."""
        return 0 if self._is_following else max(0, self.known_lines - self._seen_lines)

    def reveal(self, line: int) -> None:
        """Bring a line into view, a third from the top unless it is in view already."""
        self._leave_follow()
        top = self.place.line
        if not top <= line < top + self.height_rows or self._is_wrapped:
            self._go(Place(max(0, line - self.height_rows // 3)))
        self.refresh_text()
        self.refresh_title()

    def _leave_follow(self) -> None:
        if self._is_following:
            self._is_following = False
            self._seen_lines = self.known_lines

    def settle(self) -> None:
        """Stand at the end when following, else keep the place within the log."""
        if self.port is None or not self.size:
            self._set_extent()
            return
        end = self.port.end(self.painter, self.height_rows)
        self._go(end if self._is_following else min(self.place, end), end)

    def _go(self, place: Place, end: Place | None = None) -> None:
        """Stand at a place, at most at the end, and have the scroll bar say so."""
        if self.port is None:
            return
        if end is None:
            end = self.port.end(self.painter, self.height_rows)
        self.place = min(place, end)
        self._set_extent(end)
        # A part of the last screenful is one step further than its line.
        self._scroll_bar_to(self.place.line + (self.place == end and end.row > 0))
        self._seen_lines = max(self._seen_lines, self.place.line + self.height_rows)
        self.refresh_text()

    def _set_extent(self, end: Place | None = None) -> None:
        if end is None:
            end = Place()
            if self.port is not None and self.size:
                end = self.port.end(self.painter, self.height_rows)
        size = Size(self.size.width, end.line + (end.row > 0) + self.container_size.height)
        if size != self.virtual_size:
            self.set_reactive(Widget.virtual_size, size)
            self._is_moving = True
            self._scroll_update(size)
            self._is_moving = False

    def _scroll_bar_to(self, position: int) -> None:
        self._is_moving = True
        self.scroll_target_y = self.scroll_y = position
        self._is_moving = False

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if not self._is_moving and self.port is not None:
            # The scroll bar was dragged, or something outside scrolled here.
            end = self.port.end(self.painter, self.height_rows)
            is_end = round(new_value) >= self.max_scroll_y
            self.place = end if is_end else min(Place(round(new_value)), end)
            self._note_place(end)

    def _move(self, rows: int) -> None:
        """Go so many rows down, or up."""
        if self.port is None:
            return
        end = self.port.end(self.painter, self.height_rows)
        place = self.port.moved(self.place, rows, self.painter)
        self._go(place, end)
        self._note_place(end)

    def _note_place(self, end: Place) -> None:
        """Being at the end is following, leaving it is not."""
        if self.place >= end:
            self._is_following = True
        else:
            self._leave_follow()
        self.refresh_text()
        self.refresh_title()

    def action_scroll_down(self) -> None:
        self._move(1)

    def action_scroll_up(self) -> None:
        self._move(-1)

    def action_page_down(self) -> None:
        self._move(max(1, self.height_rows - 1))

    def action_page_up(self) -> None:
        self._move(-max(1, self.height_rows - 1))

    def action_scroll_home(self) -> None:
        self._go(Place())
        self._move(0)

    def action_scroll_end(self) -> None:
        self.follow = True

    def action_scroll_right(self) -> None:
        self._shift(_COLUMNS_STEP)

    def action_scroll_left(self) -> None:
        self._shift(-_COLUMNS_STEP)

    def _shift(self, columns: int) -> None:
        if not self._is_wrapped:
            self._left = max(0, self._left + columns)
            self.repaint_all()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._wheel(event, 1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._wheel(event, -1)

    def _wheel(self, event: events.MouseEvent, direction: int) -> None:
        event.prevent_default().stop()
        if event.shift or event.ctrl:
            self._shift(direction * _COLUMNS_STEP)
        else:
            self._move(direction * max(1, round(self.app.scroll_sensitivity_y)))
