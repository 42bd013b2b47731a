"""Tracebacks of Python programs: chains, groups, notes and syntax errors.

The interpreter prints a chain root first: each exception, then a sentence that says how the next
one came about. Groups indent their members behind a margin of bars. The format is the one of
``traceback.TracebackException.format``.
"""

from collections.abc import Iterator
from dataclasses import replace

from hazui.diagnosis.finding import Finding, Page, Weight, related
from hazui.diagnosis.frames import own_frame
from hazui.diagnosis.recogniser import Recogniser
from hazui.diagnosis.recognisers.python_block import (
    CAUSE,
    Part,
    Reader,
    header_at,
    looks_logged,
)
from hazui.domain.links import Link, Relation

_ENTRY_FUNCTIONS = ("<module>",)
_ENTRY_FILES = ("<frozen runpy>", "runpy.py", "multiprocessing/process.py", "<string>")


def find(page: Page) -> list[Finding]:
    findings: list[Finding] = []
    index = 0
    while index < len(page.lines):
        margin = None if page.claimed[index] else header_at(page, index)
        if margin is None:
            stop = _bare_syntax_error(page, index, findings)
            index = max(stop, index + 1)
            continue
        parts, stop = Reader(page).chain(index, margin)
        if parts:
            findings.append(_finding(page, parts, index))
            page.claim(parts[0].start, stop)
        index = max(stop, index + 1)
    return _demote_survived(findings)


def _bare_syntax_error(page: Page, index: int, findings: list[Finding]) -> int:
    """A script that cannot be compiled has no stack, so no header either."""
    if page.claimed[index] or not page.text(index).startswith('  File "'):
        return index
    part, stop = Reader(page).syntax_error(index)
    if part is None:
        return index
    findings.append(
        replace(
            page.finding(index, [part_link(page, part)], Weight.FIRM),
            is_last_word=True,
        )
    )
    page.claim(index, stop)
    return stop


def chain_links(page: Page, parts: list[Part]) -> list[Link]:
    """The links of one chain, outermost first, on through the first member of a group."""
    links: list[Link] = []
    relation: Relation | None = None
    for part in reversed(parts):
        link = related(part_link(page, part), relation)
        # A pool's worker repeats its own exception in the parent: one failure, told twice.
        if not links or (links[-1].type, links[-1].message) != (link.type, link.message):
            links.append(link)
        else:
            links[-1] = replace(link, relation=links[-1].relation)
        if part.members:
            inner = chain_links(page, part.members[0])
            return [*links, related(inner[0], "member"), *inner[1:]] if inner else links
        relation = part.relation_to_cause
    return links


def leaves(page: Page, parts: list[Part]) -> Iterator[Link]:
    """The root of every branch of the groups in a chain."""
    for part in reversed(parts):
        if part.members:
            for member in part.members:
                yield from leaves(page, member)
            return
    links = chain_links(page, parts)
    if links:
        yield links[-1]


def part_link(page: Page, part: Part) -> Link:
    """The link of one exception: at its own syntax error, else at its last own frame."""
    frame = part.syntax_frame or own_frame(part.frames)
    return page.link(
        part.start,
        part.stop,
        type=part.type,
        message=part.message,
        file=frame.file if frame else None,
        line=frame.line if frame else None,
        column=frame.column if frame else None,
    )


def _finding(page: Page, parts: list[Part], index: int) -> Finding:
    before = page.text(parts[0].start - 1) or page.text(parts[0].start - 2)
    outer = parts[-1]
    # What nobody caught began where the program did; a caught one is printed from its `try` on.
    first = outer.frames[0] if outer.frames else None
    is_whole = first is not None and (
        first.function in _ENTRY_FUNCTIONS or first.file.endswith(_ENTRY_FILES)
    )
    is_ignored = before.startswith("Exception ignored in")
    # Nobody caught what ended a thread: it brought on whatever missed its result.
    in_thread = before.startswith("Exception in thread")
    lead = page.lines[index].lead
    logged = is_ignored or looks_logged(before) or (looks_logged(lead) if lead else False)
    found = page.finding(
        parts[0].start,
        chain_links(page, parts),
        Weight.LOGGED if logged else Weight.FIRM,
        list(leaves(page, parts)),
    )
    return replace(
        found,
        program=first.file if is_whole and first and not in_thread else "",
        is_last_word=is_whole or in_thread or not first,
    )


def _demote_survived(findings: list[Finding]) -> list[Finding]:
    """A traceback that did not end its process is only a log line once another one did."""
    if not any(found.is_last_word and found.weight is Weight.FIRM for found in findings):
        return findings
    last = {found.program: at for at, found in enumerate(findings) if found.is_last_word}
    result: list[Finding] = []
    for at, found in enumerate(findings):
        survived = not found.is_last_word or (found.program and last[found.program] > at)
        demoted = survived and found.weight is Weight.FIRM
        result.append(replace(found, weight=Weight.LOGGED) if demoted else found)
    return result


RECOGNISER = Recogniser(
    name="python",
    tools=("python",),
    example=(
        "Traceback (most recent call last):\n"
        '  File "shop/till.py", line 12, in total\n'
        "    return prices[name]\n"
        "           ~~~~~~^^^^^^\n"
        "KeyError: 'tea'\n"
        "\n"
        f"{CAUSE}\n"
        "\n"
        "Traceback (most recent call last):\n"
        '  File "shop/main.py", line 4, in <module>\n'
        "    total('tea')\n"
        '  File "shop/till.py", line 14, in total\n'
        "    raise LookupError('no price') from error\n"
        "LookupError: no price\n"
    ),
    find=find,
    needs=(
        "(most recent call last):",
        '  File "',
    ),
)
