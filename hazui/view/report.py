"""A failure as a Markdown report that can be pasted: chain, command, log, reproducer.

Foreign text goes into fenced blocks whose fence is longer than any run of backticks in it, so a
report can hold any output.
"""

import re
import shlex
from collections.abc import Sequence

from hazui.errors.base import one_line
from hazui.view import wording
from hazui.view.chain import FailureLink
from hazui.view.failures import Failure

_BACKTICKS = re.compile(r"`+")


def reproducer(failure: Failure) -> str | None:
    """One shell line that runs the same command in the same directory, if a command is known."""
    if not failure.argv:
        return None
    command = shlex.join(failure.argv)
    return f"cd {shlex.quote(failure.cwd)} && {command}" if failure.cwd else command


def chain_lines(failure: Failure) -> list[str]:
    """The chain as text, one line per link, indented by branch."""
    lines: list[str] = []
    for link in failure.chain:
        place = f"  ({link.place})" if link.place else ""
        if link.number == 0:
            lines.append(one_line(link.message))
            continue
        relation = (
            f"{wording.RELATIONS.get(link.relation, link.relation)} " if link.relation else ""
        )
        lines.append(f"{'  ' * (link.depth + 1)}{link.number} {relation}{link.title}{place}")
    if failure.omitted_links:
        lines.append(f"  and {wording.plural(failure.omitted_links, 'more link')}")
    return lines


def link_text(link: FailureLink) -> str:
    """What ``y`` copies: the link, its place, its code and hint."""
    lines = [link.title]
    if link.place:
        lines.append(f"at {link.place}")
    if link.code:
        lines.append(f"code {link.code}")
    lines.extend(f"{name}: {one_line(str(value))}" for name, value in link.fields.items())
    lines.extend(f"note: {one_line(note)}" for note in link.notes)
    if link.hint:
        lines.append(f"hint: {one_line(link.hint)}")
    return "\n".join(lines)


def report(
    failure: Failure,
    *,
    last_lines: Sequence[tuple[str, Sequence[str]]] = (),
    log_paths: Sequence[str] = (),
) -> str:
    """The whole failure as Markdown.

    ``last_lines`` are the last lines of a stream with its name, ``log_paths`` where all of it is.
    """
    name = failure.task or "hazui"
    lines = [f"# {name}: {failure.title}", ""]
    lines += _facts(failure)
    lines += ["## Chain of causes", "", *_fenced("\n".join(chain_lines(failure)))]
    details = [link_text(link) for link in failure.chain if link.fields or link.hint or link.notes]
    if details:
        lines += ["## Details", "", *_fenced("\n\n".join(details))]
    if (command := reproducer(failure)) is not None:
        lines += ["## Reproduce", "", *_fenced(command, "sh")]
    if failure.differs:
        lines += ["## What differs from the last run", ""]
        lines += [f"- {text}" for text in wording.differences(failure.differs, failure.omitted)]
        lines.append("")
    for stream, text in last_lines:
        if text:
            lines += [f"## Last lines of {stream}", "", *_fenced("\n".join(text))]
    if log_paths:
        lines += ["Full log:", "", *(f"- `{one_line(path)}`" for path in log_paths), ""]
    return "\n".join(lines).rstrip() + "\n"


def _facts(failure: Failure) -> list[str]:
    facts: list[str] = []
    if failure.task and failure.group == "failed":
        text = wording.exit_status(failure.exit_status, timed_out=failure.timed_out)
        facts.append(f"- ended with: {text}")
    if failure.root.place:
        facts.append(f"- root cause at: {failure.root.place}")
    if failure.turn:
        facts.append(f"- turn {failure.turn}, {failure.at}")
    if failure.attempt > 1:
        facts.append(f"- attempt {failure.attempt}")
    if failure.pid is not None:
        facts.append(f"- pid {failure.pid}")
    if failure.skipped:
        facts.append(f"- skipped because of it: {', '.join(failure.skipped)}")
    if failure.also:
        facts.append(f"- the same root cause in: {', '.join(failure.also)}")
    if failure.survivors:
        facts.append(f"- processes that could not be stopped: {', '.join(failure.survivors)}")
    return [*facts, ""] if facts else []


def _fenced(text: str, language: str = "text") -> list[str]:
    longest = max((len(run) for run in _BACKTICKS.findall(text)), default=0)
    fence = "`" * max(longest + 1, 3)
    return [f"{fence}{language}", text, fence, ""]
