"""Values thrown in JavaScript that are no errors: a string, a number, an object.

They have no stack; the run time prints the throwing line, a caret, the value, and its own version.
"""

import re

from hazui.diagnosis.finding import Finding, Page, Weight, number
from hazui.diagnosis.recogniser import Recogniser

_PLACE = re.compile(r"(?:file://)?(?P<file>/[^:]{1,600}|node:[\w:/]{1,200}):(?P<line>\d{1,9})$")


def find(page: Page) -> list[Finding]:
    """Anything can be thrown; what is no error has no stack, only the place and its value."""
    findings: list[Finding] = []
    for index, text in page.unclaimed():
        if not text.startswith(("Node.js v", "Bun v")):
            continue
        for caret in range(index - 1, max(0, index - 12), -1):
            if page.claimed[caret] or page.text(caret).startswith("    at "):
                break
            place = _PLACE.match(page.text(caret - 2)) if "^" in page.text(caret) else None
            if place is None or page.text(caret).strip(" ^"):
                continue
            lines = [
                page.text(at)
                for at in range(caret + 1, index)
                if not page.text(at).startswith("(Use `node --trace-uncaught")
            ]
            is_own = not place["file"].startswith("node:")
            link = page.link(
                caret - 2,
                index,
                type=None,
                message="\n".join(lines).strip() or "uncaught",
                file=place["file"] if is_own else None,
                line=number(place["line"]) if is_own else None,
            )
            page.claim(caret - 2, index + 1)
            findings.append(page.finding(caret - 2, [link], Weight.FIRM))
            break
    return findings


RECOGNISER = Recogniser(
    name="node-value",
    tools=("node", "bun"),
    example=(
        "/src/tea/bar.js:4\n"
        "  throw 'no tea';\n"
        "  ^\n"
        "no tea\n"
        "(Use `node --trace-uncaught ...` to show where the exception was thrown)\n"
        "\n"
        "Node.js v20.1.0\n"
    ),
    find=find,
    needs=("Node.js v", "Bun v"),
)
