"""A service's process: started and captured like a task's, without an end of its own.

Whoever owns it runs ``captured`` for as long as it lives and asks its stopper when it must go;
probes, restarts and readiness are the owner's.
"""

import signal
from dataclasses import dataclass

from hazui.domain.ids import RunId, Turn
from hazui.domain.specs import TaskSpec
from hazui.execution.attend import Ended, attend
from hazui.execution.context import Context
from hazui.execution.key import BuiltKey
from hazui.execution.start import Started, start
from hazui.execution.switch import StopSwitch
from hazui.process.spawn import Process
from hazui.spool.format import LogFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningService:
    """One life of one service."""

    task: TaskSpec
    built: BuiltKey
    started: Started
    stop: StopSwitch
    _context: Context

    @property
    def run(self) -> RunId:
        return self.started.run

    @property
    def process(self) -> Process:
        return self.started.process

    @property
    def stopper(self) -> StopSwitch:
        """What to ask when it must go."""
        return self.stop

    @property
    def log(self) -> LogFiles:
        """The spool, which grows while the service lives."""
        return self.started.spool.files

    async def captured(self) -> Ended:
        """Capture until the process has ended and its log is kept; to be run by the owner.

        Cancelling kills the service, and proves it gone, before it returns.

        Raises:
            run_task.CapturedStreamReadFailed: a stream could not be read or kept to its end.
            run_task.WaitFailed: it ended and its status cannot be learnt.
            run_task.StoreFailed: its log could not be put among the attachments.
        """
        return await attend(self._context, self.task, self.started, self.stop)


def start_service(
    context: Context, task: TaskSpec, built: BuiltKey, run: RunId, turn: Turn
) -> RunningService:
    """Register and spawn a service; its owner must run ``captured`` next.

    Raises:
        run_task.SpawnFailed: the command never ran.
        HazuiRuntimeError: the registry refuses.
    """
    service = task.service
    number = signal.Signals[service.stop_signal] if service else signal.SIGTERM
    started = start(context, task, built.arguments, run, turn, first_signal=number)
    return RunningService(
        task=task, built=built, started=started, stop=StopSwitch(), _context=context
    )
