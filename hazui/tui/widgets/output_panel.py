"""The output of the selected task: stdout and stderr stacked, side by side, or merged.

Which log is shown follows the view model, where the previous run stays until the new one prints.
The panes read the spool themselves; this panel only says which files, and owns the search line.
"""

from pathlib import Path
from typing import Literal

from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.widgets import Input

from hazui.errors.base import one_line
from hazui.spool.format import LogFiles
from hazui.spool.reader import LogView
from hazui.tui.logs import files_of
from hazui.tui.widgets.log_pane import LogPane
from hazui.view.models import LogRef, TaskState, TaskView

Layout = Literal["stacked", "beside", "merged"]
LAYOUTS: tuple[Layout, ...] = ("stacked", "beside", "merged")


class SearchLine(Input):
    """What is searched for; Esc closes it."""

    def __init__(self, *, dom_id: str, placeholder: str) -> None:
        super().__init__(id=dom_id, placeholder=placeholder, compact=True)
        self.display = False


class OutputPanel(Vertical):
    """The output of the selected task, its streams apart or merged."""

    def __init__(self, root: Path, state_dir: Path) -> None:
        super().__init__(id="output", classes="panel")
        self.root = root
        self.state_dir = state_dir
        self.arrangement: Layout = "stacked"
        self._shown_task: str | None = None
        self._log: LogRef | None = None
        self._files: LogFiles | None = None
        self._sizes = [0, 0]
        self._has_silent_stream = True
        self._is_found = False
        self._active: LogPane | None = None

    def compose(self) -> ComposeResult:
        with Container(id="panes"):
            yield LogPane(id="pane-stdout", workspace=str(self.root))
            yield LogPane(id="pane-stderr", workspace=str(self.root))
        yield SearchLine(dom_id="log-search", placeholder="search the output")

    def on_mount(self) -> None:
        self.stdout = self.query_one("#pane-stdout", LogPane)
        self.stderr = self.query_one("#pane-stderr", LogPane)
        self.search_line = self.query_one(SearchLine)
        self._active = self.stdout
        self.set_class(True, f"-{self.arrangement}")
        self._title(None)

    @property
    def panes(self) -> tuple[LogPane, ...]:
        """The panes that are shown in this arrangement."""
        return (self.stdout,) if self.arrangement == "merged" else (self.stdout, self.stderr)

    @property
    def pane(self) -> LogPane:
        """The pane that keys act on: the focused one, else the one that was focused last."""
        for pane in self.panes:
            if pane.has_focus:
                self._active = pane
        return self._active if self._active in self.panes else self.stdout

    def show(self, view: TaskView | None) -> None:
        """Show the log of a task; nothing happens while it is the same log."""
        self._title(view)
        task = view.task if view is not None else None
        log = view.log if view is not None else None
        if task == self._shown_task and self._is_found and _same(log, self._log):
            self._log = log
            return
        self._shown_task, self._log = task, log
        self._load()

    def show_log(self, task: str, log: LogRef | None) -> None:
        """Show a certain log of a task, such as the one of a failed run."""
        if log is not None and not (self._is_found and _same(log, self._log)):
            self._shown_task, self._log = task, log
            self._load()

    def _load(self) -> None:
        files = self._files = files_of(self.state_dir, self._log)
        self._is_found = files is not None
        self._sizes = [0, 0]
        self._give_room()
        is_merged = self.arrangement == "merged"
        first = LogView.MERGED if is_merged else LogView.STDOUT
        self._show_in(self.stdout, files, first, "stdout and stderr" if is_merged else "stdout")
        self._show_in(self.stderr, None if is_merged else files, LogView.STDERR, "stderr")

    def _show_in(self, pane: LogPane, files: LogFiles | None, view: LogView, title: str) -> None:
        is_replayed = self._log is not None and self._log.is_replayed
        pane.show(files, view, title=title, owner=self._shown_task, is_replayed=is_replayed)

    def _title(self, view: TaskView | None) -> None:
        if view is None:
            self.border_title = "Output"
            return
        about = ""
        if view.log is not None and view.log.is_replayed:
            about = "replayed from the cache"
        elif view.state is TaskState.RUNNING and (view.log is None or view.log.run != view.run):
            about = "previous run" if view.log is not None else "nothing printed yet"
        self.border_title = f"Output  {one_line(view.display)}"
        self.border_subtitle = about

    def cycle(self) -> Layout:
        """Go to the next arrangement."""
        had_focus = any(pane.has_focus for pane in self.panes)
        self.remove_class(f"-{self.arrangement}")
        self.arrangement = LAYOUTS[(LAYOUTS.index(self.arrangement) + 1) % len(LAYOUTS)]
        self.add_class(f"-{self.arrangement}")
        self._load()
        if had_focus:
            self.pane.focus()
        return self.arrangement

    def jump(self, stream: str, byte: int) -> None:
        """Show the line at a byte of a stream and focus its pane."""
        from hazui.errors.stream import CapturedStream

        merged = self.arrangement == "merged"
        pane = self.stderr if stream == "stderr" and not merged else self.stdout
        self._active = pane
        pane.follow = False
        pane.jump_to_byte(CapturedStream(stream), byte)
        pane.focus()

    def tick(self) -> None:
        """Let the panes take in what was appended; called for every frame while they are seen."""
        if not self._is_found and self._log is not None:
            self._load()
        if self._has_silent_stream:
            self._give_room()
        for pane in self.panes:
            pane.tick()

    def _give_room(self) -> None:
        """A stream that printed nothing leaves its room to the other one."""
        sizes = self._sizes
        if self._files is not None:
            # The files of a run that ended are elsewhere; what they held is known by then.
            sizes[0] = max(sizes[0], _size(self._files.stdout))
            sizes[1] = max(sizes[1], _size(self._files.stderr))
        self._has_silent_stream = 0 in sizes
        self.set_class(sizes[0] == 0 and sizes[1] > 0, "-silent-stdout")
        self.set_class(sizes[1] == 0, "-silent-stderr")

    def open_search(self) -> None:
        self._active = self.pane
        self.search_line.display = True
        self.search_line.focus()

    def close_search(self) -> None:
        had_focus = self.search_line.has_focus
        self.search_line.display = False
        if had_focus:
            self.pane.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        pane = self.pane
        if event.value:
            pane.search(event.value)
        self.close_search()
        pane.focus()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _same(one: LogRef | None, other: LogRef | None) -> bool:
    """Whether two references name the same bytes: a run keeps its log when it ends."""
    if one is None or other is None:
        return one is other
    if one.run is not None and other.run is not None:
        return one.run == other.run
    return one == other
