"""Tracebacks that rich draws into a box, with the exception in one line below each box."""

import re

from hazui.diagnosis.finding import Finding, Page, Weight, number, related
from hazui.diagnosis.frames import Frame, own_frame
from hazui.diagnosis.recogniser import Recogniser
from hazui.diagnosis.recognisers.python_block import CAUSE, CONTEXT, exception_line, looks_logged
from hazui.domain.links import Link, Relation

_TITLE = " Traceback (most recent call last) "
_FRAME = re.compile(
    r"[\u2502|] (?P<file>[^\s:][^:]{0,500}):(?P<line>\d{1,9}) in (?P<name>\S{1,200}) *[\u2502|]$"
)
_BLOCK_LINES = 2_000


def find(page: Page) -> list[Finding]:
    findings: list[Finding] = []
    stop = 0
    for index, text in page.unclaimed():
        if index < stop or _TITLE not in text:
            continue
        links, stop = _chain(page, index)
        if links:
            page.claim(index, stop)
            logged = looks_logged(page.text(index - 1))
            weight = Weight.LOGGED if logged else Weight.FIRM
            findings.append(page.finding(index, links, weight))
    return findings


def _chain(page: Page, index: int) -> tuple[list[Link], int]:
    links: list[Link] = []
    relation: Relation | None = None
    stop = index
    while _TITLE in page.text(index):
        link, end = _box(page, index)
        if link is None:
            break
        if links:
            links[0] = related(links[0], relation)
        links.insert(0, link)
        stop = index = end
        while index < end + 3 and not page.text(index):
            index += 1
        if page.text(index) not in (CAUSE, CONTEXT):
            break
        relation = "caused_by" if page.text(index) == CAUSE else "while_handling"
        index += 1
        while index < end + 6 and not page.text(index):
            index += 1
    return links, stop


def _box(page: Page, index: int) -> tuple[Link | None, int]:
    frames: list[Frame] = []
    at = index + 1
    while at < min(len(page.lines), index + _BLOCK_LINES):
        text = page.text(at)
        frame = _FRAME.match(text)
        if frame is not None:
            frames.append(Frame(frame["file"], number(frame["line"]), frame["name"]))
        elif text.startswith(("\u2570", "+-")):
            break
        at += 1
    named = exception_line(page.text(at + 1))
    if named is None:
        return None, index + 1
    own = own_frame(frames)
    link = page.link(
        index,
        at + 2,
        type=named[0],
        message=named[1],
        file=own.file if own else None,
        line=own.line if own else None,
    )
    return link, at + 2


RECOGNISER = Recogniser(
    name="python-rich",
    tools=("python", "rich"),
    example=(
        "\u256d\u2500\u2500\u2500 Traceback (most recent call last) \u2500\u2500\u2500\u256e\n"
        "\u2502 /src/tea/pot.py:4 in pour            \u2502\n"
        "\u2502                                      \u2502\n"
        "\u2502   3 def pour(cups):                  \u2502\n"
        "\u2502 \u2771 4 \u2502   return 10 / cups              \u2502\n"
        "\u2570" + "\u2500" * 38 + "\u256f\n"
        "ZeroDivisionError: division by zero\n"
    ),
    find=find,
    needs=(" Traceback (most recent call last) ",),
)
