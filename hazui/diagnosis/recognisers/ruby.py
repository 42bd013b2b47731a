"""Uncaught exceptions of Ruby programs, and scripts that Ruby cannot parse.

The head names the innermost place, the message and, in parentheses, the class; ``from`` lines
follow, innermost first. The causes come behind, each with a head of its own, the root last.
"""

import re
from dataclasses import dataclass, field

from hazui.diagnosis.finding import Finding, Page, Weight, number, related
from hazui.diagnosis.frames import Frame, own_frame
from hazui.diagnosis.recogniser import Recogniser
from hazui.domain.links import Link

_HEAD = re.compile(
    r"(?P<file>(?:<internal:[^>\s]{1,300}>|[^\s:<'\"][^:'\"]{0,300})):(?P<line>\d{1,9}):"
    r"in [`'][^']{1,200}': (?P<message>.*)$"
)
_CLASS = re.compile(r"(?P<message>.*?) ?\((?P<type>[A-Z]\w{0,80}(?:::\w{1,80}){0,8})\)$")
_FROM = re.compile(
    r"\s{1,8}(?:\d{1,6}: )?from (?P<file>(?:<internal:[^>]{1,300}>|[^:]{1,300})):(?P<line>\d{1,9})"
)
_SYNTAX = re.compile(
    r"(?P<file>[^\s:][^:]{0,300}\.(?:rb|rake|ru)|-e):(?P<line>\d{1,9}): "
    r"(?P<message>syntax errors?[ ,].*)$"
)
_LOADER = re.compile(r"ruby: (?P<message>.*) \((?P<type>[A-Z]\w{1,80})\)$")
_MESSAGE_LINES = 30
_FRAME_LINES = 1_000


@dataclass(slots=True)
class _Raised:
    start: int
    stop: int
    type: str | None
    message: str
    frames: list[Frame] = field(default_factory=list)


def find(page: Page) -> list[Finding]:
    findings: list[Finding] = []
    chain: list[_Raised] = []
    for index, text in page.unclaimed():
        if ":in " in text and (raised := _raised(page, index, text)) is not None:
            if chain and chain[-1].stop != index:
                findings.append(_finding(page, chain))
                chain = []
            chain.append(raised)
            page.claim(index, raised.stop)
        elif "syntax error" in text and (syntax := _SYNTAX.match(text)) is not None:
            link = page.link(
                index,
                index + 1,
                type="SyntaxError",
                message=_class(syntax["message"])[0],
                file=syntax["file"],
                line=number(syntax["line"]),
            )
            page.claim(index, index + 1)
            findings.append(page.finding(index, [link], Weight.FIRM))
        elif text.startswith("ruby: ") and (loader := _LOADER.match(text)) is not None:
            link = page.link(index, index + 1, type=loader["type"], message=loader["message"])
            page.claim(index, index + 1)
            findings.append(page.finding(index, [link], Weight.FIRM))
    if chain:
        findings.append(_finding(page, chain))
    return findings


def _class(text: str) -> tuple[str, str | None]:
    match = _CLASS.match(text)
    return (match["message"], match["type"]) if match is not None else (text, None)


def _raised(page: Page, index: int, text: str) -> _Raised | None:
    head = _HEAD.match(text)
    if head is None:
        return None
    message, kind = _class(head["message"])
    stop = index + 1
    lines = [message]
    while stop < len(page.lines) and stop - index < _MESSAGE_LINES:
        line = page.text(stop)
        if _FROM.match(line) or _HEAD.match(line):
            break
        if kind is None:
            line, kind = _class(line)
        elif not line and not _FROM.match(page.text(stop + 1)) and lines[-1] == "":
            break
        lines.append(line)
        stop += 1
    if kind is None:
        return None
    if not _FROM.match(page.text(stop)):
        # Nothing proves that the further lines are its own, but for plain text right behind.
        while len(lines) > 1 and (not lines[-1] or "" in lines):
            lines.pop()
            stop -= 1
    raised = _Raised(index, stop, kind, "\n".join(lines))
    raised.frames.append(Frame(head["file"], number(head["line"])))
    while raised.stop < len(page.lines) and raised.stop - stop < _FRAME_LINES:
        frame = _FROM.match(page.text(raised.stop))
        if frame is None and not page.text(raised.stop).startswith("\t "):
            break
        if frame is not None:
            raised.frames.append(Frame(frame["file"], number(frame["line"])))
        raised.stop += 1
    return raised


def _finding(page: Page, chain: list[_Raised]) -> Finding:
    links: list[Link] = []
    for raised in chain:
        frame = own_frame(raised.frames[::-1])
        link = page.link(
            raised.start,
            raised.stop,
            type=raised.type,
            message=raised.message,
            file=frame.file if frame else None,
            line=frame.line if frame else None,
        )
        # A thread's report is repeated by whoever joined it.
        if not links or (links[-1].type, links[-1].message) != (link.type, link.message):
            links.append(related(link, "caused_by" if links else None))
    return page.finding(chain[0].start, links, Weight.FIRM)


RECOGNISER = Recogniser(
    name="ruby",
    tools=("ruby", "rake", "bundler"),
    example=(
        "tea/bar.rb:9:in `rescue in serve': no tea today (Bar::Closed)\n"
        "\tfrom tea/bar.rb:6:in `serve'\n"
        "\tfrom tea/main.rb:3:in `<main>'\n"
        "tea/tap.rb:4:in `open': the tap is dry (IOError)\n"
        "\tfrom tea/bar.rb:7:in `serve'\n"
        "\tfrom tea/main.rb:3:in `<main>'\n"
    ),
    find=find,
    needs=(
        ":in ",
        "syntax error",
        "ruby: ",
    ),
)
