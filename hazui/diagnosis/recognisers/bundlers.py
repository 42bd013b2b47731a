"""What bundlers of JavaScript report: esbuild, rolldown and vite, rollup, webpack.

Each heads an error with a mark of its own and names the place on a line below or beside it.
"""

import re

from hazui.diagnosis.finding import Finding, Page, Weight, number
from hazui.diagnosis.recogniser import Recogniser

_ESBUILD = re.compile(r"(?:\u2718|X) \[ERROR\] (?P<message>\S.*)$")
_ESBUILD_AT = re.compile(
    r" {2,8}(?P<file>\S[^:]{0,400}):(?P<line>\d{1,9})(?::(?P<column>\d{1,9}))?:?$"
)
_ROLLDOWN = re.compile(
    r"(?:Error: )?\[(?P<code>[A-Z][A-Z_]{3,60})\] (?:Error: )?(?P<message>\S.*)$"
)
_BOXED_AT = re.compile(
    r" {0,8}[\u256d,]-?\u2500?\[ ?(?P<file>[^\]:]{1,400}):(?P<line>\d{1,9}):(?P<column>\d{1,9}) ?\]"
)
_ROLLUP = re.compile(r"\[!\] (?:\(.{1,80}\) )?(?:(?P<type>\w{1,60}Error): )?(?P<message>\S.*)$")
_ROLLUP_AT = re.compile(
    r"(?P<file>[^\s(:][^(:]{0,400}?)(?: \((?P<line>\d{1,9}):(?P<column>\d{1,9})\)| *$)"
)
_WEBPACK = re.compile(
    r"ERROR in (?P<file>\S.{0,400}?)(?: (?P<line>\d{1,9}):(?P<column>\d{1,9})(?:-\d[\d:]{0,20})?)?$"
)
_CODE = re.compile(r"(?P<code>TS\d{2,6}): (?P<message>\S.*)$")
_SEARCH_LINES = 8


def find(page: Page) -> list[Finding]:
    findings: list[Finding] = []
    for index, text in page.unclaimed():
        found = None
        if "[ERROR] " in text[:12] and (match := _ESBUILD.match(text)) is not None:
            found = _below(page, index, match["message"], None, _ESBUILD_AT)
        elif text.startswith(("[", "Error: [")) and (match := _ROLLDOWN.match(text)) is not None:
            found = _below(page, index, match["message"], match["code"], _BOXED_AT)
        elif text.startswith("[!] ") and (match := _ROLLUP.match(text)) is not None:
            found = _below(page, index, match["message"], match["type"], _ROLLUP_AT)
        elif text.startswith("ERROR in ") and (match := _WEBPACK.match(text)) is not None:
            found = _webpack(page, index, match)
        if found is not None:
            findings.append(found)
    return findings


def _below(
    page: Page, index: int, message: str, code: str | None, pattern: re.Pattern[str]
) -> Finding | None:
    place = None
    stop = index + 1
    while stop < min(len(page.lines), index + _SEARCH_LINES) and place is None:
        place = pattern.match(page.text(stop))
        stop += 1
    if place is None and pattern is _BOXED_AT:
        return None
    while stop < min(len(page.lines), index + 400):
        text = page.text(stop)
        if text and not text.startswith((" ", "\t", "\u2502", "\u2500")):
            break
        stop += 1
    link = page.link(
        index,
        stop,
        type=code,
        message=message,
        file=place["file"] if place else None,
        line=number(place["line"]) if place else None,
        column=number(place["column"]) if place else None,
    )
    page.claim(index, stop)
    return page.finding(index, [link], Weight.FIRM)


def _webpack(page: Page, index: int, match: re.Match[str]) -> Finding | None:
    """The place is in the head, the message below; a checker's message carries its code."""
    message = page.text(index + 1).strip()
    if not message or " " in match["file"].removeprefix("./"):
        return None
    coded = _CODE.match(message)
    stop = index + 2
    while stop < min(len(page.lines), index + 400) and page.text(stop):
        stop += 1
    file, _, row = match["file"].partition(":")
    line, _, column = row.partition(":")
    link = page.link(
        index,
        stop,
        type=coded["code"] if coded else None,
        message=coded["message"] if coded else message,
        file=file,
        line=number(match["line"] or line),
        column=number(match["column"] or column),
    )
    page.claim(index, stop)
    return page.finding(index, [link], Weight.FIRM)


RECOGNISER = Recogniser(
    name="bundlers",
    tools=("esbuild", "vite", "rolldown", "rollup", "webpack"),
    example=(
        '\u2718 [ERROR] Could not resolve "./pot"\n'
        "\n"
        "    src/bar.js:1:14:\n"
        '      1 \u2502 import pot from "./pot";\n'
        "        \u2575               ~~~~~~~\n"
        "\n"
        "1 error\n"
    ),
    find=find,
    needs=(
        "[ERROR] ",
        "[!] ",
        "ERROR in ",
        "\u256d",
        "[",
    ),
)
