"""Diagnostics of compilers and linters that fit on one line: place, severity, message, code.

The shapes are those of the GNU coding standards (``file:line:column: error: message``), of
Microsoft (``file(line,column): error CODE: message``) and of linters that put the code first.
Notes and warnings are not failures, unless the compiler was told to treat them as errors.
"""

import re
from dataclasses import replace

from hazui.diagnosis.finding import Finding, Page, Weight, number
from hazui.diagnosis.recogniser import Recogniser

_GNU = re.compile(
    r"\s{0,8}(?P<file>(?:[A-Za-z]:)?[^\s:()'\"`|][^:()'\"`|]{0,500}):(?P<line>\d{1,9})"
    r"(?::(?P<column>\d{1,9}))?(?:-\d{1,9})?(?::\d{1,9}:\d{1,9})?:? +(?:- )?(?P<rest>\S.*)$"
)
_MICROSOFT = re.compile(
    r"(?P<file>[^\s()][^()]{0,500})\((?P<line>\d{1,9})(?:,(?P<column>\d{1,9}))?(?:,\d{1,9}){0,2}\)"
    r" ?: (?P<rest>\S.*)$"
)
_BUILDS = (
    # Maven and the Kotlin compiler.
    re.compile(
        r"\[ERROR\] (?P<file>/[^\[]{1,500}):"
        r"\[(?P<line>\d{1,9}),(?P<column>\d{1,9})\] (?P<rest>\S.*)$"
    ),
    re.compile(
        r"e: (?:file://)?(?P<file>/[^:]{1,500})"
        r":(?P<line>\d{1,9}):(?P<column>\d{1,9}):? (?P<rest>\S.*)$"
    ),
)
_SEVERITY = re.compile(
    r"(?P<severity>(?:fatal |internal compiler |syntax |type )?error|sorry, unimplemented)"
    r"(?:\[(?P<bracket>[\w:.-]{1,80})\])?"
    r"(?: (?P<code>[A-Z]{1,12}-?\d{1,6}|@?[a-z][\w/-]{1,80}(?= :)))? ?: ?(?P<message>.*)$",
    re.IGNORECASE,
)
_MILD = re.compile(
    r"(?:warning|note|info|hint|remark|help|debug|information|suggestion)\b", re.IGNORECASE
)
_TRAILING = re.compile(
    r"(?P<message>.*?\S) *[\[(]"
    r"(?P<code>-W[\w=+,-]{1,120}|-f[\w-]{1,60}|[a-zA-Z][\w./-]{1,60})[\])]$"
)
_CODE_BRACKETED = re.compile(
    r"\[(?P<code>[A-Z]{1,8}\d{2,5})(?:\([\w-]{1,80}\))?(?:, ?)?[\w.<>]{0,200}\] (?P<message>\S.*)$"
)
_ESLINT_UNIX = re.compile(
    r"(?P<message>\S.*?) \[(?P<severity>Error|Warning)(?:/(?P<code>[\w@/-]{1,120}))?\]$"
)
_WRAPPED_CODE = re.compile(r"(?P<message>.*?) ?\[(?P<code>[a-z][a-z-]{1,60})\]$")
_CODE_FIRST = re.compile(r"(?P<code>[A-Z]{1,8}\d{2,5}):? (?:\[\*\] )?(?P<message>\S.*)$")
_INCLUDED = re.compile(r"(?:In file included from|\s{3,}from) ")
_SNIPPET = re.compile(r"\s*\d{0,7} \|(?: |$)")


def find(page: Page) -> list[Finding]:
    findings: list[Finding] = []
    for index, text in page.unclaimed():
        found = _diagnostic(page, index, text)
        if found is not None:
            findings.append(found)
    return findings


def _diagnostic(page: Page, index: int, text: str) -> Finding | None:
    for build in _BUILDS if text.startswith(("[ERROR] /", "e: ")) else ():
        told = build.match(text)
        if told is not None:
            return _found(page, index, told, None, told["rest"])
    match = _GNU.match(text) if ":" in text else None
    if match is None and "(" in text:
        match = _MICROSOFT.match(text)
    if match is None or not _is_path(match["file"]):
        return None
    if match["file"].endswith(".go") and match["column"] is not None:
        # The Go compiler and vet know errors only, and say so by printing them.
        return _found(page, index, match, None, match["rest"])
    if match["file"].endswith(".go") and text[:1] not in " \t":
        # A program that logs with the place of the call.
        found = _found(page, index, match, None, match["rest"])
        return replace(found, weight=Weight.VAGUE)
    read = _read(match["rest"], has_column=match["column"] is not None)
    if read is None:
        return None
    return _found(page, index, match, *read)


def _found(page: Page, index: int, match: re.Match[str], code: str | None, message: str) -> Finding:
    start, stop = _extent(page, index)
    if code is None and match["file"].endswith((".py", ".pyi")):
        code, message, stop = _wrapped(page, index, message, stop)
    link = page.link(
        start,
        stop,
        type=code,
        message=message,
        file=match["file"].removeprefix("vet: ").strip(),
        line=number(match["line"]),
        column=number(match["column"]),
    )
    page.claim(start, stop)
    return page.finding(index, [link], Weight.FIRM)


def _wrapped(page: Page, index: int, message: str, stop: int) -> tuple[str | None, str, int]:
    """Long messages go on in the next lines, up to the code in brackets."""
    lines = [message]
    for at in range(index + 1, min(len(page.lines), index + 6)):
        text = page.text(at)
        if text.startswith(" ") or not text or _GNU.match(text):
            break
        last = _WRAPPED_CODE.match(text)
        if last is not None:
            lines.append(last["message"])
            return last["code"], " ".join(lines), max(stop, at + 1)
        lines.append(text)
    return None, message, stop


def _read(rest: str, *, has_column: bool) -> tuple[str | None, str] | None:
    """Code and message, or None when the line reports nothing that fails."""
    severity = _SEVERITY.match(rest)
    if severity is not None:
        code = severity["code"] or severity["bracket"]
        trailing = _TRAILING.match(severity["message"]) if code is None else None
        if trailing is not None and (
            trailing["code"].startswith(("-W", "-f"))
            or rest.endswith("]")
            or trailing["code"].startswith("report")
        ):
            return trailing["code"].rpartition(",")[2], trailing["message"]
        return code, severity["message"]
    if _MILD.match(rest):
        return None
    unix = _ESLINT_UNIX.match(rest) if rest.endswith("]") else None
    if unix is not None:
        return (unix["code"], unix["message"]) if unix["severity"] == "Error" else None
    coded = _CODE_BRACKETED.match(rest) if rest.startswith("[") else None
    if coded is None and has_column:
        coded = _CODE_FIRST.match(rest)
    return (coded["code"], coded["message"]) if coded is not None else None


def _is_path(file: str) -> bool:
    name = file.rsplit("/", 1)[-1]
    if " " in file and "." not in name:
        return False
    return not file.isdigit() and len(file) < 400 and not file.endswith((" ", "\\"))


def _extent(page: Page, index: int) -> tuple[int, int]:
    """The include chain in front and the source listing behind belong to the diagnostic."""
    start = index
    while start > 0 and index - start < 30 and _INCLUDED.match(page.text(start - 1)):
        start -= 1
    stop = index + 1
    while stop < len(page.lines) and stop - index < 12 and _SNIPPET.match(page.text(stop)):
        stop += 1
    return start, stop


RECOGNISER = Recogniser(
    name="located",
    tools=("gcc", "g++", "clang", "mypy", "ruff", "flake8", "tsc", "pyright", "swiftc"),
    example=(
        "In file included from src/main.c:2:\n"
        "src/tea.h:3:9: error: unknown type name 'leaf'\n"
        "    3 |         leaf l;\n"
        "      |         ^~~~\n"
    ),
    find=find,
    needs=(
        ":",
        "(",
    ),
)
