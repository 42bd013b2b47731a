"""Diagnostics whose place follows on its own line behind an arrow: rustc, cargo, ruff, ty.

The head says severity, code and message; `` --> file:line:column`` comes next. An ``error:``
without an arrow is told by ``causes``, and the closing count of errors is nobody's failure.
"""

import re

from hazui.diagnosis.finding import Finding, Page, Weight, number
from hazui.diagnosis.recogniser import Recogniser

_HEAD = re.compile(r"error(?:\[(?P<code>[\w:-]{1,80})\])?: (?P<message>\S.*)$")
_CODE_HEAD = re.compile(
    r"(?P<code>[A-Z]{1,8}\d{2,5}|unformatted|[a-z]+(?:-[a-z]+){1,6})(?: \[\*\])?:? "
    r"(?P<message>\S.*)$"
)
_ARROW = re.compile(r" {0,8}--> (?P<file>\S.{0,500}?):(?P<line>\d{1,9})(?::(?P<column>\d{1,9}))?$")
_LISTING = re.compile(r" {0,8}(?:\d{1,8} {0,8}[|│]|[|│]|=|:::|\.\.\.|--> |help:|note:)")
_MESSAGE_LINES = 6


def find(page: Page) -> list[Finding]:
    findings: list[Finding] = []
    for index, text in page.unclaimed():
        arrow = _ARROW.match(text) if "--> " in text else None
        if arrow is None:
            continue
        head = _head(page, index)
        if head is None:
            continue
        start, match = head
        stop = index + 1
        while stop < len(page.lines) and stop - index < 60 and _LISTING.match(page.text(stop)):
            if _ARROW.match(page.text(stop)) and not page.text(stop - 1).lstrip().startswith("|"):
                break
            stop += 1
        message = "\n".join([match["message"], *(page.text(at) for at in range(start + 1, index))])
        link = page.link(
            start,
            stop,
            type=match["code"],
            message=message,
            file=arrow["file"],
            line=number(arrow["line"]),
            column=number(arrow["column"]),
        )
        findings.append(page.finding(start, [link], Weight.FIRM))
        page.claim(start, stop)
    return findings


def _head(page: Page, arrow: int) -> tuple[int, re.Match[str]] | None:
    for index in range(arrow - 1, max(-1, arrow - 1 - _MESSAGE_LINES), -1):
        if page.claimed[index]:
            return None
        text = page.text(index)
        match = _HEAD.match(text)
        if match is None and index == arrow - 1:
            match = _CODE_HEAD.match(text)
        if match is not None:
            return index, match
        if text.startswith(("warning", "note", "help", " ")) or not text:
            return None
    return None


RECOGNISER = Recogniser(
    name="arrow",
    tools=("rustc", "cargo", "clippy", "ruff", "ty"),
    example=(
        "error[E0382]: use of moved value: `leaves`\n"
        " --> src/brew.rs:9:11\n"
        "  |\n"
        "8 |     pour(leaves);\n"
        "  |          ------ value moved here\n"
        "9 |     drink(leaves);\n"
        "  |           ^^^^^^ value used here after move\n"
    ),
    find=find,
    needs=("--> ",),
)
