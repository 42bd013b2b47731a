"""The interpreter's own report of a crash: ``Fatal Python error`` and the stack it died with.

Printed by the fault handler, innermost frame first and without source lines.
"""

import re

from hazui.diagnosis.finding import Finding, Page, Weight, number
from hazui.diagnosis.frames import Frame, own_frame
from hazui.diagnosis.recogniser import Recogniser

_HEAD = re.compile(r"Fatal Python error: (?P<message>\S.*)$")
_STACK = re.compile(r"(?:Current thread|Thread|Stack) .{0,80}\(most recent call first\):$")
_FRAME = re.compile(r'  File "(?P<file>[^"]{1,1000})", line (?P<line>\d{1,9}) in (?P<name>.*)$')
_BLOCK_LINES = 300


def find(page: Page) -> list[Finding]:
    findings: list[Finding] = []
    for index, text in page.unclaimed():
        head = _HEAD.match(text) if text.startswith("Fatal Python error: ") else None
        if head is None:
            continue
        frames: list[Frame] = []
        stop = index + 1
        stacks = 0
        while stop < len(page.lines) and stop - index < _BLOCK_LINES:
            line = page.text(stop)
            frame = _FRAME.match(line)
            if frame is not None and stacks <= 1:
                frames.append(Frame(frame["file"], number(frame["line"]), frame["name"]))
            elif _STACK.match(line):
                stacks += 1
            elif frame is None and line and not line.startswith(("Extension modules", "Python ")):
                break
            stop += 1
        own = own_frame(frames[::-1])
        link = page.link(
            index,
            stop,
            type=None,
            message=head["message"],
            file=own.file if own else None,
            line=own.line if own else None,
        )
        page.claim(index, stop)
        findings.append(page.finding(index, [link], Weight.FIRM))
    return findings


RECOGNISER = Recogniser(
    name="python-fatal",
    tools=("python",),
    example=(
        "Fatal Python error: Segmentation fault\n"
        "\n"
        "Current thread 0x00007f3d8875d2c0 (most recent call first):\n"
        '  File "/usr/lib/python3.11/ctypes/__init__.py", line 519 in string_at\n'
        '  File "/src/tea/pot.py", line 4 in pour\n'
    ),
    find=find,
    needs=("Fatal Python error: ",),
)
