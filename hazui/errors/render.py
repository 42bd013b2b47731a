"""Error records as plain text: one renderer for the command line and for reports.

Causes are numbered from the outermost to the root and wrapped to a width; a word longer than that
(a path) is left whole, so that it can be copied. Hints come last, each once. Foreign text cannot
move the cursor: whatever is not printable is escaped.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from textwrap import TextWrapper

from hazui.errors.base import one_line
from hazui.errors.excerpt import excerpt_of
from hazui.errors.record import EXTERNAL, RUNTIME, ErrorRecord

Style = Callable[[str, str], str]
"""Takes a piece of one line and its role (message, number, place, excerpt, caret, note, hint)."""

LINES_MAX = 12
"""Of one foreign message."""
_RELATIONS = {"while_handling": "while handling "}


def plain(text: str, role: str) -> str:  # noqa: ARG001 - the signature of a style
    """The style that changes nothing."""
    return text


def render(
    record: ErrorRecord, width: int = 100, *, style: Style = plain, base: str | None = None
) -> str:
    """The whole chain of a record, without a final newline.

    ``base`` is a directory: paths below it are shown relative to it.
    """
    page = _Page(width, style, base)
    page.error(record, "", "")
    page.causes(record, "", "")
    page.hints(record)
    return "\n".join(page.lines)


def render_problem(
    record: ErrorRecord, width: int = 100, *, style: Style = plain, base: str | None = None
) -> str:
    """One configuration problem: place and message, the line with a caret, causes, a hint."""
    page = _Page(width, style, base)
    page.problem(record)
    page.causes(record, "", "")
    page.hints(record)
    return "\n".join(page.lines)


def title_of(record: ErrorRecord) -> str:
    """The message with what it belongs to: ``ValueError: ...`` if foreign, ``... (code)`` else."""
    if record.type != EXTERNAL:
        return f"{record.message} ({one_line(record.code)})"
    module, name = record.fields.get("module"), record.fields.get("class", "Exception")
    full = f"{name}" if module in (None, "builtins") else f"{module}.{name}"
    return f"{full}: {record.message}" if record.message else full


def place_of(record: ErrorRecord, base: str | None = None) -> str | None:
    """``file:line`` or ``file:line:column`` of a record, or None."""
    if record.where is None:
        variable = record.fields.get("variable") if record.family == "config" else None
        return one_line(variable) if isinstance(variable, str) else None
    column = record.fields.get("column") if record.family == "config" else None
    file = record.where.file
    if base and file.startswith(base.rstrip("/") + "/"):
        file = file[len(base.rstrip("/")) + 1 :]
    at = f"{one_line(file)}:{record.where.line}"
    return f"{at}:{column}" if isinstance(column, int) else at


class _Page:
    """The lines written so far, and how to write more."""

    def __init__(self, width: int, style: Style, base: str | None) -> None:
        self.width = width
        self.style = style
        self.base = base
        self.lines: list[str] = []

    def write(self, text: str, role: str, first: str, rest: str, number: str = "") -> None:
        """Wrapped text; ``first`` and ``rest`` are what its lines begin with."""
        wrapper = TextWrapper(
            width=max(self.width, 20),
            initial_indent=first + number,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for count, line in enumerate(_lines(text)):
            if count == 1:
                wrapper.initial_indent, number = rest, ""
            start = len(wrapper.initial_indent)
            for piece in wrapper.wrap(line) or [""]:
                lead = self.style(number, "number") if number else ""
                indent = first if number else piece[:start]
                self.lines.append(indent + lead + self.style(piece[start:], role))
                number, start = "", len(rest)

    def error(self, record: ErrorRecord, indent: str, number: str, relation: str = "") -> None:
        """One error: title, place if it is not hazui's own code, data, notes."""
        below = indent + " " * len(number)
        if record.family == "config":
            self.problem(record, indent, number)
        else:
            self.write(relation + title_of(record), "message", indent, below, number)
            place = place_of(record, self.base)
            if place and (record.type == EXTERNAL or record.kind == "internal"):
                self.write(f"at {place}", "place", below, below)
        if record.type == RUNTIME:
            for name, value in record.fields.items():
                shown = value if isinstance(value, str) else json.dumps(value)
                self.write(f"{name}: {shown}", "note", f"{below}  ", f"{below}    ")
        for note in record.notes:
            self.write(f"note: {note}", "note", f"{below}  ", f"{below}    ")

    def problem(self, record: ErrorRecord, indent: str = "", number: str = "") -> None:
        """Place, message, and the line of the file with its caret."""
        below = indent + " " * len(number)
        place = place_of(record, self.base)
        title = f"{place}: {record.message}" if place else record.message
        self.write(title, "message", indent, f"{below}  ", number)
        line, column = record.fields.get("excerpt"), record.fields.get("column")
        if not isinstance(line, str) or record.where is None:
            return
        gutter = f"{below}  {record.where.line} | "
        room = self.width - len(gutter)
        shown = excerpt_of(line, column if isinstance(column, int) else None, room)
        self.lines.append(self.style(gutter, "place") + self.style(shown.line, "excerpt"))
        if shown.caret:
            blank = " " * (len(gutter) - 2) + "| "
            self.lines.append(self.style(blank, "place") + self.style(shown.caret, "caret"))

    def causes(self, record: ErrorRecord, prefix: str, indent: str) -> None:
        """The numbered line of causes; the members of a group one level further in."""
        line = list(_line(record))
        self.members(record, prefix, f"{indent}  ")
        if len(line) > 1:
            self.lines.append(indent + self.style("Caused by:", "place"))
        for count, error in enumerate(line):
            if count:
                relation = _RELATIONS.get(str(error.fields.get("relation")), "")
                self.error(error, f"{indent}  ", f"{prefix}{count}. ", relation)
                self.members(error, f"{prefix}{count}.", f"{indent}    ")
        left_out = sum(error.truncated for error in line)
        if left_out:
            self.lines.append(indent + self.style(f"  ... and {left_out} more, left out", "note"))

    def members(self, record: ErrorRecord, prefix: str, indent: str) -> None:
        """What a group holds, each with its own causes."""
        for count, member in enumerate(record.members, 1):
            number = f"{prefix}{count}"
            self.error(member, indent, f"{number}) ")
            self.causes(member, f"{number}.", f"{indent}  ")

    def hints(self, record: ErrorRecord) -> None:
        """What to try, each once, the outermost first."""
        for hint in dict.fromkeys(error.hint for error in record.iter_chain() if error.hint):
            self.write(f"Hint: {hint}", "hint", "", "      ")


def _line(record: ErrorRecord) -> Iterator[ErrorRecord]:
    """The record and its causes, without members."""
    below: ErrorRecord | None = record
    while below is not None:
        yield below
        below = below.source


def _lines(text: str) -> Sequence[str]:
    """The lines of a foreign text, made safe, with a bound on how many."""
    lines = [one_line(line.expandtabs(4)) for line in text.splitlines()] or [""]
    if len(lines) <= LINES_MAX:
        return lines
    return [*lines[:LINES_MAX], f"... ({len(lines) - LINES_MAX} more lines)"]
