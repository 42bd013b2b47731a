"""Errors of Perl: ``message at FILE line N.``, Carp's traces, and failed Test::More tests.

Warnings look the same as what ended the program. Of a run the last one is what it died of; of a
compilation that was given up the first one is the reason.
"""

import re
from dataclasses import replace

from hazui.diagnosis.finding import Finding, Page, Weight, number
from hazui.diagnosis.recogniser import Recogniser

_DIED = re.compile(
    r"(?P<message>\S.{0,1500}?) at "
    r"(?P<file>[^\s\"]{1,300}\.(?:pl|pm|t|psgi|cgi|PL)|-e|\(eval \d{1,9}\))"
    r" line (?P<line>\d{1,9})(?:\.$|, .{0,400}$|$)"
)
_GAVE_UP = re.compile(
    r"(?:Execution of \S{1,300} aborted due to|BEGIN failed--compilation aborted)"
)
_HAD_ERRORS = re.compile(r"\S{1,300} had compilation errors\.$")
_CALLED = re.compile(r"\t\S.{0,1000} called at \S{1,300} line \d{1,9}$")
_FAILED = re.compile(r"\s{0,12}#   Failed (?:\(TODO\) )?test(?: '(?P<name>.*)')?(?P<rest>.*)$")
_FAILED_AT = re.compile(
    r"\s{0,12}#   (?:in \S{1,300} )?at (?P<file>\S{1,300}) line (?P<line>\d{1,9})\.$"
)
_BLOCK_LINES = 60


def find(page: Page) -> list[Finding]:
    findings: list[Finding] = []
    deaths: list[Finding] = []
    gave_up = False
    for index, text in page.unclaimed():
        if _GAVE_UP.match(text) or _HAD_ERRORS.match(text):
            gave_up = True
            page.claim(index, index + 1)
        elif "#   Failed" in text[:24]:
            found = _test(page, index)
            if found is not None:
                findings.append(found)
        elif " line " in text and not text.startswith((" ", "\t", "#")):
            found = _died(page, index, text)
            if found is not None:
                deaths.append(found)
    if not gave_up:
        deaths[:-1] = [replace(found, weight=Weight.LOG_LINE) for found in deaths[:-1]]
    return [*deaths, *findings]


def _died(page: Page, index: int, text: str) -> Finding | None:
    match = _DIED.match(text)
    if match is None:
        return None
    stop = index + 1
    while stop < len(page.lines) and stop - index < _BLOCK_LINES:
        if not _CALLED.match(page.text(stop)):
            break
        stop += 1
    link = page.link(
        index,
        stop,
        type=None,
        message=match["message"],
        file=match["file"],
        line=number(match["line"]),
    )
    page.claim(index, stop)
    return page.finding(index, [link], Weight.FIRM)


def _test(page: Page, index: int) -> Finding | None:
    failed = _FAILED.match(page.text(index))
    if failed is None:
        return None
    stop = index + 1
    at = _FAILED_AT.match(page.text(stop))
    lines = [f"Failed test '{failed['name']}'" if failed["name"] else "Failed test"]
    while stop < len(page.lines) and stop - index < _BLOCK_LINES:
        text = page.text(stop).lstrip()
        at = at or _FAILED_AT.match(page.text(stop))
        if not text.startswith("#  ") or text.startswith("#   Failed"):
            break
        if not _FAILED_AT.match(page.text(stop)):
            lines.append(text[1:].strip())
        stop += 1
    link = page.link(
        index,
        stop,
        type=None,
        message="\n".join(lines),
        file=at["file"] if at else None,
        line=number(at["line"]) if at else None,
    )
    page.claim(index, stop)
    return page.finding(index, [link], Weight.REPORT)


RECOGNISER = Recogniser(
    name="perl",
    tools=("perl", "prove"),
    example="cannot open the tap: Permission denied at tea/pour.pl line 12.\n",
    find=find,
    needs=(
        " line ",
        "#   Failed",
    ),
)
