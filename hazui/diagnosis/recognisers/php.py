"""Fatal errors of PHP: uncaught exceptions with what they followed, parse errors, and PHPUnit.

PHP prints the first exception first and each that was thrown later behind a ``Next``, so the
root comes first. Warnings and notices end nothing.
"""

import re

from hazui.diagnosis.finding import Finding, Page, Weight, number, related
from hazui.diagnosis.recogniser import Recogniser
from hazui.domain.links import Link

_HEAD = re.compile(
    r"(?:\[[^\]]{1,60}\] )?(?:PHP )?(?P<kind>Fatal error|Parse error|Recoverable fatal error):"
    r" {1,2}(?P<text>\S.*)$"
)
_ON_LINE = re.compile(r"(?P<message>.*) in (?P<file>\S.{0,400}?) on line (?P<line>\d{1,9})$")
_THROWN = re.compile(r"(?P<message>.*) in (?P<file>\S[^:]{0,400}):(?P<line>\d{1,9})$")
_TYPED = re.compile(r"(?:Uncaught |Next )?(?P<type>[A-Z_a-z][\w\\]{0,200})(?:: (?P<message>.*))?$")
_TEST = re.compile(r"\d{1,6}\) (?P<test>[\w\\]{1,200}::\w.{0,200})$")
_TEST_AT = re.compile(r"(?P<file>/?\S[^:]{0,400}\.php):(?P<line>\d{1,9})$")
_MESSAGE_LINES = 30
_BLOCK_LINES = 400


def find(page: Page) -> list[Finding]:
    findings: list[Finding] = []
    for index, text in page.unclaimed():
        found = None
        if "error: " in text[:120] and (head := _HEAD.match(text)) is not None:
            found = _fatal(page, index, head)
        elif ") " in text[:9] and (test := _TEST.match(text)) is not None:
            found = _test(page, index, test["test"])
        if found is not None:
            findings.append(found)
    return findings


def _fatal(page: Page, index: int, head: re.Match[str]) -> Finding | None:
    text = head["text"]
    if not text.startswith("Uncaught "):
        place = _ON_LINE.match(text)
        if place is None:
            return None
        link = page.link(
            index,
            index + 1,
            type=head["kind"],
            message=place["message"],
            file=place["file"],
            line=number(place["line"]),
        )
        page.claim(index, index + 1)
        return page.finding(index, [link], Weight.FIRM)
    links: list[Link] = []
    at = index
    stop = index + 1
    while at < min(len(page.lines), index + _BLOCK_LINES):
        line = text.removeprefix("Uncaught ") if at == index else page.text(at)
        if line.startswith("  thrown in "):
            stop = at + 1
            break
        if at == index or line.startswith("Next "):
            thrown, at = _thrown(page, at, line.removeprefix("Next "))
            if thrown is None:
                break
            links.append(thrown)
            stop = at
            continue
        at += 1
    if not links:
        return None
    page.claim(index, stop)
    chain = [related(link, "caused_by" if at else None) for at, link in enumerate(links[::-1])]
    return page.finding(index, chain, Weight.FIRM)


def _thrown(page: Page, index: int, text: str) -> tuple[Link | None, int]:
    """One exception, whose message may have several lines, and the line behind its place."""
    lines = [text]
    stop = index + 1
    while not (place := _THROWN.match(lines[-1])) and stop - index < _MESSAGE_LINES:
        if stop >= len(page.lines) or page.text(stop) == "Stack trace:":
            break
        lines.append(page.text(stop))
        stop += 1
    if place is None:
        return None, index + 1
    lines[-1] = place["message"]
    typed = _TYPED.match(lines[0])
    message = "\n".join([typed["message"] or "" if typed else lines[0], *lines[1:]])
    link = page.link(
        index,
        stop,
        type=typed["type"] if typed else None,
        message=message,
        file=place["file"],
        line=number(place["line"]),
    )
    return link, stop


def _test(page: Page, index: int, title: str) -> Finding | None:
    lines: list[str] = []
    for at in range(index + 1, min(len(page.lines), index + _BLOCK_LINES)):
        text = page.text(at)
        place = _TEST_AT.match(text)
        if place is not None and not page.text(at - 1):
            typed = _TYPED.match(lines[0]) if lines else None
            is_typed = typed is not None and typed["message"] is not None
            if typed is not None and is_typed:
                lines[0] = typed["message"]
            link = page.link(
                index,
                at + 1,
                type=typed["type"] if typed is not None and is_typed else None,
                message="\n".join(lines).strip() or title,
                file=place["file"],
                line=number(place["line"]),
            )
            page.claim(index, at + 1)
            return page.finding(index, [link], Weight.REPORT)
        if _TEST.match(text):
            return None
        lines.append(text)
    return None


RECOGNISER = Recogniser(
    name="php",
    tools=("php", "phpunit"),
    example=(
        "PHP Fatal error:  Uncaught RuntimeException: the tap is dry in /src/tea/tap.php:5\n"
        "Stack trace:\n"
        "#0 /src/tea/bar.php(9): open()\n"
        "#1 {main}\n"
        "\n"
        "Next LogicException: no tea today in /src/tea/bar.php:11\n"
        "Stack trace:\n"
        "#0 {main}\n"
        "  thrown in /src/tea/bar.php on line 11\n"
    ),
    find=find,
    needs=(
        "rror: ",
        ") ",
    ),
)
