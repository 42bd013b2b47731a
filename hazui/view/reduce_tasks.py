"""The rules for events about one task: the task before, the event, the task after.

Every rule is a pure function and returns its argument unchanged when nothing changed.
"""

from collections.abc import Callable
from typing import Any

from hazui.protocol import events
from hazui.protocol.events import Stamped
from hazui.view import durations
from hazui.view.models import FailureFacts, LogRef, TaskState, TaskView, changed


def _waiting(view: TaskView, event: events.TaskWaiting, _: Stamped) -> TaskView:
    return changed(view, state=TaskState.WAITING, waiting=event.reason, turn=event.turn)


def _looked_up(view: TaskView, event: events.CacheLookedUp, _: Stamped) -> TaskView:
    return changed(
        view,
        turn=event.turn,
        lookup=event.result,
        lookup_error=event.error,
        differs=event.differs,
        omitted=event.omitted,
    )


def _started(view: TaskView, event: events.TaskStarted, stamped: Stamped) -> TaskView:
    return changed(
        view,
        state=TaskState.RUNNING,
        turn=event.turn,
        run=event.run,
        attempt=event.attempt,
        waiting=None,
        started_at=stamped.at,
        ended_at=None,
        pid=None,
        pgid=None,
        pids=(),
        cpu_percent=0.0,
        rss_bytes=0,
        max_rss_bytes=0,
        cpu_s=0.0,
        exit_status=None,
        stdout_bytes=0,
        stderr_bytes=0,
        restart_in_s=None,
        adopted=False,
        probe=None,
    )


def _phase(view: TaskView, event: events.TaskPhaseEntered, _: Stamped) -> TaskView:
    return view if view.phase is event.phase else changed(view, phase=event.phase)


def _spawned(view: TaskView, event: events.ProcessSpawned, stamped: Stamped) -> TaskView:
    return changed(
        view,
        state=TaskState.READY if view.state is TaskState.READY else TaskState.RUNNING,
        turn=event.turn,
        waiting=None,
        pid=event.pid,
        pgid=event.pgid,
        pids=(event.pid,),
        argv=event.argv,
        cwd=event.cwd,
        execution_id=event.execution_id,
        started_at=view.started_at if view.state is TaskState.RUNNING else stamped.at,
    )


def _printed(view: TaskView, event: events.OutputAppended, _: Stamped) -> TaskView:
    log = view.log
    if view.run is not None and (log is None or log.run != view.run):
        log = LogRef(view.run)
    if event.stream == "stdout":
        return changed(view, log=log, stdout_bytes=event.bytes_total)
    return changed(view, log=log, stderr_bytes=event.bytes_total)


def _sampled(view: TaskView, event: events.ProcessSampled, _: Stamped) -> TaskView:
    return changed(view, pids=event.pids, cpu_percent=event.cpu_percent, rss_bytes=event.rss_bytes)


def _exited(view: TaskView, event: events.ProcessExited, _: Stamped) -> TaskView:
    return changed(
        view,
        exit_status=event.exit_status,
        max_rss_bytes=event.max_rss_bytes,
        cpu_s=event.cpu_s,
        cpu_percent=0.0,
        rss_bytes=0,
        pids=(),
    )


def _attempt_failed(view: TaskView, event: events.TaskAttemptFailed, _: Stamped) -> TaskView:
    return changed(view, attempts_failed=event.attempt, exit_status=event.exit_status)


def _finished(view: TaskView, event: events.TaskFinished, stamped: Stamped) -> TaskView:
    is_hit = event.source == "cache_hit"
    run = event.run if event.run is not None else (None if is_hit else view.run)
    log = LogRef(run, event.stdout_hash, event.stderr_hash, event.journal_hash, is_hit)
    good = TaskState.CACHED if is_hit else TaskState.SUCCEEDED
    after = changed(
        view,
        **_ended(stamped),
        state=good if event.state == "succeeded" else TaskState.FAILED,
        turn=event.turn,
        run=run,
        log=log,
        exit_status=event.exit_status,
        duration_s=event.duration_s,
        started_at=view.started_at if not is_hit else None,
        produced=event.outputs,
        timed_out=event.timed_out,
        stale=event.stale,
        attempt=event.attempt,
        survivors=event.survivors,
        failure=None,
    )
    if event.state == "succeeded":
        return after
    facts = _facts(
        after,
        stamped,
        timed_out=event.timed_out,
        diagnosis=event.diagnosis,
        survivors=event.survivors,
        streams=event.streams,
    )
    return changed(after, failure=facts)


def _errored(view: TaskView, event: events.TaskErrored, stamped: Stamped) -> TaskView:
    run = event.run if event.run is not None else view.run
    log = view.log
    if event.run is not None or event.stdout_hash is not None:
        log = LogRef(run, event.stdout_hash, event.stderr_hash, event.journal_hash)
    after = changed(
        view,
        **_ended(stamped),
        state=TaskState.ERRORED,
        turn=event.turn,
        run=run,
        log=log,
        exit_status=event.exit_status,
        duration_s=durations.between(view.started_at, stamped.at),
        attempt=event.attempt,
    )
    return changed(after, failure=_facts(after, stamped, error=event.error, phase=event.phase))


def _skipped(view: TaskView, event: events.TaskSkipped, stamped: Stamped) -> TaskView:
    return changed(
        view,
        **{**_ended(stamped), "root": event.root},
        state=TaskState.SKIPPED,
        turn=event.turn,
        skip_cause=event.cause,
    )


def _cancelled(view: TaskView, event: events.TaskCancelled, stamped: Stamped) -> TaskView:
    log = view.log
    if event.stdout_hash is not None or event.run is not None:
        log = LogRef(event.run, event.stdout_hash, event.stderr_hash, event.journal_hash)
    return changed(
        view,
        **{**_ended(stamped), "root": event.root},
        state=TaskState.CANCELLED,
        turn=event.turn,
        cancel_shape=event.shape,
        signals=event.signals,
        survivors=event.survivors,
        log=log,
        duration_s=(
            durations.between(view.started_at, stamped.at)
            if event.shape == "in_flight"
            else view.duration_s
        ),
    )


def _service_ready(view: TaskView, event: events.ServiceBecameReady, stamped: Stamped) -> TaskView:
    return changed(
        view,
        state=TaskState.READY,
        turn=event.turn,
        waiting=None,
        pid=event.pid,
        pids=view.pids or (event.pid,),
        probe=event.probe,
        adopted=event.adopted,
        restart_in_s=None,
        started_at=view.started_at or stamped.at,
        failure=None,
    )


def _service_down(view: TaskView, event: events.ServiceWentDown, stamped: Stamped) -> TaskView:
    after = changed(
        view,
        **_ended(stamped),
        turn=event.turn,
        exit_status=event.exit_status,
        restart_in_s=event.will_restart_in_s,
        restarts=event.restarts,
        duration_s=durations.between(view.started_at, stamped.at),
    )
    if event.requested and event.error is None:
        return changed(after, state=TaskState.IDLE)
    if event.error is None and (event.exit_status is None or event.exit_status.is_success):
        state = TaskState.WAITING if event.will_restart_in_s is not None else TaskState.SUCCEEDED
        return changed(after, state=state)
    return changed(
        after,
        state=TaskState.FAILED if event.error is None else TaskState.ERRORED,
        failure=_facts(after, stamped, error=event.error),
    )


def _ended(stamped: Stamped) -> dict[str, Any]:
    """What holds of every task that came to an end."""
    return {
        "waiting": None,
        "phase": None,
        "ended_at": stamped.at,
        "pids": (),
        "cpu_percent": 0.0,
        "rss_bytes": 0,
        "root": None,
    }


def _facts(view: TaskView, stamped: Stamped, **known: Any) -> FailureFacts:
    return FailureFacts(
        turn=view.turn or 0,
        at=stamped.at,
        seq=stamped.seq,
        exit_status=view.exit_status,
        log=view.log,
        attempt=view.attempt,
        argv=view.argv,
        cwd=view.cwd,
        pid=view.pid,
        execution_id=view.execution_id,
        differs=view.differs,
        omitted=view.omitted,
        duration_s=view.duration_s,
        **known,
    )


TASK_RULES: dict[type, Callable[[TaskView, Any, Stamped], TaskView]] = {
    events.TaskWaiting: _waiting,
    events.CacheLookedUp: _looked_up,
    events.TaskStarted: _started,
    events.TaskPhaseEntered: _phase,
    events.ProcessSpawned: _spawned,
    events.OutputAppended: _printed,
    events.ProcessSampled: _sampled,
    events.ProcessExited: _exited,
    events.TaskAttemptFailed: _attempt_failed,
    events.TaskFinished: _finished,
    events.TaskErrored: _errored,
    events.TaskSkipped: _skipped,
    events.TaskCancelled: _cancelled,
    events.ServiceBecameReady: _service_ready,
    events.ServiceWentDown: _service_down,
}
