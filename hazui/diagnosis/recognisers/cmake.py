"""Errors of CMake: a head with the place and command, the message indented below it."""

import re

from hazui.diagnosis.finding import Finding, Page, Weight, number
from hazui.diagnosis.recogniser import Recogniser

_HEAD = re.compile(
    r"CMake Error(?: \(dev\))?(?: at (?P<file>[^\s:][^:]{0,400})(?::(?P<line>\d{1,9}))?"
    r"(?: \((?P<command>\w{1,80})\))?| in (?P<other>[^\s:][^:]{0,400}))?:(?: (?P<text>\S.*))?$"
)
_STACK = "Call Stack (most recent call first):"
_CALLED = re.compile(r"  (?P<file>[^\s:][^:]{0,400}):(?P<line>\d{1,9}) \(\w{1,80}\)$")
_BLOCK_LINES = 60


def find(page: Page) -> list[Finding]:
    findings: list[Finding] = []
    for index, text in page.unclaimed():
        head = _HEAD.match(text) if text.startswith("CMake Error") else None
        if head is None:
            continue
        lines = [head["text"]] if head["text"] else []
        stop = index + 1
        while stop < len(page.lines) and stop - index < _BLOCK_LINES:
            line = page.text(stop)
            if line and not line.startswith("  "):
                break
            if not line and not page.text(stop + 1).startswith("  "):
                break
            lines.append(line[2:])
            stop += 1
        file, at = head["file"] or head["other"], head["line"]
        if page.text(stop) == _STACK:
            stop += 1
            while (called := _CALLED.match(page.text(stop))) is not None:
                # The module that complains is CMake's own; the caller is the user's.
                if file is not None and "/share/cmake" in file:
                    file, at = called["file"], called["line"]
                stop += 1
        link = page.link(
            index,
            stop,
            type=head["command"],
            message="\n".join(lines),
            file=file,
            line=number(at),
        )
        page.claim(index, stop)
        if link.message:
            findings.append(page.finding(index, [link], Weight.FIRM))
    return findings


RECOGNISER = Recogniser(
    name="cmake",
    tools=("cmake",),
    example=(
        "CMake Error at tea/CMakeLists.txt:7 (add_executable):\n"
        "  Cannot find source file:\n"
        "\n"
        "    pot.c\n"
        "\n"
        "CMake Generate step failed.  Build files cannot be regenerated correctly.\n"
    ),
    find=find,
    needs=("CMake Error",),
)
