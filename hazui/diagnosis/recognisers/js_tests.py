"""Failed tests in the reports of jest and vitest.

jest heads a failure with a bullet and the names of its suites, indents the rest by four columns
and ends with a stack; vitest names file and test in one line and gives the place behind an arrow.
jest repeats its failures in a summary, vitest its file in front of each.
"""

import re
from itertools import pairwise

from hazui.diagnosis.finding import Finding, Page, Weight, number, related
from hazui.diagnosis.frames import Frame, is_foreign
from hazui.diagnosis.recogniser import Recogniser
from hazui.domain.links import Link

_JEST = re.compile(r"  \u25cf (?P<name>\S.{0,500})$")
_JEST_PLACE = re.compile(
    r" {4,12}at (?:.{0,300} \()?(?P<file>[^():\s][^():]{0,400})"
    r":(?P<line>\d{1,9}):(?P<column>\d{1,9})\)?$"
)
_VITEST = re.compile(r" FAIL  (?P<file>[^>]{1,400}?)(?: > (?P<name>.{1,500}))?$")
_VITEST_PLACE = re.compile(
    r" \u276f (?:.{0,200} )?(?P<file>[^\s:]{1,400}):(?P<line>\d{1,9}):(?P<column>\d{1,9})$"
)
_TYPED = re.compile(r"(?P<type>[A-Za-z_$][\w$.]{0,80}(?:Error|Exception)?): (?P<message>\S.*)$")
_CAUSE = re.compile(r"(?: {4}Cause:|Caused by: (?P<rest>\S.*))$")
_UNPARSED = re.compile(
    r"\s{0,8}(?P<type>SyntaxError): (?P<file>[^\s:]{1,400}): (?P<message>\S.{0,500}) "
    r"\((?P<line>\d{1,9}):(?P<column>\d{1,9})\)$"
)
_BLOCK_LINES = 300


def find(page: Page) -> list[Finding]:
    findings: list[Finding] = []
    index = 0
    while index < len(page.lines):
        text = page.text(index)
        is_jest = text.startswith("  \u25cf ") and _JEST.match(text) is not None
        is_vitest = text.startswith(" FAIL  ") and _VITEST.match(text) is not None
        if page.claimed[index] or not (is_jest or is_vitest):
            index += 1
            continue
        stop = _end(page, index + 1, is_jest=is_jest)
        found = _failure(page, index, stop, is_jest=is_jest)
        if found is not None:
            findings.append(found)
            page.claim(index, stop)
        index = stop if found is not None else index + 1
    return findings


def _end(page: Page, index: int, *, is_jest: bool) -> int:
    """A failure ends where the next one begins, or where its indentation does."""
    stop = min(len(page.lines), index + _BLOCK_LINES)
    for at in range(index, stop):
        text = page.text(at)
        if is_jest and text and not text.startswith("    "):
            return at
        if not is_jest and text.startswith((" FAIL  ", "\u23af", " Test Files ", "  \u25cf ")):
            return at
    return stop


def _failure(page: Page, index: int, stop: int, *, is_jest: bool) -> Finding | None:
    """A failure without a place is only a title, as in the summary of a run."""
    starts = [index + 1]
    starts += [at for at in range(index + 1, stop) if _CAUSE.match(page.text(at))]
    links: list[Link] = []
    for start, end in pairwise([*starts, stop]):
        link = _link(page, start, end, is_jest=is_jest)
        if link is None:
            break
        links.append(related(link, "caused_by" if links else None))
    if not links or (links[0].file is None and len(links) == 1):
        return None
    return page.finding(index, links, Weight.REPORT)


def _link(page: Page, start: int, stop: int, *, is_jest: bool) -> Link | None:
    place_pattern = _JEST_PLACE if is_jest else _VITEST_PLACE
    frames: list[Frame] = []
    lines: list[str] = []
    in_message = True
    for at in range(start, stop):
        text = page.text(at)
        cause = _CAUSE.match(text) if at == start else None
        place = place_pattern.match(text)
        if place is not None:
            frames.append(Frame(place["file"], number(place["line"]), "", number(place["column"])))
            in_message = False
        elif cause is not None:
            lines += [cause["rest"]] if cause["rest"] else []
        elif in_message and (lines or text.strip()):
            in_message = "|" not in text[:12]
            if in_message:
                lines.append(text.removeprefix("    ").removeprefix("    ") if is_jest else text)
    message = "\n".join(lines).strip()
    broken = next((m for line in lines if (m := _UNPARSED.match(line))), None)
    if broken is not None:
        message = f"{broken['type']}: {broken['message']}"
        frames = [Frame(broken["file"], number(broken["line"]), "", number(broken["column"]))]
    if not message:
        return None
    own = [frame for frame in frames if not is_foreign(frame.file)]
    frame = next(iter(own or frames), None)
    head, _, rest = message.partition("\n")
    typed = _TYPED.match(head)
    # A bare `expect` of jest raises its own kind of error and does not name it.
    kind = None
    if typed is not None and typed["type"].endswith(("Error", "Exception")):
        kind, message = typed["type"], "\n".join([typed["message"], rest]).strip()
    return page.link(
        start,
        stop,
        type=kind,
        message=message,
        file=frame.file if frame else None,
        line=frame.line if frame else None,
        column=frame.column if frame else None,
    )


RECOGNISER = Recogniser(
    name="jest",
    tools=("jest", "vitest"),
    example=(
        "FAIL src/pot.test.js\n"
        "  \u25cf pot \u203a pours\n"
        "\n"
        "    expect(received).toBe(expected) // Object.is equality\n"
        "\n"
        "    Expected: 2\n"
        "    Received: 1\n"
        "\n"
        "      4 | test('pours', () => {\n"
        "    > 5 |   expect(pour()).toBe(2);\n"
        "        |                  ^\n"
        "\n"
        "      at Object.toBe (src/pot.test.js:5:18)\n"
        "\n"
        "Tests:       1 failed, 1 total\n"
    ),
    find=find,
    needs=(
        "  \u25cf ",
        " FAIL  ",
    ),
)
