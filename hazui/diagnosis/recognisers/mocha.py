"""Failed tests and hooks in the reports of mocha.

The numbered list behind ``N failing`` repeats each failure in full: the names of its suites, down
to one with a colon, the error, a diff, and the stack, innermost frame first.
"""

import re

from hazui.diagnosis.finding import Finding, Page, Weight, number
from hazui.diagnosis.frames import Frame, is_foreign
from hazui.diagnosis.recogniser import Recogniser

_COUNT = re.compile(r" {0,4}\d{1,6} failing$")
_ITEM = re.compile(r" {1,4}\d{1,6}\) \S.*$")
_ERROR = re.compile(
    r"(?:Uncaught )?(?P<type>[A-Za-z_$][\w$.]{0,100})(?: \[[\w-]{1,80}\])?: ?(?P<message>.*)$"
)
_FRAME = re.compile(
    r" {4,12}at (?:.{0,400} \()?(?:file://)?(?P<file>[^()\s][^()]{0,400}?)"
    r":(?P<line>\d{1,9}):(?P<column>\d{1,9})\)?$"
)
_OWN_FILE = re.compile(r" \((?P<file>/[^()]{1,400})\)$")
_BLOCK_LINES = 400
_TITLE_LINES = 12


def find(page: Page) -> list[Finding]:
    findings: list[Finding] = []
    in_list = False
    index = 0
    while index < len(page.lines):
        text = page.text(index)
        if not page.claimed[index] and _COUNT.match(text):
            in_list = True
        elif in_list and not page.claimed[index] and _ITEM.match(text):
            stop = index + 1
            while stop < min(len(page.lines), index + _BLOCK_LINES):
                if _ITEM.match(page.text(stop)):
                    break
                stop += 1
            found = _failure(page, index, stop)
            if found is not None:
                findings.append(found)
                page.claim(index, stop)
                index = stop
                continue
        index += 1
    return findings


def _failure(page: Page, index: int, stop: int) -> Finding | None:
    start = index
    while not page.text(start).endswith(":"):
        start += 1
        if start >= stop or start - index > _TITLE_LINES:
            return None
    lines: list[str] = []
    frames: list[Frame] = []
    end = start + 1
    in_diff = False
    for at in range(start + 1, stop):
        text = page.text(at)
        frame = _FRAME.match(text)
        if frame is not None:
            frames.append(Frame(frame["file"], number(frame["line"]), "", number(frame["column"])))
            end = at + 1
        elif frames:
            if text.strip():
                break
        else:
            in_diff = in_diff or text.strip() in ("+ expected - actual", "- actual + expected")
            if not in_diff and (lines or text.strip()):
                lines.append(text.strip())
                end = at + 1
    if not lines:
        return None
    error = _ERROR.match(lines[0])
    message = "\n".join([error["message"] if error else lines[0], *lines[1:]])
    own = next((frame for frame in frames if not is_foreign(frame.file)), None)
    named = _OWN_FILE.search(lines[0]) if own is None else None
    if named is not None:
        own = Frame(named["file"], None)
    link = page.link(
        index,
        end,
        type=error["type"] if error else None,
        message=message,
        file=own.file if own else None,
        line=own.line if own else None,
        column=own.column if own else None,
    )
    return page.finding(index, [link], Weight.REPORT)


RECOGNISER = Recogniser(
    name="mocha",
    tools=("mocha",),
    example=(
        "  0 passing (9ms)\n"
        "  1 failing\n"
        "\n"
        "  1) pot\n"
        "       pours:\n"
        "\n"
        "      AssertionError [ERR_ASSERTION]: 1 == 2\n"
        "      + expected - actual\n"
        "\n"
        "      -1\n"
        "      +2\n"
        "\n"
        "      at Context.<anonymous> (test/pot.js:7:12)\n"
        "      at process.processImmediate (node:internal/timers:483:21)\n"
    ),
    find=find,
    needs=(" failing",),
)
