"""Reports of the address, memory, thread, leak and undefined-behaviour sanitizers.

The first stack is the one of the bad access, innermost first; frames of the run time itself come
before the program's own. Undefined behaviour is one located line.
"""

import re

from hazui.diagnosis.finding import Finding, Page, Weight, number
from hazui.diagnosis.frames import Frame, is_foreign
from hazui.diagnosis.recogniser import Recogniser

_HEAD = re.compile(
    r"(?:==\d{1,9}==\s?)?(?:ERROR|WARNING): (?P<tool>\w{2,20}Sanitizer): (?P<message>\S.*)$"
)
_FRAME = re.compile(
    r" {2,8}#\d{1,4} (?:0x[0-9a-f]{1,16} in )?.{0,600}? "
    r"(?P<file>/?[\w./+-]{1,400}\.\w{1,6}):(?P<line>\d{1,9})(?::(?P<column>\d{1,9}))?"
    r"(?: \([^()]{1,200}\)){0,3}$"
)
_UNDEFINED = re.compile(
    r"(?P<file>\S{1,400}?):(?P<line>\d{1,9}):(?P<column>\d{1,9}): runtime error: (?P<message>\S.*)$"
)
_ADDRESS = re.compile(r" on (?:unknown )?address 0x| at pc 0x| \(pc 0x")
_BLOCK_LINES = 300


def find(page: Page) -> list[Finding]:
    findings: list[Finding] = []
    for index, text in page.unclaimed():
        undefined = _UNDEFINED.match(text) if ": runtime error: " in text else None
        if undefined is not None:
            link = page.link(
                index,
                index + 1,
                type="runtime error",
                message=undefined["message"],
                file=undefined["file"],
                line=number(undefined["line"]),
                column=number(undefined["column"]),
            )
            page.claim(index, index + 1)
            findings.append(page.finding(index, [link], Weight.FIRM))
        elif "Sanitizer: " in text and (head := _HEAD.match(text)) is not None:
            findings.append(_report(page, index, head))
    return findings


def _report(page: Page, index: int, head: re.Match[str]) -> Finding:
    frames: list[Frame] = []
    is_first_stack = True
    stop = index + 1
    while stop < len(page.lines) and stop - index < _BLOCK_LINES:
        text = page.text(stop)
        frame = _FRAME.match(text) if is_first_stack else None
        if frame is not None:
            frames.append(Frame(frame["file"], number(frame["line"]), "", number(frame["column"])))
        elif text.startswith("SUMMARY: "):
            pass
        elif frames and not text.lstrip().startswith("#"):
            is_first_stack = False
        stop += 1
        if text.startswith(("SUMMARY: ", "==ABORTING")):
            break
    own = next((frame for frame in frames if not is_foreign(frame.file)), None)
    frame_at = own or next(iter(frames), None)
    # Addresses differ from run to run and would make one failure look like many.
    cut = _ADDRESS.search(head["message"])
    message = head["message"][: cut.start()] if cut is not None else head["message"]
    link = page.link(
        index,
        stop,
        type=head["tool"],
        message=message,
        file=frame_at.file if frame_at else None,
        line=frame_at.line if frame_at else None,
        column=frame_at.column if frame_at else None,
    )
    page.claim(index, stop)
    return page.finding(index, [link], Weight.FIRM)


RECOGNISER = Recogniser(
    name="sanitizer",
    tools=("asan", "ubsan", "tsan", "lsan"),
    example=(
        "==31==ERROR: AddressSanitizer: stack-buffer-overflow on address 0x7ffd3 at pc 0x55\n"
        "READ of size 4 at 0x7ffd3 thread T0\n"
        "    #0 0x5581 in pour /src/tea/pot.c:14:9\n"
        "    #1 0x5590 in main /src/tea/main.c:5:3\n"
        "\n"
        "SUMMARY: AddressSanitizer: stack-buffer-overflow /src/tea/pot.c:14:9 in pour\n"
    ),
    find=find,
    needs=(
        "Sanitizer: ",
        ": runtime error: ",
    ),
)
