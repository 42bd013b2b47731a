"""Errors of JavaScript run times: stacks, ``[cause]`` chains and aggregates.

The innermost frame comes first. Properties of an error follow its stack in braces, two columns
further in; among them ``[cause]`` and, for an aggregate, the list ``[errors]``. The run time
prints the throwing line and a caret in front of an error that nobody caught.
"""

import re
from dataclasses import dataclass, field

from hazui.diagnosis.finding import Finding, Page, Weight, number, related
from hazui.diagnosis.frames import Frame, own_frame
from hazui.diagnosis.recogniser import Recogniser
from hazui.diagnosis.recognisers.python_block import looks_logged
from hazui.domain.links import Link

_HEAD = re.compile(
    r"(?P<intro>(?:Uncaught |Unhandled |\(node:\d{1,9}\) |error: )?(?:Exception: )?)"
    r"(?P<type>[A-Za-z_$][\w$.]{0,100})(?: \[(?P<code>[\w-]{1,80})\])?(?:: ?(?P<message>.*))?$"
)
_BRACKETED = re.compile(
    r"\[(?P<type>[A-Za-z_$][\w$.]{0,100})(?: \[[\w-]{1,80}\])?: ?(?P<message>.*?)\](?: \{)?,?$"
)
_FRAME = re.compile(
    r" *at (?:async )?(?:[^()]{0,400} \()?(?:file://)?"
    r"(?P<file>[^()\s][^()]{0,600}?):(?P<line>\d{1,9}):(?P<column>\d{1,9})\)?(?: \{)?,?$"
)
_PROPERTY = re.compile(r" *\[(?P<name>cause|errors)\]: (?P<rest>.*)$")
_PLACE = re.compile(r"(?:file://)?(?P<file>/[^:]{1,600}|node:[\w:/]{1,200}):(?P<line>\d{1,9})$")
_IMPORTER = re.compile(r"(?: imported from |\nRequire stack:\n- )(?:file://)?(?P<file>\S{1,600})")
_MESSAGE_LINES = 30
_ERROR_LINES = 600
_MAX_DEPTH = 20


@dataclass(slots=True)
class _Thrown:
    start: int
    type: str
    message: str
    stop: int = 0
    frames: list[Frame] = field(default_factory=list)
    causes: list["_Thrown"] = field(default_factory=list)
    members: list["_Thrown"] = field(default_factory=list)


def find(page: Page) -> list[Finding]:
    findings: list[Finding] = []
    index = 0
    while index < len(page.lines):
        text = page.text(index)
        if page.claimed[index] or not _may_start(text):
            index += 1
            continue
        start = index if text.startswith("[") else _head_above(page, index)
        thrown = None if start is None else _error(page, start, _indent(page.text(start)), 0)
        if thrown is None:
            index += 1
            continue
        findings.append(_finding(page, thrown))
        page.claim(thrown.start, thrown.stop)
        index = max(thrown.stop, index + 1)
    return findings


def _may_start(text: str) -> bool:
    if text.startswith("[") and text.endswith("{"):
        return _BRACKETED.match(text) is not None
    return text.lstrip().startswith("at ") and _FRAME.match(text) is not None


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip(" "))


def _head_above(page: Page, frame: int) -> int | None:
    """The line that names the error: above its frames, four columns further out."""
    indent = max(0, _indent(page.text(frame)) - 4)
    best = None
    for index in range(frame - 1, max(-1, frame - 1 - _MESSAGE_LINES), -1):
        text = page.text(index)
        if page.claimed[index] or _FRAME.match(text) is not None:
            break
        match = _HEAD.match(text[indent:])
        if match is None or _indent(text) != indent:
            continue
        if match["type"].endswith(("Error", "Exception", "Rejection")) or match["code"]:
            return index
        if best is None and (match["message"] is not None or index == frame - 1):
            best = index
    return best


def _error(page: Page, start: int, indent: int, depth: int, text: str = "") -> _Thrown | None:
    """The error whose head is at ``start``; ``text`` is the head where a property holds it."""
    head = text or page.text(start)[indent:]
    bracketed = _BRACKETED.match(head)
    match = bracketed or _HEAD.match(head)
    if match is None or depth > _MAX_DEPTH:
        return None
    thrown = _Thrown(start, match["type"], match["message"] or "")
    is_open = bracketed is None
    index = start + 1
    lines = [thrown.message]
    limit = min(len(page.lines), start + _ERROR_LINES)
    if bracketed is not None and not head.endswith("{"):
        thrown.stop = index
        return thrown
    while index < limit:
        line = page.text(index)
        frame = _FRAME.match(line)
        stripped = line.strip()
        if frame is not None and _indent(line) == indent + 4:
            is_open = False
            thrown.frames.append(
                Frame(frame["file"], number(frame["line"]), "", number(frame["column"]))
            )
        elif is_open:
            if index - start > _MESSAGE_LINES or looks_logged(line):
                break
            lines.append(stripped)
        elif (_indent(line) == indent and stripped in ("}", "},")) or not line:
            index += stripped != ""
            break
        elif (found := _PROPERTY.match(line)) is not None and _indent(line) == indent + 2:
            index = _property(page, thrown, found, index, indent, depth)
            continue
        elif _indent(line) <= indent and not stripped.startswith(("at ", "...")):
            break
        index += 1
        if stripped.startswith("at ") and stripped.endswith(",") and depth:
            break
    thrown.message = "\n".join(lines).strip()
    thrown.stop = index
    return thrown


def _property(
    page: Page, thrown: _Thrown, found: re.Match[str], index: int, indent: int, depth: int
) -> int:
    """The cause or the members of an error; gives the line behind them."""
    if found["name"] == "cause":
        cause = _error(page, index, indent + 2, depth + 1, found["rest"])
        if cause is None or (not found["rest"][:1].isalpha() and not found["rest"].startswith("[")):
            return index + 1
        thrown.causes.append(cause)
        return max(cause.stop, index + 1)
    index += 1
    while index < len(page.lines) and _indent(page.text(index)) >= indent + 4:
        member = _error(page, index, indent + 4, depth + 1)
        if member is not None and (member.frames or member.stop == index + 1):
            thrown.members.append(member)
            index = max(member.stop, index + 1)
        else:
            index += 1
    return index


def _links(page: Page, thrown: _Thrown) -> list[Link]:
    links = [_link(page, thrown)]
    following = thrown.causes or thrown.members
    if following:
        inner = _links(page, following[0])
        links.append(related(inner[0], "caused_by" if thrown.causes else "member"))
        links.extend(inner[1:])
    return links


def _leaves(page: Page, thrown: _Thrown) -> list[Link]:
    if thrown.causes:
        return _leaves(page, thrown.causes[0])
    if thrown.members:
        return [leaf for member in thrown.members for leaf in _leaves(page, member)]
    return [_link(page, thrown)]


def _link(page: Page, thrown: _Thrown) -> Link:
    frame = own_frame(list(reversed(thrown.frames)))
    if frame is None or frame.file.startswith("node:"):
        frame = _thrown_at(page, thrown.start) or _importer(thrown.message) or frame
    return page.link(
        thrown.start,
        thrown.stop,
        type=thrown.type,
        message=thrown.message,
        file=frame.file if frame else None,
        line=frame.line if frame else None,
        column=frame.column if frame else None,
    )


def _header(page: Page, start: int) -> int | None:
    """The line ``file:line`` that the run time prints in front of what nobody caught."""
    for caret in (start - 1, start - 2):
        if not page.text(caret).strip(" ^") and "^" in page.text(caret):
            for index in range(caret - 1, max(-1, caret - 9), -1):
                if _PLACE.match(page.text(index)):
                    return index
    # What the text holds that could not be parsed stands between the place and the error.
    if not page.text(start - 1) or page.text(start - 2) == "":
        for index in range(start - 2, max(-1, start - 6), -1):
            if page.text(index).startswith("<anonymous_script>:"):
                return index
    return None


def _thrown_at(page: Page, start: int) -> Frame | None:
    header = _header(page, start)
    place = _PLACE.match(page.text(header)) if header is not None else None
    if place is None or place["file"].startswith("node:"):
        return None
    return Frame(place["file"], number(place["line"]))


def _importer(message: str) -> Frame | None:
    """The file whose import failed: loading has no frame of its own."""
    match = _IMPORTER.search(message)
    return Frame(match["file"], None) if match is not None else None


def _finding(page: Page, thrown: _Thrown) -> Finding:
    is_uncaught = _header(page, thrown.start) is not None or any(
        page.text(at).startswith(("Node.js v", "Bun v"))
        for at in range(thrown.stop, thrown.stop + 3)
    )
    is_uncaught |= page.text(thrown.start).startswith(("Uncaught", "Unhandled", "error: Uncaught"))
    if is_uncaught:
        weight = Weight.FIRM
    else:
        before = page.text(thrown.start - 1)
        weight = Weight.LOGGED if looks_logged(before) else Weight.VAGUE
    return page.finding(thrown.start, _links(page, thrown), weight, _leaves(page, thrown))


RECOGNISER = Recogniser(
    name="node",
    tools=("node", "deno", "bun"),
    example=(
        "/src/tea/bar.js:4\n"
        "  throw new Error('no tea', { cause: error });\n"
        "  ^\n"
        "\n"
        "Error: no tea\n"
        "    at serve (/src/tea/bar.js:4:9)\n"
        "    at node:internal/main/run_main_module:28:49 {\n"
        "  [cause]: TypeError: pot.pour is not a function\n"
        "      at brew (/src/tea/pot.js:11:7)\n"
        "      at serve (/src/tea/bar.js:2:5)\n"
        "}\n"
        "\n"
        "Node.js v20.1.0\n"
    ),
    find=find,
    needs=(
        "at ",
        "Node.js v",
        "Bun v",
        "[",
    ),
)
