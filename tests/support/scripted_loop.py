"""A real supervisor over a real workspace in memory, whose processes are a script's.

What the turn releases is held as "at work" until the script ends it one way or the other, so that
every interleaving of changes, requests, stops and ends can be tried without a process or a clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import hazui.protocol.commands as cmd
import hazui.protocol.events as ev
from hazui.config.locate import Location
from hazui.domain.clock import SystemClock
from hazui.domain.ids import RunId, TaskId
from hazui.domain.paths import CanonicalPath
from hazui.domain.records import (
    CancelledRecord,
    CompletedRecord,
    ExitStatus,
    RunState,
    Source,
    StreamDigests,
)
from hazui.errors import process, run_task
from hazui.files.digest import hash_bytes
from hazui.protocol.events import Stamped
from hazui.protocol.values import Phase, TriggerKind
from hazui.supervisor.opening import close_session, open_session
from hazui.supervisor.orders import SpawnOrder
from hazui.supervisor.supervisor import Supervisor
from hazui.supervisor.turn import TurnDriver
from hazui.supervisor.workspace import LoadedWorkspace, load_workspace
from hazui.watch.changes import ChangeSet

Ending = Literal["succeed", "fail", "error"]


@dataclass
class AtWork:
    """An order that was taken: its process runs until the script says otherwise."""

    driver: TurnDriver
    order: SpawnOrder
    is_stopping: bool = False


@dataclass
class ScriptedLoop:
    """Stands where ``hazui.supervisor.loop.Loop`` stands."""

    supervisor: Supervisor
    at_work: dict[TaskId, AtWork] = field(default_factory=dict)
    seen: list[Stamped] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.supervisor.attach(self)  # type: ignore[arg-type]
        self._subscription = self.supervisor.subscribe()
        session = self.supervisor.session
        empty = hash_bytes(b"", session.workspace.spec.hash_name)
        directory = session.state.stores.attachment_store.directory / empty[:2]
        directory.mkdir(parents=True, exist_ok=True)
        (directory / empty).touch()
        self.empty = StreamDigests(empty, empty, empty)

    # -- what the supervisor asks of a loop ------------------------------------------------------

    def wake(self) -> None:
        pass

    def stop(self, task: TaskId, *, force: bool = False) -> None:
        del force
        if task in self.at_work:
            self.at_work[task].is_stopping = True

    # -- what a script does ----------------------------------------------------------------------

    def step(self, budget_ns: int | None = None) -> bool:
        """One round of the loop; true when there is more to do at once."""
        self.supervisor.handle_commands()
        self.supervisor.changes.handle()
        driver = self.supervisor.driver
        if driver is None:
            return False
        has_more = driver.advance(budget_ns)
        for order in driver.take_spawns():
            assert order.task not in self.at_work, f"{order.task} was started twice"
            self.at_work[order.task] = AtWork(driver, order)
        for task in driver.take_stops():
            self.stop(task)
        if not has_more and driver.is_done:
            assert not self.at_work, f"the turn is over while {list(self.at_work)} run"
            self.supervisor.end_turn()
            return True
        return has_more

    def settle(self) -> None:
        """Step until nothing moves any more."""
        for _ in range(10_000):
            if not self.step():
                return
        raise AssertionError("the turn never comes to rest")

    def end(self, task: TaskId, how: Ending) -> None:
        """End what is at work; something that was asked to stop is cancelled, unless it errs."""
        work = self.at_work.pop(task)
        driver, order = work.driver, work.order
        session = self.supervisor.session
        if how == "error":
            cause = process.SpawnFailed(program="true", source=OSError("scripted"))
            error = run_task.SpawnFailed(source=cause)
            driver.errored(task, Phase.SPAWN, error, order.run)
        elif work.is_stopping:
            driver.finished(task, CancelledRecord(task, "in_flight", run=order.run))
        elif session.workspace.graph.spec(task).is_service:
            session.keys[task] = order.built
            session.hub.emit(
                ev.ServiceBecameReady(
                    task=str(task), turn=driver.turn, after_s=0.0, probe="", pid=0, adopted=False
                )
            )
            driver.service_ready(task)
        else:
            if how == "succeed":
                session.cache.store(order.built.key, (), self.empty, session.workspace.spec.root)
            driver.finished(task, self._completed(task, order.run, how))

    def change(self, *paths: str) -> None:
        """The watcher has settled on these paths."""
        found = frozenset(CanonicalPath(path) for path in paths)
        self.supervisor.changes.arrived(ChangeSet(found, 0, 0))

    def post(self, command: cmd.Command) -> None:
        self.supervisor.post(command)

    def finish(self) -> None:
        """Let everything succeed until the turn, and what it was followed by, is over."""
        for _ in range(10_000):
            self.settle()
            if not self.at_work:
                break
            self.end(next(iter(self.at_work)), "succeed")
        assert self.supervisor.driver is None, "the turn never ends"

    def events(self) -> list[Stamped]:
        """Everything that was told so far."""
        self.seen.extend(self._subscription.drain())
        return self.seen

    def of(self, kind: type[ev.Event]) -> list[ev.Event]:
        return [stamped.event for stamped in self.events() if isinstance(stamped.event, kind)]

    def close(self) -> None:
        self.supervisor.attach(None)
        self._subscription.close()
        close_session(self.supervisor.session)

    def _completed(self, task: TaskId, run: RunId, how: Ending) -> CompletedRecord:
        is_good = how == "succeed"
        return CompletedRecord(
            task=task,
            source=Source.FRESH_RUN,
            state=RunState.SUCCEEDED if is_good else RunState.FAILED,
            exit_status=ExitStatus(code=0 if is_good else 1),
            run=run,
            streams_digests=self.empty,
            duration_s=0.5,
        )


def supervise(root: Path, config: str, *, environ: Mapping[str, str] | None = None) -> ScriptedLoop:
    """Open a session in memory over ``config`` and begin the first turn, watching."""
    (root / "hazui.toml").write_text(config)
    location = Location(root / "hazui.toml", root)
    loaded = load_workspace(location, environ=environ or {}, overrides={"durable": False})
    assert isinstance(loaded, LoadedWorkspace), loaded
    session = open_session(
        loaded, clock=SystemClock(), environ=environ or {}, overrides={"durable": False}
    )
    supervisor = Supervisor(session, is_watching=True)
    loop = ScriptedLoop(supervisor)
    supervisor.begin(cmd.RunTasks(every_task=True), TriggerKind.START)
    return loop
