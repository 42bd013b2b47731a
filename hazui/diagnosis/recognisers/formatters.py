"""What code formatters say about files that they would change or cannot read.

black and isort, ruff, gofmt's kin and prettier. Files that would change have no line; a file that
cannot be parsed has one.
"""

import re

from hazui.diagnosis.finding import Finding, Page, Weight, number
from hazui.diagnosis.recogniser import Recogniser

_WOULD = re.compile(r"(?:\[warn\] )?(?P<message>[Ww]ould reformat:? (?P<file>\S.{0,400}))$")
_ISORT = re.compile(r"ERROR: (?P<file>\S.{0,400}?) (?P<message>Imports are incorrectly sorted.*)$")
_BLACK = re.compile(
    r"error: cannot format (?P<file>\S.{0,400}?): (?P<message>\S.{0,400}?)"
    r"(?:: (?P<line>\d{1,9}):(?P<column>\d{1,9}): .*)?$"
)
_BLACK_NEW = re.compile(
    r"error: (?P<message>[cC]annot parse): (?P<file>\S.{0,400}?):(?P<line>\d{1,9})"
    r":(?P<column>\d{1,9})$"
)
_RUFF = re.compile(
    r"error: (?P<message>Failed to (?:parse|format) (?P<file>[^\s:]{1,400})"
    r"(?::(?P<line>\d{1,9}):(?P<column>\d{1,9}))?: .*)$"
)
_PRETTIER = re.compile(
    r"\[error\] (?P<file>\S[^:]{0,400}): (?P<type>\w{1,60}Error): (?P<message>\S.{0,1000}?)"
    r"(?: \((?P<line>\d{1,9}):(?P<column>\d{1,9})\))?$"
)
_PRETTIER_WARN = re.compile(r"\[warn\] (?P<file>\S{1,400}\.\w{1,12})$")
_PRETTIER_ALL = "[warn] Code style issues"


def find(page: Page) -> list[Finding]:
    findings: list[Finding] = []
    unformatted: list[tuple[int, str]] = []
    for index, text in page.unclaimed():
        if text.startswith(_PRETTIER_ALL):
            for at, file in unformatted:
                link = page.link(at, at + 1, type=None, message=f"{file}: {text[7:]}", file=file)
                findings.append(page.finding(at, [link], Weight.FIRM))
            unformatted = []
            page.claim(index, index + 1)
        elif (warned := _PRETTIER_WARN.match(text)) is not None:
            unformatted.append((index, warned["file"]))
            page.claim(index, index + 1)
        elif (found := _one(page, index, text)) is not None:
            findings.append(found)
    return findings


def _one(page: Page, index: int, text: str) -> Finding | None:
    match = None
    if "ould reformat" in text[:24]:
        match = _WOULD.match(text)
    elif text.startswith("ERROR: "):
        match = _ISORT.match(text)
    elif text.startswith("error: "):
        match = _BLACK_NEW.match(text) or _BLACK.match(text) or _RUFF.match(text)
    elif text.startswith("[error] "):
        match = _PRETTIER.match(text)
    if match is None:
        return None
    place = match.groupdict()
    stop = index + 1
    while stop < min(len(page.lines), index + 12) and page.text(stop).startswith(
        ("[error]  ", "[error] >", "   ", "ParseError: ")
    ):
        stop += 1
    detail = page.text(stop - 1) if stop > index + 1 else ""
    message = match["message"] + (f": {detail}" if detail.startswith("ParseError") else "")
    link = page.link(
        index,
        stop,
        type=place.get("type"),
        message=message,
        file=place["file"],
        line=number(place.get("line")),
        column=number(place.get("column")),
    )
    page.claim(index, stop)
    return page.finding(index, [link], Weight.FIRM)


RECOGNISER = Recogniser(
    name="formatters",
    tools=("black", "isort", "ruff format", "prettier"),
    example=(
        "[error] src/bar.js: SyntaxError: Unexpected token (2:6)\n"
        "[error]   1 | const bar = {\n"
        "[error] > 2 |   tea: ;\n"
        "[error]     |        ^\n"
    ),
    find=find,
    needs=(
        "ould reformat",
        "incorrectly sorted",
        "error: ",
        "[error] ",
        "[warn] ",
    ),
)
