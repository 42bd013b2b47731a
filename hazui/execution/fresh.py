"""Running a task for real: spawn, capture, wait, classify, outputs, modes, paths, store.

Exit 0 is succeeded; anything else, and a timeout, is failed; a child that we signalled because
somebody asked is cancelled. These are records (EXEC-009). Only a whole, unchanged success is
stored: not one whose inputs changed meanwhile, nor one whose streams were cut.
"""

from hazui.cache.entry import Produced
from hazui.domain.ids import RunId, Turn
from hazui.domain.records import (
    CancelledRecord,
    CompletedRecord,
    RunState,
    Source,
    StoredOutput,
    StreamDigests,
)
from hazui.domain.specs import TaskSpec
from hazui.errors import run_task, store
from hazui.execution.attend import Ended, attend
from hazui.execution.context import Context
from hazui.execution.key import BuiltKey, is_stale
from hazui.execution.left import Left, leave
from hazui.execution.outputs import digest_outputs, find_outputs, learn_outputs
from hazui.execution.start import start
from hazui.execution.switch import StopSwitch

__all__ = ["StopSwitch", "run_fresh"]


async def run_fresh(
    context: Context,
    task: TaskSpec,
    built: BuiltKey,
    run: RunId,
    turn: Turn,
    attempt: int = 1,
    stop: StopSwitch | None = None,
) -> CompletedRecord | CancelledRecord:
    """Run the command of ``task`` once and take in what it produced.

    Attempts of one run share ``run`` and ``stop``. When this is cancelled, the child and all that
    it started are killed first, and its log is kept.

    Raises:
        run_task.RunTaskError: the lifecycle could not be carried through; ``left_of`` tells what
            the process left.
        HazuiRuntimeError: the registry refuses.
    """
    stop = stop or StopSwitch()
    if stop.is_requested:
        return CancelledRecord(task.id, "never_started", root=stop.root)
    clock = context.clock
    started_at, started_ns = clock.utc(), clock.monotonic_ns()
    started = start(context, task, built.arguments, run, turn, attempt)
    try:
        ended = await attend(context, task, started, stop)
    except run_task.RunTaskError:
        learn_outputs(context, task)
        raise
    ended_at = clock.utc()
    duration_s = (clock.monotonic_ns() - started_ns) / 1e9
    assert ended.digests is not None
    if ended.signals and not ended.timed_out:
        learn_outputs(context, task)
        return _cancelled(task, run, ended, stop)
    is_good = not ended.timed_out and ended.status is not None and ended.status.is_success
    outputs: tuple[StoredOutput, ...] = ()
    stale = False
    if is_good:
        outputs, stale = _take_in(context, task, built, ended, ended.digests)
    else:
        learn_outputs(context, task)
    return CompletedRecord(
        task=task.id,
        source=Source.FRESH_RUN,
        state=RunState.SUCCEEDED if is_good else RunState.FAILED,
        exit_status=ended.status,
        run=run,
        streams_digests=ended.digests,
        outputs=outputs,
        started_at=started_at,
        ended_at=ended_at,
        duration_s=duration_s,
        usage=started.process.usage,
        streams=ended.streams,
        timed_out=ended.timed_out,
        stale=stale,
        attempt=attempt,
        survivors=ended.survivors,
    )


def _cancelled(task: TaskSpec, run: RunId, ended: Ended, stop: StopSwitch) -> CancelledRecord:
    return CancelledRecord(
        task.id,
        "in_flight",
        root=stop.root,
        exit_status=ended.status,
        streams_digests=ended.digests,
        run=run,
        signals=ended.signals,
        survivors=ended.survivors,
    )


def _take_in(
    context: Context, task: TaskSpec, built: BuiltKey, ended: Ended, digests: StreamDigests
) -> tuple[tuple[StoredOutput, ...], bool]:
    """The outputs of a success, stored if they may be, and whether the run is stale."""
    try:
        return _resolve_and_store(context, task, built, ended, digests)
    except run_task.RunTaskError as error:
        leave(error, Left(ended.status, digests))
        learn_outputs(context, task)
        raise


def _resolve_and_store(
    context: Context, task: TaskSpec, built: BuiltKey, ended: Ended, digests: StreamDigests
) -> tuple[tuple[StoredOutput, ...], bool]:
    context.observer.phase(task.id, "outputs")
    produced = find_outputs(context, task)
    stale = is_stale(context, built)
    try:
        if task.cache and not stale and ended.streams.are_complete:
            outputs = _store(context, task, built, produced, digests)
        else:
            outputs = digest_outputs(context, produced)
    except store.StoreError as error:
        raise run_task.StoreFailed(source=error) from error
    if outputs:
        context.resolver.note_changes([output.path for output in outputs])
    return outputs, stale


def _store(
    context: Context,
    task: TaskSpec,
    built: BuiltKey,
    produced: tuple[Produced, ...],
    digests: StreamDigests,
) -> tuple[StoredOutput, ...]:
    context.observer.phase(task.id, "store")
    entry = context.cache.store(built.key, produced, digests, context.workspace.root)
    for output in entry.outputs:
        context.index.record_own_write(output.path, output.digest)
    context.cache.last.settle(task.id, built.key)
    return entry.outputs
