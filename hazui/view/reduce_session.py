"""The rules for events about the session, the workspace, the watcher and turns."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from hazui.protocol import events
from hazui.protocol.events import Stamped
from hazui.protocol.values import PlannedTask
from hazui.view.draft import Draft
from hazui.view.models import (
    NoticeView,
    StopView,
    TaskState,
    TaskView,
    TurnView,
    WatchState,
    changed,
)

PAST_TURNS_MAX = 200
NOTICES_MAX = 100


def _opened(draft: Draft, event: events.SessionOpened, _: Stamped) -> None:
    draft.changes.update(
        name=event.name or event.root.rstrip("/").rpartition("/")[2],
        root=event.root,
        state_dir=event.state_dir,
        session=event.session,
        epoch=event.epoch,
        is_durable=event.durable,
        recovered=event.recovered,
        is_closed=False,
    )


def _refused(draft: Draft, event: events.SessionRefused, _: Stamped) -> None:
    draft.changes["refused"] = event.error
    draft.touch_failures()


def _loaded(draft: Draft, event: events.WorkspaceLoaded, _: Stamped) -> None:
    draft.own()
    draft.added = []
    known = draft.tasks
    draft.tasks = {}
    draft.counts = {}
    for loaded in event.tasks:
        before = known.get(loaded.task) or TaskView(task=loaded.task)
        draft.put(
            changed(
                before,
                kind=loaded.kind,
                display=loaded.display or loaded.task,
                deps=loaded.deps,
                weak_deps=loaded.weak_deps,
                tags=loaded.tags,
                inputs=loaded.inputs,
                outputs=loaded.outputs,
                watch=loaded.watch,
                usual_s=loaded.usual_s if loaded.usual_s is not None else before.usual_s,
            )
        )
    for gone in known.values():
        if gone.task not in draft.tasks and gone.state.is_live:
            # A task that was removed from the configuration is shown until it has ended.
            draft.put(gone)
    draft.changes.update(order=tuple(draft.tasks), revision=event.revision, problems=())
    draft.touch_failures()


def _rejected(draft: Draft, event: events.ConfigRejected, _: Stamped) -> None:
    draft.changes["problems"] = event.problems


def _watch_ready(draft: Draft, event: events.WatchReady, _: Stamped) -> None:
    _watch(draft, state=WatchState.WATCHING, files=event.files, backend=event.backend, error=None)


def _watch_degraded(draft: Draft, event: events.WatchDegraded, _: Stamped) -> None:
    _watch(draft, state=WatchState.DEGRADED, error=event.error)


def _watch_recovered(draft: Draft, _event: events.WatchRecovered, _: Stamped) -> None:
    _watch(draft, state=WatchState.WATCHING, error=None)


def _paused(draft: Draft, _event: events.WatchPaused, _: Stamped) -> None:
    _watch(draft, is_paused=True)


def _resumed(draft: Draft, _event: events.WatchResumed, _: Stamped) -> None:
    _watch(draft, is_paused=False)


def _watch(draft: Draft, **changes: Any) -> None:
    draft.changes["watch"] = replace(draft.get("watch"), **changes)


def _changed(draft: Draft, event: events.ChangeSetSeen, _: Stamped) -> None:
    _watch(draft, last_paths=event.paths)
    for name in event.not_run:
        draft.put(changed(draft.task(name), changed_not_run=True))


def _turn_started(draft: Draft, event: events.TurnStarted, stamped: Stamped) -> None:
    before: TurnView | None = draft.get("turn")
    if before is not None and before.turn != event.turn:
        draft.changes["past_turns"] = (before, *draft.get("past_turns"))[:PAST_TURNS_MAX]
    draft.changes["turn"] = TurnView(
        turn=event.turn, started_at=stamped.at, trigger=event.trigger, tasks=event.tasks
    )
    _planned(draft, event.turn, event.tasks)


def _turn_extended(draft: Draft, event: events.TurnExtended, _: Stamped) -> None:
    """A change or request came into the open turn: ended tasks of it are on their way again."""
    turn: TurnView | None = draft.get("turn")
    if turn is None or turn.turn != event.turn:
        return
    again = {planned.task for planned in event.tasks}
    kept = tuple(planned for planned in turn.tasks if planned.task not in again)
    draft.changes["turn"] = replace(turn, trigger=event.trigger, tasks=(*kept, *event.tasks))
    _planned(draft, event.turn, event.tasks)


def _planned(draft: Draft, turn: int, tasks: Iterable[PlannedTask]) -> None:
    for planned in tasks:
        view = draft.task(planned.task)
        live = view.state is TaskState.RUNNING or (view.is_service and view.state.is_live)
        draft.put(
            changed(
                view,
                turn=turn,
                reason=planned.reason,
                state=view.state if live else TaskState.WAITING,
                waiting=None,
                phase=None,
                lookup=None,
                lookup_error=None,
                differs=(),
                omitted=0,
                attempt=1,
                attempts_failed=0,
                timed_out=False,
                stale=False,
                survivors=() if not live else view.survivors,
                signals=(),
                skip_cause=None,
                root=None,
                cancel_shape=None,
                changed_not_run=False,
            )
        )


def _turn_finished(draft: Draft, event: events.TurnFinished, _: Stamped) -> None:
    turn: TurnView | None = draft.get("turn")
    if turn is None or turn.turn != event.turn:
        _past_turn_finished(draft, event)
        return
    for planned in turn.tasks:
        view = draft.task(planned.task)
        if view.state is TaskState.WAITING and view.turn == event.turn:
            draft.put(changed(view, state=TaskState.IDLE, waiting=None))
    draft.changes["turn"] = _closed(draft.get("turn"), event)
    if event.error is not None or turn.error is not None:
        draft.touch_failures()


def _closed(turn: TurnView, event: events.TurnFinished) -> TurnView:
    return replace(
        turn,
        outcome=event.outcome,
        counts=event.counts,
        duration_s=event.duration_s,
        critical_path=event.critical_path,
        error=event.error,
    )


def _past_turn_finished(draft: Draft, event: events.TurnFinished) -> None:
    past: tuple[TurnView, ...] = draft.get("past_turns")
    draft.changes["past_turns"] = tuple(
        _closed(turn, event) if turn.turn == event.turn else turn for turn in past
    )


def _noticed(draft: Draft, event: events.Noticed, stamped: Stamped) -> None:
    made = NoticeView(
        seq=stamped.seq, at=stamped.at, level=event.level, text=event.text, error=event.error
    )
    draft.changes["notices"] = (*draft.get("notices"), made)[-NOTICES_MAX:]
    if event.error is not None:
        draft.touch_failures()


def _stopping(draft: Draft, event: events.StopProgressed, stamped: Stamped) -> None:
    draft.changes["stop"] = StopView(
        at=stamped.at,
        waiting_for=event.waiting_for,
        signal=event.signal,
        seconds_left=event.seconds_left,
    )


def _session_closed(draft: Draft, event: events.SessionClosed, _: Stamped) -> None:
    draft.changes.update(is_closed=True, was_clean=event.clean)


SESSION_RULES: dict[type, Callable[[Draft, Any, Stamped], None]] = {
    events.SessionOpened: _opened,
    events.SessionRefused: _refused,
    events.WorkspaceLoaded: _loaded,
    events.ConfigRejected: _rejected,
    events.WatchReady: _watch_ready,
    events.WatchDegraded: _watch_degraded,
    events.WatchRecovered: _watch_recovered,
    events.WatchPaused: _paused,
    events.WatchResumed: _resumed,
    events.ChangeSetSeen: _changed,
    events.TurnStarted: _turn_started,
    events.TurnExtended: _turn_extended,
    events.TurnFinished: _turn_finished,
    events.Noticed: _noticed,
    events.StopProgressed: _stopping,
    events.SessionClosed: _session_closed,
}
