"""One-line errors of programs without a format of their own, and reports of a failed step.

Weak evidence: it is the root only where nothing better was printed. The closing lines that count
errors or repeat an exit status are nobody's failure and are passed over.
"""

import re

from hazui.diagnosis.finding import Finding, Page, Weight, number
from hazui.diagnosis.recogniser import Recogniser
from hazui.diagnosis.recognisers.python_block import exception_line, looks_logged

_CODED = re.compile(r"error (?P<code>[A-Z]{1,6}\d{2,6}): (?P<message>\S.*)$")
_KNOWN = (
    "ESLint couldn't find ",
    "ESLint found too many warnings",
    "No tests found, exiting",
    "Could not open input file: ",
    "Unrecognized VM option ",
    "Unrecognized option: ",
)
_PREFIXED = re.compile(
    r"(?:(?P<program>[\w./+-]{1,100}): )?(?:[Ff]atal [Ee]rror|[Ee]rror|ERROR|[Ff]atal|FATAL|panic)"
    r"(?:\[(?P<code>[\w:.-]{1,60})\])?: (?P<message>\S.*)$"
)
_SYSTEM = re.compile(r"[\w./+-]{1,100}: (?P<message>\S.{0,1000})$")
_SYSTEM_ENDS = (
    "No such file or directory",
    "Permission denied",
    "Is a directory",
    "Not a directory",
    "File exists",
    "No space left on device",
    "Connection refused",
    "Address already in use",
    "Operation not permitted",
    "Directory not empty",
    "Read-only file system",
    "Text file busy",
)
_WRAPPERS = re.compile(
    r"(?:error: could not compile |error: linking with "
    r"|collect2: error: |clang(?:\+\+)?: error: linker command failed"
    r"|(?:ERROR|error): failed to solve: |error: [Rr]ecipe |ninja: build stopped|error: test failed"
    r"|task: Failed to run task|Error: Process completed with exit code|\* What went wrong)"
)
_NOISE = re.compile(
    r"(?:error: aborting due to |error: compilation failed$|Error: A fatal exception has"
    r"|error: build failed|ERROR: process |exit status \d"
    r"|Error: exit status|error: \d{1,9} |Error: Command failed with exit"
    r"|error: [`\"'].{0,200}exited with)"
)
_PLACE = re.compile(
    r"(?:^|[ ('\"])(?P<file>[\w./-]{1,300}\.\w{1,10}):(?P<line>\d{1,9})(?::(?P<column>\d{1,9}))?"
)
_INTERPRETER = re.compile(
    r"\S{0,200}python[\d.]{0,6}: (?P<message>(?:No module named |can't open file ).*)$"
)
_COUNTS = re.compile(r"\D{0,20}\d{1,9} (?:error|warning|problem)s?\b")


def find(page: Page) -> list[Finding]:
    findings: list[Finding] = []
    for index, text in page.unclaimed():
        found = _read(page, index, text)
        if found is not None:
            page.claim(index, index + 1)
            findings.append(found)
    return findings


def _read(page: Page, index: int, text: str) -> Finding | None:
    if not text or _NOISE.match(text):
        return None
    if _WRAPPERS.match(text):
        program, _, message = text.partition(": ")
        kind = program if " " not in program and program.lower() != "error" else None
        link = page.link(index, index + 1, type=kind, message=message or text)
        return page.finding(index, [link], Weight.WRAPPER)
    if text.startswith((" ", "\t")) or (":" not in text and not text.startswith(_KNOWN)):
        return None
    coded = _CODED.match(text)
    if coded is not None or text.startswith(_KNOWN):
        kind, message = (coded["code"], coded["message"]) if coded is not None else (None, text)
        link = page.link(index, index + 1, type=kind, message=message)
        return page.finding(index, [link], Weight.FIRM)
    prefixed = _PREFIXED.match(text)
    if prefixed is not None:
        if _COUNTS.match(prefixed["message"]) or prefixed["message"].startswith("usage: "):
            return None
        place = _PLACE.search(prefixed["message"])
        link = page.link(
            index,
            index + 1,
            type=prefixed["code"],
            message=prefixed["message"],
            file=place["file"] if place else None,
            line=number(place["line"]) if place else None,
            column=number(place["column"]) if place else None,
        )
        return page.finding(index, [link], Weight.VAGUE)
    interpreter = _INTERPRETER.match(text)
    if interpreter is not None:
        link = page.link(index, index + 1, type=None, message=interpreter["message"])
        return page.finding(index, [link], Weight.FIRM)
    named = exception_line(text)
    if named is not None and named[1] and named[0].endswith(("Error", "Exception")):
        link = page.link(index, index + 1, type=named[0], message=named[1])
        return page.finding(index, [link], Weight.VAGUE)
    if text.endswith(_SYSTEM_ENDS) and (system := _SYSTEM.match(text)) is not None:
        weight = Weight.LOG_LINE if looks_logged(text) else Weight.VAGUE
        link = page.link(index, index + 1, type=None, message=system["message"])
        return page.finding(index, [link], weight)
    return None


RECOGNISER = Recogniser(
    name="plain",
    tools=("any",),
    example="kettle: error: argument --water: not a number: 'much'\n",
    find=find,
)
