"""One turn: plain code that asks the plan what may happen and does the parts that need no loop.

The driver computes keys, looks them up, restores hits, emits what happened and commits. Only
processes need the event loop: a task that misses is handed out as a ``SpawnOrder`` and comes back
through ``finished``. So a turn of nothing but hits runs from ``start`` to ``commit`` without one.

Invariant: before ``commit`` every task of the turn gets exactly one terminal event for each time
that it ended, and it ends once unless a change or a request took it in again; a service's readiness
is such an end, and a service that nobody needed has none. ``results`` holds the last one.
"""

from collections import deque
from collections.abc import Collection, Mapping
from time import monotonic_ns

import hazui.protocol.events as ev
from hazui.domain.ids import TaskId, Turn
from hazui.domain.records import CancelledRecord, CompletedRecord, RunState, SkipRecord
from hazui.errors import run_task
from hazui.errors.base import HazuiError
from hazui.errors.record import record_of
from hazui.execution.key import BuiltKey
from hazui.execution.lookup import Looked
from hazui.graph import states
from hazui.graph.invariants import Claims
from hazui.graph.plan import Plan
from hazui.graph.reason import AffectedReason
from hazui.protocol.values import (
    Difference,
    DifferenceKind,
    LookupResult,
    Phase,
    Trigger,
    WaitKind,
    WaitReason,
)
from hazui.state.stores import TurnRow
from hazui.supervisor import reporting
from hazui.supervisor.ending import commit_of, is_bad, outcome_of, skip_below
from hazui.supervisor.orders import SpawnOrder, TurnOptions
from hazui.supervisor.reporting import Terminal
from hazui.supervisor.session import Session


class TurnDriver:
    """Drives one turn of ``session`` over the tasks of ``reasons``."""

    def __init__(
        self,
        session: Session,
        trigger: Trigger,
        reasons: Mapping[TaskId, AffectedReason],
        options: TurnOptions | None = None,
        consumed_triggers: Collection[int] = (),
    ) -> None:
        self.session = session
        self.turn: Turn = session.state.stores.session_store.next_turn()
        self.trigger = trigger
        self.reasons = dict(reasons)
        self.options = options or TurnOptions()
        self.consumed_triggers = list(consumed_triggers)
        self.results: dict[TaskId, Terminal] = {}
        self.ready: set[TaskId] = set()
        """Services that became ready, or were, in this turn."""
        self.unneeded: set[TaskId] = set()
        """Services that only others could have needed, and none of them did."""
        self.built: dict[TaskId, BuiltKey] = {}
        self.error: HazuiError | None = None
        self.is_cancelled = False
        self._claims = Claims(session.workspace.graph, session.workspace.matcher)
        self._plan = self._make_plan(set(self.reasons))
        self._effects: deque[states.Effect] = deque()
        self._spawns: list[SpawnOrder] = []
        self._stops: list[TaskId] = []
        self._again: dict[TaskId, AffectedReason] = {}
        """Tasks at work that run again, in this turn, as soon as they have ended."""
        self._started_ns, self._is_told = 0, False

    # -- the life of a turn ------------------------------------------------------------------

    def start(self) -> None:
        """Open the turn in the store and release its first tasks.

        Raises:
            HazuiRuntimeError: the store refuses, or the lease is lost.
        """
        session = self.session
        self._started_ns = monotonic_ns()
        session.state.stores.session_store.open_turn(
            TurnRow(
                turn=self.turn,
                epoch=session.state.epoch,
                trigger={"kind": self.trigger.kind.value, "paths": self.trigger.paths},
                started_at=session.clock.utc(),
            )
        )
        self._tell_started()
        self._apply(states.Start())

    def _tell_started(self) -> None:
        """Once: a signal may strike between the store's row and the telling."""
        if not self._is_told:
            self._is_told = True
            tasks = reporting.planned(sorted(self.reasons.items()))
            self.session.hub.emit(ev.TurnStarted(turn=self.turn, trigger=self.trigger, tasks=tasks))

    @property
    def is_done(self) -> bool:
        return self._plan.is_done and not self._effects

    def advance(self, budget_ns: int | None = None) -> bool:
        """Carry out effects until none is left or the budget is spent; true when some are left."""
        deadline = None if budget_ns is None else monotonic_ns() + budget_ns
        while self._effects:
            self._carry_out(self._effects.popleft())
            if deadline is not None and self._effects and monotonic_ns() > deadline:
                return True
        self._tell_waits()
        return False

    @property
    def has_spawns(self) -> bool:
        """Whether tasks wait to be started."""
        return bool(self._spawns)

    def drop_spawns(self) -> None:
        """Nothing is started any more: tasks that were to be are cancelled instead."""
        for order in self.take_spawns():
            self.finished(order.task, CancelledRecord(order.task, "never_started"))

    def take_spawns(self) -> list[SpawnOrder]:
        """The tasks to start now; handed out once."""
        taken, self._spawns = self._spawns, []
        return taken

    def take_stops(self) -> list[TaskId]:
        """The running tasks to stop now; handed out once."""
        taken, self._stops = self._stops, []
        return taken

    def finished(self, task: TaskId, outcome: CompletedRecord | CancelledRecord) -> None:
        """A spawned task came to its end."""
        if isinstance(outcome, CancelledRecord):
            self._conclude(task, reporting.cancelled(outcome, self.turn), "cancelled")
            return
        self.session.remember(task, outcome, self.built.get(task))
        is_good = outcome.state is RunState.SUCCEEDED
        ending: states.Ending = "succeeded" if is_good else "failed"
        self._conclude(task, reporting.finished(outcome, self.turn), ending)
        if is_good:
            self._claim(task, outcome)

    def errored(
        self, task: TaskId, phase: Phase, error: HazuiError, run: str | None, attempt: int = 1
    ) -> None:
        """hazui could not carry a task through."""
        self.session.forget(task)
        event = reporting.errored(task, self.turn, phase, error, run=run, attempt=attempt)
        self._conclude(task, event, "errored")

    def service_ready(self, task: TaskId) -> None:
        """A service that was spawned may be depended on."""
        self.ready.add(task)
        self._settle(task, "ready")

    def run_again(self, task: TaskId, why: AffectedReason) -> None:
        """A task at work runs again when it has ended, stopped for that or by itself."""
        self._again[task] = why

    def extend(
        self, reasons: Mapping[TaskId, AffectedReason], word: ev.TurnExtended | None = None
    ) -> None:
        """Take more work into the open turn: what a change affected or a request asked for.

        What runs goes on; everything else that has not ended is planned anew. None of ``reasons``
        is at work any more. ``word`` is told when all that has ended before has been told.
        """
        self._spawns = [order for order in self._spawns if order.task not in reasons]
        running = set(self._plan.in_state(states.TaskState.RUNNING, states.TaskState.STOPPING))
        stopping = set(self._plan.in_state(states.TaskState.STOPPING))
        running.difference_update(reasons)
        unended = {t for t in self._plan.tasks if self._plan.state(t) not in states.TERMINAL}
        for effect in self._take_effects():  # What ended has ended; what starts is planned anew.
            if isinstance(effect, (states.Skip, states.Cancel, states.Unneeded)):
                self._carry_out(effect)
            elif isinstance(effect, states.Spawn):
                running.discard(effect.task)
        if word is not None:
            self.session.hub.emit(word)
        for task, why in reasons.items():
            is_asked_for = task in unended and self.reasons[task].needed_by is None
            if why.needed_by is None or not is_asked_for:
                self.reasons[task] = why
        self.unneeded.difference_update(reasons)
        self.ready.difference_update(reasons)
        for task in reasons:
            self.results.pop(task, None)
        self._plan = self._make_plan(unended | set(reasons), running)
        self._apply(states.Start())
        for task in sorted(stopping.difference(reasons)):
            self._apply(states.CancelTask(task))

    def cancel(self, task: TaskId) -> None:
        """Call off one task and what needs it."""
        self._again.pop(task, None)
        if self.state_of(task) is not None:
            self._apply(states.CancelTask(task))

    def cancel_all(self) -> None:
        """Call off everything that has not ended."""
        self._tell_started()
        self.is_cancelled = True
        self._again.clear()
        self._apply(states.CancelAll())

    def state_of(self, task: TaskId) -> states.TaskState | None:
        """Where the task stands; None when it is not planned: no part of the turn, or ended."""
        return self._plan.state(task) if task in self._plan else None

    def is_at_work(self, task: TaskId) -> bool:
        """Whether its process was ordered and taken, so that its end will be reported."""
        at_work = (states.TaskState.RUNNING, states.TaskState.STOPPING)
        return self.state_of(task) in at_work and not (
            any(order.task == task for order in self._spawns) or states.Spawn(task) in self._effects
        )

    def summary(self) -> ev.TurnFinished:
        """How the turn ended, as things are now."""
        found = list(self.results.values())
        durations = {
            task: event.duration_s
            for task, event in self.results.items()
            if isinstance(event, ev.TaskFinished)
        }
        path = self.session.workspace.graph.critical_path(durations)
        return ev.TurnFinished(
            turn=self.turn,
            outcome=outcome_of(found, self.error, is_cancelled=self.is_cancelled),
            counts=reporting.counts(len(self.reasons) - len(self.unneeded), found, len(self.ready)),
            duration_s=round((monotonic_ns() - self._started_ns) / 1e9, 6),
            critical_path=tuple(str(task) for task in path),
            error=None if self.error is None else record_of(self.error),
        )

    def commit(self) -> ev.TurnFinished:
        """Make the turn's results, and the consumption of its triggers, true in one transaction.

        Raises:
            HazuiRuntimeError: ``store_commit_failed`` or ``session_execution_lease_lost``: nothing
                was recorded and the triggers stay pending.
        """
        session = self.session
        event = self.summary()
        session.hub.flush()
        session.state.stores.session_store.commit_turn(
            commit_of(event, self.results, self.consumed_triggers, session.clock.utc())
        )
        session.cache.last.flush()
        session.hub.emit(event)
        return event

    # -- effects -----------------------------------------------------------------------------

    def _apply(self, given: states.Input) -> None:
        self._effects.extend(self._plan.apply(given))

    def _take_effects(self) -> list[states.Effect]:
        taken = list(self._effects)
        self._effects.clear()
        return taken

    def _carry_out(self, effect: states.Effect) -> None:
        match effect:
            case states.LookUp(task=task):
                if self._plan.state(task) is states.TaskState.LOOKUP:
                    self._look_up(task)
            case states.Spawn(task=task):
                if self._plan.state(task) is states.TaskState.STOPPING:
                    self.finished(task, CancelledRecord(task, "never_started"))
                    return
                run = self.session.new_run()
                self._spawns.append(SpawnOrder(task, self.built[task], run))
            case states.Skip(task=task, cause=cause, root=root):
                self._end(task, reporting.skipped(SkipRecord(task, cause, root), self.turn))
            case states.Cancel(shape="in_flight", task=task):
                if self._plan.state(task) is states.TaskState.STOPPING:
                    self._stops.append(task)
            case states.Cancel(task=task, shape=shape, root=root):
                self._end(task, reporting.cancelled(CancelledRecord(task, shape, root), self.turn))
            case states.Unneeded(task=task):
                self.unneeded.add(task)
            case _:
                pass  # WaveEnded and Done are read from the plan.

    def _look_up(self, task: TaskId) -> None:
        session = self.session
        spec = session.workspace.graph.spec(task)
        try:
            built = session.build_key(spec, self.options.arguments.get(task, ()))
        except run_task.RunTaskError as error:
            self.errored(task, Phase.KEY, error, None)
            return
        self.built[task] = built
        if spec.is_service:
            is_adopted = session.services.is_current(task, built.key)
            if is_adopted:
                session.services.tell_adopted(task, self.turn)
                self.ready.add(task)
            self._apply(states.LookedUp(task, is_adopted))
            return
        looked = session.look_up(spec, built, is_forced=task in self.options.forced)
        self._tell_lookup(task, built, looked)
        if not looked.is_hit:
            self._apply(states.LookedUp(task, is_hit=False))
            return
        try:
            record = session.restore(spec, looked)
        except run_task.RunTaskError as error:
            self.errored(task, Phase.RESTORE, error, None)
            return
        session.remember(task, record, built)
        self._end(task, reporting.finished(record, self.turn))
        self._apply(states.LookedUp(task, is_hit=True))
        self._claim(task, record)

    def _tell_lookup(self, task: TaskId, built: BuiltKey, looked: Looked) -> None:
        self.session.hub.emit(
            ev.CacheLookedUp(
                task=str(task),
                turn=self.turn,
                key=built.key,
                result=LookupResult(looked.result),
                differs=tuple(Difference(DifferenceKind(k), n) for k, n in looked.differs),
                omitted=looked.omitted,
                error=None if looked.error is None else record_of(looked.error),
            )
        )

    def _conclude(self, task: TaskId, event: Terminal, ending: states.Ending) -> None:
        self._end(task, event)
        self._settle(task, ending)

    def _settle(self, task: TaskId, ending: states.Ending) -> None:
        """Tell the plan that a task has ended, unless it is to run again: then plan it anew.

        What it needs may have ended badly meanwhile: then it cannot run again.
        """
        why = self._again.pop(task, None)
        culprits = (self.results.get(above) for above in self.session.workspace.graph.hard(task))
        culprit = next((event for event in culprits if event and is_bad(event)), None)
        if why is None:
            self._apply(states.Finished(task, ending))
        elif culprit is None:
            self.extend({task: why})
        elif isinstance(culprit, ev.TaskCancelled):
            root = TaskId.parse(culprit.root or culprit.task)
            self._end(task, reporting.cancelled(CancelledRecord(task, "upstream", root), self.turn))
            self._apply(states.Finished(task, "cancelled"))
        else:
            self._apply(states.Blocked(task, *skip_below(culprit)))

    def _end(self, task: TaskId, event: Terminal) -> None:
        self.results[task] = event
        self.session.hub.emit(event)

    def _claim(self, task: TaskId, record: CompletedRecord) -> None:
        problem = self._claims.record(task, [output.path for output in record.outputs])
        if problem is None:
            return
        self.error = problem
        self._apply(states.StopAdmitting(task))

    def _tell_waits(self) -> None:
        for wait in self._plan.take_waits():
            self.session.hub.emit(
                ev.TaskWaiting(
                    task=str(wait.task),
                    turn=self.turn,
                    reason=WaitReason(WaitKind(wait.reason.kind), wait.reason.on),
                )
            )

    def _make_plan(self, tasks: Collection[TaskId], running: Collection[TaskId] = ()) -> Plan:
        session = self.session
        spec = session.workspace.spec
        return Plan(
            session.workspace.graph,
            tasks,
            jobs=spec.jobs,
            tag_limits=spec.tag_limits,
            failed_first=session.failed_last,
            fail_fast=self.options.fail_fast,
            running=running,
            lazy=[task for task in tasks if self._is_lazy(task) and task not in running],
        )

    def _is_lazy(self, task: TaskId) -> bool:
        """A service that is here only because others need it starts when one of them misses."""
        is_service = self.session.workspace.graph.spec(task).is_service
        return is_service and self.reasons[task].needed_by is not None
