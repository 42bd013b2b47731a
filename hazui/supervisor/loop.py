"""The part of the supervisor that needs an event loop: processes, the watcher, tickers, stopping.

One task group owns everything. The loop takes commands and changes, moves the turn on, starts what
it releases and sleeps until something wakes it. On the way out it stops executions and services,
tells how far that is, and ends only when all of them are proven gone.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import anyio
import anyio.lowlevel
from anyio.abc import TaskGroup

import hazui.protocol.events as ev
from hazui.domain.ids import TaskId
from hazui.domain.records import CancelledRecord
from hazui.errors import internal
from hazui.errors.base import HazuiError
from hazui.errors.record import record_of
from hazui.errors.runtime import HazuiRuntimeError, RuntimeErrorCode
from hazui.graph.states import TaskState
from hazui.protocol.values import Phase
from hazui.supervisor.orders import SpawnOrder
from hazui.supervisor.runs import Running, Runs
from hazui.supervisor.services import NotReady
from hazui.supervisor.supervisor import STEP_BUDGET_NS, Supervisor
from hazui.supervisor.turn import TurnDriver

if TYPE_CHECKING:
    from hazui.watch.watcher import Watcher

OUTPUT_EVERY_S = 0.03
JOURNAL_EVERY_TICKS = 4
JOURNAL_PAUSE_S = 10.0
"""How long a journal that refused is left alone."""
SAMPLE_EVERY_S = 1.0
STOP_TELL_EVERY_S = 0.25


class Loop:
    """Runs one supervisor on the current event loop."""

    def __init__(
        self,
        supervisor: Supervisor,
        *,
        has_samples: bool = False,
        is_over: Callable[[], bool] | None = None,
    ) -> None:
        """``is_over`` is asked when nothing is left to do; the default is to stay until told."""
        self._supervisor = supervisor
        self._session = supervisor.session
        self._has_samples = has_samples
        self._is_over = is_over or (lambda: False)
        self.runs = Runs(supervisor.session, self.wake)
        self._awake = anyio.Event()
        self._watcher: Watcher | None = None
        self.ended = anyio.Event()
        """Set when everything is stopped and proven gone."""

    def wake(self) -> None:
        """Let the loop look again."""
        self._awake.set()

    def stop(self, task: TaskId, *, force: bool = False) -> None:
        """Ask what runs of a task to end, a process or a service; ``force`` kills it."""
        self.runs.stop(task, force=force)
        self._session.services.request_stop([task], force=force)

    async def run(self) -> None:
        """Supervise until told to quit or nothing is left to do; leaves no process behind.

        Cancellation: everything is stopped all the same, shielded, before this returns.
        """
        self._supervisor.attach(self)
        try:
            async with anyio.create_task_group() as group:
                try:
                    self._start_background(group)
                    await self._supervise(group)
                except Exception as error:  # noqa: BLE001 - a bug: everything ends in order
                    self._fail("supervising", error)
                finally:
                    with anyio.CancelScope(shield=True):
                        await self._end(group)
                    group.cancel_scope.cancel()
        finally:
            self._supervisor.attach(None)
            self.ended.set()
            if self._watcher is not None:
                self._watcher.close()

    async def _end(self, group: TaskGroup) -> None:
        try:
            await self._stop_everything()
        except Exception as error:  # noqa: BLE001 - a bug on the way out: all is killed at once
            failure = self._fail("stopping", error)
            group.cancel_scope.cancel()
            self._supervisor.give_up_turn(failure)

    def _fail(self, what: str, error: Exception) -> HazuiError:
        failure = internal.Unexpected(where=what, source=error)
        self._supervisor.fail(failure)
        self.wake()
        return failure

    # -- the way of a change -----------------------------------------------------------------

    async def _supervise(self, group: TaskGroup) -> None:
        supervisor = self._supervisor
        while True:
            self._awake = anyio.Event()
            supervisor.handle_commands()
            if supervisor.is_quitting:
                return
            supervisor.changes.handle()
            if supervisor.changes.needs_reload:
                self._reload(group)
            if supervisor.driver is not None and self._step(supervisor.driver, group):
                await anyio.lowlevel.checkpoint()
                continue
            if supervisor.driver is None and self._is_over():
                return
            await self._awake.wait()

    def _step(self, driver: TurnDriver, group: TaskGroup) -> bool:
        """Move the turn on for a moment; true when there is more to do at once."""
        has_more = driver.advance(STEP_BUDGET_NS)
        for order in driver.take_spawns():
            if self._session.workspace.graph.spec(order.task).is_service:
                group.start_soon(self._start_service, driver, order, group)
            else:
                self._hold(order.task)
                group.start_soon(self._execute, driver, self.runs.prepare(order))
        for task in driver.take_stops():
            self.stop(task)
        if has_more:
            return True
        if driver.is_done:
            self._supervisor.end_turn()
            return True
        return False

    async def _execute(self, driver: TurnDriver, running: Running) -> None:
        try:
            await self.runs.execute(driver, running)
        except Exception as error:  # noqa: BLE001 - a bug: the plan does not fit what happened
            self._fail(f"ending {running.order.task}", error)
        if self._watcher is not None:
            self._watcher.release(running.order.task)

    async def _start_service(self, driver: TurnDriver, order: SpawnOrder, group: TaskGroup) -> None:
        try:
            await self._replace_service(driver, order, group)
        except Exception as error:  # noqa: BLE001 - a bug: the plan does not fit what happened
            self._fail(f"starting {order.task}", error)
        except BaseException:
            # Cancelled from outside: what was spawned is stopped with the group.
            driver.finished(order.task, CancelledRecord(order.task, "in_flight", run=order.run))
            raise
        finally:
            self.wake()

    async def _replace_service(
        self, driver: TurnDriver, order: SpawnOrder, group: TaskGroup
    ) -> None:
        """Stop the service that runs, start the new one, and see whether it becomes ready."""
        session, task = self._session, order.task
        spec = session.workspace.graph.spec(task)
        await session.services.stop([task])
        if driver.state_of(task) is TaskState.STOPPING:
            driver.finished(task, CancelledRecord(task, "never_started"))
            return
        session.observer.begin(task, driver.turn)
        started = ev.TaskStarted(task=str(task), turn=driver.turn, run=order.run, attempt=1)
        session.hub.emit(started)
        phase = Phase.READY
        failed: HazuiError | NotReady | None
        try:
            failed = await session.services.start(
                session.context, spec, order.built, order.run, driver.turn, group, self.wake
            )
        except HazuiError as error:
            failed, phase = error, Phase.SPAWN
        except Exception as error:  # noqa: BLE001 - a bug ends its service, not the supervisor
            failed = internal.Unexpected(where=f"starting {task}", source=error)
        if failed is None:
            session.keys[task] = order.built
            driver.service_ready(task)
        elif isinstance(failed, HazuiError):
            driver.errored(task, phase, failed, order.run)
        elif failed.was_called_off:
            driver.finished(task, failed.record(task, order.run))
        else:
            driver.errored(task, phase, failed.error, order.run)

    def _reload(self, group: TaskGroup) -> None:
        had_driver = self._supervisor.driver is not None
        before = self._session.workspace
        self._supervisor.changes.reload()
        if not had_driver and self._session.workspace is not before and self._watcher is not None:
            self._watcher.close()
            self._watch(group)

    # -- in the background -------------------------------------------------------------------

    def _start_background(self, group: TaskGroup) -> None:
        group.start_soon(self._contained, "telling of output", self._tick)
        if self._session.state.lease is not None:
            group.start_soon(self._contained, "renewing the lease", self._renew_lease)
        if self._has_samples:
            group.start_soon(self._contained, "sampling processes", self._sample)
        if self._supervisor.is_watching:
            self._watch(group)

    def _watch(self, group: TaskGroup) -> None:
        from hazui.errors.watch import WatchError
        from hazui.supervisor.watching import make_watcher

        session = self._session

        def degraded(error: WatchError) -> None:
            session.hub.emit(ev.WatchDegraded(error=record_of(error)))

        def recovered(error: WatchError) -> None:
            session.hub.emit(ev.WatchRecovered(error=record_of(error)))

        watcher = make_watcher(session)
        try:
            ready = watcher.start()
        except WatchError as error:
            watcher.close()
            degraded(error)
            return
        self._watcher = watcher
        session.hub.emit(ev.WatchReady(files=ready.files, backend=ready.backend))
        for task in self.runs.running:
            self._hold(task)

        async def watch() -> None:
            await watcher.run(self._supervisor.changes.arrived, degraded, recovered)

        group.start_soon(self._contained, "watching", watch)

    async def _contained(self, what: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do something in the background; a bug in it is told and takes nothing else down."""
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - the boundary of a background task
            failure = internal.Unexpected(where=what, source=error)
            self._session.hub.emit(
                ev.Noticed(level="error", text=failure.message, error=record_of(failure))
            )

    def _hold(self, task: TaskId) -> None:
        if self._watcher is not None:
            self._watcher.hold(task, self._session.workspace.graph.spec(task).outputs)

    async def _tick(self) -> None:
        """Tell of output, and write the journal, in the rhythm of the screen."""
        ticks = 0
        journal_again_at = 0.0
        session = self._session
        while True:
            if not session.observer.has_unsaid and not session.hub.has_unwritten:
                stirred = anyio.Event()
                session.observer.on_output = session.hub.on_event = stirred.set
                await stirred.wait()
                session.observer.on_output = session.hub.on_event = None
            await anyio.sleep(OUTPUT_EVERY_S)
            self._session.observer.say_output()
            ticks += 1
            is_due = ticks % JOURNAL_EVERY_TICKS == 0 or session.hub.is_batch_full
            if not is_due or anyio.current_time() < journal_again_at:
                continue
            try:
                session.hub.flush()
            except HazuiRuntimeError:  # Kept for the next time; a locked database costs seconds.
                journal_again_at = anyio.current_time() + JOURNAL_PAUSE_S

    async def _renew_lease(self) -> None:
        """Keep the lease; when it was taken over everything is stopped and nothing committed."""
        lease = self._session.state.lease
        assert lease is not None
        while True:
            await anyio.sleep(lease.times.renew_s)
            try:
                lease.renew()
            except HazuiRuntimeError as error:
                if error.code != RuntimeErrorCode.SESSION_EXECUTION_LEASE_LOST:
                    continue  # What could not be renewed may expire; nobody has taken it yet.
                self._supervisor.tell_refusal(error)
                self._supervisor.is_quitting = True
                self._supervisor.is_forced = True
                self.wake()
                return

    async def _sample(self) -> None:
        """CPU and memory of every live tree, in one pass."""
        from hazui.process.sample import Sampler

        sampler: Sampler | None = None
        session = self._session
        while True:
            await anyio.sleep(SAMPLE_EVERY_S)
            roots = session.observer.roots
            if not roots:
                continue
            if sampler is None:
                sampler = Sampler(session.context.processes.platform)
            for task, sample in sampler.sample(roots).items():
                session.hub.emit(
                    ev.ProcessSampled(
                        task=str(task),
                        turn=session.observer.turn_of(task),
                        pids=tuple(sample.pids),
                        cpu_percent=round(sample.cpu_percent, 1),
                        rss_bytes=sample.rss_bytes,
                    )
                )
            session.context.processes.sweeper.reap_orphans()

    # -- the way out -------------------------------------------------------------------------

    async def _stop_everything(self) -> None:
        """Stop executions, then services in reverse order; tell who is waited for meanwhile."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._tell_stopping)
            driver = self._supervisor.driver
            if driver is not None:
                driver.cancel_all()
            while driver is not None and self._supervisor.driver is driver:
                self._awake = anyio.Event()
                driver.advance()
                driver.drop_spawns()
                for task in driver.take_stops():
                    self.stop(task)
                if self._supervisor.is_forced:
                    for task in list(self.runs.running):
                        self.runs.stop(task, force=True)
                if driver.is_done and not self.runs.running:
                    self._supervisor.end_turn()
                    break
                await self._awake.wait()
                self._supervisor.handle_commands()
            order = self._session.workspace.graph.topological_order()
            live = set(self._session.services.live_tasks())
            in_reverse = [task for task in reversed(order) if task in live]
            in_reverse += sorted(live - set(in_reverse))
            await self._session.services.stop(in_reverse, force=self._supervisor.is_forced)
            await self._sweep_rest()
            group.cancel_scope.cancel()

    async def _sweep_rest(self) -> None:
        """The last look: nothing that this session started may be left, or it is named."""
        session = self._session
        if not session.context.has_processes:
            return
        grace_s = 0.0 if self._supervisor.is_forced else session.workspace.spec.grace_period_s
        left = await session.context.processes.sweeper.sweep_rest(grace_s)
        if left:
            text = f"still running after SIGKILL: {', '.join(map(str, left))}"
            session.hub.emit(ev.Noticed(level="error", text=text))

    async def _tell_stopping(self) -> None:
        grace_s = self._session.workspace.spec.grace_period_s
        started = anyio.current_time()
        while True:
            waiting = [*self.runs.running, *self._session.services.live_tasks()]
            if waiting:
                left_s = max(grace_s - (anyio.current_time() - started), 0.0)
                is_killing = self._supervisor.is_forced or left_s == 0
                self._session.hub.emit(
                    ev.StopProgressed(
                        waiting_for=tuple(str(task) for task in waiting),
                        signal="SIGKILL" if is_killing else "SIGTERM",
                        seconds_left=round(left_s, 1),
                    )
                )
            await anyio.sleep(STOP_TELL_EVERY_S)
            self._supervisor.handle_commands()
            if self._supervisor.is_forced:
                for task in list(self.runs.running):
                    self.runs.stop(task, force=True)
                self._session.services.request_stop(self._session.services.live_tasks(), force=True)
