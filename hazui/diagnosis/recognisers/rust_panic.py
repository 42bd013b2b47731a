"""Panics of Rust programs and failed Rust tests.

The place is in the head line; with a backtrace the innermost own frame is better when the head
points into a library. Old compilers print message and place in one line, in quotes.
"""

import re

from hazui.diagnosis.finding import Finding, Page, Weight, number
from hazui.diagnosis.frames import Frame, is_foreign
from hazui.diagnosis.recogniser import Recogniser

_HEAD = re.compile(
    r"thread '(?P<thread>[^']{0,300})'(?: \(\d{1,12}\))? (?:has )?panicked at (?P<rest>.*)$"
)
_PLACE = re.compile(r"(?P<file>[^:]{1,500}):(?P<line>\d{1,9}):(?P<column>\d{1,9}):?$")
_OLD = re.compile(r"'(?P<message>.*)', (?P<place>[^']{1,500})$")
_FRAME = re.compile(r"\s{3,}at (?P<place>\S.{0,500})$")
_TEST = re.compile(r"---- (?P<test>\S.{0,300}) stdout ----$")
_MESSAGE_LINES = 40
_FRAME_LINES = 200


def find(page: Page) -> list[Finding]:
    findings: list[Finding] = []
    in_test = False
    for index, text in page.unclaimed():
        if text.startswith("---- "):
            in_test = _TEST.match(text) is not None
            returned = page.text(index + 1).removeprefix("note: test did not ")
            if in_test and returned != page.text(index + 1):
                returned = f"Error: test did not {returned}"
            if in_test and returned.startswith("Error: "):
                link = page.link(index, index + 2, type=None, message=returned[7:])
                findings.append(page.finding(index, [link], Weight.REPORT))
                page.claim(index, index + 2)
                continue
        margin = len(text) - len(text.lstrip(" "))
        head = _HEAD.match(text, margin) if text.startswith("thread '", margin) else None
        if head is None:
            continue
        old = _OLD.match(head["rest"])
        frame = _frame(old["place"] if old is not None else head["rest"])
        stop = index + 1
        message = old["message"] if old is not None else ""
        if old is None:
            while stop < len(page.lines) and stop - index <= _MESSAGE_LINES:
                line = page.text(stop)[margin:]
                if not line or line.startswith(("note: ", "stack backtrace")):
                    break
                stop += 1
            message = "\n".join(page.text(at)[margin:] for at in range(index + 1, stop))
        if frame is None or is_foreign(frame.file):
            frame = _backtrace(page, stop) or frame
        link = page.link(
            index,
            stop,
            type="panic",
            message=message or "explicit panic",
            file=frame.file if frame else None,
            line=frame.line if frame else None,
            column=frame.column if frame else None,
        )
        weight = Weight.REPORT if in_test else Weight.FIRM
        findings.append(page.finding(index, [link], weight))
        page.claim(index, stop)
    return findings


def _frame(place: str) -> Frame | None:
    match = _PLACE.match(place)
    if match is None:
        return None
    return Frame(match["file"], number(match["line"]), "", number(match["column"]))


def _backtrace(page: Page, index: int) -> Frame | None:
    """The innermost own frame of a backtrace, which lists the innermost first."""
    for at in range(index, min(len(page.lines), index + _FRAME_LINES)):
        text = page.text(at)
        if text.startswith("thread '"):
            return None
        match = _FRAME.match(text)
        frame = _frame(match["place"]) if match is not None else None
        if frame is not None and not is_foreign(frame.file):
            return frame
    return None


RECOGNISER = Recogniser(
    name="rust-panic",
    tools=("rust", "cargo test"),
    example=(
        "thread 'main' panicked at src/pour.rs:21:14:\n"
        "the pot is empty\n"
        "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n"
    ),
    find=find,
    needs=(
        "thread '",
        "---- ",
    ),
)
