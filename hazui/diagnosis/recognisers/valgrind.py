"""Errors that valgrind's memcheck found; the first stack is the one of the bad access."""

import re

from hazui.diagnosis.finding import Finding, Page, Weight, number
from hazui.diagnosis.frames import Frame, is_foreign
from hazui.diagnosis.recogniser import Recogniser

_LINE = re.compile(r"==(?P<pid>\d{1,9})== ?(?P<text>.*)$")
_TELLS = re.compile(
    r"(?:Invalid (?:read|write|free)|Conditional jump|Use of uninit|Syscall param|Mismatched free"
    r"|Source and destination overlap|Jump to the invalid|Process terminating with default action"
    r"|[\d,]{1,12} (?:\([\d, a-z]{1,80}\) )?bytes in [\d,]{1,9} blocks are definitely lost)"
)
_FRAME = re.compile(
    r" {2,4}(?:at|by) 0x[0-9A-F]{1,16}: .{0,400} \((?P<file>[^():]{1,300}):(?P<line>\d{1,9})\)$"
)
_STACK = re.compile(r" {2,4}(?:at|by) 0x")
_BLOCK_LINES = 100


def find(page: Page) -> list[Finding]:
    findings: list[Finding] = []
    for index, text in page.unclaimed():
        head = _LINE.match(text) if text.startswith("==") else None
        if head is None or not _TELLS.match(head["text"]):
            continue
        frames: list[Frame] = []
        stop = index + 1
        in_first = True
        while stop < min(len(page.lines), index + _BLOCK_LINES):
            line = _LINE.match(page.text(stop))
            if line is None or not line["text"].strip():
                break
            frame = _FRAME.match(line["text"]) if in_first else None
            if frame is not None:
                frames.append(Frame(frame["file"], number(frame["line"])))
            elif not _STACK.match(line["text"]) and frames:
                in_first = False
            stop += 1
        own = next((frame for frame in frames if not is_foreign(frame.file)), None)
        link = page.link(
            index,
            stop,
            type="Memcheck",
            message=head["text"],
            file=own.file if own else None,
            line=own.line if own else None,
        )
        page.claim(index, stop)
        findings.append(page.finding(index, [link], Weight.FIRM))
    return findings


RECOGNISER = Recogniser(
    name="valgrind",
    tools=("valgrind",),
    example=(
        "==31== Invalid write of size 4\n"
        "==31==    at 0x109159: pour (pot.c:3)\n"
        "==31==    by 0x109183: main (main.c:7)\n"
        "==31==  Address 0x4a40068 is 0 bytes after a block of size 40 alloc'd\n"
        "==31== \n"
    ),
    find=find,
    needs=("==",),
)
