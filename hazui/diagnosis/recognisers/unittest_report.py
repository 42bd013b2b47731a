"""Reports of Python's unittest and doctest."""

import re

from hazui.diagnosis.finding import Finding, Page, Weight, number
from hazui.diagnosis.recogniser import Recogniser
from hazui.diagnosis.recognisers import python_traceback
from hazui.diagnosis.recognisers.python_block import Reader, header_margin

_TITLE = re.compile(r"(?:FAIL|ERROR): \S.{0,500}$")
_EXAMPLE = re.compile(r'File "(?P<file>[^"]{1,500})", line (?P<line>\d{1,9}), in \S{1,300}$')
_DOUBLE = "=" * 70
_SINGLE = "-" * 70
_STARS = "*" * 70
_BLOCK_LINES = 400


def find(page: Page) -> list[Finding]:
    findings: list[Finding] = []
    for index, text in page.unclaimed():
        found = None
        if text == _DOUBLE and _TITLE.match(page.text(index + 1)):
            found = _test(page, index)
        elif text == _STARS and page.text(index + 2) == "Failed example:":
            found = _example(page, index + 1)
        if found is not None:
            findings.append(found)
    return findings


def _test(page: Page, index: int) -> Finding | None:
    stop = index + 3
    while stop < min(len(page.lines), index + _BLOCK_LINES):
        if page.text(stop) in (_DOUBLE, _SINGLE):
            break
        stop += 1
    for at in range(index + 2, stop):
        margin = header_margin(page.text(at))
        if margin is None:
            continue
        parts, _ = Reader(page).chain(at, margin)
        if parts:
            links = python_traceback.chain_links(page, parts)
            page.claim(index, stop)
            return page.finding(index, links, Weight.REPORT)
    return None


def _example(page: Page, index: int) -> Finding | None:
    place = _EXAMPLE.match(page.text(index))
    if place is None:
        return None
    stop = index + 1
    while stop < min(len(page.lines), index + _BLOCK_LINES) and page.text(stop) != _STARS:
        stop += 1
    link = page.link(
        index,
        stop,
        type=None,
        message="\n".join(page.text(at) for at in range(index + 1, stop)),
        file=place["file"],
        line=number(place["line"]),
    )
    page.claim(index, stop)
    return page.finding(index, [link], Weight.REPORT)


RECOGNISER = Recogniser(
    name="unittest",
    tools=("unittest", "doctest"),
    example=(
        f"F\n{_DOUBLE}\n"
        "FAIL: test_pour (test_pot.PotTest.test_pour)\n"
        f"{_SINGLE}\n"
        "Traceback (most recent call last):\n"
        '  File "/src/test_pot.py", line 6, in test_pour\n'
        "    self.assertEqual(pour(), 2)\n"
        "AssertionError: 1 != 2\n"
        f"\n{_SINGLE}\n"
        "Ran 1 test in 0.001s\n"
        "\nFAILED (failures=1)\n"
    ),
    find=find,
    needs=(
        "======",
        "******",
    ),
)
