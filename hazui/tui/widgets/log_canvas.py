"""Painting the rows of a log that are in view, and telling the pointer what is under it.

A place in the log says which rows those are; who moves the place does not matter here. Painted
lines are kept until something changes how they look, except one that may still grow. Offsets for
the pointer are worked out when it asks, as they would double the cost of a frame.
"""

from typing import ClassVar

from rich.style import Style
from textual.cache import LRUCache
from textual.geometry import Region
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from hazui.spool.reader import LogLine
from hazui.tui.widgets.log_painter import LinePainter, Looks, Span
from hazui.tui.widgets.log_rows import blank_hit_row, hit_row, title_row
from hazui.tui.widgets.log_viewport import Place, Viewport

_CACHED_LINES = 1024


class LogCanvas(ScrollView, can_focus=True):
    """One log in view. What is laid over its lines and said in its title is for a subclass."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "log--title", "log--title-focused", "log--note", "log--dim", "log--mark", "log--error",
        "log--match", "log--match-current",
    }  # fmt: skip
    DEFAULT_CSS = """
    LogCanvas {
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        background: $background;
        color: $foreground;
    }
    LogCanvas > .log--title { background: $panel; color: $text-muted; }
    LogCanvas > .log--title-focused { background: $panel; color: $text-accent; text-style: bold; }
    LogCanvas > .log--note { background: $panel; color: $text-warning; text-style: bold; }
    LogCanvas > .log--dim { color: $text-muted; }
    LogCanvas > .log--error { color: $text-error; }
    LogCanvas > .log--mark { background: $error-muted; text-style: bold; }
    LogCanvas > .log--match { background: $warning-muted; color: $text-warning; }
    LogCanvas > .log--match-current { background: $warning; color: $background; text-style: bold; }
    """

    def __init__(self, *, id: str | None = None, workspace: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.workspace = workspace
        self.port: Viewport | None = None
        self.marked: int | None = None
        """The line that was jumped to."""
        self.place = Place()
        """The first row in view."""
        self._is_wrapped = False
        self._has_times = False
        self._left = 0
        self._painter: LinePainter | None = None
        self._painted: LRUCache[int, list[Strip]] = LRUCache(_CACHED_LINES)

    def overlays(self, index: int, line: LogLine, selection: Selection | None) -> list[Span]:
        """What is laid over the text of a line: matches, a selection."""
        raise NotImplementedError

    def title_parts(self) -> tuple[str, list[str], str]:
        """Title, notes, and what stands at the right."""
        raise NotImplementedError

    @property
    def has_streams(self) -> bool:
        """Whether each line says which stream it is from."""
        raise NotImplementedError

    @property
    def is_faded(self) -> bool:
        """Whether what is shown is not the current run."""
        raise NotImplementedError

    @property
    def height_rows(self) -> int:
        return max(1, self.size.height - 1)

    @property
    def top_line(self) -> int:
        """The first line in view."""
        return self.place.line

    @property
    def painter(self) -> LinePainter:
        if self._painter is None:
            self._painter = LinePainter(
                self._looks(),
                self.size.width,
                margin_cells=self.scrollbar_size_vertical,
                left=self._left,
                is_wrapped=self._is_wrapped,
                has_streams=self.has_streams,
                has_times=self._has_times,
                is_faded=self.is_faded,
                workspace=self.workspace,
                filters=self.get_line_filters(),
                background=self.background_colors[1],
            )
        return self._painter

    def _looks(self) -> Looks:
        parts = {
            name: self.get_component_rich_style(f"log--{name.replace('_', '-')}", partial=True)
            for name in ("dim", "mark", "error", "match", "match_current")
        }
        base = self.rich_style
        # A muted colour is blended with the background, which the partial style knows nothing of.
        parts["dim"] = base + Style(color=self.get_component_rich_style("log--dim").color)
        parts["error"] = base + parts["error"]
        selection = self.screen.get_component_rich_style("screen--selection", partial=True)
        return Looks(base=base, selection=selection, **parts)

    def repaint_all(self) -> None:
        """Forget every painted line: something changes how they look."""
        self._painter = None
        self._painted.clear()
        self.refresh_text()
        self.refresh_title()

    def repaint_lines(self) -> None:
        """Forget what was painted; the looks stay."""
        self._painted.clear()
        self.refresh_text()

    def refresh_text(self) -> None:
        self.refresh(Region(0, 1, self.size.width, self.height_rows))

    def refresh_title(self) -> None:
        self.refresh(Region(0, 0, self.size.width, 1))

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self.repaint_all()

    def on_focus(self) -> None:
        self.refresh_title()

    def on_blur(self) -> None:
        self.refresh_title()

    def rows_in_view(self) -> list[tuple[int, int, LogLine]]:
        """Line, row within it, and the line itself, for each row of text in view."""
        if self.port is None or not self.size:
            return []
        found: list[tuple[int, int, LogLine]] = []
        line, skip = self.place
        height = self.height_rows
        for index, each in enumerate(self.port.lines(line, line + height), line):
            count = self.painter.row_count(each)
            found.extend((index, row, each) for row in range(skip, count))
            skip = 0
            if len(found) >= height:
                break
        return found[:height]

    def render_lines(self, crop: Region) -> list[Strip]:
        width = self.size.width
        strips: list[Strip] = []
        if crop.y <= 0 < crop.bottom:
            strips.append(self._title_strip(width))
        if crop.bottom > 1:
            first, last = max(0, crop.y - 1), crop.bottom - 1
            seen = self.rows_in_view()[first:last]
            selection = self.text_selection
            strips.extend(self._strips_of(index, line, selection)[row] for index, row, line in seen)
        blank = Strip.blank(width, self.rich_style)
        strips.extend(blank for _ in range(crop.height - len(strips)))
        if crop.x or crop.width != width:
            strips = [strip.crop(crop.x, crop.right) for strip in strips]
        return strips

    def render_line(self, y: int) -> Strip:
        """A row for the pointer: which character of which line is where. It is never painted."""
        if y <= 0:
            return blank_hit_row(self.place.line)
        seen = self.rows_in_view()
        if y > len(seen):
            return blank_hit_row(seen[-1][0] + 1 if seen else 0)
        index, row, line = seen[y - 1]
        return hit_row(self.painter, self.painter.pieces(line), index, row)

    def _strips_of(self, index: int, line: LogLine, selection: Selection | None) -> list[Strip]:
        found = self._painted.get(index)
        if found is None:
            spans = self.overlays(index, line, selection)
            found = self.painter.rows(line, spans=spans, is_marked=index == self.marked)
            if not line.is_partial:
                self._painted[index] = found
        return found

    def _title_strip(self, width: int) -> Strip:
        title, notes, right = self.title_parts()
        name = "log--title-focused" if self.has_focus else "log--title"
        style = self.get_component_rich_style(name)
        strip = title_row(
            width - self.scrollbar_size_vertical,
            title,
            notes,
            right,
            style,
            self.get_component_rich_style("log--note"),
        )
        strip = strip.adjust_cell_length(width, style)
        for line_filter in self.get_line_filters():
            strip = strip.apply_filter(line_filter, self.background_colors[1])
        return strip
