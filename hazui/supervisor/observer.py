"""What execution tells while a task runs, as events and rows.

Output is told at most once per tick and stream: bytes are pulled from the spool, the event only
says that there are more.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import hazui.protocol.events as ev
from hazui.domain.ids import Epoch, RunId, TaskId, Turn
from hazui.domain.records import ExitStatus, Usage
from hazui.errors.stream import CapturedStream
from hazui.execution.context import Registration
from hazui.protocol.values import Phase
from hazui.state.stores import ProcessEnv, ProcessRow, ProcessState, Stores
from hazui.supervisor.hub import EventHub

if TYPE_CHECKING:
    from hazui.process.table import ProcessIdentity


class HubObserver:
    """Implements ``execution.context.RunObserver`` over the hub."""

    def __init__(self, hub: EventHub) -> None:
        self._hub = hub
        self._turns: dict[TaskId, Turn] = {}
        self._unsaid: dict[tuple[TaskId, CapturedStream], int] = {}
        self.on_output: Callable[[], None] | None = None
        """Called when there is output to tell of; whoever tells sets it while it sleeps."""
        self.roots: dict[TaskId, int] = {}
        """The pid of every live task, for the sampler."""

    def begin(self, task: TaskId, turn: Turn) -> None:
        """From now on what is told of ``task`` belongs to ``turn``."""
        self._turns[task] = turn

    def turn_of(self, task: TaskId) -> Turn:
        return self._turns.get(task, Turn(0))

    def phase(self, task: TaskId, phase: str) -> None:
        self._hub.emit(
            ev.TaskPhaseEntered(task=str(task), turn=self.turn_of(task), phase=Phase(phase))
        )

    def spawned(
        self, task: TaskId, pid: int, pgid: int, argv: Sequence[str], cwd: Path, run: RunId
    ) -> None:
        self.roots[task] = pid
        self._hub.emit(
            ev.ProcessSpawned(
                task=str(task),
                turn=self.turn_of(task),
                pid=pid,
                pgid=pgid,
                argv=tuple(argv),
                cwd=str(cwd),
                execution_id=run,
            )
        )

    def output(self, task: TaskId, stream: CapturedStream, bytes_total: int) -> None:
        self._unsaid[task, stream] = bytes_total
        if self.on_output is not None:
            self.on_output()

    def exited(self, task: TaskId, pid: int, status: ExitStatus, usage: Usage) -> None:
        self.roots.pop(task, None)
        self.say_output(task)
        self._hub.emit(
            ev.ProcessExited(
                task=str(task),
                turn=self.turn_of(task),
                pid=pid,
                exit_status=status,
                max_rss_bytes=usage.max_rss_bytes,
                cpu_s=round(usage.cpu_s, 6),
            )
        )

    @property
    def has_unsaid(self) -> bool:
        """Whether there is output that has not been told of."""
        return bool(self._unsaid)

    def say_output(self, only: TaskId | None = None) -> None:
        """Tell of the output that has not been told of yet."""
        if not self._unsaid:
            return
        for key in [k for k in self._unsaid if only is None or k[0] == only]:
            task, stream = key
            self._hub.emit(
                ev.OutputAppended(
                    task=str(task),
                    turn=self.turn_of(task),
                    stream=stream.value,
                    bytes_total=self._unsaid.pop(key),
                )
            )


class StoreRegistry:
    """Implements ``execution.context.ExecutionRegistry`` over the stores."""

    def __init__(self, stores: Stores, epoch: Epoch) -> None:
        self._stores = stores
        self._epoch = epoch

    def register(self, execution: Registration) -> None:
        self._stores.process_registry.register(
            ProcessRow(
                execution_id=execution.run,
                epoch=self._epoch,
                turn=execution.turn,
                task=execution.task,
                attempt=execution.attempt,
            )
        )
        self._stores.process_env_store.put(
            execution.run,
            ProcessEnv(
                argv=execution.argv, cwd=str(execution.cwd), variables=dict(execution.variables)
            ),
        )

    def spawned(self, run: RunId, identity: "ProcessIdentity", pgid: int) -> None:
        self._stores.process_registry.update(
            run,
            state=ProcessState.RUNNING,
            pid=identity.pid,
            pgid=pgid,
            start_ticks=identity.start_ticks,
            boot_id=identity.boot_id,
        )

    def ended(self, run: RunId, status: ExitStatus | None) -> None:
        self._stores.process_registry.update(
            run,
            state=ProcessState.ENDED,
            exit_status=None if status is None else status.to_json(),
        )

    def released(self, run: RunId, identities: "Sequence[ProcessIdentity]") -> None:
        del identities  # The row says that the run is nobody's to sweep.
        self._stores.process_registry.update(run, state=ProcessState.RELEASED)
