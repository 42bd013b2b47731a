"""Reads the block of lines that Python prints for one exception chain.

One file because a single walker reads chains, groups and messages, each from within the others.
"""

import re
from dataclasses import dataclass, field

from hazui.diagnosis.finding import Page, number
from hazui.diagnosis.frames import Frame
from hazui.domain.links import Relation

CAUSE = "The above exception was the direct cause of the following exception:"
CONTEXT = "During handling of the above exception, another exception occurred:"
_HEADERS = (
    "Traceback (most recent call last):",
    "Exception Group Traceback (most recent call last):",
)
_FRAME = re.compile(r'(?:> | {2,200})File "([^"]{0,1000})", line (\d{1,9})(?:, in (.*))?$')
_EXCEPTION = re.compile(r"([A-Za-z_][\w.]*(?:<locals>\.[\w.]+)?)(?::(?: (.*)|$)|$)")
_MARGIN_CHARS = " |+-"
_MEMBER = re.compile(r"[ |]*\+(?:-\+)?-{8,} (?:\d{1,9}|\.\.\.) -{8,}$")
_GROUP_END = re.compile(r"[ |]*\+-{20,}$")
_LOG_LINE = re.compile(
    r"(?:[\d\-/.:,TZ+ \[\]]{0,40}|\S{1,60} - ){0,2}[\[<(]?"
    r"(?:ERROR|WARN(?:ING)?|CRITICAL|INFO|DEBUG|EXCEPTION|error|warning|warn|info)\b"
)
_MAX_DEPTH = 12
_MAX_MARGIN = 200
_MAX_MESSAGE_LINES = 40


@dataclass(slots=True)
class Part:
    """One exception of a chain."""

    start: int
    stop: int = 0
    type: str = ""
    message: str = ""
    frames: list[Frame] = field(default_factory=list)
    syntax_frame: Frame | None = None
    members: list[list["Part"]] = field(default_factory=list)
    relation_to_cause: Relation | None = None
    """How this one stands to the part before it, which is its cause."""


def header_margin(text: str) -> str | None:
    """What stands in front of a traceback's header, or None when the line is none."""
    if not text.endswith("(most recent call last):"):
        return None
    for header in reversed(_HEADERS):
        if text.endswith(header):
            margin = text[: -len(header)]
            return (
                margin if len(margin) <= _MAX_MARGIN and not margin.strip(_MARGIN_CHARS) else None
            )
    return None


def header_at(page: Page, index: int) -> str | None:
    """Like ``header_margin``; a header may follow a line that was left without its end."""
    text = page.text(index)
    margin = header_margin(text)
    if margin is None and text.endswith(_HEADERS[0]) and page.text(index + 1)[:8] == '  File "':
        return ""
    return margin


def exception_line(text: str) -> tuple[str, str] | None:
    """Type and message of ``Type: message`` or a bare ``Type``."""
    match = _EXCEPTION.match(text)
    if match is None or match[1].endswith("."):
        return None
    return match[1], match[2] or ""


def looks_logged(text: str) -> bool:
    """Whether a line says, as a logger would, that what follows it was noticed and handled."""
    return _LOG_LINE.match(text[:200]) is not None


class Reader:
    """Walks over the lines of one chain. Indexes are those of the page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def content(self, index: int, width: int) -> str | None:
        """The line behind the margin; None when it does not belong behind it."""
        if index >= len(self.page.lines):
            return None
        text = self.page.text(index)
        if text[:width].strip(_MARGIN_CHARS):
            return None
        return text[width:]

    def chain(self, index: int, margin: str, depth: int = 0) -> tuple[list[Part], int]:
        """All exceptions of the chain whose first header (or bare exception) is at ``index``."""
        width = len(margin)
        parts: list[Part] = []
        bare = self._bare_before(index, width) if depth == 0 else None
        relation: Relation | None = None
        if bare is not None:
            parts.append(bare)
            relation = self._sentence(bare.stop + 1, width)
        stop = index
        while True:
            part = self._part(index, width, depth)
            if part is None:
                return parts, max(stop, index + 1)
            part.relation_to_cause = relation
            parts.append(part)
            # A worker's traceback is quoted whole in the message of the parent's cause.
            stop = part.stop + (self.content(part.stop, width) == '"""')
            following = stop
            while self.content(following, width) == "" and following < stop + 2:
                following += 1
            relation = self._sentence(following, width)
            if relation is None and depth == 0 and width:
                # A group stands behind a margin, what it caused or came from does not.
                following = stop + (not self.page.text(stop))
                relation = self._sentence(following, 0)
            if relation is None:
                return parts, stop
            index = following + 1
            while not self.page.text(index).strip(_MARGIN_CHARS) and index < following + 3:
                index += 1
            if depth == 0:
                width = len(header_margin(self.page.text(index)) or "")

    def syntax_error(self, index: int) -> tuple[Part | None, int]:
        """The error below a frame that stands alone, and where it ends."""
        part = Part(index)
        frame = _FRAME.match(self.page.text(index))
        if frame is None or frame[3] is not None:
            return None, index
        stop = index + 1
        while stop < index + 5 and self.page.text(stop).startswith("    "):
            stop += 1
        found = exception_line(self.page.text(stop))
        if found is None or not found[0].endswith(("SyntaxError", "IndentationError", "TabError")):
            return None, index
        part.syntax_frame = Frame(frame[1], number(frame[2]))
        part.type, part.message = found
        part.stop = stop + 1
        return part, part.stop

    def _sentence(self, index: int, width: int) -> Relation | None:
        content = self.content(index, width)
        if content == CAUSE:
            return "caused_by"
        return "while_handling" if content == CONTEXT else None

    def _bare_before(self, index: int, width: int) -> Part | None:
        """A cause that never was raised has no traceback: its line stands alone in front."""
        if index < 4 or self._sentence(index - 2, width) is None:
            return None
        found = exception_line(self.content(index - 4, width) or "")
        if found is None or self.page.claimed[index - 4]:
            return None
        return Part(index - 4, index - 3, *found)

    def _part(self, index: int, width: int, depth: int) -> Part | None:
        part = Part(index)
        if header_at(self.page, index) is not None:
            index += 1
        index = self._frames(part, index, width)
        found = exception_line(self.content(index, width) or "")
        if found is None:
            return None
        part.type, part.message = found
        index += 1
        part.stop = self._message(part, index, width)
        member = self.page.text(part.stop)
        if depth < _MAX_DEPTH and member.rfind("+") == width and _MEMBER.match(member):
            self._members(part, member.rfind("+"), depth)
        return part

    def _frames(self, part: Part, index: int, width: int) -> int:
        while True:
            content = self.content(index, width)
            if content == "" and part.stop == 0 and self._is_spaced(index, width):
                index += 1
                continue
            if content is None or not content.startswith((" ", "> File")):
                # A source line may be empty only inside a syntax error, never between frames.
                return index
            match = _FRAME.match(content)
            if match is not None and content.startswith(("  File", "> File")):
                frame = Frame(match[1], number(match[2]), match[3] or "")
                if match[3] is None:
                    part.syntax_frame = frame
                part.frames.append(frame)
            index += 1

    def _is_spaced(self, index: int, width: int) -> bool:
        """Whether blank lines part the frames, as some loggers print them."""
        following = self.content(index + 1, width) or ""
        if following.startswith(("  File ", "> File ")):
            return True
        before = self.content(index - 1, width) or ""
        return "\u2514" in before and exception_line(following) is not None

    def _message(self, part: Part, index: int, width: int) -> int:
        """Take further lines of the message where the layout proves that they are part of it."""
        end = index
        for at in range(index, min(index + _MAX_MESSAGE_LINES, len(self.page.lines))):
            content = self.content(at, width)
            if (content is None or content == "") and at == end and width:
                end = self._unindented(at, width)
            if at < end:
                continue
            if content is None or content == '"""' or _MEMBER.match(self.page.text(at)):
                break
            if content in (CAUSE, CONTEXT):
                end = at - 1 if at > index else at
                break
            if (
                _GROUP_END.match(self.page.text(at))
                or header_margin(self.page.text(at)) is not None
            ):
                break
            indented = content.startswith((" ", "\t")) and not _FRAME.match(content)
            in_group = "|" in self.page.text(at)[:width]
            if (in_group and content) or (indented and at == end):
                end = at + 1
        lines = [part.message]
        for at in range(index, end):
            content = self.content(at, width)
            lines.append(self.page.text(at) if content is None else content)
        part.message = "\n".join(lines).strip()
        return end

    def _unindented(self, index: int, width: int) -> int:
        """The end of a message whose further lines lack the margin, if the margin comes back."""
        for at in range(index, min(index + _MAX_MESSAGE_LINES, len(self.page.lines))):
            text = self.page.text(at)
            if text[:width].strip() in ("|", "+", "+-", "||") or _MEMBER.match(text):
                return at
            if _GROUP_END.match(text):
                return at
            if header_margin(text) is not None or text in (CAUSE, CONTEXT):
                return index
        return index

    def _members(self, part: Part, column: int, depth: int) -> None:
        """The numbered members of a group, each behind two more characters of margin."""
        index = part.stop
        while index < len(self.page.lines):
            text = self.page.text(index)
            if _GROUP_END.match(text) and text.index("+") >= column:
                index += 1
                if text.index("+") == column:
                    break
                continue
            if not _MEMBER.match(text) or text.rfind("+") != column:
                break
            parts, stop = self.chain(index + 1, " " * (column + 2), depth + 1)
            if parts:
                part.members.append(parts)
            index = max(stop, index + 1)
            while self._is_behind(index, column):
                index += 1
        part.stop = index

    def _is_behind(self, index: int, column: int) -> bool:
        """Whether the line belongs to a member that could not be read to its end."""
        text = self.page.text(index)
        return text[column : column + 1] == "|" and not text[:column].strip(_MARGIN_CHARS)
