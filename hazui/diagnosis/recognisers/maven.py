"""What Maven and Gradle say about a failed build, and Maven's list of failed tests.

That a goal or task failed wraps what the compiler or the tests printed before; where nothing was
printed, as for an unresolvable dependency, the sentence is the reason itself.
"""

import re

from hazui.diagnosis.finding import Finding, Page, Weight, number
from hazui.diagnosis.recogniser import Recogniser

_GOAL = re.compile(
    r"\[ERROR\] (?:\[ERROR\] )?Failed to execute goal (?P<goal>\S{1,200} )?.{0,200}?"
    r"on project [\w.-]{1,100}: (?P<message>\S.*?)(?: -> \[Help \d{1,4}\])?$"
)
_POM = re.compile(
    r"(?:\[(?:FATAL|ERROR)\] {1,6}){1,3}(?P<message>(?:Non-(?:parse|read)able POM|Malformed POM) "
    r"(?P<file>/\S{1,400}?): .{0,600}) @ line (?P<line>\d{1,9}), column (?P<column>\d{1,9})"
)
_TEST = re.compile(
    r"\[ERROR\] {1,4}(?P<class>[A-Za-z_]\w{0,120}(?:\.\w{1,120}){0,8})\.(?P<test>\w{1,120})"
    r":(?P<line>\d{1,9})(?:->[\w.]{1,120}:\d{1,9}){0,4} "
    r"(?:\u00bb (?P<type>\w{1,80}) ?)?(?P<message>.*)$"
)
_GRADLE = re.compile(r"\* What went wrong:$")
_GRADLE_TASK = re.compile(r"Execution failed for task '(?P<task>[^']{1,200})'\.$")
_WRAPS = ("Compilation failure", "There are test failures", "Command execution failed")


def find(page: Page) -> list[Finding]:
    findings: list[Finding] = []
    for index, text in page.unclaimed():
        found = None
        if text.startswith("["):
            found = _maven(page, index, text)
        elif _GRADLE.match(text):
            found = _gradle(page, index)
        if found is not None:
            findings.append(found)
    return findings


def _maven(page: Page, index: int, text: str) -> Finding | None:
    pom = _POM.match(text)
    test = _TEST.match(text) if pom is None else None
    placed = pom or test
    if placed is not None:
        place = placed.groupdict()
        named = test["class"].rpartition(".")[2] if test is not None else ""
        link = page.link(
            index,
            index + 1,
            type=place.get("type"),
            message=place["message"] or place.get("test") or "failed",
            file=place.get("file") or f"{named}.java",
            line=number(place.get("line")),
            column=number(place.get("column")),
        )
        page.claim(index, index + 1)
        return page.finding(index, [link], Weight.FIRM if pom is not None else Weight.REPORT)
    goal = _GOAL.match(text)
    if goal is None:
        return None
    link = page.link(index, index + 1, type="maven", message=goal["message"])
    page.claim(index, index + 1)
    wraps = goal["message"].startswith(_WRAPS)
    return page.finding(index, [link], Weight.WRAPPER if wraps else Weight.VAGUE)


def _gradle(page: Page, index: int) -> Finding | None:
    """The task, then its reasons, each further in behind a ``>``."""
    stop = index + 1
    while stop < min(len(page.lines), index + 30) and page.text(stop):
        stop += 1
    if stop == index + 1:
        return None
    task = _GRADLE_TASK.match(page.text(index + 1))
    lines = [page.text(at).strip().removeprefix("> ") for at in range(index + 1, stop)]
    message = "\n".join(lines[1:] if task is not None and len(lines) > 1 else lines)
    link = page.link(index, stop, type="gradle", message=message)
    page.claim(index, stop)
    wraps = task is not None and ("Compilation" in message or "There were failing" in message)
    return page.finding(index, [link], Weight.WRAPPER if wraps else Weight.VAGUE)


RECOGNISER = Recogniser(
    name="maven",
    tools=("maven", "gradle"),
    example=(
        "[ERROR] Failed to execute goal on project tea: Could not resolve dependencies for project "
        "shop:tea:jar:1.0: Could not find artifact shop:pot:jar:2 -> [Help 1]\n"
    ),
    find=find,
    needs=(
        "[ERROR] ",
        "[FATAL] ",
        "* What went wrong:",
    ),
)
