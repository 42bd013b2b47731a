"""Panics and fatal errors of Go programs, and failed Go tests.

The first goroutine listed is the one that died. A frame is two lines, the function and, behind a
tab, the place; the innermost comes first.
"""

import re

from hazui.diagnosis.finding import Finding, Page, Weight, number
from hazui.diagnosis.frames import Frame, is_foreign
from hazui.diagnosis.recogniser import Recogniser

_PANIC = re.compile(r"(?P<kind>panic|fatal error): (?P<message>.*)$")
_GOROUTINE = re.compile(r"(?:goroutine \d{1,12}|runtime stack)(?: |:)")
_FRAME = re.compile(r"\t(?P<file>\S.{0,500}?):(?P<line>\d{1,9})(?: \+0x[0-9a-f]{1,16})?$")
_TEST = re.compile(r" *--- FAIL: (?P<test>\S{1,300}) \([\d.]{1,20}s\)$")
_TEST_PLACE = re.compile(
    r" {4,40}(?P<file>[\w./-]{1,300}\.go):(?P<line>\d{1,9}): ?(?P<message>.*)$"
)
_SEARCH_LINES = 12
_BLOCK_LINES = 400


def find(page: Page) -> list[Finding]:
    findings: list[Finding] = []
    for index, text in page.unclaimed():
        if text.startswith(("panic: ", "fatal error: ")):
            found = _panic(page, index)
        elif "--- FAIL: " in text[:60]:
            found = _test(page, index)
        else:
            continue
        if found is not None:
            findings.append(found)
    return findings


def _panic(page: Page, index: int) -> Finding | None:
    match = _PANIC.match(page.text(index))
    start = next(
        (
            at
            for at in range(index + 1, min(len(page.lines), index + _SEARCH_LINES))
            if _GOROUTINE.match(page.text(at))
        ),
        None,
    )
    if match is None or start is None:
        return None
    frames: list[Frame] = []
    stop = start + 1
    while stop < len(page.lines) and stop - start < _BLOCK_LINES:
        text = page.text(stop)
        place = _FRAME.match(text)
        if place is not None:
            frames.append(Frame(place["file"], number(place["line"])))
        elif text.startswith("created by") or not text:
            break
        stop += 1
    while stop < len(page.lines) and stop - start < _BLOCK_LINES:
        # The other goroutines only say where they stood.
        text = page.text(stop)
        if text.startswith(("panic: ", "--- ", "FAIL", "exit status")):
            break
        if text and not text.startswith("\t") and "(" not in text:
            following = page.text(stop + 1).startswith("\t")
            if not (_GOROUTINE.match(text) or text.startswith("created by") or following):
                break
        stop += 1
    frame = next((frame for frame in frames if not is_foreign(frame.file)), None)
    frame = frame or next(iter(frames), None)
    lines = [match["message"]]
    for at in range(index + 1, start):
        text = page.text(at)
        if text and not text.startswith("[signal"):
            lines.append(text.strip())
    link = page.link(
        index,
        stop,
        type=match["kind"],
        message="\n".join(lines),
        file=frame.file if frame else None,
        line=frame.line if frame else None,
    )
    page.claim(index, stop)
    return page.finding(index, [link], Weight.FIRM)


def _test(page: Page, index: int) -> Finding | None:
    """A failed test's own lines stand below it, further in; a parent of subtests has none."""
    test = _TEST.match(page.text(index))
    place = _TEST_PLACE.match(page.text(index + 1))
    if test is None or place is None:
        return None
    indent = len(page.text(index + 1)) - len(page.text(index + 1).lstrip())
    stop = index + 2
    while stop < len(page.lines) and stop - index < 60:
        text = page.text(stop)
        if (text and len(text) - len(text.lstrip()) <= indent) or _TEST_PLACE.match(text):
            break
        stop += 1
    message = "\n".join(
        [place["message"], *(page.text(at).strip() for at in range(index + 2, stop))]
    )
    link = page.link(
        index, stop, type=None, message=message, file=place["file"], line=number(place["line"])
    )
    page.claim(index, stop)
    return page.finding(index, [link], Weight.REPORT)


RECOGNISER = Recogniser(
    name="go",
    tools=("go", "go test"),
    example=(
        "panic: the kettle is empty\n"
        "\n"
        "goroutine 1 [running]:\n"
        "example.com/tea/pot.Pour(...)\n"
        "\t/src/tea/pot/pot.go:17\n"
        "main.main()\n"
        "\t/src/tea/main.go:9 +0x1d\n"
        "exit status 2\n"
    ),
    find=find,
)
