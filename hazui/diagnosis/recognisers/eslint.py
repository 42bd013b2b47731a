"""Lists of problems below the name of their file: eslint's and stylelint's own layout.

A file stands alone on its line; its problems follow, indented, as place, severity, message and
rule in columns that two or more spaces part.
"""

import re

from hazui.diagnosis.finding import Finding, Page, Weight, number
from hazui.diagnosis.recogniser import Recogniser

_ROW = re.compile(
    r" {1,8}(?P<line>\d{1,9}):(?P<column>\d{1,9}) {1,8}"
    r"(?P<severity>error|warning|\u2716|\u26a0|\u00d7) +"
    r"(?P<text>\S.*)$"
)
_CODED = re.compile(
    r" {1,8}(?P<line>\d{1,9}):(?P<column>\d{1,9}) {1,8}(?P<rule>[A-Z]{1,8}\d{2,5}) (?:\[\*\] )?"
    r"(?P<text>\S.*)$"
)
_FILE = re.compile(r"\S(?:[^:]{0,500})\.\w{1,12}:?$|/\S{0,500}$")
_RULE = re.compile(r"@?[\w-]{1,80}(?:/[\w-]{1,80}){0,3}$")
_COMPACT = re.compile(
    r"(?P<file>\S.{0,500}?): line (?P<line>\d{1,9}), col (?P<column>\d{1,9}), Error - "
    r"(?P<message>.*?)(?: \((?P<rule>[\w@/-]{1,120})\))?$"
)


def find(page: Page) -> list[Finding]:
    findings: list[Finding] = []
    file: str | None = None
    for index, text in page.unclaimed():
        row = (_ROW.match(text) or _CODED.match(text)) if text.startswith(" ") else None
        if row is not None and file is not None:
            page.claim(index, index + 1)
            fields = row.groupdict()
            if fields.get("severity") in ("warning", "\u26a0"):
                continue
            if "rule" in fields:
                message, rule = row["text"], row["rule"]
            else:
                message, rule = _split(row["text"])
            link = page.link(
                index,
                index + 1,
                type=rule,
                message=message,
                file=file,
                line=number(row["line"]),
                column=number(row["column"]),
            )
            findings.append(page.finding(index, [link], Weight.FIRM))
        elif text and not text.startswith(" "):
            file = text.rstrip(":") if _FILE.match(text) else None
            compact = _COMPACT.match(text) if ", Error - " in text else None
            if compact is not None:
                page.claim(index, index + 1)
                link = page.link(
                    index,
                    index + 1,
                    type=compact["rule"],
                    message=compact["message"],
                    file=compact["file"],
                    line=number(compact["line"]),
                    column=number(compact["column"]),
                )
                findings.append(page.finding(index, [link], Weight.FIRM))
    return findings


def _split(text: str) -> tuple[str, str | None]:
    """Message and rule; a parse error has no rule."""
    message, _, rule = text.rpartition("  ")
    if message and _RULE.match(rule):
        return message.rstrip(), rule
    return text, None


RECOGNISER = Recogniser(
    name="eslint",
    tools=("eslint", "stylelint"),
    example=(
        "/src/tea/bar.js\n"
        "   4:11  warning  Unexpected console statement  no-console\n"
        "  12:3   error    'pot' is never reassigned     prefer-const\n"
        "\n"
        "2 problems (1 error, 1 warning)\n"
    ),
    find=find,
    needs=(
        ":",
        ", Error - ",
    ),
)
