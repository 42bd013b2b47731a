"""What a request or a change asks for, as tasks with reasons. Plain functions over the graph."""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from hazui.domain.ids import TaskId
from hazui.errors.runtime import HazuiRuntimeError, RuntimeErrorCode
from hazui.graph.affected import affected
from hazui.graph.reason import FAILED_LAST_TIME, NEVER_RAN, AffectedReason
from hazui.graph.selection import Selection, select, select_all, select_named
from hazui.graph.targets import default_targets
from hazui.protocol.commands import RunTasks
from hazui.supervisor.session import Session


@dataclass(frozen=True, slots=True)
class Scope:
    """What this supervisor watches: everything, or some targets and what they need."""

    tasks: frozenset[TaskId] | None = None

    def __contains__(self, task: TaskId) -> bool:
        return self.tasks is None or task in self.tasks


def selection_of(session: Session, request: RunTasks) -> Selection:
    """The tasks of a request, each with why.

    Raises:
        graph.UnknownTarget: a target names no task.
    """
    graph = session.workspace.graph
    if request.only_failed:
        wanted = dict.fromkeys(sorted(session.failed_last), FAILED_LAST_TIME)
        return select(graph, wanted, settled=settled(session))
    if request.every_task:
        return _with_history(session, select_all(graph))
    if request.targets:
        named = {t for text in request.targets for t in graph.resolve_target(text)}
        return _with_history(session, select_named(graph, named), keep=named)
    targets = default_targets(graph)
    return _with_history(
        session, select(graph, dict.fromkeys(targets, AffectedReason("requested")))
    )


def scope_of(session: Session, request: RunTasks) -> Scope:
    """What is watched for a request: the closure of its targets, or everything."""
    graph = session.workspace.graph
    if not request.targets:
        if request.every_task or session.workspace.spec.default_task is None:
            return Scope()
        return Scope(frozenset(graph.closure(default_targets(graph))))
    named = {t for text in request.targets for t in graph.resolve_target(text)}
    return Scope(frozenset(graph.closure(named)))


def affected_selection(
    session: Session,
    paths: Collection[str],
    *,
    scope: Scope,
    reconfigured: Collection[TaskId] = (),
) -> Selection:
    """What a change affects within the scope, with what those tasks need and do not have."""
    graph = session.workspace.graph
    found = affected(
        graph,
        paths,
        matcher=session.workspace.matcher,
        reconfigured=reconfigured,
        scope=scope.tasks,
    )
    return select(graph, found, settled=settled(session))


def with_pending(
    session: Session, selection: Selection, scope: Scope
) -> tuple[Selection, tuple[int, ...]]:
    """A selection together with what the pending change sets affect, and their ids."""
    pending = session.state.stores.trigger_store.pending()
    if not pending:
        return selection, ()
    paths = {path for item in pending for path in item.paths}
    waiting = affected_selection(session, paths, scope=scope)
    both = Selection({**waiting.tasks, **selection.tasks}, selection.left_out)
    return both, tuple(item.id for item in pending)


def settled(session: Session) -> frozenset[TaskId]:
    """Tasks whose last result of this session stands."""
    return frozenset(session.done) | session.services.ready_tasks()


def check(request: RunTasks, turn: int) -> None:
    """Refuse a request that is meant for another turn, or for none, or that nobody understands.

    Raises:
        HazuiRuntimeError: ``missing_execution_scope_id`` for a blank id,
            ``execution_scope_turn_id_mismatch`` for another one, ``protocol_turn_extension`` for
            an extension.
    """
    _check_turn_id(request, turn)
    if request.extension is not None:
        raise HazuiRuntimeError(
            RuntimeErrorCode.PROTOCOL_TURN_EXTENSION,
            "no executor in this session accepts an extension",
            data={"keys": sorted(request.extension)},
        )


def _check_turn_id(request: RunTasks, turn: int) -> None:
    if request.turn_id is None:
        return
    if not request.turn_id.strip():
        raise HazuiRuntimeError(
            RuntimeErrorCode.MISSING_EXECUTION_SCOPE_ID,
            "the request names a turn with a blank id",
            data={"scope": "turn", "field": "turn_id"},
        )
    if request.turn_id != str(turn):
        raise HazuiRuntimeError(
            RuntimeErrorCode.EXECUTION_SCOPE_TURN_ID_MISMATCH,
            f"the request is meant for turn {request.turn_id}, and the turn being opened is {turn}",
            data={"requested": request.turn_id, "turn": turn},
        )


def git_changes(root: Path, since: str | None) -> list[str]:
    """Workspace-relative paths that git says changed: against ``since``, or uncommitted ones.

    Raises:
        GitUnavailableError: git is missing, this is no repository, or the revision is unknown.
    """
    import subprocess

    commands = [["git", "ls-files", "--others", "--exclude-standard", "-z"]]
    commands.append(["git", "diff", "--name-only", "--relative", "-z", since or "HEAD"])
    found: set[str] = set()
    for command in commands:
        try:
            done = subprocess.run(command, cwd=root, capture_output=True, check=False)
        except OSError as error:
            raise GitUnavailableError(f"git cannot be run: {error.strerror}") from error
        if done.returncode:
            words = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise GitUnavailableError(words[0] if words else "git failed")
        found.update(os.fsdecode(path) for path in done.stdout.split(b"\0") if path)
    return sorted(found)


class GitUnavailableError(Exception):
    """``--affected`` needs git, and this is what it said."""


def _with_history(
    session: Session, selection: Selection, keep: Collection[TaskId] = ()
) -> Selection:
    """Say "never ran" and "failed last time" instead of "requested", where that is the news."""
    tasks: Mapping[TaskId, AffectedReason] = {
        task: why if task in keep else _news(session, task, why)
        for task, why in selection.tasks.items()
    }
    return Selection(tasks, selection.left_out)


def _news(session: Session, task: TaskId, why: AffectedReason) -> AffectedReason:
    if why.kind != "requested":
        return why
    if task in session.failed_last:
        return FAILED_LAST_TIME
    if task not in session.last and task not in session.done:
        return NEVER_RAN
    return why
