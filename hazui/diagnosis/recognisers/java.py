"""Stack traces of the Java machine, with their causes.

A trace lists the innermost frame first and the causes outermost first; ``... 8 more`` stands for
frames that the enclosing trace has too. Suppressed exceptions are printed further in and are not
causes.
"""

import re
from dataclasses import dataclass, field

from hazui.diagnosis.finding import Finding, Page, Weight, number, related
from hazui.diagnosis.frames import Frame
from hazui.diagnosis.recogniser import Recogniser
from hazui.diagnosis.recognisers.python_block import looks_logged
from hazui.domain.links import Link

_HEAD = re.compile(
    r'(?P<intro>Exception in thread "[^"]{0,200}" |Caused by: |Exception in \S{1,100}: )?'
    r"(?P<type>[A-Za-z_$][\w$]*(?:\.[\w$]+)*)(?:: (?P<message>.*))?$"
)
_FRAME = re.compile(
    r"\tat (?:[\w.@\-/]{1,200}/)?(?P<function>[^()]{1,400})\((?P<place>[^()]{0,300})\)"
)
_MORE = re.compile(r"\s+\.\.\. \d{1,6} (?:more|common frames omitted)")
_LIBRARIES = (
    "java.", "javax.", "jdk.", "sun.", "com.sun.", "jakarta.", "kotlin.", "kotlinx.", "scala.",
    "clojure.", "groovy.", "org.springframework.", "org.apache.", "org.hibernate.", "org.junit.",
    "junit.", "org.testng.", "org.gradle.", "org.mockito.", "org.assertj.", "io.netty.",
    "reactor.", "com.fasterxml.", "com.google.common.", "com.zaxxer.", "akka.", "org.eclipse.",
)  # fmt: skip
_MESSAGE_LINES = 12


@dataclass(slots=True)
class _Trace:
    start: int
    stop: int
    type: str
    message: str
    is_cause: bool
    is_uncaught: bool
    frames: list[Frame] = field(default_factory=list)


def find(page: Page) -> list[Finding]:
    findings: list[Finding] = []
    group: list[_Trace] = []
    for trace in _traces(page):
        if not trace.is_cause and group:
            findings.append(_finding(page, group))
            group = []
        group.append(trace)
    if group:
        findings.append(_finding(page, group))
    return findings


def _traces(page: Page) -> list[_Trace]:
    traces: list[_Trace] = []
    index = 0
    while index < len(page.lines):
        text = page.text(index)
        is_frame = text.startswith("\tat ") and _FRAME.match(text) is not None
        is_frame = is_frame or (_MORE.match(text) is not None and text.startswith("\t..."))
        if page.claimed[index] or not is_frame:
            index += 1
            continue
        trace = _head(page, index)
        stop = _frames(page, index, trace)
        if trace is not None:
            trace.stop = stop
            page.claim(trace.start, stop)
            traces.append(trace)
        index = stop
    return traces


def _head(page: Page, frame: int) -> _Trace | None:
    """The line above the frames that names the exception; its message may have several lines."""
    for index in range(frame - 1, max(-1, frame - 1 - _MESSAGE_LINES), -1):
        text = page.text(index)
        if page.claimed[index] or text.startswith("\t"):
            return None
        match = _HEAD.match(text)
        if match is not None and ("." in match["type"] or match["intro"]):
            rest = [page.text(at) for at in range(index + 1, frame)]
            intro = match["intro"] or ""
            return _Trace(
                index,
                frame,
                match["type"],
                "\n".join([match["message"] or "", *rest]).strip(),
                is_cause=intro == "Caused by: ",
                is_uncaught=intro.startswith("Exception in"),
            )
    return None


def _frames(page: Page, index: int, trace: _Trace | None) -> int:
    while index < len(page.lines):
        text = page.text(index)
        match = _FRAME.match(text)
        if match is not None and trace is not None:
            file, _, line = match["place"].rpartition(":")
            if file:
                trace.frames.append(Frame(file, number(line), match["function"]))
        elif match is None and not _MORE.match(text) and not text.startswith("\t"):
            break
        index += 1
    return index


def _finding(page: Page, traces: list[_Trace]) -> Finding:
    links: list[Link] = []
    for trace in traces:
        own = [frame for frame in trace.frames if not frame.function.startswith(_LIBRARIES)]
        frame = next(iter(own or trace.frames), None)
        if not trace.frames and links:
            # All of its frames are those of the trace around it.
            frame = Frame(links[-1].file, links[-1].line) if links[-1].file else None
        link = page.link(
            trace.start,
            trace.stop,
            type=trace.type,
            message=trace.message,
            file=frame.file if frame else None,
            line=frame.line if frame else None,
        )
        links.append(related(link, "caused_by" if links else None))
    first = traces[0]
    before = page.text(first.start - 1)
    if first.is_uncaught:
        weight = Weight.FIRM
    else:
        weight = Weight.LOGGED if looks_logged(before) else Weight.VAGUE
    return page.finding(first.start, links, weight)


RECOGNISER = Recogniser(
    name="java",
    tools=("java", "kotlin", "scala"),
    example=(
        'Exception in thread "main" java.lang.IllegalStateException: no tea today\n'
        "\tat shop.Bar.serve(Bar.java:31)\n"
        "\tat shop.Main.main(Main.java:8)\n"
        "Caused by: java.io.IOException: the tap is dry\n"
        "\tat shop.Tap.open(Tap.java:12)\n"
        "\tat shop.Bar.serve(Bar.java:29)\n"
        "\t... 1 more\n"
    ),
    find=find,
    needs=(
        "\tat ",
        "\t... ",
    ),
)
