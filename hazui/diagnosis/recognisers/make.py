"""What make says: its own errors, and its report that a recipe failed.

``*** [Makefile:4: tea.o] Error 1`` only wraps what the recipe printed. A missing rule or
separator is make's own finding and a root.
"""

import re

from hazui.diagnosis.finding import Finding, Page, Weight, number
from hazui.diagnosis.recogniser import Recogniser

_RECIPE = re.compile(
    r"(?P<make>[\w./-]{0,40}make(?:\[\d{1,4}\])?): \*\*\* "
    r"\[(?:(?P<file>[^\s:\]]{1,300}):(?P<line>\d{1,9}): )?(?P<target>[^\]]{1,300})\] (?P<how>\S.*)$"
)
_OWN = re.compile(r"(?P<make>[\w./-]{0,40}make(?:\[\d{1,4}\])?): \*\*\* (?P<message>[^\[].*)$")
_PLACED = re.compile(r"(?P<file>[^\s:]{1,300}):(?P<line>\d{1,9}): \*\*\* (?P<message>\S.*)$")
_COMMAND = re.compile(r"(?P<make>[\w./-]{0,40}make(?:\[\d{1,4}\])?): (?P<message>\S.*)$")
_INCLUDE = re.compile(
    r"(?P<file>[^\s:]{1,300}):(?P<line>\d{1,9}): (?P<message>\S{1,300}: No such file or directory)$"
)
_NO_COMMAND = ("No such file or directory", "Permission denied", "ommand not found", "not found")


def find(page: Page) -> list[Finding]:
    findings: list[Finding] = []
    for index, text in page.unclaimed():
        if "make" not in text and ": *** " not in text and "No such file" not in text:
            continue
        found = _placed(page, index, text) or _recipe(page, index, text) or _own(page, index, text)
        if found is not None:
            page.claim(index, index + 1)
            findings.append(found)
    return findings


def _recipe(page: Page, index: int, text: str) -> Finding | None:
    match = _RECIPE.match(text)
    if match is None:
        return None
    link = page.link(
        index,
        index + 1,
        type="make",
        message=f"{match['target']}: {match['how']}",
        file=match["file"],
        line=number(match["line"]),
    )
    return page.finding(index, [link], Weight.WRAPPER)


def _placed(page: Page, index: int, text: str) -> Finding | None:
    match = _PLACED.match(text)
    if match is None and "make: *** No rule to make target" in page.text(index + 1):
        match = _INCLUDE.match(text)
    if match is None:
        return None
    message = match["message"].removesuffix("Stop.").rstrip()
    link = page.link(
        index, index + 1, type=None, message=message, file=match["file"], line=number(match["line"])
    )
    return page.finding(index, [link], Weight.FIRM)


def _own(page: Page, index: int, text: str) -> Finding | None:
    own = _OWN.match(text)
    if own is not None:
        if own["message"].startswith(("Waiting for", "Deleting file")):
            return None
        message = own["message"].removesuffix("Stop.").rstrip()
        link = page.link(index, index + 1, type=None, message=message)
        return page.finding(index, [link], Weight.FIRM)
    command = _COMMAND.match(text)
    if command is None or not command["message"].endswith(_NO_COMMAND):
        return None
    # The recipe that could not be started is named by the line that follows.
    recipe = _RECIPE.match(page.text(index + 1))
    link = page.link(
        index,
        index + 1,
        type=None,
        message=command["message"],
        file=recipe["file"] if recipe else None,
        line=number(recipe["line"]) if recipe else None,
    )
    return page.finding(index, [link], Weight.FIRM)


RECOGNISER = Recogniser(
    name="make",
    tools=("make",),
    example="make: *** No rule to make target 'leaf.c', needed by 'tea'.  Stop.\n",
    find=find,
    needs=(
        "make",
        ": *** ",
        "No such file",
    ),
)
