"""The list of distinct failures, root causes first, and the chain of links behind each.

A failed task's chain starts with the task itself and goes on with what was read out of its output
(``Diagnosis``); an errored task's chain is its ``ErrorRecord`` with every source. Both become
``FailureLink``, so that a panel walks them alike. Consequences (skipped tasks) are folded into the
failure at their root. A chain is bounded in depth and width, and says how much it left out.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from hazui.domain.links import Link
from hazui.domain.records import ExitStatus
from hazui.errors.base import one_line
from hazui.errors.record import ErrorRecord
from hazui.protocol.values import Difference
from hazui.view import wording
from hazui.view.chain import (
    LINKS_MAX,
    FailureLink,
    link_from,
    links_of_record,
    root_index_of,
)
from hazui.view.models import FailureFacts, LogRef, SessionView, TaskState, TaskView

DISTINCT_MAX = 50


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


Memory = dict[str, tuple[FailureFacts, bool, list["Failure"]]]
"""What was made of each task's failure the last time, for ``failures_of``."""


def failures_of(state: SessionView, memory: Memory | None = None) -> tuple[Failure, ...]:
    """Every distinct failure: the newest turn first, then as they happened.

    A caller that asks again and again hands over a ``memory`` (a dictionary, empty at first), so
    that only what changed is worked out anew.
    """
    memory = {} if memory is None else memory
    found: list[Failure] = []
    skipped: dict[str, list[str]] = {}
    for view in state.tasks.values():
        if view.failure is not None:
            known = memory.get(view.task)
            if known is None or known[0] is not view.failure or known[1] is not _reruns(view):
                made = failures_of_task(view, view.failure, state.root)
                known = memory[view.task] = (view.failure, _reruns(view), made)
            found.extend(known[2])
        elif view.state is TaskState.SKIPPED and view.root is not None:
            skipped.setdefault(view.root, []).append(view.task)
    found.extend(_own_failures(state))
    found.sort(key=lambda failure: (-failure.turn, failure.seq))
    return tuple(_folded(found, skipped))


def failures_of_task(view: TaskView, facts: FailureFacts, root: str = "") -> list[Failure]:
    """The failures of one task: the diagnosed chain first, then every other distinct error.

    ``root`` is the workspace's; places within it are named relative to it.
    """
    head = _head(view, facts)
    common: dict[str, Any] = {
        "task": view.task,
        "turn": facts.turn,
        "at": facts.at,
        "seq": facts.seq,
        "is_rerunning": _reruns(view),
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
        links, left_out = links_of_record(facts.error, root)
        return [
            _failure((head, *links), group=_group(facts.error), omitted_links=left_out, **common)
        ]
    diagnosis = facts.diagnosis
    chain = tuple(link_from(i, link, root) for i, link in enumerate(_bounded(diagnosis), 1))
    made = [_failure((head, *chain), group="failed", **common)]
    if diagnosis is None:
        return made
    seen = {_identity(link) for link in chain}
    for error in diagnosis.errors:
        link = link_from(1, error, root)
        if _identity(link) in seen or len(made) >= DISTINCT_MAX:
            continue
        seen.add(_identity(link))
        if len(chain) == 0 and len(made) == 1:
            made = []  # The errors say more than the bare exit status.
        made.append(_failure((head, link), group="failed", **common))
    return made


def _reruns(view: TaskView) -> bool:
    return not view.state.is_bad and view.state is not TaskState.CANCELLED


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
        links, left_out = links_of_record(record, state.root)
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
    also: dict[tuple[str, ...], dict[str, None]] = {}
    consequences: dict[tuple[str, ...], list[str]] = {}
    claimed: set[str] = set()
    for failure in found:
        root = failure.root
        is_shared = root.file is not None and root.number > 0
        key = _identity(root) if is_shared else (failure.key,)
        first = kept.setdefault(key, failure)
        if failure.task != first.task:
            also.setdefault(key, {})[failure.task] = None
        if failure.task not in claimed:
            claimed.add(failure.task)
            consequences.setdefault(key, []).extend(sorted(skipped.get(failure.task, ())))
    for key, failure in kept.items():
        if key not in also and not consequences.get(key):
            yield failure
        else:
            yield replace(
                failure, also=tuple(also.get(key, ())), skipped=tuple(consequences.get(key, ()))
            )
