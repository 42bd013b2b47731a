"""Errors that name their causes below a ``Caused by:``: anyhow, eyre, cargo, uv.

The causes are numbered lines, one indented block, or one ``Caused by:`` for each; eyre numbers
the head as well and ends with a ``Location:``.
"""

import re
from dataclasses import replace

from hazui.diagnosis.finding import Finding, Page, Weight, number
from hazui.diagnosis.recogniser import Recogniser
from hazui.diagnosis.recognisers.python_block import exception_line
from hazui.domain.links import Link

_HEAD = re.compile(
    r"(?:\S{1,40}: )?(?:[Ee]rror|ERROR|[Ff]atal|FATAL)(?: error)?:(?: (?P<text>.*))?$"
)
_NUMBERED = re.compile(r"\s{1,8}\d{1,4}: (?P<text>\S.*)$")
_INLINE = re.compile(r"\s{0,8}(?:[Cc]aused by|Cause): (?P<text>\S.*)$")
_PLACE = re.compile(
    r"\s{1,8}(?:at )?(?P<file>\S{1,500}?):(?P<line>\d{1,9})(?::(?P<column>\d{1,9}))?$"
)
_FAILED = re.compile(r"(?P<text>\S{1,60} failed)$")
_AT_LINE = re.compile(r"\bat line (?P<line>\d{1,9})(?:,? column (?P<column>\d{1,9}))?")
_IN_FILE = re.compile(r"[`'\" ](?P<file>[\w./-]{1,400}\.\w{1,10})[`'\"]?$")
_MAX_LINES = 200


def find(page: Page) -> list[Finding]:
    findings: list[Finding] = []
    for index, text in page.unclaimed():
        head = _HEAD.match(text) if ":" in text and "rror" in text[:60].lower() else None
        if head is None and text[:5].lower() == "fatal":
            head = _HEAD.match(text)
        if head is None and text.endswith(" failed") and page.text(index + 1)[:9] == "  Cause: ":
            head = _FAILED.match(text)
        if head is None:
            continue
        links, stop = _causes(page, index + 1)
        if not links:
            continue
        if head["text"]:
            stop_of_head = index + 1
            links.insert(0, page.link(index, stop_of_head, type=None, message=head["text"]))
        chain = [links[0], *(replace(link, relation="caused_by") for link in links[1:])]
        # A build script that died has told why in what cargo quotes of it.
        is_quoting = any(page.claimed[index:stop])
        weight = Weight.WRAPPER if is_quoting else Weight.FIRM
        findings.append(page.finding(index, chain, weight))
        page.claim(index, stop)
    return findings


def _causes(page: Page, index: int) -> tuple[list[Link], int]:
    """The causes from ``index`` on, outermost first, and where they end."""
    links: list[Link] = []
    inside = _NUMBERED.match(page.text(index)) is not None
    end = index
    for at in range(index, min(len(page.lines), index + _MAX_LINES)):
        text = page.text(at)
        inline = _INLINE.match(text)
        numbered = _NUMBERED.match(text) if inside else None
        if inline is not None:
            links.append(_inline(page, at, inline["text"]))
            inside = False
        elif text.strip().lower() == "caused by:":
            inside = True
            links.extend(_plain(page, at + 1))
        elif numbered is not None:
            links.append(page.link(at, at + 1, type=None, message=numbered["text"]))
        elif text == "Location:" and links:
            place = _PLACE.match(page.text(at + 1))
            if place is not None:
                links[-1] = replace(
                    links[-1],
                    file=place["file"],
                    line=number(place["line"]),
                    column=number(place["column"]),
                )
            end = at + 2
            break
        elif text and not text.startswith((" ", "\t")):
            break
        end = at + 1
    return links, end


def _inline(page: Page, at: int, text: str) -> Link:
    """A cause on one line, with its class where it has one, or with a place further down."""
    named = exception_line(text)
    if named is not None and "." in named[0] and named[0].endswith(("Exception", "Error")):
        return page.link(at, at + 1, type=named[0], message=named[1])
    place = _AT_LINE.search(text)
    if place is None:
        return page.link(at, at + 1, type=None, message=text)
    stop = at + 1
    while stop < min(len(page.lines), at + 8) and page.text(stop):
        stop += 1
    file = _IN_FILE.search(page.text(at - 1))
    return page.link(
        at,
        stop,
        type=None,
        message="\n".join([text, *(page.text(row) for row in range(at + 1, stop))]),
        file=file["file"] if file else None,
        line=number(place["line"]),
        column=number(place["column"]),
    )


def _plain(page: Page, index: int) -> list[Link]:
    """The one unnumbered cause below its title; its further lines belong to the message."""
    if not page.text(index).startswith((" ", "\t")) or _NUMBERED.match(page.text(index)):
        return []
    stop = index
    while page.text(stop).startswith((" ", "\t")) and stop < index + 20:
        stop += 1
    message = "\n".join(page.text(at).strip() for at in range(index, stop))
    return [page.link(index, stop, type=None, message=message)]


RECOGNISER = Recogniser(
    name="causes",
    tools=("anyhow", "eyre", "cargo", "uv"),
    example=(
        "Error: the kettle did not start\n"
        "\n"
        "Caused by:\n"
        "    0: cannot read the boiler's profile\n"
        "    1: Permission denied (os error 13)\n"
    ),
    find=find,
    needs=(
        "aused by",
        "aused By",
        "AUSED BY",
        "Cause: ",
        " 0: ",
        " 1: ",
    ),
)
