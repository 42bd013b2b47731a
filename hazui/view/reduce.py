"""Folding events into the session view: pure, and total on any sequence of events.

A batch is folded into one draft; the dictionary of tasks is copied at most once per batch and an
event costs what it changes, whatever the number of tasks. An event about a task that was never
loaded makes one, so that nothing that happened is hidden. Counters change in one place
(``_Draft.put``), so no two views can disagree.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from hazui.protocol import events
from hazui.protocol.events import Stamped
from hazui.protocol.values import PlannedTask
from hazui.view.models import (
    NoticeView,
    SessionView,
    StopView,
    TaskState,
    TaskView,
    TurnView,
    WatchState,
)
from hazui.view.reduce_tasks import TASK_RULES

PAST_TURNS_MAX = 200
NOTICES_MAX = 100
_ENDED = frozenset(
    (
        TaskState.READY,
        TaskState.SUCCEEDED,
        TaskState.CACHED,
        TaskState.FAILED,
        TaskState.ERRORED,
        TaskState.SKIPPED,
        TaskState.CANCELLED,
    )
)


def reduce(state: SessionView, stamped: Stamped) -> SessionView:
    """The view after one event."""
    return reduce_batch(state, (stamped,))


def reduce_batch(state: SessionView, batch: Iterable[Stamped]) -> SessionView:
    """The view after a batch of events, in their order; ``state`` itself when it is empty."""
    draft = _Draft(state)
    for stamped in batch:
        draft.apply(stamped)
    return draft.frozen()


@dataclass(slots=True)
class _Draft:
    base: SessionView
    changes: dict[str, Any] = field(default_factory=dict)
    tasks: dict[str, TaskView] = field(default_factory=dict)
    counts: dict[TaskState, int] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)
    is_own: bool = False
    events: int = 0

    def get(self, name: str) -> Any:
        return self.changes[name] if name in self.changes else getattr(self.base, name)

    def own(self) -> None:
        if not self.is_own:
            self.tasks = dict(self.base.tasks)
            self.counts = dict(self.base.counts)
            self.is_own = True

    def task(self, name: str) -> TaskView:
        """The task as it stands; one that is not known yet is made."""
        known = (self.tasks if self.is_own else self.base.tasks).get(name)
        if known is not None:
            return known
        made = TaskView(task=name, display=name)
        self.added.append(name)
        self.put(made)
        return made

    def put(self, view: TaskView) -> None:
        """The only place where a task's entry and the counters change."""
        self.own()
        before = self.tasks.get(view.task)
        self.tasks[view.task] = view
        if before is not None:
            if before.state is not view.state:
                self.counts[before.state] -= 1
                self.counts[view.state] = self.counts.get(view.state, 0) + 1
                self._progress(view, before.state)
            moved = before.state is not view.state and view.failure is not None
            if moved or before.failure is not view.failure or before.root != view.root:
                self.touch_failures()
        else:
            self.counts[view.state] = self.counts.get(view.state, 0) + 1

    def touch_failures(self) -> None:
        self.changes["failure_version"] = self.get("failure_version") + 1

    def _progress(self, view: TaskView, before: TaskState) -> None:
        turn: TurnView | None = self.get("turn")
        if turn is None or view.turn != turn.turn:
            return
        step = (view.state in _ENDED) - (before in _ENDED)
        if step:
            done = min(max(turn.done + step, 0), len(turn.tasks))
            self.changes["turn"] = replace(turn, done=done)

    def apply(self, stamped: Stamped) -> None:
        self.events += 1
        event = stamped.event
        if stamped.at:
            self.changes["last_at"] = stamped.at
        self.changes["last_seq"] = max(self.get("last_seq"), stamped.seq)
        rule = TASK_RULES.get(type(event))
        if rule is not None:
            before = self.task(event.task)  # type: ignore[union-attr]
            after = rule(before, event, stamped)
            if after is not before:
                self.put(after)
            return
        session_rule = _RULES.get(type(event))
        if session_rule is not None:
            session_rule(self, event, stamped)

    def frozen(self) -> SessionView:
        if not self.events:
            return self.base
        if self.added:
            self.changes["order"] = (*self.get("order"), *self.added)
        if self.is_own:
            self.changes["tasks"] = self.tasks
            self.changes["counts"] = self.counts
        self.changes["events"] = self.base.events + self.events
        return replace(self.base, **self.changes)


def _opened(draft: _Draft, event: events.SessionOpened, _: Stamped) -> None:
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


def _refused(draft: _Draft, event: events.SessionRefused, _: Stamped) -> None:
    draft.changes["refused"] = event.error
    draft.touch_failures()


def _loaded(draft: _Draft, event: events.WorkspaceLoaded, _: Stamped) -> None:
    draft.own()
    draft.added = []
    known = draft.tasks
    draft.tasks = {}
    draft.counts = {}
    for loaded in event.tasks:
        before = known.get(loaded.task) or TaskView(task=loaded.task)
        draft.put(
            replace(
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


def _rejected(draft: _Draft, event: events.ConfigRejected, _: Stamped) -> None:
    draft.changes["problems"] = event.problems


def _watch_ready(draft: _Draft, event: events.WatchReady, _: Stamped) -> None:
    _watch(draft, state=WatchState.WATCHING, files=event.files, backend=event.backend, error=None)


def _watch_degraded(draft: _Draft, event: events.WatchDegraded, _: Stamped) -> None:
    _watch(draft, state=WatchState.DEGRADED, error=event.error)


def _watch_recovered(draft: _Draft, _event: events.WatchRecovered, _: Stamped) -> None:
    _watch(draft, state=WatchState.WATCHING, error=None)


def _paused(draft: _Draft, _event: events.WatchPaused, _: Stamped) -> None:
    _watch(draft, is_paused=True)


def _resumed(draft: _Draft, _event: events.WatchResumed, _: Stamped) -> None:
    _watch(draft, is_paused=False)


def _watch(draft: _Draft, **changes: Any) -> None:
    draft.changes["watch"] = replace(draft.get("watch"), **changes)


def _changed(draft: _Draft, event: events.ChangeSetSeen, _: Stamped) -> None:
    _watch(draft, last_paths=event.paths)
    for name in event.not_run:
        draft.put(replace(draft.task(name), changed_not_run=True))


def _turn_started(draft: _Draft, event: events.TurnStarted, stamped: Stamped) -> None:
    before: TurnView | None = draft.get("turn")
    if before is not None and before.turn != event.turn:
        draft.changes["past_turns"] = (before, *draft.get("past_turns"))[:PAST_TURNS_MAX]
    draft.changes["turn"] = TurnView(
        turn=event.turn, started_at=stamped.at, trigger=event.trigger, tasks=event.tasks
    )
    _planned(draft, event.turn, event.tasks)


def _turn_extended(draft: _Draft, event: events.TurnExtended, _: Stamped) -> None:
    """A change or request came into the open turn: ended tasks of it are on their way again."""
    turn: TurnView | None = draft.get("turn")
    if turn is None or turn.turn != event.turn:
        return
    again = {planned.task for planned in event.tasks}
    ended = sum(planned.task in again and _has_ended(draft, planned) for planned in turn.tasks)
    kept = tuple(planned for planned in turn.tasks if planned.task not in again)
    draft.changes["turn"] = replace(
        turn, trigger=event.trigger, tasks=(*kept, *event.tasks), done=max(turn.done - ended, 0)
    )
    _planned(draft, event.turn, event.tasks)


def _has_ended(draft: _Draft, planned: PlannedTask) -> bool:
    return draft.task(planned.task).state not in (TaskState.WAITING, TaskState.RUNNING)


def _planned(draft: _Draft, turn: int, tasks: Iterable[PlannedTask]) -> None:
    for planned in tasks:
        view = draft.task(planned.task)
        live = view.state is TaskState.RUNNING or (view.is_service and view.state.is_live)
        draft.put(
            replace(
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


def _turn_finished(draft: _Draft, event: events.TurnFinished, _: Stamped) -> None:
    turn: TurnView | None = draft.get("turn")
    if turn is None or turn.turn != event.turn:
        _past_turn_finished(draft, event)
        return
    for planned in turn.tasks:
        view = draft.task(planned.task)
        if view.state is TaskState.WAITING and view.turn == event.turn:
            draft.put(replace(view, state=TaskState.IDLE, waiting=None))
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


def _past_turn_finished(draft: _Draft, event: events.TurnFinished) -> None:
    past: tuple[TurnView, ...] = draft.get("past_turns")
    draft.changes["past_turns"] = tuple(
        _closed(turn, event) if turn.turn == event.turn else turn for turn in past
    )


def _noticed(draft: _Draft, event: events.Noticed, stamped: Stamped) -> None:
    made = NoticeView(
        seq=stamped.seq, at=stamped.at, level=event.level, text=event.text, error=event.error
    )
    draft.changes["notices"] = (*draft.get("notices"), made)[-NOTICES_MAX:]
    if event.error is not None:
        draft.touch_failures()


def _stopping(draft: _Draft, event: events.StopProgressed, stamped: Stamped) -> None:
    draft.changes["stop"] = StopView(
        at=stamped.at,
        waiting_for=event.waiting_for,
        signal=event.signal,
        seconds_left=event.seconds_left,
    )


def _session_closed(draft: _Draft, event: events.SessionClosed, _: Stamped) -> None:
    draft.changes.update(is_closed=True, was_clean=event.clean)


_RULES: dict[type, Callable[[_Draft, Any, Stamped], None]] = {
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
