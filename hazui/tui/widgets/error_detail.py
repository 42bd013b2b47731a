"""All there is to know of one link of a chain, as styled text in sections."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.text import Text
from textual.widget import Widget

from hazui.errors.base import one_line
from hazui.tui.logs import last_lines, lines_of_bytes
from hazui.tui.source import resolved, snippet
from hazui.tui.widgets.styling import look
from hazui.view import wording
from hazui.view.chain import FailureLink
from hazui.view.failures import Failure
from hazui.view.report import reproducer

LAST_LINES = 8
RANGE_LINES = 12
FRAMES_MAX = 12


@dataclass(frozen=True, slots=True)
class Places:
    """Where files are looked for."""

    root: Path
    state_dir: Path


def link_detail(widget: Widget, failure: Failure, index: int, places: Places) -> Text:
    """The text of the detail panel; reads at most one source file and the end of one log."""
    return _Detail(widget, failure, failure.chain[index], places).build()


class _Detail:
    def __init__(self, widget: Widget, failure: Failure, link: FailureLink, places: Places) -> None:
        self.widget = widget
        self.failure = failure
        self.link = link
        self.places = places
        self.text = Text()
        self.width = (widget.parent.size.width if isinstance(widget.parent, Widget) else 0) - 2

    def build(self) -> Text:
        self._title()
        self._source()
        self._help()
        self._fields()
        if self.link.number == 0:
            self._task()
        self._frames()
        self._log()
        return self.text

    def add(self, text: str, name: str | None = None) -> None:
        self.text.append(text, look(self.widget, name) if name else "")

    def heading(self, text: str) -> None:
        if self.text.plain and not self.text.plain.endswith("\n\n"):
            self.add("\n" if self.text.plain.endswith("\n") else "\n\n")
        self.add(f"{text}\n", "text--heading")

    def pair(self, name: str, value: str) -> None:
        self.add(f"{name} ", "text--dim")
        self.add(f"{value}\n")

    def _title(self) -> None:
        link = self.link
        if link.type:
            self.add(one_line(link.type), "text--bad")
            self.add("\n")
        self.add(f"{one_line(link.message)}\n", "text--strong")
        if link.place:
            self.add(link.place, "text--place")
            self.add("\n")
        if link.code:
            kind = f" ({link.record.kind})" if link.record is not None else ""
            self.add(f"{one_line(link.code)}{kind}\n", "text--dim")

    def _source(self) -> None:
        link = self.link
        if link.file is None or link.line is None:
            return
        path = resolved(link.file, root=self.places.root, cwd=self.failure.cwd)
        found = snippet(path, link.line) if path is not None else None
        if found is None:
            return
        self.add("\n")
        columns = len(str(found.lines[-1][0]))
        indent = min(
            (len(text) - len(text.lstrip()) for _, text in found.lines if text.strip()), default=0
        )
        room = max(self.width - columns - 3, 20)
        for number, full in found.lines:
            text = full[indent:]
            is_it = number == link.line
            mark = "❱" if is_it else " "
            look_name = "text--mark" if is_it else None
            self.add(f"{mark} {number:>{columns}} ", "text--bad" if is_it else "text--dim")
            shown = _printable(text)
            if is_it:
                pieces = [shown[at : at + room] for at in range(0, len(shown), room)] or [""]
            else:
                pieces = [shown if len(shown) <= room else f"{shown[: room - 1]}…"]
            for part, piece in enumerate(pieces):
                self.add(f"\n{' ' * (columns + 3)}" if part else "")
                self.add(piece, look_name)
            self.add("\n")
            if is_it and link.column and link.column - 1 - indent in range(room):
                self.add(f"  {' ' * (columns + link.column - indent)}^\n", "text--bad")

    def _help(self) -> None:
        link = self.link
        if link.hint:
            self.heading("Try")
            self.add(f"{one_line(link.hint)}\n", "text--good")
        for note in link.notes:
            self.pair("note", one_line(note))
        if link.record is not None and (text := _explained(link.code)):
            self.heading("What it means")
            self.add(f"{text}\n")

    def _fields(self) -> None:
        shown = {
            name: value
            for name, value in self.link.fields.items()
            if name not in ("frames", "frames_omitted")
        }
        if not shown:
            return
        self.heading("Fields")
        for name, value in shown.items():
            self.pair(one_line(str(name)), _value(value))
        where = self.link.record.where if self.link.record is not None else None
        if where is not None:
            self.pair("raised at", one_line(f"{where.file}:{where.line}"))

    def _task(self) -> None:
        failure = self.failure
        if failure.skipped:
            self.heading(f"Skipped because of it ({len(failure.skipped):,})")
            self.add(f"{', '.join(map(one_line, failure.skipped))}\n")
        if failure.also:
            self.heading("The same root cause in")
            self.add(f"{', '.join(map(one_line, failure.also))}\n")
        self.heading("Process")
        if failure.group == "failed":
            text = wording.exit_status(failure.exit_status, timed_out=failure.timed_out)
            self.pair("ended with", text)
        if (command := reproducer(failure)) is not None:
            self.pair("command", one_line(command))
        if failure.pid is not None:
            self.pair("pid", f"{failure.pid}")
        if failure.execution_id:
            self.pair("run", one_line(failure.execution_id))
        self.pair("turn", f"{failure.turn}, attempt {failure.attempt}, {failure.at}")
        for survivor in failure.survivors:
            self.pair("could not stop", one_line(survivor))
        if failure.differs:
            self.heading("What differs from the last run")
            for line in wording.differences(failure.differs, failure.omitted):
                self.add(f"{line}\n")

    def _frames(self) -> None:
        frames = self.link.fields.get("frames")
        if not isinstance(frames, (list, tuple)) or not frames:
            return
        self.heading("Traceback")
        omitted = self.link.fields.get("frames_omitted", 0)
        folded = (omitted if isinstance(omitted, int) else 0) + max(len(frames) - FRAMES_MAX, 0)
        if folded:
            self.add(f"{wording.plural(folded, 'outer frame')} folded\n", "text--dim")
        for frame in frames[-FRAMES_MAX:]:
            if isinstance(frame, Mapping):
                place = f"{frame.get('file')}:{frame.get('line')}"
                self.add(one_line(place), "text--place")
                self.add(f" in {one_line(str(frame.get('function')))}\n", "text--dim")

    def _log(self) -> None:
        if not self.failure.task:
            return
        link, state_dir, log = self.link, self.places.state_dir, self.failure.log
        if link.stream and link.byte_start is not None and link.byte_end is not None:
            read = lines_of_bytes(
                state_dir, log, link.stream, link.byte_start, link.byte_end, RANGE_LINES
            )
            if read:
                self.heading(f"Read from {link.stream}")
                for line in read:
                    self.add(f"{_printable(line)}\n", "text--dim")
                return
        for stream in [link.stream] if link.stream else ["stderr", "stdout"]:
            lines = last_lines(state_dir, log, stream, LAST_LINES)
            if lines:
                self.heading(f"Last lines of {stream}")
                for line in lines:
                    self.add(f"{_printable(line)}\n", "text--dim")
                return


def _printable(text: str) -> str:
    return one_line(text.expandtabs(4))


def _value(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(one_line(str(each)) for each in value) or "none"
    return one_line(str(value))


def _explained(code: str | None) -> str:
    """The long text of a code; "" for a foreign error, which has none."""
    if code is None or code == "external":
        return ""
    from hazui.errors.explain import text_of

    return text_of(code).strip()
