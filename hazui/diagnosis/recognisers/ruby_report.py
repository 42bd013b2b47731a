"""Failed tests of Ruby: minitest, test-unit and RSpec.

All of them number or underline their failures; the place is in brackets (minitest), on the line
below the title (test-unit) or in a trailing ``#`` line (RSpec).
"""

import re

from hazui.diagnosis.finding import Finding, Page, Weight, number
from hazui.diagnosis.frames import Frame, own_frame
from hazui.diagnosis.recogniser import Recogniser

_MINITEST = re.compile(r" {1,4}\d{1,6}\) (?P<kind>Failure|Error):$")
_MINITEST_AT = re.compile(r"(?P<test>\S.{0,300}?)(?: \[(?P<file>[^\]:]{1,300}):(?P<line>\d+)\])?:$")
_UNIT = re.compile(r"(?P<kind>Failure|Error): \S.{0,300}\(\S{1,200}\)")
_RSPEC = re.compile(r" {1,6}\d{1,6}\) \S")
_RSPEC_AT = re.compile(r" {1,12}# (?P<file>[^\s:][^:]{0,300}):(?P<line>\d{1,9})(?::in |$)")
_FRAME = re.compile(r"\s{0,8}(?P<file>[^\s:][^:]{0,300}\.rb):(?P<line>\d{1,9}):in ")
_TYPED = re.compile(r"\s{0,8}(?P<type>[A-Z]\w{0,80}(?:::\w{1,80}){0,8}): ?(?P<message>.*)$")
_UNIT_RULE = "=" * 79
_BLOCK_LINES = 120


def find(page: Page) -> list[Finding]:
    findings: list[Finding] = []
    for index, text in page.unclaimed():
        found = None
        if _MINITEST.match(text):
            found = _minitest(page, index)
        elif text.startswith(("Failure: ", "Error: ")) and _UNIT.match(text):
            found = _unit(page, index)
        elif _RSPEC.match(text) and "Failure/Error:" in page.text(index + 1):
            found = _rspec(page, index)
        if found is not None:
            findings.append(found)
    return findings


def _made(
    page: Page, index: int, stop: int, lines: list[str], frames: list[Frame], kind: str | None
) -> Finding:
    message = "\n".join(lines).strip("\n")
    frame = own_frame(frames[::-1])
    link = page.link(
        index,
        stop,
        type=kind,
        message=message,
        file=frame.file if frame else None,
        line=frame.line if frame else None,
    )
    page.claim(index, stop)
    return page.finding(index, [link], Weight.REPORT)


def _minitest(page: Page, index: int) -> Finding | None:
    title = _MINITEST_AT.match(page.text(index + 1))
    if title is None:
        return None
    frames = [Frame(title["file"], number(title["line"]))] if title["file"] else []
    kind = None
    lines: list[str] = []
    stop = index + 2
    typed = _TYPED.match(page.text(stop)) if not frames else None
    if typed is not None:
        kind = typed["type"]
        lines.append(typed["message"])
        stop += 1
    while stop < min(len(page.lines), index + _BLOCK_LINES):
        text = page.text(stop)
        frame = _FRAME.match(text)
        if frame is not None:
            frames.append(Frame(frame["file"], number(frame["line"])))
        elif _MINITEST.match(text) or (not text and (frames and lines)):
            if not _FRAME.match(page.text(stop + 1)):
                break
        else:
            lines.append(text)
        stop += 1
    return _made(page, index, stop, lines, frames, kind)


def _unit(page: Page, index: int) -> Finding | None:
    frames: list[Frame] = []
    lines: list[str] = []
    title = page.text(index).partition(": ")[2]
    kind = None
    stop = index + 1
    while stop < min(len(page.lines), index + _BLOCK_LINES) and page.text(stop) != _UNIT_RULE:
        text = page.text(stop)
        frame = _FRAME.match(text)
        if frame is not None:
            frames.append(Frame(frame["file"], number(frame["line"])))
        elif text and not text.startswith((" ", "=>")):
            lines.append(text)
        stop += 1
    typed = _TYPED.match(title.rpartition(": ")[0] + ":") if title.count(": ") else None
    if typed is not None:
        kind = typed["type"]
    return _made(page, index, stop, lines or [title], frames, kind)


def _rspec(page: Page, index: int) -> Finding | None:
    frames: list[Frame] = []
    lines: list[str] = []
    kind = None
    stop = index + 2
    while stop < min(len(page.lines), index + _BLOCK_LINES):
        text = page.text(stop)
        at = _RSPEC_AT.match(text)
        if at is not None:
            frames.append(Frame(at["file"], number(at["line"])))
        elif frames or _RSPEC.match(text):
            break
        elif text.strip():
            typed = re.fullmatch(r"\s{1,12}([A-Z]\w{0,80}(?:::\w{1,80}){0,8}):", text)
            if typed is not None and kind is None:
                kind = typed[1]
            else:
                lines.append(text.strip())
        stop += 1
    return _made(page, index, stop, lines, frames, kind)


RECOGNISER = Recogniser(
    name="ruby-test",
    tools=("minitest", "test-unit", "rspec"),
    example=(
        "  1) Failure:\n"
        "PotTest#test_pour [test/pot_test.rb:8]:\n"
        "Expected: 2\n"
        "  Actual: 1\n"
        "\n"
        "1 runs, 1 assertions, 1 failures, 0 errors, 0 skips\n"
    ),
    find=find,
    needs=(
        "Failure: ",
        "Error: ",
        "Failure:",
        "Error:",
    ),
)
