"""What npm, pnpm and yarn say: their own errors, and that a script failed."""

import re

from hazui.diagnosis.finding import Finding, Page, Weight
from hazui.diagnosis.recogniser import Recogniser

_NPM = re.compile(r"npm (?:ERR!|error)(?: (?P<text>.*))?$")
_CODE = re.compile(r"code (?P<code>[A-Z][A-Z0-9_]{1,40}|\d{1,4})$")
_PNPM = re.compile(
    r"(?:Error: |\s)?(?P<code>ERR_PNPM_[A-Z_]{1,60}|ELIFECYCLE)(?:\s{1,4}(?P<message>\S.*))?$"
)
_PNPM_TEXT = re.compile(r"\s{1,4}\u00d7 (?P<message>\S.*)$")
_YARN = re.compile(r"error (?P<message>(?!TS\d)[A-Z\"'].*)$")
_SCRIPT_FAILED = (
    "Lifecycle script",
    "command failed",
    "Exit status",
    "Failed at the",
    "command sh -c",
    "This is probably not a problem with npm",
)
_DETAIL = ("errno", "path ", "syscall", "workspace", "location", "A complete log", "code ")


def find(page: Page) -> list[Finding]:
    findings: list[Finding] = []
    index = 0
    while index < len(page.lines):
        text = page.text(index)
        if page.claimed[index]:
            index += 1
        elif text.startswith("npm ") and _NPM.match(text):
            stop = index
            while _NPM.match(page.text(stop)):
                stop += 1
            found = _block(page, index, stop)
            page.claim(index, stop)
            findings.extend(found)
            index = stop
        else:
            found = _other(page, index, text)
            if found:
                page.claim(index, index + 1)
            findings.extend(found)
            index += 1
    return findings


def _block(page: Page, start: int, stop: int) -> list[Finding]:
    texts = [(_NPM.match(page.text(at)) or [""])[0] for at in range(start, stop)]
    bodies = [text.removeprefix("npm ERR!").removeprefix("npm error").strip() for text in texts]
    code = next((match["code"] for text in bodies if (match := _CODE.match(text))), None)
    wraps = any(text.startswith(_SCRIPT_FAILED) for text in bodies)
    lines = [text for text in bodies if text and not text.startswith(_DETAIL)]
    if not lines:
        return []
    message = lines[0]
    if code is not None:
        message = message.removeprefix(f"{code} ").removeprefix(code.removeprefix("E") + " ")
    link = page.link(start, stop, type=code or "npm", message=message)
    return [page.finding(start, [link], Weight.WRAPPER if wraps else Weight.VAGUE)]


def _other(page: Page, index: int, text: str) -> list[Finding]:
    match = _PNPM.match(text)
    if match is not None:
        wraps = match["code"] == "ELIFECYCLE"
        below = _PNPM_TEXT.match(page.text(index + 1)) or _PNPM_TEXT.match(page.text(index + 2))
        message = match["message"] or (below["message"] if below else "")
        if not message:
            return []
        link = page.link(index, index + 1, type=match["code"], message=message)
        return [page.finding(index, [link], Weight.WRAPPER if wraps else Weight.VAGUE)]
    match = _YARN.match(text)
    if match is not None:
        wraps = match["message"].startswith("Command failed")
        link = page.link(index, index + 1, type="yarn", message=match["message"])
        return [page.finding(index, [link], Weight.WRAPPER if wraps else Weight.VAGUE)]
    return []


RECOGNISER = Recogniser(
    name="npm",
    tools=("npm", "pnpm", "yarn"),
    example=(
        "npm error code E404\n"
        "npm error 404 Not Found - GET https://registry.example.com/tea\n"
        "npm error A complete log of this run can be found in: /tmp/x.log\n"
    ),
    find=find,
    needs=(
        "npm ",
        "ERR_PNPM_",
        "ELIFECYCLE",
        "error ",
    ),
)
