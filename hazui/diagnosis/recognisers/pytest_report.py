"""Reports of pytest: failures and errors of tests, fixtures, collection, conftest files.

A test's block holds, per exception of its chain and root first, the frames as ``file:line: ...``
lines and the exception as ``E`` lines; in the long style a frame's line follows its source, in
the short style it precedes it. ``--tb=line`` prints one line a test and ``--tb=no`` leaves only
the short summary.
"""

import re
from dataclasses import dataclass, field

from hazui.diagnosis.finding import Finding, Page, Weight, number, related
from hazui.diagnosis.frames import Frame, own_frame
from hazui.diagnosis.recogniser import Recogniser
from hazui.diagnosis.recognisers import python_traceback
from hazui.diagnosis.recognisers.pytest_unusual import unusual
from hazui.diagnosis.recognisers.python_block import (
    CAUSE,
    CONTEXT,
    Reader,
    exception_line,
    header_margin,
)
from hazui.domain.links import Link, Relation

_BANNER = re.compile(r"={3,} (.{1,200}?) ={3,}$")
_TEST = re.compile(r"_{2,} (.{1,500}?) _{2,}$")
_PLACE = re.compile(r"([^\s:][^:]{0,500}):(\d{1,9}): ?(.*)$")
_SUMMARY = re.compile(r"(?:FAILED|ERROR) (\S.*?)(?: - (.*))?$")
_CAPTURED = re.compile(r"-{3,} ?(?:Captured|generated|live log)")
_FILE = re.compile(r'\s*File "([^"]{1,500})", line (\d{1,9})')
_FIXTURE_FILE = re.compile(r"file (.{1,500}), line (\d{1,9})$")
_VERDICT = re.compile(
    r"={3,} .*\b(?:passed|failed|errors?|skipped|deselected|no tests ran|warnings?)\b.* in [\d.]+s"
)
_NOTHING_RAN = re.compile(r"^(?:no tests ran|\d{1,9} (?:deselected|skipped).{0,60}) in ")
_RESULT_WORDS = ("FAILURES", "ERRORS")


@dataclass(slots=True)
class _Part:
    start: int
    frames: list[Frame] = field(default_factory=list)
    e_lines: list[str] = field(default_factory=list)
    stop: int = 0
    relation: Relation | None = None
    place_type: str = ""


def find(page: Page) -> list[Finding]:
    findings: list[Finding] = []
    summaries: list[Finding] = []
    session: int | None = None
    section = ""
    index = 0
    while index < len(page.lines):
        text = page.text(index)
        banner = _BANNER.match(text) if text.startswith("===") else None
        if banner is not None:
            section = banner[1]
            if section == "test session starts" or (session is None and section in _RESULT_WORDS):
                session = index
            if session is not None and _VERDICT.match(text):
                if _NOTHING_RAN.search(section):
                    link = page.link(
                        index, index + 1, type=None, message=f"no tests ran ({section})"
                    )
                    summaries.append(page.finding(index, [link], Weight.LOG_LINE))
                page.claim(session, index + 1)
                session = None
            index += 1
            continue
        stop = index + 1
        if text.startswith("ImportError while loading conftest"):
            stop = _block_end(page, index + 1, in_report=False)
            _add(findings, _block(page, index, index + 1, stop))
            page.claim(index, stop)
        elif text.startswith("INTERNALERROR"):
            pass
        elif section in _RESULT_WORDS and _TEST.match(text):
            stop = _block_end(page, index + 1, in_report=True)
            _add(findings, _block(page, index, index + 1, stop))
        elif section == "FAILURES" and session is not None:
            _add(findings, _one_line(page, index))
        elif section == "short test summary info":
            _add(summaries, _summary(page, index))
        index = stop
    if session is not None:
        page.claim(session, len(page.lines))
    return findings or summaries


def _add(findings: list[Finding], found: Finding | None) -> None:
    if found is not None:
        findings.append(found)


def _block_end(page: Page, index: int, *, in_report: bool) -> int:
    while index < len(page.lines):
        text = page.text(index)
        if _BANNER.match(text) or (in_report and _TEST.match(text)):
            break
        if (
            not in_report
            and text
            and not (text.startswith((" ", "E ")) or _PLACE.match(text) or text in (CAUSE, CONTEXT))
        ):
            break
        index += 1
    return index


def _block(page: Page, title: int, start: int, stop: int) -> Finding | None:
    """One failing test. Captured output behind its exception is the test's, not the reason."""
    for index in range(start, stop):
        if _CAPTURED.match(page.text(index)):
            stop = index
            break
    for index in range(start, stop):
        margin = header_margin(page.text(index))
        if margin is not None and not page.text(index).startswith("E"):
            parts, _ = Reader(page).chain(index, margin)
            if parts:
                links = python_traceback.chain_links(page, parts)
                return page.finding(title, links, Weight.REPORT)
    links = [_link(page, part) for part in reversed(_parts(page, start, stop)) if part.e_lines]
    if not links:
        return unusual(page, title, start, stop)
    return page.finding(title, links, Weight.REPORT)


def _parts(page: Page, start: int, stop: int) -> list[_Part]:
    parts = [_Part(start)]
    outer_relation: dict[int, Relation] = {}
    for index in range(start, stop):
        text = page.text(index)
        part = parts[-1]
        if text in (CAUSE, CONTEXT):
            outer_relation[len(parts)] = "caused_by" if text == CAUSE else "while_handling"
            parts.append(_Part(index + 1))
        elif text == "E" or text.startswith("E  "):
            part.e_lines.append(text[1:])
            part.stop = index + 1
        elif (place := _PLACE.match(text)) is not None and not text.startswith((" ", ">")):
            part.frames.append(Frame(place[1], number(place[2])))
            part.place_type = place[3]
            part.stop = index + 1
        elif (place := _FIXTURE_FILE.match(text)) is not None:
            part.frames.append(Frame(place[1], number(place[2])))
    for at, part in enumerate(parts):
        # A link carries how the outer one, printed after it, stands to it.
        part.relation = outer_relation.get(at + 1)
    return parts


def _link(page: Page, part: _Part) -> Link:
    margin = min((len(t) - len(t.lstrip()) for t in part.e_lines if t.strip()), default=0)
    lines = [line[margin:] for line in part.e_lines]
    frame = own_frame(part.frames)
    kind: str | None = None
    message = "\n".join(lines)
    for at, line in enumerate(lines):
        place = _FILE.match(line)
        if place is not None:
            frame = Frame(place[1], number(place[2]))
        found = exception_line(line)
        if found is not None and (found[0][:1].isupper() or "." in found[0]):
            kind = found[0]
            message = "\n".join([found[1], *lines[at + 1 :]])
            break
    if kind is None and message.lstrip().startswith("assert "):
        kind = "AssertionError"
    kind = kind or _named_type(part.place_type)
    return related(
        page.link(
            part.start,
            part.stop or part.start + 1,
            type=kind,
            message=message,
            file=frame.file if frame else None,
            line=frame.line if frame else None,
        ),
        part.relation,
    )


def _named_type(text: str) -> str | None:
    return text if text.isidentifier() and text[:1].isupper() else None


def _one_line(page: Page, index: int) -> Finding | None:
    """``--tb=line``: one place and one message a test."""
    place = _PLACE.match(page.text(index))
    if place is None or not place[3]:
        return None
    found = exception_line(place[3])
    kind, message = found if found is not None else (None, place[3])
    if kind is None and message.startswith("assert "):
        kind = "AssertionError"
    link = page.link(
        index, index + 1, type=kind, message=message, file=place[1], line=number(place[2])
    )
    return page.finding(index, [link], Weight.REPORT)


def _summary(page: Page, index: int) -> Finding | None:
    match = _SUMMARY.match(page.text(index))
    if match is None:
        return None
    file = match[1].partition("::")[0]
    text = match[2] or match[1]
    found = exception_line(text) if match[2] else None
    kind, message = found if found is not None else (None, text)
    if kind is None and message.startswith("assert "):
        kind = "AssertionError"
    link = page.link(index, index + 1, type=kind, message=message, file=file)
    return page.finding(index, [link], Weight.REPORT)


RECOGNISER = Recogniser(
    name="pytest",
    tools=("pytest",),
    example=(
        "============ FAILURES ============\n"
        "____________ test_sum ____________\n"
        "\n"
        "    def test_sum():\n"
        ">       assert add(1, 2) == 4\n"
        "E       assert 3 == 4\n"
        "E        +  where 3 = add(1, 2)\n"
        "\n"
        "tests/test_sum.py:7: AssertionError\n"
        "==== short test summary info ====\n"
        "FAILED tests/test_sum.py::test_sum - assert 3 == 4\n"
        "======= 1 failed in 0.01s =======\n"
    ),
    find=find,
    needs=(
        "===",
        "ImportError while loading conftest",
    ),
)
