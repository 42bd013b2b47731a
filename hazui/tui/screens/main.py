"""The one screen that is always there: header, tasks, output, side panel, key line.

It draws frames and turns keys into commands. Which panels are seen follows from three things: the
width class, the active panel, and zoom; CSS does the rest (``styles/main.tcss``).
"""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widget import Widget

from hazui.tui.bindings import HINTS, bindings_for
from hazui.tui.frame import Frame
from hazui.tui.intents import Outside, Settings
from hazui.tui.screens.error_actions import ErrorActions
from hazui.tui.screens.output_actions import OutputActions
from hazui.tui.screens.run_actions import RunActions
from hazui.tui.widgets.error_detail import Places
from hazui.tui.widgets.errors_panel import ErrorsPanel
from hazui.tui.widgets.footer import KeyLine
from hazui.tui.widgets.header import Header
from hazui.tui.widgets.output_panel import OutputPanel, SearchLine
from hazui.tui.widgets.row_list import RowList
from hazui.tui.widgets.task_card import TaskCard
from hazui.tui.widgets.task_list import TaskList
from hazui.tui.widgets.texts import TimelinePane, WhyPane
from hazui.tui.widgets.views import ProcessList, TurnList
from hazui.view.models import SessionView, TaskView

VIEWS = ("tasks", "output", "errors", "processes", "turns", "why", "timeline")
SIDE = VIEWS[2:]


class MainScreen(ErrorActions, RunActions, OutputActions, Screen[None]):
    """Tasks, output and errors; which panes are seen follows the size."""

    BINDINGS = bindings_for("main")
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [  # noqa: RUF012
        (0, "-narrow"),
        (70, "-medium"),
        (110, "-wide"),
    ]
    VERTICAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-low"), (14, "-high")]  # noqa: RUF012

    def __init__(self, settings: Settings, outside: Outside) -> None:
        # The classes of the first view: styles are worked out once, not again after mounting.
        super().__init__(id="main", classes="-at-tasks -side-errors")
        self.settings = settings
        self.outside = outside
        self.frame = Frame(state=SessionView())
        self.active = "tasks"
        self.side = "errors"

    def compose(self) -> ComposeResult:
        yield Header()
        with Horizontal(id="body"):
            with Vertical(id="tasks", classes="panel"):
                yield TaskList()
                yield TaskCard()
                yield SearchLine(dom_id="task-filter", placeholder="filter the tasks")
            yield OutputPanel(self.settings.root, self.settings.state_dir)
            yield ErrorsPanel(Places(self.settings.root, self.settings.state_dir))
            yield ProcessList()
            yield TurnList()
            yield WhyPane()
            yield TimelinePane()
        yield KeyLine()

    def on_mount(self) -> None:
        self.header = self.query_one(Header)
        self.key_line = self.query_one(KeyLine)
        self.task_panel = self.query_one("#tasks", Vertical)
        self.tasks = self.query_one(TaskList)
        self.card = self.query_one(TaskCard)
        self.output = self.query_one(OutputPanel)
        self.errors = self.query_one(ErrorsPanel)
        self.processes = self.query_one(ProcessList)
        self.turns = self.query_one(TurnList)
        self.why = self.query_one(WhyPane)
        self.timeline = self.query_one(TimelinePane)
        self.task_filter = self.query_one("#task-filter", SearchLine)
        self.task_panel.border_title = "Tasks"
        self._activate("tasks")

    @property
    def selected(self) -> TaskView | None:
        return self.frame.task(self.tasks.key)

    def show(self, frame: Frame) -> None:
        """Draw a frame; widgets that are not seen are left alone."""
        self.frame = frame
        with self.app.batch_update():
            self.header.show(frame)
            self.tasks.show(frame)
            self.errors.show(frame)
            self._show_selected()
            if self.processes.display:
                self.processes.show(frame)
            if self.turns.display:
                self.turns.show(frame)
            if self.timeline.display:
                self.timeline.show(frame)

    def _show_selected(self) -> None:
        view = self.selected
        self.card.show(view, self.frame.now_s)
        self.output.show(view)
        if self.why.display:
            self.why.show(view, self.frame.now_s)

    def tick(self) -> None:
        """Paint what was appended to the logs that are seen."""
        if self.output.display:
            self.output.tick()

    # Where the focus is, and which panels are seen.

    def _panel(self, name: str) -> Widget:
        return self.query_one(f"#{name}")

    def _activate(self, name: str) -> None:
        """Make a panel the active one, show it and focus it."""
        self._mark(name)
        if name == "tasks":
            self.tasks.focus()
        elif name == "output":
            self.output.pane.focus()
        elif name == "errors":
            self.errors.focus_level()
        else:
            self._panel(name).focus()

    def _mark(self, name: str) -> None:
        self.active = name
        self.key_line.hints = HINTS[name]
        self.key_line.refresh()
        if name in SIDE:
            self.side = name
        self.update_classes(
            {f"-at-{each}": each == name for each in VIEWS}
            | {f"-side-{each}": each == self.side for each in VIEWS}
            | {"-at-side": name in SIDE}
        )
        self.show(self.frame)

    def on_descendant_focus(self, event: object) -> None:
        del event
        for name in VIEWS:
            if self._panel(name).has_focus_within or self._panel(name).has_focus:
                if name != self.active:
                    self._mark(name)
                return

    def action_view(self, name: str) -> None:
        self._activate(name)

    def action_next_pane(self) -> None:
        self._cycle(1)

    def action_previous_pane(self) -> None:
        self._cycle(-1)

    def _cycle(self, by: int) -> None:
        stops: list[tuple[str, Widget | None]] = [("tasks", None)]
        stops += [("output", pane) for pane in self.output.panes]
        stops.append((self.side, None))
        here = 0
        for index, (name, pane) in enumerate(stops):
            if name == self.active and (pane is None or pane.has_focus):
                here = index
        name, pane = stops[(here + by) % len(stops)]
        if pane is None:
            self._activate(name)
        else:
            self._mark(name)
            pane.focus()

    def action_zoom(self) -> None:
        self.toggle_class("-zoom")

    def action_out(self) -> None:
        focused = self.focused
        if focused is self.task_filter:
            self.task_filter.value = ""
            self._close_filter()
        elif focused is self.output.search_line:
            self.output.close_search()
        elif self.active == "errors" and self.errors.go_out():
            pass
        elif self.has_class("-zoom"):
            self.remove_class("-zoom")
        elif self.active == "tasks" and self.tasks.needle:
            self.task_filter.value = ""
            self.tasks.filter("")
        elif self.active != "tasks":
            self._activate("tasks")

    # The selection.

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        if event.sender is self.tasks:
            self._show_selected()
        elif event.sender is self.processes and event.key is not None and self.processes.has_focus:
            self.tasks.select(event.key)

    def on_row_list_entered(self, event: RowList.Entered) -> None:
        if event.sender is self.tasks:
            failure = self.frame.failure_of(event.key)
            if failure is not None:
                self.errors.select(failure.key)
                self._activate("errors")
            else:
                self._activate("output")
        elif event.sender is self.processes and event.key is not None:
            self.tasks.select(event.key)
            self._activate("output")
