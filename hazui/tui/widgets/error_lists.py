"""The list of failures, and the chain of one of them."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text

from hazui.errors.base import one_line
from hazui.tui.frame import Frame
from hazui.tui.widgets.row_list import RowList, fitted
from hazui.tui.widgets.styling import look, state_look
from hazui.view import wording
from hazui.view.chain import FailureLink
from hazui.view.failures import Failure
from hazui.view.models import TaskState


class FailureList(RowList):
    """One row of three lines per distinct failure: the task, the root cause, its place."""

    ROW_LINES: ClassVar[int] = 3
    EMPTY = " no errors"

    def __init__(self) -> None:
        super().__init__(dom_id="failure-list")
        self._by_key: dict[str, Failure] = {}
        self._unseen: frozenset[str] = frozenset()

    def show(self, frame: Frame) -> None:
        self._unseen = frame.unseen
        self._by_key = {failure.key: failure for failure in frame.failures}
        self.set_keys([failure.key for failure in frame.failures])

    def paint_row(self, key: str, width: int, *, is_selected: bool) -> Sequence[Text]:
        del is_selected
        failure = self._by_key.get(key)
        if failure is None:
            return []
        state = TaskState.FAILED if failure.group == "failed" else TaskState.ERRORED
        style = state_look(self, state)
        left = Text(end="", no_wrap=True)
        left.append(f" {wording.glyph(state)} ", style)
        left.append(one_line(failure.task or "hazui"), style)
        left.append(f"  {_how(failure)}", look(self, "text--dim"))
        right = Text(end="")
        if failure.skipped:
            right.append(f"+{len(failure.skipped):,} skipped ", look(self, "text--warn"))
        if failure.is_rerunning:
            right.append("again ", look(self, "text--accent"))
        elif key in self._unseen:
            right.append("new ", look(self, "text--accent"))
        title = Text(f"   {failure.title}", no_wrap=True, end="")
        place = Text("   ", no_wrap=True, end="")
        if failure.root.place:
            place.append(failure.root.place, look(self, "text--place"))
        if failure.also:
            also = wording.plural(len(failure.also), "more task")
            place.append(f"  and in {also}", look(self, "text--dim"))
        return [
            fitted(left, right, width),
            fitted(title, Text(), width),
            fitted(place, Text(), width),
        ]


def _how(failure: Failure) -> str:
    if failure.group == "failed":
        return wording.exit_status(failure.exit_status, timed_out=failure.timed_out)
    return one_line(failure.chain[0].message.removeprefix(f"{failure.task} "))


class ChainList(RowList):
    """One row of two lines per link, from the task down to the root."""

    ROW_LINES: ClassVar[int] = 2

    def __init__(self) -> None:
        super().__init__(dom_id="chain-list")
        self._failure: Failure | None = None

    def show(self, failure: Failure | None) -> None:
        if failure is not self._failure:
            self._failure = failure
            self.repaint()
        count = len(failure.chain) if failure is not None else 0
        self.set_keys([str(number) for number in range(count)])

    @property
    def link_index(self) -> int:
        return self.cursor

    def paint_row(self, key: str, width: int, *, is_selected: bool) -> Sequence[Text]:
        del is_selected
        failure = self._failure
        if failure is None or int(key) >= len(failure.chain):
            return []
        index = int(key)
        link = failure.chain[index]
        dim = look(self, "text--dim")
        pad = " " * (1 + link.depth * 2)
        title = Text(pad, end="", no_wrap=True)
        if link.number:
            title.append(f"{link.number} ", dim)
        if link.type:
            title.append(f"{one_line(short_type(link.type))}: ", look(self, "text--strong"))
        bold = look(self, "text--bad") if link.number == 0 else ""
        title.append(one_line(link.message), bold)
        under = Text(f"{pad}  ", end="", no_wrap=True)
        relation = relation_of(failure, index)
        if relation:
            under.append(f"{relation}  ", dim)
        if link.place:
            under.append(link.place, look(self, "text--place"))
        if link.number == 0 and failure.turn:
            under.append(f"turn {failure.turn}", dim)
        right = Text(end="")
        if index == failure.root_index and link.number:
            right.append("root ", look(self, "text--accent"))
        elif link.number == 0 and failure.skipped:
            right.append(f"+{len(failure.skipped):,} skipped ", look(self, "text--warn"))
        return [fitted(title, Text(), width), fitted(under, right, width)]


def short_type(name: str) -> str:
    """A type without its module, package or namespace."""
    for separator in (".", "::", "/"):
        name = name.rpartition(separator)[2] or name
    return name


def relation_of(failure: Failure, index: int) -> str:
    """How a link hangs on the one outside it, in words; members are counted."""
    link: FailureLink = failure.chain[index]
    if link.relation == "member":
        members = [
            each for each in failure.chain if each.relation == "member" and each.depth == link.depth
        ]
        if len(members) > 1:
            return f"{members.index(link) + 1} of {len(members)}"
        return "the only member"
    return wording.RELATIONS.get(link.relation or "", "")
