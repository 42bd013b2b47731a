"""The bounded summary at the end of a run: what failed, in three groups, each with its root cause.

It is text without colour, made from the view alone; the caller passes the last lines of each
task's log, which live on disk, and where all of it is.
"""

from collections.abc import Callable, Sequence

from hazui.errors.base import one_line
from hazui.view import durations, wording
from hazui.view.failures import Failure, failures_of
from hazui.view.models import SessionView, TaskState

GROUPS: tuple[tuple[str, str], ...] = (
    ("failed", "Failed"),
    ("outputs", "Did not honour the declared outputs"),
    ("errored", "hazui could not run"),
)
FAILURES_MAX = 20
LAST_LINES_MAX = 20

LastLines = Callable[[Failure], tuple[Sequence[str], str | None]]
"""The last lines of a failure's log and the path of the whole of it, if there is one."""


def headline(state: SessionView) -> str:
    """``2 failed, 4 skipped, 31 succeeded (12 from the cache) in 1.2 s``."""
    count = state.count
    parts = [
        f"{count(each):,} {each.value}"
        for each in (
            TaskState.FAILED,
            TaskState.ERRORED,
            TaskState.SKIPPED,
            TaskState.CANCELLED,
        )
        if count(each)
    ]
    good = count(TaskState.SUCCEEDED) + count(TaskState.CACHED)
    if good or not parts:
        cached = count(TaskState.CACHED)
        parts.append(f"{good:,} succeeded" + (f" ({cached:,} from the cache)" if cached else ""))
    text = ", ".join(parts)
    turn = state.turn
    if turn is not None and turn.duration_s is not None:
        text += f" in {durations.duration(turn.duration_s)}"
    return text


def summary(state: SessionView, last_lines: LastLines | None = None) -> list[str]:
    """The lines of the summary; only the headline when nothing failed."""
    lines: list[str] = []
    found = failures_of(state)
    for group, title in GROUPS:
        members = [failure for failure in found if failure.group == group]
        if not members:
            continue
        lines.append(f"{title} ({len(members)}):")
        shown_logs: set[str] = set()
        for failure in members[:FAILURES_MAX]:
            lines += _one(failure, None if failure.task in shown_logs else last_lines)
            shown_logs.add(failure.task)
        if len(members) > FAILURES_MAX:
            lines.append(f"  and {len(members) - FAILURES_MAX:,} more: see `hazui errors`")
        lines.append("")
    lines.append(headline(state))
    return lines


def _one(failure: Failure, last_lines: LastLines | None) -> list[str]:
    name = failure.task or "hazui"
    glyph = wording.glyph(TaskState.FAILED if failure.group == "failed" else TaskState.ERRORED)
    consequences = f"  (+{len(failure.skipped):,} skipped)" if failure.skipped else ""
    head = one_line(failure.chain[0].message.removeprefix(f"{failure.task} "))
    lines = [f"  {glyph} {name}  {head}{consequences}"]
    root = failure.root
    if root.number:
        place = f"{root.place}: " if root.place else ""
        lines.append(f"      {place}{root.title}")
    if root.hint:
        lines.append(f"      hint: {one_line(root.hint)}")
    if failure.also:
        lines.append(f"      the same in {', '.join(failure.also)}")
    if last_lines is not None:
        text, path = last_lines(failure)
        lines += [f"      | {line}" for line in text[-LAST_LINES_MAX:]]
        if path:
            lines.append(f"      full log: {one_line(path)}")
    return lines
