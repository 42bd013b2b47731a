"""Running what missed: attempts, stops, and what became of each, told back to the turn.

Owns the executions that are going on. Each is one task of the supervisor's task group; stopping
one is asking its switch, and its end is always reported, as a record or as a typed error.
"""

from collections.abc import Callable
from dataclasses import dataclass

import hazui.protocol.events as ev
from hazui.domain.ids import TaskId
from hazui.domain.records import CancelledRecord, CompletedRecord, ExitStatus, RunState
from hazui.errors import internal, run_task
from hazui.errors.base import HazuiError
from hazui.execution.fresh import run_fresh
from hazui.execution.left import phase_of
from hazui.execution.switch import StopSwitch
from hazui.protocol.values import Phase
from hazui.supervisor.failing import with_diagnosis
from hazui.supervisor.orders import SpawnOrder
from hazui.supervisor.session import Session
from hazui.supervisor.turn import TurnDriver


@dataclass(slots=True)
class Running:
    """One execution that is going on."""

    order: SpawnOrder
    stop: StopSwitch


class Runs:
    """The executions of one supervisor."""

    def __init__(self, session: Session, wake: Callable[[], None]) -> None:
        self._session = session
        self._wake = wake
        self.running: dict[TaskId, Running] = {}

    def prepare(self, order: SpawnOrder) -> Running:
        """Make the execution known before its task starts, so that a stop finds it."""
        running = self.running[order.task] = Running(order, StopSwitch())
        return running

    def stop(self, task: TaskId, *, force: bool = False) -> None:
        """Ask a running task to end; ``force`` kills it. Asking again changes nothing."""
        running = self.running.get(task)
        if running is not None and (force or not running.stop.is_requested):
            running.stop.request(force=force)

    async def execute(self, driver: TurnDriver, running: Running) -> None:
        """Carry one order out and tell the turn. Raises nothing."""
        order = running.order
        attempt = 1
        outcome: CompletedRecord | CancelledRecord | HazuiError
        try:
            outcome, attempt = await self._attempts(driver, running)
        except HazuiError as error:
            outcome = error
        except Exception as error:  # noqa: BLE001 - a bug ends its task, not the supervisor
            outcome = internal.Unexpected(where=f"running {order.task}", source=error)
        except BaseException:
            # Cancelled from outside: the child is gone already, and the turn must know.
            self._ended(driver, running, CancelledRecord(order.task, "in_flight"), attempt)
            raise
        self._ended(driver, running, outcome, attempt)

    def _ended(
        self,
        driver: TurnDriver,
        running: Running,
        outcome: CompletedRecord | CancelledRecord | HazuiError,
        attempt: int,
    ) -> None:
        order = running.order
        self._session.observer.say_output(order.task)
        self._session.observer.roots.pop(order.task, None)
        self.running.pop(order.task, None)
        self._tell(driver, running, outcome, attempt)
        self._wake()

    async def _attempts(
        self, driver: TurnDriver, running: Running
    ) -> tuple[CompletedRecord | CancelledRecord, int]:
        session, order = self._session, running.order
        spec = session.workspace.graph.spec(order.task)
        attempts = spec.retries + 1
        session.observer.begin(order.task, driver.turn)
        for attempt in range(1, attempts + 1):
            session.hub.emit(
                ev.TaskStarted(
                    task=str(order.task), turn=driver.turn, run=order.run, attempt=attempt
                )
            )
            outcome = await run_fresh(
                session.context, spec, order.built, order.run, driver.turn, attempt, running.stop
            )
            if isinstance(outcome, CancelledRecord) or outcome.state is RunState.SUCCEEDED:
                return outcome, attempt
            if attempt < attempts and not running.stop.is_requested:
                session.hub.emit(
                    ev.TaskAttemptFailed(
                        task=str(order.task),
                        turn=driver.turn,
                        attempt=attempt,
                        of=attempts,
                        exit_status=outcome.exit_status or ExitStatus(code=0),
                    )
                )
                continue
            return await with_diagnosis(session, spec, outcome), attempt
        raise AssertionError("there is at least one attempt")

    def _tell(
        self,
        driver: TurnDriver,
        running: Running,
        outcome: CompletedRecord | CancelledRecord | HazuiError,
        attempt: int,
    ) -> None:
        task = running.order.task
        if isinstance(outcome, HazuiError):
            phase = Phase.SPAWN
            if isinstance(outcome, run_task.RunTaskError):
                phase = Phase(phase_of(outcome))
            driver.errored(task, phase, outcome, running.order.run, attempt)
        else:
            driver.finished(task, outcome)
