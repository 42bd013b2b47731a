"""The problems of a configuration that was rejected; the one before it stays in force."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from hazui.errors.base import one_line
from hazui.errors.record import ErrorRecord
from hazui.tui.bindings import bindings_for
from hazui.tui.widgets.footer import KeyLine
from hazui.tui.widgets.row_list import RowList, fitted
from hazui.tui.widgets.styling import look


class ProblemList(RowList):
    """One row per problem, each with its line and caret."""

    ROW_LINES: ClassVar[int] = 3

    def __init__(self, problems: Sequence[ErrorRecord]) -> None:
        super().__init__(dom_id="problem-list")
        self.problems = tuple(problems)

    def on_mount(self) -> None:
        self.set_keys([str(number) for number in range(len(self.problems))])
        self.focus()

    def paint_row(self, key: str, width: int, *, is_selected: bool) -> Sequence[Text]:
        del is_selected
        problem = self.problems[int(key)]
        first = Text(" ✗ ", look(self, "text--bad"), end="")
        first.append(one_line(problem.message), look(self, "text--strong"))
        second = Text("   ", end="")
        file, line, column = place_of(problem)
        if file is not None:
            at = ":".join(str(part) for part in (file, line, column) if part is not None)
            second.append(one_line(at), look(self, "text--place"))
        second.append(f"  {one_line(problem.code)}", look(self, "text--dim"))
        third = Text("   ", end="")
        third.append(one_line(problem.hint or ""), look(self, "text--good"))
        return [fitted(each, Text(), width) for each in (first, second, third)]


class ProblemsScreen(ModalScreen[None]):
    """What is wrong with the configuration; going into a problem opens the editor there."""

    BINDINGS = bindings_for("close")

    class EditRequested(Message):
        """The user goes into a problem."""

        def __init__(self, problem: ErrorRecord) -> None:
            super().__init__()
            self.problem = problem

    def __init__(self, problems: Sequence[ErrorRecord]) -> None:
        super().__init__()
        self.problems = tuple(problems)

    def compose(self) -> ComposeResult:
        with Vertical(id="problems-box", classes="dialog") as box:
            box.border_title = "Problems of the configuration"
            box.border_subtitle = "what ran before keeps running"
            yield Static("Enter opens the editor at the problem.", id="problems-about")
            yield ProblemList(self.problems)
            yield KeyLine(dom_id="problems-keys")

    def on_row_list_entered(self, event: RowList.Entered) -> None:
        event.stop()
        if event.key is not None:
            self.post_message(self.EditRequested(self.problems[int(event.key)]))

    def action_close(self) -> None:
        self.dismiss(None)


def place_of(problem: ErrorRecord) -> tuple[str | None, int | None, int | None]:
    """File, line and column of a configuration problem."""
    fields = problem.fields
    file, line, column = fields.get("file"), fields.get("line"), fields.get("column")
    return (
        file if isinstance(file, str) else None,
        line if isinstance(line, int) else None,
        column if isinstance(column, int) else None,
    )
