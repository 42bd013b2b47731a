"""Services in their first form: spawned, ready by a log line or after a delay, stopped at the end.

A service lives on between turns. A turn that leaves its action key as it was adopts it; when the
key changed it is stopped, proven gone, and started again. When it goes down by itself that is told
with its exit status; it is not restarted by itself.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import hazui.protocol.events as ev
from hazui.domain.clock import Clock
from hazui.domain.ids import ActionKey, RunId, TaskId, Turn
from hazui.domain.records import CancelledRecord
from hazui.domain.specs import DelayProbe, LogProbe, Probe, ServiceSpec, TaskSpec
from hazui.errors import service as service_errors
from hazui.errors.base import HazuiError
from hazui.errors.record import record_of
from hazui.execution.context import Context
from hazui.execution.left import Left, leave
from hazui.spool.reader import LogReader, LogView
from hazui.spool.text import clean
from hazui.supervisor.hub import EventHub

if TYPE_CHECKING:
    import anyio
    from anyio.abc import TaskGroup

    from hazui.execution.attend import Ended
    from hazui.execution.key import BuiltKey
    from hazui.execution.service import RunningService

PROBE_EVERY_S = 0.02
LAST_LINES = 20
"""How many lines of an unready service its error shows."""
_LINES_PER_READ = 2_000


@dataclass(slots=True)
class _Live:
    """A service that was started."""

    key: ActionKey
    running: "RunningService"
    turn: Turn
    gone: "anyio.Event"
    """Set when it is proven gone and its log is kept."""
    is_ready: bool = False
    ended: "Ended | None" = None

    @property
    def has_ended(self) -> bool:
        return self.running.process.has_ended


@dataclass(frozen=True, slots=True)
class NotReady:
    """A service that was started, did not become ready, and is gone again."""

    error: service_errors.ServiceError
    """What was tried, and what it printed last."""
    was_called_off: bool
    """It was asked to end before it could be ready."""
    ended: "Ended | None"

    def record(self, task: TaskId, run: RunId) -> CancelledRecord:
        """The record of one that was called off."""
        if self.ended is None:
            return CancelledRecord(task, "in_flight", run=run)
        return CancelledRecord(
            task,
            "in_flight",
            exit_status=self.ended.status,
            streams_digests=self.ended.digests,
            run=run,
            signals=self.ended.signals,
            survivors=self.ended.survivors,
        )


class Services:
    """The services of one supervisor."""

    def __init__(self, hub: EventHub, clock: Clock) -> None:
        self._hub = hub
        self._clock = clock
        self._live: dict[TaskId, _Live] = {}

    def ready_tasks(self) -> frozenset[TaskId]:
        """Services that answer their probe."""
        return frozenset(task for task, live in self._live.items() if live.is_ready)

    def live_tasks(self) -> list[TaskId]:
        """Services that have a process."""
        return list(self._live)

    def is_current(self, task: TaskId, key: ActionKey) -> bool:
        """Whether the running service was started for this very action."""
        live = self._live.get(task)
        return live is not None and live.is_ready and live.key == key

    def tell_adopted(self, task: TaskId, turn: Turn) -> None:
        """Tell that the service goes on as it is."""
        live = self._live[task]
        self._hub.emit(
            ev.ServiceBecameReady(
                task=str(task),
                turn=turn,
                after_s=0.0,
                probe="adopted",
                pid=live.running.process.pid,
                adopted=True,
            )
        )

    async def start(
        self,
        context: Context,
        spec: TaskSpec,
        built: "BuiltKey",
        run: RunId,
        turn: Turn,
        group: "TaskGroup",
        on_down: Callable[[], None],
    ) -> NotReady | None:
        """Start the service of ``spec``, which is not live, and wait until it is ready.

        Raises:
            run_task.RunTaskError: it could not be spawned.
        """
        import anyio

        from hazui.execution.service import start_service

        assert spec.service is not None
        assert spec.id not in self._live
        started_ns = self._clock.monotonic_ns()
        running = start_service(context, spec, built, run, turn)
        live = self._live[spec.id] = _Live(built.key, running, turn, anyio.Event())
        group.start_soon(self._watch_over, spec.id, live, on_down)
        not_ready = await self._until_ready(spec.service, live)
        if not_ready is not None:
            return not_ready
        live.is_ready = True
        self._hub.emit(
            ev.ServiceBecameReady(
                task=str(spec.id),
                turn=turn,
                after_s=round((self._clock.monotonic_ns() - started_ns) / 1e9, 3),
                probe=describe(spec.service.ready),
                pid=running.process.pid,
                adopted=False,
            )
        )
        return None

    def request_stop(self, tasks: Iterable[TaskId], *, force: bool = False) -> None:
        """Ask services to end, without waiting; ``force`` kills. Asking again changes nothing."""
        for task in tasks:
            live = self._live.get(task)
            if live is not None and (force or not live.running.stopper.is_requested):
                live.running.stopper.request(force=force)

    async def stop(self, tasks: Iterable[TaskId], *, force: bool = False) -> None:
        """Stop services one after the other, each proven gone before the next."""
        for task in list(tasks):
            live = self._live.get(task)
            if live is None:
                continue
            self.request_stop([task], force=force)
            await live.gone.wait()

    async def _watch_over(self, task: TaskId, live: _Live, on_down: Callable[[], None]) -> None:
        """Capture a service until it ends, and tell that it did."""
        error: HazuiError | None = None
        try:
            live.ended = await live.running.captured()
        except HazuiError as failure:
            error = failure
        was_ready, live.is_ready = live.is_ready, False
        if self._live.get(task) is live:
            self._live.pop(task)
        live.gone.set()
        if was_ready:
            self._hub.emit(
                ev.ServiceWentDown(
                    task=str(task),
                    turn=live.turn,
                    exit_status=live.ended.status if live.ended else None,
                    error=None if error is None else record_of(error),
                    will_restart_in_s=None,
                    restarts=0,
                    requested=bool(live.ended and live.ended.signals),
                )
            )
        on_down()

    async def _until_ready(self, service: ServiceSpec, live: _Live) -> NotReady | None:
        """Probe until it is ready; else stop it and say what was tried."""
        import anyio

        probe = service.ready
        reader = LogReader(live.running.log)
        answer: str | None = None
        try:
            if isinstance(probe, DelayProbe):
                with anyio.move_on_after(probe.delay_s):
                    await live.gone.wait()
                if live.has_ended:
                    answer = "it ended before"
            else:
                assert isinstance(probe, LogProbe)
                answer = f"no line matched within {service.ready_timeout_s:g} s"
                with anyio.move_on_after(service.ready_timeout_s):
                    answer = await _read_until(reader, re.compile(probe.regex), live)
            if answer is None:
                return None
            was_called_off = live.running.stopper.is_requested
            await self.stop([live.running.task.id])
            ended = live.ended
            status = ended.status if ended else None
            if status is not None and not (ended and ended.signals):
                answer = f"{answer} ({status})"
            error = service_errors.ProbeTimedOut(probe=describe(probe), last_answer=answer)
            reader.refresh()
            for line in reader.tail(LogView.MERGED, LAST_LINES):
                error.add_note(clean(line.data))
            leave(error, Left(status, ended.digests if ended else None))
            return NotReady(error, was_called_off, ended)
        finally:
            reader.close()


async def _read_until(reader: LogReader, pattern: re.Pattern[str], live: _Live) -> str | None:
    """None when a line matches; else the answer when the process ended before one did."""
    import anyio

    seen = 0
    while True:
        has_ended = live.gone.is_set()
        seen, is_ready = _search(reader, pattern, seen)
        if is_ready:
            return None
        if has_ended:
            return "it ended before a line matched"
        await anyio.sleep(PROBE_EVERY_S)


def describe(probe: Probe) -> str:
    """A probe in a few words."""
    match probe:
        case LogProbe(regex=regex):
            return f"log line matching {regex}"
        case DelayProbe(delay_s=delay_s):
            return f"{delay_s:g} s after the start"
        case _:
            return type(probe).__name__


def _search(reader: LogReader, pattern: re.Pattern[str], seen: int) -> tuple[int, bool]:
    """Look at the lines from ``seen`` on; a line without its newline is looked at again."""
    reader.refresh()
    while True:
        lines = reader.lines(LogView.MERGED, seen, seen + _LINES_PER_READ)
        for line in lines:
            if pattern.search(clean(line.data)):
                return seen, True
            seen += not line.is_partial
        if len(lines) < _LINES_PER_READ:
            return seen, False
