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
_TOLD_LINES = 60


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
    if frame is None:
        # A time limit or a deadlock is noticed elsewhere; somebody's own code waits for ever.
        others = (_FRAME.match(page.text(at)) for at in range(start, stop))
        own = (m for m in others if m is not None and m["file"].startswith("/"))
        waiting = next((m for m in own if not is_foreign(m["file"])), None)
        frame = Frame(waiting["file"], number(waiting["line"])) if waiting else None
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
    """A failed test's own lines stand below it, further in, or with -v above it."""
    test = _TEST.match(page.text(index))
    if test is None:
        return None
    if _TEST_PLACE.match(page.text(index + 1)):
        start, stop = index + 1, _told_end(page, index + 1)
    else:
        start, stop = _told_above(page, index, test["test"])
    told: list[tuple[re.Match[str], list[str]]] = []
    for at in range(start, stop):
        place = _TEST_PLACE.match(page.text(at))
        if place is not None:
            told.append((place, [place["message"]]))
        elif told:
            told[-1][1].append(page.text(at).strip())
    if not told:
        return None
    # What a test logged on its way comes first; the line that failed it comes last.
    place, lines = told[-1]
    first, last = min(start, index), max(stop, index + 1)
    link = page.link(
        first,
        last,
        type=None,
        message="\n".join(lines),
        file=place["file"],
        line=number(place["line"]),
    )
    page.claim(start, stop)
    page.claim(index, index + 1)
    return page.finding(first, [link], Weight.REPORT)


def _told_end(page: Page, start: int) -> int:
    text = page.text(start)
    indent = len(text) - len(text.lstrip())
    stop = start + 1
    while stop < len(page.lines) and stop - start < _TOLD_LINES:
        text = page.text(stop)
        if (text and len(text) - len(text.lstrip()) < indent) or "--- " in text[:60]:
            break
        stop += 1
    return stop


def _told_above(page: Page, index: int, test: str) -> tuple[int, int]:
    """The lines between a test's ``=== RUN`` and the next of its kind."""
    for start in range(index - 1, max(-1, index - _BLOCK_LINES), -1):
        if page.text(start) != f"=== RUN   {test}":
            continue
        stop = start + 1
        while stop < index and not page.text(stop).lstrip().startswith(("=== ", "--- ")):
            stop += 1
        return start + 1, stop
    return index, index


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
    needs=(
        "panic: ",
        "fatal error: ",
        "--- FAIL: ",
    ),
)
