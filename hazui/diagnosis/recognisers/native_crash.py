"""Last words of native programs: failed assertions, glibc's aborts, uncaught C++ exceptions.

Also what gdb shows of a signal and what the run times of Rust, V8 and the Java machine say
when they give up. Where a shell reports the crash as well, its line only wraps this one.
"""

import re

from hazui.diagnosis.finding import Finding, Page, Weight, number
from hazui.diagnosis.frames import Frame, is_foreign
from hazui.diagnosis.recogniser import Recogniser

_ASSERT = re.compile(
    r"(?:[^\s:]{1,200}: )?(?P<file>[^\s:]{1,300}):(?P<line>\d{1,9}): (?P<function>.{1,600}?): "
    r"(?P<message>Assertion [`'\"].* failed)\.?$"
)
_ASSERT_MAC = re.compile(
    r"(?P<message>Assertion failed: .*), function .{1,200}, file (?P<file>[^,]{1,300}), "
    r"line (?P<line>\d{1,9})\.$"
)
_GLIBC = re.compile(
    r"(?P<message>(?:free|malloc|realloc|calloc|corrupted|munmap_chunk|double free|malloc_consolid"
    r"ate|sysmalloc)(?:\(\))?[: ].{0,30}(?:invalid|corrupt|double free|unaligned|size|smashed).*)$"
)
_STARRED = re.compile(
    r"\*\*\* (?P<message>(?:stack smashing|buffer overflow) detected) \*\*\*: .*$"
)
_TERMINATE = re.compile(
    r"(?:terminate called after throwing an instance of|"
    r"libc\+\+abi: terminating (?:due to|with) uncaught exception of type) '?(?P<type>[^':]{1,300}"
    r"(?:::[^':]{1,300}){0,9})'?(?:: (?P<message>.*))?$"
)
_WHAT = re.compile(r"  what\(\):  ?(?P<message>.*)$")
_BARE = re.compile(
    r"(?P<message>terminate called without an active exception|pure virtual method called"
    r"|FATAL ERROR: .{0,300}JavaScript heap out of memory"
    r"|thread '[^']{0,200}'(?: \(\d{1,9}\))? has overflowed its stack|\*\* stack overflow .*)$"
)
_GDB = re.compile(
    r"Program (?:received|terminated with) signal (?P<type>SIG\w{2,10}), (?P<message>.*)\.$"
)
_GDB_AT = re.compile(
    r"(?:#\d{1,4} {1,3})?(?:0x[0-9a-f]{1,16} in )?.{0,600}\) at (?P<file>[^\s:]{1,300})"
    r":(?P<line>\d{1,9})$"
)
_WORDS = ("Assertion", "SIG", "terminat", "***", "(): ", "heap", "stack", "virtual", "corrupted")


def find(page: Page) -> list[Finding]:
    findings: list[Finding] = []
    for index, text in page.unclaimed():
        if not text or not any(word in text for word in _WORDS):
            continue
        found = _placed(page, index, text) or _named(page, index, text) or _bare(page, index, text)
        if found is not None:
            findings.append(found)
    return findings


def _made(
    page: Page, index: int, stop: int, kind: str | None, message: str, frame: Frame | None = None
) -> Finding:
    link = page.link(
        index,
        stop,
        type=kind,
        message=message,
        file=frame.file if frame else None,
        line=frame.line if frame else None,
    )
    page.claim(index, stop)
    return page.finding(index, [link], Weight.FIRM)


def _placed(page: Page, index: int, text: str) -> Finding | None:
    match = _ASSERT.match(text) or _ASSERT_MAC.match(text)
    if match is None:
        return None
    frame = Frame(match["file"], number(match["line"]))
    return _made(page, index, index + 1, None, match["message"], frame)


def _named(page: Page, index: int, text: str) -> Finding | None:
    match = _TERMINATE.match(text)
    if match is not None:
        what = _WHAT.match(page.text(index + 1))
        stop = index + 1 + (what is not None)
        message = (what["message"] if what else match["message"]) or "uncaught exception"
        return _made(page, index, stop, match["type"], message)
    match = _GDB.match(text)
    if match is None:
        return None
    stop = index + 1
    frame = None
    while stop < min(len(page.lines), index + 200):
        at = _GDB_AT.match(page.text(stop))
        if at is not None and frame is None and not is_foreign(at["file"]):
            frame = Frame(at["file"], number(at["line"]))
        if not page.text(stop):
            break
        stop += 1
    return _made(page, index, stop, match["type"], match["message"], frame)


def _bare(page: Page, index: int, text: str) -> Finding | None:
    match = _STARRED.match(text) or _GLIBC.match(text) or _BARE.match(text)
    if match is None:
        return None
    stop = index + 1
    if page.text(stop).startswith("fatal runtime error: "):
        stop += 1
    return _made(page, index, stop, None, match["message"])


RECOGNISER = Recogniser(
    name="native-crash",
    tools=("c", "c++", "glibc", "gdb"),
    example="pot: pot.c:14: pour: Assertion `cups > 0' failed.\n",
    find=find,
    needs=(
        "Assertion",
        "SIG",
        "terminat",
        "***",
        "(): ",
        "heap",
        "stack",
        "virtual",
        "corrupted",
    ),
)
