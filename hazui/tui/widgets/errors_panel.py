"""The errors: a list, the chain of one, the details of one link; Enter goes in, Esc goes out.

The panel remembers by key where it is, so that new events never move it. A failure that is gone
(the task succeeded) takes the panel back to the list.
"""

from typing import ClassVar, Literal

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import Static

from hazui.errors.base import one_line
from hazui.tui.bindings import bindings_for
from hazui.tui.frame import Frame
from hazui.tui.widgets.error_detail import Places, link_detail
from hazui.tui.widgets.error_lists import ChainList, FailureList
from hazui.tui.widgets.row_list import RowList
from hazui.tui.widgets.styling import LOOKS
from hazui.view import wording
from hazui.view.chain import FailureLink
from hazui.view.failures import Failure
from hazui.view.models import SessionView

Level = Literal["list", "chain", "link"]
LEVELS: tuple[Level, ...] = ("list", "chain", "link")


class DetailScroll(VerticalScroll):
    """The details of a link; scrolled with the same keys as a list."""

    BINDINGS = bindings_for("detail")


class DetailText(Static):
    """The text of one link."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(LOOKS)


class ErrorsPanel(Vertical):
    """The failures, the chain of one, and one link of it."""

    BINDINGS = bindings_for("errors")

    class Looked(Message):
        """The user looks at a failure: it is no longer new, and its task is selected."""

        def __init__(self, failure: Failure) -> None:
            super().__init__()
            self.failure = failure

    class DismissRequested(Message):
        """The user has seen enough of a failure until it changes."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    class UndismissRequested(Message):
        """The user wants to see the dismissed ones again."""

    def __init__(self, places: Places) -> None:
        super().__init__(id="errors", classes="panel")
        self.places = places
        self.level: Level = "list"
        self._frame = Frame(state=SessionView())
        self._shown: tuple[object, ...] = ()
        self._crumbs = Text()

    def compose(self) -> ComposeResult:
        yield Static("", id="crumbs")
        yield FailureList()
        yield ChainList()
        with DetailScroll(id="link-detail"):
            yield DetailText("", id="link-text")

    def on_mount(self) -> None:
        self.failures = self.query_one(FailureList)
        self.chain = self.query_one(ChainList)
        self.detail = self.query_one(DetailScroll)
        self.detail_text = self.query_one(DetailText)
        self.crumbs = self.query_one("#crumbs", Static)
        self._apply()

    @property
    def failure(self) -> Failure | None:
        """The selected failure."""
        return self._frame.failure(self.failures.key)

    @property
    def link(self) -> FailureLink | None:
        """The selected link; at the level of the list, the root of the selected failure."""
        failure = self.failure
        if failure is None:
            return None
        if self.level == "list":
            return failure.root
        return failure.chain[min(self.chain.cursor, len(failure.chain) - 1)]

    def show(self, frame: Frame) -> None:
        before = self.failure
        self._frame = frame
        self.failures.show(frame)
        now = self.failure
        if self.level != "list" and (now is None or before is None or (now.key != before.key)):
            self._go("list")
        elif now is not before and now is not None:
            self.chain.show(now)
        self._apply()

    def select(self, key: str, *, level: Level = "chain") -> bool:
        """Show a failure at a level; False when it is not listed."""
        if not self.failures.select(key, tell=False):
            return False
        failure = self.failure
        self.chain.show(failure)
        if failure is not None:
            self.chain.select(str(failure.root_index), tell=False)
        self._go(level)
        return True

    def step(self, by: int) -> bool:
        """Show the chain of the next or previous failure; the first one when none was open."""
        keys = self.failures.keys
        if not keys:
            return False
        position = self.failures.cursor
        if self.level != "list" or not self.failures.key:
            position = (position + by) % len(keys)
        return self.select(keys[position])

    def to_root(self) -> bool:
        failure = self.failure
        if failure is None:
            return False
        return self.select(failure.key, level="link" if self.level == "link" else "chain")

    def go_in(self) -> None:
        failure = self.failure
        if failure is None:
            return
        if self.level == "list":
            self.select(failure.key)
        else:
            self._go("link")

    def go_out(self) -> bool:
        """One level out; False when this is the outermost one."""
        if self.level == "list":
            return False
        self._go(LEVELS[LEVELS.index(self.level) - 1])
        return True

    def focus_level(self) -> None:
        """Give the focus to what the level is about."""
        target = {"list": self.failures, "chain": self.chain, "link": self.detail}[self.level]
        target.focus()

    def _go(self, level: Level) -> None:
        had_focus = self.has_focus_within
        self.level = level
        self._apply()
        if had_focus:
            self.focus_level()
        failure = self.failure
        if level != "list" and failure is not None:
            self._tell(failure)

    def _tell(self, failure: Failure) -> None:
        # Straight to the app: a message that is sent while the screen handles another one would
        # end its way up at the screen.
        self.app.post_message(self.Looked(failure))

    def _apply(self) -> None:
        for level in LEVELS:
            self.set_class(self.level == level, f"-{level}")
        self._title()
        failure, link = self.failure, self.link
        index = failure.chain.index(link) if failure is not None and link is not None else 0
        shown = (failure, index, self.app.theme, self.size.width)
        if shown == self._shown:
            return
        same_link = self._shown[1:2] == (index,)
        self._shown = shown
        if failure is None:
            self.detail_text.update("")
            return
        self.detail_text.update(link_detail(self.detail_text, failure, index, self.places))
        if not same_link:
            self.detail.scroll_home(animate=False)

    def _title(self) -> None:
        frame = self._frame
        folded = sum(len(failure.skipped) for failure in frame.failures)
        counts = f"{len(frame.failures):,}" + (f" +{folded:,} skipped" if folded else "")
        self.border_title = "Errors" + (f" ({counts})" if frame.failures else "")
        hidden = f"{frame.dismissed:,} dismissed (u)" if frame.dismissed else ""
        self.border_subtitle = hidden
        failure = self.failure
        self.crumbs.display = failure is not None and self.level != "list"
        if failure is None:
            return
        crumbs = Text("errors", no_wrap=True, overflow="ellipsis")
        crumbs.append(f" › {one_line(failure.task or 'hazui')}")  # noqa: RUF001
        if self.level == "link" and self.link is not None:
            of = f"{self.link.number} of {len(failure.chain) - 1}"
            name = self.link.type or wording.plural(self.link.number, "link")
            crumbs.append(f" › {of} {one_line(name)}" if self.link.number else " › the task")  # noqa: RUF001
        if crumbs != self._crumbs:
            self._crumbs = crumbs
            self.crumbs.update(crumbs)

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        event.stop()
        if event.sender is self.failures:
            self.chain.show(self.failure)
            if self.failure is not None:
                self.chain.select(str(self.failure.root_index), tell=False)
                if self.failures.has_focus:
                    self._tell(self.failure)
        self._apply()

    def on_row_list_entered(self, event: RowList.Entered) -> None:
        event.stop()
        self.go_in()

    def on_resize(self) -> None:
        self._apply()

    def action_dismiss(self) -> None:
        if self.failure is not None:
            self.post_message(self.DismissRequested(self.failure.key))

    def action_undismiss(self) -> None:
        self.post_message(self.UndismissRequested())
