"""Failed tests in the Test Anything Protocol, with the YAML block that may follow each.

Node's test runner, prove and many others speak it. A test with subtests fails because one of
them did; only the innermost are failures of their own.
"""

import re

from hazui.diagnosis.finding import Finding, Page, Weight, number
from hazui.diagnosis.recogniser import Recogniser

_NOT_OK = re.compile(r"(?P<indent> {0,40})not ok \d{1,9}(?: - (?P<name>.*))?$")
_KEY = re.compile(
    r"\s{0,44}(?P<key>error|message|location|at|name|failureType|stack): ?(?P<value>.*)$"
)
_PLACE = re.compile(
    r"'?(?:.{0,300}\()?(?:file://)?(?P<file>/?[^\s:()']{1,500}):(?P<line>\d{1,9})"
    r"(?::(?P<column>\d{1,9}))?\)?'?$"
)
_BLOCK_LINES = 200


def find(page: Page) -> list[Finding]:
    findings: list[Finding] = []
    for index, text in page.unclaimed():
        match = _NOT_OK.match(text) if "not ok " in text[:48] else None
        if match is None or "# TODO" in text or "# SKIP" in text:
            continue
        found = _test(page, index, match)
        if found is not None:
            findings.append(found)
    return findings


def _test(page: Page, index: int, match: re.Match[str]) -> Finding | None:
    values, stop = _block(page, index + 1)
    if values.get("failureType", "").strip("'") == "subtestsFailed":
        page.claim(index, stop)
        return None
    place = None
    for line in (*values.get("stack", "").split("\n"), values.get("at", "")):
        candidate = _PLACE.match(line.strip())
        if candidate is not None and not candidate["file"].startswith("node:"):
            place = candidate
            break
    place = place or _PLACE.match(values.get("location", "").strip())
    message = values.get("error") or values.get("message") or match["name"] or "not ok"
    link = page.link(
        index,
        stop,
        type=values.get("name", "").strip("'\"") or None,
        message=message.strip("'\""),
        file=place["file"] if place else None,
        line=number(place["line"]) if place else None,
        column=number(place["column"]) if place else None,
    )
    page.claim(index, stop)
    return page.finding(index, [link], Weight.REPORT)


def _block(page: Page, index: int) -> tuple[dict[str, str], int]:
    """The keys of the block at ``index`` that matter, and the line behind it."""
    values: dict[str, str] = {}
    if page.text(index).strip() != "---":
        return values, index
    margin = len(page.text(index)) - 3
    key = ""
    for at in range(index + 1, min(len(page.lines), index + _BLOCK_LINES)):
        text = page.text(at)
        if text.strip() == "..." and len(text) == margin + 3:
            return values, at + 1
        match = _KEY.match(text)
        indent = len(text) - len(text.lstrip())
        if match is not None and indent == margin:
            key = match["key"]
            values[key] = "" if match["value"] in ("|-", "|", ">-", ">") else match["value"]
        elif key and (indent > margin or not text):
            values[key] = f"{values[key]}\n{text.strip()}".strip("\n")
        else:
            key = ""
    return values, index + 1


RECOGNISER = Recogniser(
    name="tap",
    tools=("node --test", "prove", "tap"),
    example=(
        "TAP version 13\n"
        "not ok 1 - pours tea\n"
        "  ---\n"
        "  location: '/src/tea/pot.test.js:4:1'\n"
        "  failureType: 'testCodeFailure'\n"
        "  error: 'the pot is empty'\n"
        "  name: 'Error'\n"
        "  stack: |-\n"
        "    Pot.pour (/src/tea/pot.js:8:11)\n"
        "  ...\n"
        "1..1\n"
    ),
    find=find,
    needs=("not ok ",),
)
