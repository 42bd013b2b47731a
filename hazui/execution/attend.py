"""With a child from its start to its end: capture, stop or time out, reap, end what it leaves.

Whatever happens, also when the caller is cancelled, the child has ended and was reaped before this
returns (or is named as a survivor), its spool is finished and lies among the attachments, and the
registry knows that it ended.
"""

import asyncio
import contextlib
from dataclasses import dataclass, field
from pathlib import Path

import anyio

from hazui.domain.records import ExitStatus, StreamDigests, Streams, StreamState
from hazui.domain.specs import Leftovers, TaskSpec
from hazui.errors import fs, run_task, store
from hazui.errors import process as process_errors
from hazui.errors.stream import CapturedStream
from hazui.execution.context import Context
from hazui.execution.ending import Ending
from hazui.execution.left import Left, leave
from hazui.execution.start import Started
from hazui.execution.switch import StopSwitch
from hazui.process.capture import CaptureError, capture
from hazui.spool.attachments import attach

_CUT = Streams(StreamState(0), StreamState(0))


@dataclass(slots=True)
class Ended:
    """How a child ended and what it left."""

    status: ExitStatus | None = None
    """None only for a child that could not be ended."""
    streams: Streams = field(default_factory=Streams)
    digests: StreamDigests | None = None
    signals: tuple[str, ...] = ()
    """Those that we sent; empty when it ended by itself."""
    survivors: tuple[str, ...] = ()
    timed_out: bool = False


async def attend(context: Context, task: TaskSpec, started: Started, stop: StopSwitch) -> Ended:
    """See a child to its end.

    Raises:
        run_task.CapturedStreamReadFailed: a stream could not be read or kept to its end.
        run_task.WaitFailed: the child ended and its status cannot be learnt.
        run_task.StoreFailed: its log could not be put among the attachments.
    """
    ended = Ended()
    try:
        failure = await _capture(context, task, started, stop, ended)
        try:
            failure = await _reap(context, task, started, ended, failure)
        finally:
            kept = _keep_log(context, started, ended)
    except BaseException:
        # The caller was cancelled, or the registry refuses: nothing may go on running.
        with anyio.CancelScope(shield=True):
            await _put_down(context, started, ended)
        raise
    failure = _first(failure, kept)
    if failure is not None:
        leave(failure, Left(ended.status, ended.digests))
        raise failure
    return ended


async def _capture(
    context: Context, task: TaskSpec, started: Started, stop: StopSwitch, ended: Ended
) -> run_task.RunTaskError | None:
    """Capture until the end, which a request or the timeout may bring about."""
    failure = None
    ended.streams = _CUT
    scope = anyio.CancelScope()
    grace_period_s = context.workspace.grace_period_s
    ending = Ending(started.process, started.stopper, grace_period_s, scope)

    def time_out() -> None:
        if not started.process.has_ended and not ending.is_requested:
            ended.timed_out = True
            ending.request()

    def tell(stream: CapturedStream, bytes_total: int) -> None:
        context.observer.output(task.id, stream, bytes_total)

    timer = None
    if task.timeout_s is not None:
        timer = asyncio.get_running_loop().call_later(task.timeout_s, time_out)
    context.observer.phase(task.id, "capture")
    try:
        with scope:
            stop.connect(ending)
            try:
                ended.streams = await capture(started.process, started.spool, tell, context.drain_s)
            except CaptureError as error:
                ended.streams = error.streams
                failure = _capture_failure(error)
    finally:
        stop.disconnect()
        ending.close()
        if timer is not None:
            timer.cancel()
    if ending.is_requested:
        report = await started.stopper.wait_stopped()
        ended.signals = report.signals
        ended.survivors = tuple(str(survivor) for survivor in report.survivors)
    return failure


async def _reap(
    context: Context,
    task: TaskSpec,
    started: Started,
    ended: Ended,
    failure: run_task.RunTaskError | None,
) -> run_task.RunTaskError | None:
    """Learn the status and deal with what a child left that ended by itself."""
    process = started.process
    try:
        if process.has_ended:
            ended.status = await process.wait()
            context.observer.exited(task.id, process.pid, ended.status, process.usage)
    except process_errors.WaitFailed as error:
        failure = _first(failure, run_task.WaitFailed(source=error))
    context.registry.ended(started.run, ended.status)
    if ended.signals:
        return failure
    sweeper = context.processes.sweeper
    left = sweeper.find_leftovers(started.run, process.pgid, is_thorough=False)
    if not left:
        sweeper.forget(started.run)
        return failure
    is_good = ended.status is not None and ended.status.is_success and failure is None
    if is_good and task.leftovers is Leftovers.KEEP:
        identities = [leftover.identity for leftover in left]
        sweeper.release(started.run, identities)
        context.registry.released(started.run, identities)
        return failure
    survivors = await sweeper.sweep(
        started.run, context.workspace.grace_period_s, process.pgid, is_thorough=False
    )
    ended.survivors += tuple(str(survivor) for survivor in survivors)
    return failure


async def _put_down(context: Context, started: Started, ended: Ended) -> None:
    """End a child that nobody attends to any more; what goes wrong here has nobody to tell."""
    if not started.process.has_ended:
        started.stopper.request(force=True)
        await started.stopper.wait_stopped()
    if not started.spool.is_open:
        return
    with contextlib.suppress(process_errors.WaitFailed):
        if started.process.has_ended:
            ended.status = await started.process.wait()
    try:
        context.registry.ended(started.run, ended.status)
    finally:
        _keep_log(context, started, ended)


def _keep_log(context: Context, started: Started, ended: Ended) -> run_task.StoreFailed | None:
    """Finish the spool and move it among the attachments."""
    attachments = context.cache.attachments_dir
    try:
        digests = started.spool.finish()
        attach(started.spool.directory, attachments, digests)
        ended.digests = digests
    except OSError as error:
        path = Path(error.filename) if isinstance(error.filename, str) else attachments
        source = store.Io(phase="streams", source=fs.from_os_error(path, "keep", error))
        return run_task.StoreFailed(source=source)
    return None


def _capture_failure(error: CaptureError) -> run_task.CapturedStreamReadFailed:
    failure = run_task.CapturedStreamReadFailed(stream=error.stream, source=error.source)
    for note in getattr(error, "__notes__", ()):
        failure.add_note(note)
    return failure


def _first(
    first: run_task.RunTaskError | None, second: run_task.RunTaskError | None
) -> run_task.RunTaskError | None:
    """The first failure, with the second one as a note on it."""
    if first is None or second is None:
        return first or second
    cause = second.__cause__
    first.add_note(f"then: {second}" + (f": {cause}" if cause else ""))
    return first
