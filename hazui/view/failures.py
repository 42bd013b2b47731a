"""The list of distinct failures, root causes first, and the chain of links behind each.

A failed task's chain starts with the task itself and goes on with what was read out of its output
(``Diagnosis``); an errored task's chain is its ``ErrorRecord`` with every source. Both become
``FailureLink``, so that a panel walks them alike. Consequences (skipped tasks) are folded into the
failure at their root. A chain is bounded in depth and width, and says how much it left out.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hazui.domain.links import Link
from hazui.domain.records import ExitStatus
from hazui.errors.base import one_line
from hazui.errors.record import ErrorRecord
from hazui.protocol.values import Difference
from hazui.view import wording
from hazui.view.models import FailureFacts, LogRef, SessionView, TaskState, TaskView

LINKS_MAX = 64
DISTINCT_MAX = 50
NO_FIELDS: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureLink:
    """One step of a chain; 0 is the task itself, the causes count from 1."""

    number: int
    message: str
    relation: str | None = None
    """How the preceding, outer link stands to this one."""
    type: str | None = None
    depth: int = 0
    """How deep in branches of groups; 0 on the trunk."""
    file: str | None = None
    line: int | None = None
    column: int | None = None
    stream: str | None = None
    byte_start: int | None = None
    byte_end: int | None = None
    record: ErrorRecord | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    hint: str | None = None
    code: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Type and message on one line."""
        message = one_line(self.message)
        return f"{one_line(self.type)}: {message}" if self.type else message

    @property
    def place(self) -> str | None:
        """``cart.py:88``, or None when no place is known."""
        if self.file is None:
            return None
        where = one_line(self.file)
        if self.line is None:
            return where
        return f"{where}:{self.line}" + (f":{self.column}" if self.column else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One distinct failure. ``task`` is "" for one of hazui itself."""

    key: str
    """Stays the same as long as it is the same failure: what was dismissed stays dismissed."""
    task: str
    group: str
    """failed (it ran), outputs (did not honour them), errored (hazui could not)."""
    title: str
    chain: tuple[FailureLink, ...]
    turn: int = 0
    at: str = ""
    seq: int = 0
    skipped: tuple[str, ...] = ()
    """Tasks that were skipped because of it."""
    also: tuple[str, ...] = ()
    """Further tasks that failed with the same root cause."""
    root_index: int = 0
    omitted_links: int = 0
    is_rerunning: bool = False
    log: LogRef | None = None
    exit_status: ExitStatus | None = None
    timed_out: bool = False
    argv: tuple[str, ...] = ()
    cwd: str = ""
    pid: int | None = None
    execution_id: str | None = None
    differs: tuple[Difference, ...] = ()
    omitted: int = 0
    survivors: tuple[str, ...] = ()
    attempt: int = 1

    @property
    def root(self) -> FailureLink:
        return self.chain[self.root_index]

    @property
    def word(self) -> str:
        return "failed" if self.group == "failed" else "errored"


def failures_of(state: SessionView) -> tuple[Failure, ...]:
    """Every distinct failure: the newest turn first, then as they happened."""
    found: list[Failure] = []
    skipped: dict[str, list[str]] = {}
    for view in state.tasks.values():
        if view.failure is not None:
            found.extend(failures_of_task(view, view.failure))
        elif view.state is TaskState.SKIPPED and view.root is not None:
            skipped.setdefault(view.root, []).append(view.task)
    found.extend(_own_failures(state))
    found.sort(key=lambda failure: (-failure.turn, failure.seq))
    return tuple(_folded(found, skipped))


def failures_of_task(view: TaskView, facts: FailureFacts) -> list[Failure]:
    """The failures of one task: the diagnosed chain first, then every other distinct error."""
    head = _head(view, facts)
    common: dict[str, Any] = {
        "task": view.task,
        "turn": facts.turn,
        "at": facts.at,
        "seq": facts.seq,
        "is_rerunning": not view.state.is_bad and view.state is not TaskState.CANCELLED,
        "log": facts.log,
        "exit_status": facts.exit_status,
        "timed_out": facts.timed_out,
        "argv": facts.argv,
        "cwd": facts.cwd,
        "pid": facts.pid,
        "execution_id": facts.execution_id,
        "differs": facts.differs,
        "omitted": facts.omitted,
        "survivors": facts.survivors,
        "attempt": facts.attempt,
    }
    if facts.error is not None:
        links, left_out = links_of_record(facts.error)
        return [
            _failure((head, *links), group=_group(facts.error), omitted_links=left_out, **common)
        ]
    diagnosis = facts.diagnosis
    chain = tuple(_from_link(i, link) for i, link in enumerate(_bounded(diagnosis), 1))
    made = [_failure((head, *chain), group="failed", **common)]
    if diagnosis is None:
        return made
    seen = {_identity(link) for link in chain}
    for error in diagnosis.errors:
        link = _from_link(1, error)
        if _identity(link) in seen or len(made) >= DISTINCT_MAX:
            continue
        seen.add(_identity(link))
        if len(chain) == 0 and len(made) == 1:
            made = []  # The errors say more than the bare exit status.
        made.append(_failure((head, link), group="failed", **common))
    return made


def links_of_record(record: ErrorRecord) -> tuple[list[FailureLink], int]:
    """The links of a typed error from the outermost to the root, and how many were left out."""
    links: list[FailureLink] = []
    left_out = record.truncated
    for relation, depth, each in _walk(record):
        if len(links) >= LINKS_MAX:
            left_out += 1
            continue
        links.append(_from_record(len(links) + 1, relation, depth, each))
    return links, left_out


def _walk(record: ErrorRecord) -> Iterator[tuple[str | None, int, ErrorRecord]]:
    waiting: list[tuple[str | None, int, ErrorRecord]] = [(None, 0, record)]
    while waiting:
        relation, depth, current = waiting.pop()
        yield relation, depth, current
        members = tuple(current.members)
        branch = depth + 1 if len(members) > 1 else depth
        # The trunk (the source) is walked last, so that the root stays the last link.
        if current.source is not None:
            waiting.append(("caused_by", depth, current.source))
        waiting.extend(("member", branch, member) for member in reversed(members))


def _from_record(number: int, relation: str | None, depth: int, record: ErrorRecord) -> FailureLink:
    file, line = _place(record)
    return FailureLink(
        number=number,
        relation=relation,
        depth=depth,
        type=record.type,
        message=record.message,
        file=file,
        line=line,
        record=record,
        fields=record.fields or NO_FIELDS,
        hint=record.hint,
        code=record.code,
        notes=tuple(record.notes),
    )


def _place(record: ErrorRecord) -> tuple[str | None, int | None]:
    """Where to look: the file the error is about; a raising frame only when it is foreign code."""
    fields = record.fields
    for name in ("file", "path"):
        if isinstance(fields.get(name), str) and fields[name]:
            line = fields.get("line")
            return fields[name], line if isinstance(line, int) else None
    if record.where is not None and record.family in ("external", "plugin"):
        return record.where.file, record.where.line
    return None, None


def _from_link(number: int, link: Link) -> FailureLink:
    return FailureLink(
        number=number,
        relation=link.relation,
        type=link.type,
        message=link.message,
        file=link.file,
        line=link.line,
        column=link.column,
        stream=link.stream,
        byte_start=link.byte_start,
        byte_end=link.byte_end,
    )


def _bounded(diagnosis: Any) -> tuple[Link, ...]:
    links: tuple[Link, ...] = diagnosis.chain if diagnosis is not None else ()
    return links if len(links) <= LINKS_MAX else (*links[: LINKS_MAX - 1], links[-1])


def _head(view: TaskView, facts: FailureFacts) -> FailureLink:
    if facts.error is not None:
        phase = f" in {facts.phase.value}" if facts.phase is not None else ""
        return FailureLink(number=0, message=f"{view.task} errored{phase}")
    text = wording.exit_status(facts.exit_status, timed_out=facts.timed_out)
    return FailureLink(number=0, message=f"{view.task} {text}")


def _failure(chain: tuple[FailureLink, ...], *, task: str, **rest: Any) -> Failure:
    index = root_index_of(chain)
    root = chain[index]
    title = root.title if len(chain) > 1 else one_line(root.message.removeprefix(f"{task} "))
    key = "\x00".join((task, *_identity(root)))
    return Failure(key=key, task=task, title=title, chain=chain, root_index=index, **rest)


def root_index_of(chain: tuple[FailureLink, ...]) -> int:
    """Which link is the root: the end of the causes; in a group, of its first member's."""
    outermost = next((link.record for link in chain if link.record is not None), None)
    if outermost is not None:
        for index, link in enumerate(chain):
            if link.record is outermost.root:
                return index
    return len(chain) - 1


def _identity(link: FailureLink) -> tuple[str, ...]:
    return (link.type or "", link.message, link.file or "", str(link.line or ""))


def _group(record: ErrorRecord) -> str:
    return "outputs" if record.family == "run_task" and record.kind == "user" else "errored"


def _own_failures(state: SessionView) -> Iterable[Failure]:
    """Errors of hazui itself: of the turn, of the session, and in notices."""
    found: list[tuple[str, ErrorRecord, int, str, int]] = []
    if state.refused is not None:
        found.append(("the session was refused", state.refused, 0, state.last_at, 0))
    if state.turn is not None and state.turn.error is not None:
        turn = state.turn
        found.append((f"turn {turn.turn}", state.turn.error, turn.turn, turn.started_at, 0))
    found.extend(
        (notice.text, notice.error, 0, notice.at, notice.seq)
        for notice in state.notices
        if notice.level == "error" and notice.error is not None
    )
    for text, record, number, at, seq in found:
        links, left_out = links_of_record(record)
        head = FailureLink(number=0, message=text)
        yield _failure(
            (head, *links),
            task="",
            group="errored",
            turn=number,
            at=at,
            seq=seq,
            omitted_links=left_out,
        )


def _folded(found: list[Failure], skipped: Mapping[str, list[str]]) -> Iterator[Failure]:
    """Fold consequences into the first failure of their root, and equal roots into one."""
    kept: dict[tuple[str, ...], Failure] = {}
    claimed: set[str] = set()
    for failure in found:
        root = failure.root
        shared = root.file is not None and root.number > 0
        key = _identity(root) if shared else (failure.key,)
        mine = () if failure.task in claimed else tuple(sorted(skipped.get(failure.task, ())))
        claimed.add(failure.task)
        before = kept.get(key)
        if before is None:
            kept[key] = replace(failure, skipped=mine)
        else:
            also = before.also
            if failure.task != before.task and failure.task not in also:
                also = (*also, failure.task)
            kept[key] = replace(before, also=also, skipped=(*before.skipped, *mine))
    yield from kept.values()
