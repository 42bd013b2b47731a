"""What linkers report: undefined and repeated symbols, missing libraries.

GNU ld names the object's function first and then one line per use, with a source line when there
is debug information and a section otherwise; lld says ``error:`` and lists the uses below.
"""

import re

from hazui.diagnosis.finding import Finding, Page, Weight, number
from hazui.diagnosis.recogniser import Recogniser

_PROGRAM = re.compile(r"(?:\S{0,200}/)?(?:[\w-]{1,60}-)?l?ld(?:\.\w{1,20})?(?:\.\w{1,20})?: ")
_NOTE = re.compile(r" {2,10}(?:= note: )?(?=\S{1,200}ld)")
_PLACE = re.compile(
    r"(?:/[^\s:]{1,300}\.(?:o|a|so)(?:\([^()]{1,200}\))?:)?"
    r"(?:(?P<file>[^\s:(][^:(]{0,500}):(?:(?P<line>\d{1,9}):|\([^()]{1,200}\):)"
    r"|\([^()]{1,200}\):) (?P<message>\S.*)$"
)
_TELLS = ("undefined reference to", "multiple definition of", "first defined here", "relocation ")
_PLAIN = re.compile(
    r"(?P<message>(?:cannot find |cannot open |unrecognized |error: |undefined symbol"
    r"|duplicate symbol|skipping incompatible|unknown |library not found).*)$"
)
_REFERENCE = re.compile(
    r">>> (?:referenced|defined) (?:by|at) "
    r"(?P<file>[^:\s]{1,400})(?::(?P<line>\d{1,9}))?"
)
_UNDEFINED_MAC = re.compile(r'  "(?P<symbol>[^"]{1,400})", referenced from:$')


def find(page: Page) -> list[Finding]:
    findings: list[Finding] = []
    for index, whole in page.unclaimed():
        note = _NOTE.match(whole)
        text = whole[note.end() :] if note is not None else whole
        program = _PROGRAM.match(text)
        rest = text[program.end() :] if program is not None else text
        place = _PLACE.match(rest) if ":" in rest else None
        if place is not None and place["message"].startswith(_TELLS):
            findings.append(
                _finding(page, index, place["message"], place["file"], number(place["line"]))
            )
            continue
        plain = _PLAIN.match(rest) if program is not None else None
        if plain is not None and not plain["message"].startswith("skipping"):
            message = plain["message"].removeprefix("error: ")
            used = _REFERENCE.match(page.text(index + 1))
            findings.append(
                _finding(
                    page,
                    index,
                    message,
                    used["file"] if used else None,
                    number(used["line"]) if used else None,
                )
            )
        elif (mac := _UNDEFINED_MAC.match(text)) is not None:
            findings.append(_finding(page, index, f"undefined symbol {mac['symbol']}", None, None))
    return findings


def _finding(page: Page, index: int, message: str, file: str | None, line: int | None) -> Finding:
    link = page.link(index, index + 1, type=None, message=message, file=file, line=line)
    page.claim(index, index + 1)
    return page.finding(index, [link], Weight.FIRM)


RECOGNISER = Recogniser(
    name="linker",
    tools=("ld", "gold", "lld"),
    example=(
        "/usr/bin/ld: /tmp/pot.o: in function `main':\n"
        "/src/pot.c:7: undefined reference to `pour'\n"
        "collect2: error: ld returned 1 exit status\n"
    ),
    find=find,
    needs=(
        "ld: ",
        "ld.",
        "undefined ",
        "multiple definition of",
        "first defined here",
        "relocation ",
        "referenced from:",
        "unresolved",
    ),
)
