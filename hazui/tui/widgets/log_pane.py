"""The pane that shows a log: which files, taking in what is appended, searching, selecting.

A tick costs one fstat when nothing was appended. A search goes on in small steps on a timer, a
selection is made of lines of the log, so both are right while the log grows. While a run of the
same owner has not printed yet, the log before it stays in view, faded.
"""

from typing import TYPE_CHECKING

from textual.selection import Selection

from hazui.errors.stream import CapturedStream
from hazui.spool.format import STREAMS, LogFiles
from hazui.spool.reader import LogLine, LogReader, LogView
from hazui.spool.text import clean
from hazui.tui.widgets.log_finder import Finder
from hazui.tui.widgets.log_painter import Span
from hazui.tui.widgets.log_scroll import LogScroll
from hazui.tui.widgets.log_search import Match, streams_of
from hazui.tui.widgets.log_viewport import Viewport

if TYPE_CHECKING:
    from textual.timer import Timer

_COPIED_BYTES_MAX = 8 << 20
_COPIED_LINES_STEP = 1000
_SEARCH_BUDGET_S = 0.005
_SEARCH_PERIOD_S = 1 / 120


class LogPane(LogScroll):
    """One view of one log; the files are opened here and closed when another log is shown."""

    def __init__(self, *, id: str | None = None, workspace: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, workspace=workspace)
        self._files: LogFiles | None = None
        self._owner: str | None = None
        self._view = LogView.STDOUT
        self._title = ""
        self._is_replayed = False
        self._waiting: LogReader | None = None
        """The log of a run that has not printed yet."""
        self._finder = Finder()
        self._search_timer: Timer | None = None

    def on_mount(self) -> None:
        self._search_timer = self.set_interval(_SEARCH_PERIOD_S, self._search_step, pause=True)
        self._search_on()

    def on_unmount(self) -> None:
        self._stop_waiting()
        self._finder.drop()
        if self.port is not None:
            self.port.reader.close()
            self.port = None

    # What is shown.

    @property
    def view(self) -> LogView:
        return self._view

    @property
    def has_streams(self) -> bool:
        return self._view is LogView.MERGED

    @property
    def is_faded(self) -> bool:
        return self._waiting is not None

    def show(
        self,
        files: LogFiles | None,
        view: LogView,
        *,
        title: str = "",
        owner: str | None = None,
        is_replayed: bool = False,
    ) -> None:
        """Show a view of a log, from its end; nothing for ``None`` or when its files are gone.

        Args:
            owner: whose log it is; only a log of the same owner stays in view until the new one
                has its first byte.
        """
        self._title, self._is_replayed = title, is_replayed
        if files is not None and files == self._files and view is self._view:
            self.refresh_title()
            return
        is_same_owner = owner is not None and owner == self._owner
        self._files, self._owner = files, owner
        reader = _open(files)
        self._stop_waiting()
        if reader is not None and is_same_owner and self.known_lines and _is_unprinted(reader):
            self._waiting = reader
            if self.port is not None and view is not self._view:
                self._adopt(self.port.reader, view)
            self.repaint_all()
            return
        self._adopt(reader, view)

    def _adopt(self, reader: LogReader | None, view: LogView) -> None:
        text = self._finder.text
        self._finder.drop()
        if self.port is not None and self.port.reader is not reader:
            self.port.reader.close()
        self._view = view
        self.port = Viewport(reader, view) if reader is not None else None
        if text and reader is not None:
            self._finder.start(reader, view, text)
            self._search_on()
        if self.is_attached and self in self.screen.selections:
            self.screen.clear_selection()
        self.reset_place()

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.close()
            self._waiting = None

    def tick(self) -> None:
        """Take in what was appended; paints only when that changes something in view."""
        try:
            waiting = self._waiting
            if waiting is not None:
                waiting.refresh()
                # A run that ended without a byte has been renamed away: then emptiness is right.
                if not _is_unprinted(waiting) or not waiting.files.stdout.exists():
                    self._waiting = None
                    self._adopt(waiting, self._view)
            elif self.port is not None and self.port.reader.refresh():
                self.grown()
                self._search_on()
        except OSError:
            # What is painted stays; the title says why nothing is added.
            if self.port is not None:
                self.port.is_readable = False
            self.refresh_title()

    def title_parts(self) -> tuple[str, list[str], str]:
        notes: list[str] = []
        if self._waiting is not None:
            notes.append("previous run")
        if self._is_replayed:
            notes.append("replayed")
        if self._files is not None and self.port is None:
            notes.append("the log is gone")
        if self.port is not None and not self.port.is_readable:
            notes.append("the log cannot be read")
        if status := self._finder.status:
            notes.append(status)
        if not self.follow and self.known_lines:
            unseen = self.unseen_lines
            notes.append(f"↓ {unseen:,} new" if unseen else "not following")
        lines = self.known_lines
        return self._title or self._view.value, notes, f"{lines:,} line{'s' * (lines != 1)}"

    def jump_to_byte(self, stream: CapturedStream, offset: int) -> bool:
        """Mark the line at a byte and bring it into view; False when this view has no such line."""
        port = self.port
        if port is None or stream not in streams_of(self._view) or not self.known_lines:
            return False
        try:
            line = port.reader.line_at_byte(stream, offset)
            if self._view is LogView.MERGED:
                line = port.reader.merged_at_line(stream, line)
        except OSError:
            port.is_readable = False
            return False
        self.marked = line
        self.repaint_lines()
        self.reveal(line)
        return True

    # Searching.

    def search(self, text: str) -> None:
        """Search for a text and go to the match nearest to what is in view; none for no text.

        While following that is the last match, otherwise the first from the top of the view on.
        """
        if self.port is None:
            return
        self._finder.start(self.port.reader, self._view, text)
        self.repaint_lines()
        self.refresh_title()
        if self.follow:
            self._want(-1, self.known_lines)
        else:
            self._want(1, self.top_line)

    def next_match(self) -> None:
        """Go to the next match, from the last one on to the first."""
        self._want(1, self.top_line)

    def previous_match(self) -> None:
        """Go to the match before, from the first one on to the last."""
        self._want(-1, self.top_line)

    @property
    def match(self) -> Match | None:
        """The match that the pane stands on."""
        return self._finder.match

    @property
    def match_count(self) -> int:
        """Matches found so far."""
        return self._finder.search.count if self._finder.search is not None else 0

    @property
    def is_searching(self) -> bool:
        return self._finder.is_busy

    def _want(self, direction: int, line: int) -> None:
        if self._finder.search is not None:
            self._finder.want(direction, line)
            # Most logs are searched within one step: then the match is there with the key.
            self._search_step()
            self._search_on()

    def _search_on(self) -> None:
        if self._search_timer is not None and self._finder.is_busy:
            self._search_timer.resume()

    def _search_step(self) -> None:
        try:
            found = self._finder.step(_SEARCH_BUDGET_S)
        except OSError:
            self._finder.drop()
            found = None
            if self.port is not None:
                self.port.is_readable = False
        if found is not None:
            self.repaint_lines()
            self.reveal(found.line)
        if not self._finder.is_busy and self._search_timer is not None:
            self._search_timer.pause()
        self.refresh_title()

    # Selecting.

    @property
    def allow_select(self) -> bool:
        return True

    def selection_updated(self, selection: Selection | None) -> None:
        del selection
        self.repaint_lines()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text of the log, without marks, times or the breaks of wrapping."""
        if self.port is None:
            return None
        first = selection.start.y if selection.start is not None else 0
        last = selection.end.y if selection.end is not None else self.known_lines - 1
        texts: list[str] = []
        size = 0
        for start in range(first, last + 1, _COPIED_LINES_STEP):
            stop = min(start + _COPIED_LINES_STEP, last + 1)
            try:
                lines = self.port.reader.lines(self._view, start, stop)
            except OSError:
                self.port.is_readable = False
                break
            for index, line in enumerate(lines, start):
                span = selection.get_span(index)
                low, high = span if span is not None else (0, 0)
                text = clean(line.data)
                texts.append(text[low : len(text) if high < 0 else high])
                size += len(text)
            if size > _COPIED_BYTES_MAX or len(lines) < stop - start:
                break
        return "\n".join(texts), "\n"

    def overlays(self, index: int, line: LogLine, selection: Selection | None) -> list[Span]:
        looks = self.painter.looks
        spans: list[Span] = []
        search = self._finder.search
        if search is not None:
            text = clean(line.data)
            spans.extend((low, high, looks.match) for low, high in search.spans(text))
            match = self._finder.match
            if match is not None and match.line == index:
                low = len(clean(line.data[: match.byte - line.byte_start]))
                spans.append((low, low + len(search.text), looks.match_current))
        span = selection.get_span(index) if selection is not None else None
        if span is not None:
            low, high = span
            spans.append((low, high if high >= 0 else 1 << 30, looks.selection))
        return spans


def _open(files: LogFiles | None) -> LogReader | None:
    if files is None:
        return None
    try:
        return LogReader(files)
    except OSError:
        return None


def _is_unprinted(reader: LogReader) -> bool:
    """Whether it is the log of a run in flight that has no byte yet.

    In flight the files have the names of their streams; afterwards those of their contents.
    """
    is_in_flight = reader.files.stdout.name == STREAMS[0]
    return is_in_flight and not any(reader.size_bytes(stream) for stream in STREAMS)
