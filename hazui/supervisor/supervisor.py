"""The supervisor: commands and changes in, turns through, events out. One loop owns it all.

It implements the front ends' ``Door``. Everything it does to a turn happens in its own loop, one
step after the other; executions, the watcher and services only wake it. ``begin`` and ``advance``
work without an event loop, so that a run of nothing but hits needs none; ``Loop`` goes on.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import hazui.protocol.commands as cmd
import hazui.protocol.events as ev
from hazui.domain.ids import TaskId
from hazui.domain.specs import OnChange
from hazui.errors import graph as graph_errors
from hazui.errors.base import HazuiError
from hazui.errors.record import record_of
from hazui.errors.runtime import HazuiRuntimeError
from hazui.graph import states
from hazui.graph.reason import AffectedReason
from hazui.graph.selection import Selection
from hazui.protocol.events import Stamped
from hazui.protocol.values import Trigger, TriggerKind, TurnOutcome
from hazui.supervisor import reporting, requests
from hazui.supervisor.changes import Changes
from hazui.supervisor.hub import QueueSubscription
from hazui.supervisor.orders import TurnOptions
from hazui.supervisor.requests import Scope
from hazui.supervisor.session import Session
from hazui.supervisor.turn import TurnDriver

if TYPE_CHECKING:
    from hazui.supervisor.loop import Loop

STEP_BUDGET_NS = 8_000_000
"""How long the loop works on a turn before it lets others run: half a frame."""
COMMIT_TRIES = 3


class Supervisor:
    """Supervises one open session until it is told to quit."""

    def __init__(
        self, session: Session, *, is_watching: bool = False, fail_fast: bool = False
    ) -> None:
        self.session = session
        self.is_watching = is_watching
        self.scope = Scope()
        self.driver: TurnDriver | None = None
        self.outcome: TurnOutcome | None = None
        """Of the last turn that ended."""
        self.last_driver: TurnDriver | None = None
        self.runtime_error: HazuiError | None = None
        """The last refusal of the session itself; decides the exit code."""
        self.has_more = False
        """The last ``advance`` ran out of its budget."""
        self.is_quitting = False
        self.is_forced = False
        self.changes = Changes(self)
        self._fail_fast = fail_fast
        self._commands: deque[cmd.Command] = deque()
        self._loop: Loop | None = None
        self._beginning: tuple[cmd.RunTasks, TriggerKind] | None = None
        self.was_asked_to_quit = False
        """By a front end or a signal, rather than by losing the session."""

    # -- the door ----------------------------------------------------------------------------

    def post(self, command: cmd.Command) -> None:
        """See ``protocol.door.Door``."""
        self._commands.append(command)
        self.wake()

    def subscribe(self) -> QueueSubscription:
        """See ``protocol.door.Door``."""
        return self.session.hub.subscribe()

    def read_events(self, from_seq: int, to_seq: int) -> list[Stamped]:
        """See ``protocol.door.Door``."""
        return self.session.hub.read(from_seq, to_seq)

    def post_begin(self, request: cmd.RunTasks, trigger: TriggerKind) -> None:
        """Open the first turn from within the loop; a refusal is told in events."""
        self._beginning = request, trigger
        self.wake()

    # -- without a loop ----------------------------------------------------------------------

    def begin(self, request: cmd.RunTasks, trigger: TriggerKind = TriggerKind.REQUEST) -> None:
        """Open the first turn.

        Raises:
            graph.UnknownTarget: a target names no task; no turn was opened.
            HazuiRuntimeError: the request is refused, or the store.
        """
        self.scope = requests.scope_of(self.session, request)
        self.open_turn(Trigger(trigger), requests.selection_of(self.session, request), request)

    def advance(self, budget_ns: int | None = None) -> bool:
        """Do what can be done of the turn without processes; true when it is over.

        With a budget it may stop before: then ``has_more`` says so.
        """
        driver = self.driver
        self.has_more = driver is not None and driver.advance(budget_ns)
        if driver is None:
            return True
        if self.has_more:
            return False
        if driver.is_done and not driver.has_spawns:
            self.end_turn()
            return True
        return False

    def call_off(self) -> None:
        """End the open turn without a loop: what has not ended of it is cancelled."""
        if self.driver is None:
            return
        self.driver.cancel_all()
        self.driver.advance()
        self.driver.drop_spawns()
        self.driver.advance()
        self.end_turn()

    # -- turns -------------------------------------------------------------------------------

    def open_turn(
        self,
        trigger: Trigger,
        selection: Selection,
        request: cmd.RunTasks | None = None,
    ) -> None:
        """Start a turn over a selection; who watches takes in what is pending as well.

        Raises:
            HazuiRuntimeError: the request is refused, or the store.
        """
        options = self._options(selection, request)
        consumed: tuple[int, ...] = ()
        if self.is_watching:
            selection, consumed = requests.with_pending(self.session, selection, self.scope)
        driver = TurnDriver(self.session, trigger, selection.tasks, options, consumed)
        if request is not None:
            requests.check(request, driver.turn)
        self.driver = driver
        try:
            driver.start()
        except HazuiRuntimeError:
            self.driver = None
            raise

    def extend_turn(self, reasons: Mapping[TaskId, AffectedReason], trigger: Trigger) -> None:
        """Take more tasks into the open turn.

        A task at work follows its ``on_change`` when its inputs changed; a request leaves it alone,
        unless it is forced.
        """
        driver = self.driver
        assert driver is not None
        planned: dict[TaskId, AffectedReason] = {}
        again: dict[TaskId, AffectedReason] = {}
        for task, why in reasons.items():
            if not driver.is_at_work(task):
                planned[task] = why
            elif self._runs_again(driver, task, trigger.kind):
                again[task] = why
        if not planned and not again:
            return
        taken = sorted({**planned, **again}.items())
        word = ev.TurnExtended(turn=driver.turn, trigger=trigger, tasks=reporting.planned(taken))
        for task, why in again.items():
            driver.run_again(task, why)
        driver.extend(planned, word)

    def end_turn(self) -> None:
        """Commit the turn that is done; when that fails it ends as errored, triggers pending."""
        driver = self.driver
        assert driver is not None
        self.driver = None
        self.last_driver = driver
        for attempt in range(1, COMMIT_TRIES + 1):
            try:
                self.outcome = driver.commit().outcome
            except HazuiRuntimeError as error:
                if error.data.get("kind") == "contended" and attempt < COMMIT_TRIES:
                    continue
                self.runtime_error = error
                self._fail_turn(driver, error)
            break
        self.session.save_index()

    def fail(self, error: HazuiError) -> None:
        """End all because of a bug: the open turn ends as errored, and everything is stopped."""
        self.runtime_error = error
        self.is_quitting = True
        self.session.hub.emit(ev.Noticed(level="error", text=error.message, error=record_of(error)))
        if self.driver is not None:
            self.driver.error = self.driver.error or error

    def give_up_turn(self, error: HazuiError) -> None:
        """Tell that the open turn ended as errored, when it cannot even be ended in order."""
        driver, self.driver = self.driver, None
        if driver is not None:
            self.last_driver = driver
            self._fail_turn(driver, error)

    def tell_refusal(self, error: HazuiError) -> None:
        """Tell that something was asked for and is not done."""
        if isinstance(error, HazuiRuntimeError):
            self.runtime_error = error
        self.session.hub.emit(ev.Noticed(level="error", text=error.message, error=record_of(error)))

    # -- the loop's doors --------------------------------------------------------------------

    def attach(self, loop: "Loop | None") -> None:
        """The loop that carries out what needs processes, or None when it has ended."""
        self._loop = loop

    def wake(self) -> None:
        """Something happened: let the loop look."""
        if self._loop is not None:
            self._loop.wake()

    def handle_commands(self) -> None:
        """Carry out what front ends asked for."""
        if self._beginning is not None:
            beginning, self._beginning = self._beginning, None
            try:
                self.begin(*beginning)
            except HazuiError as error:
                self.tell_refusal(error)
        waiting: list[cmd.Command] = []
        while self._commands:
            command = self._commands.popleft()
            is_called_off = self.driver is not None and self.driver.is_cancelled
            if is_called_off and isinstance(command, cmd.RunTasks):
                waiting.append(command)  # For the next turn: this one takes nothing in any more.
                continue
            try:
                self._handle(command)
            except HazuiError as error:
                self.tell_refusal(error)
        self._commands.extend(waiting)

    def _handle(self, command: cmd.Command) -> None:
        match command:
            case cmd.RunTasks():
                self._handle_run(command)
            case cmd.StopTask():
                self._stop_task(command)
            case cmd.StopTurn():
                if self.driver is not None:
                    self.driver.cancel_all()
            case cmd.PauseWatch():
                self.changes.pause()
            case cmd.ResumeWatch():
                self.changes.resume()
            case cmd.ReloadWorkspace():
                self.changes.request_reload()
            case cmd.Quit():
                self.is_quitting = self.was_asked_to_quit = True
                self.is_forced = self.is_forced or command.force

    def _handle_run(self, request: cmd.RunTasks) -> None:
        selection = requests.selection_of(self.session, request)
        trigger = Trigger(TriggerKind.REQUEST)
        driver = self.driver
        if driver is None:
            self.open_turn(trigger, selection, request)
            return
        requests.check(request, driver.turn)
        options = self._options(selection, request)
        driver.options.forced |= options.forced
        driver.options.arguments = {**driver.options.arguments, **options.arguments}
        self.extend_turn(selection.tasks, trigger)

    def _stop_task(self, command: cmd.StopTask) -> None:
        task = next((t for t in self.session.workspace.graph.tasks if str(t) == command.task), None)
        driver = self.driver
        if task is None:
            raise graph_errors.UnknownTarget(target=command.task, suggestion=None)
        if driver is not None:
            driver.cancel(task)
        if self._loop is not None and (
            command.force or driver is None or not driver.is_at_work(task)
        ):
            self._loop.stop(task, force=command.force)

    def _runs_again(self, driver: TurnDriver, task: TaskId, kind: TriggerKind) -> bool:
        """Whether a task at work has to run once more; it is stopped for that if need be."""
        if driver.state_of(task) is states.TaskState.STOPPING:
            return True
        if kind is TriggerKind.REQUEST:
            policy = OnChange.RESTART if task in driver.options.forced else OnChange.IGNORE
        else:
            policy = self.session.workspace.graph.spec(task).on_change
        if policy is OnChange.RESTART and self._loop is not None:
            self._loop.stop(task)
        return policy is not OnChange.IGNORE

    def _options(self, selection: Selection, request: cmd.RunTasks | None) -> TurnOptions:
        if request is None:
            return TurnOptions(fail_fast=self._fail_fast)
        graph = self.session.workspace.graph
        named = {t for text in request.targets for t in graph.resolve_target(text)}
        forced = (named or set(selection.tasks)) if request.force else set()
        arguments = dict.fromkeys(named, request.arguments) if request.arguments else {}
        return TurnOptions(frozenset(forced), self._fail_fast, arguments)

    def _fail_turn(self, driver: TurnDriver, error: HazuiError) -> None:
        self.outcome = TurnOutcome.ERRORED
        event = replace(driver.summary(), outcome=self.outcome, error=record_of(error))
        self.session.hub.emit(event)
