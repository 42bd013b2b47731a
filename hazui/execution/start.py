"""From a built key to a running child: register, open the spool, spawn.

The execution is on record before its process exists, so a process that outlives a killed owner is
always known to the next one by its HAZUI_RUN.
"""

import contextlib
import shutil
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from hazui.cache.manifest import masked
from hazui.domain.ids import RunId, Turn
from hazui.domain.specs import TaskSpec
from hazui.errors import process as process_errors
from hazui.errors import run_task
from hazui.execution.context import Context, Registration
from hazui.execution.environment import RESERVED, child_argv, child_cwd, child_environment
from hazui.process.capture import kill_group
from hazui.process.spawn import Process, SpawnRequest
from hazui.process.stop import Stopper
from hazui.spool.writer import RunSpool


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A child that runs, its open spool, and the way to stop it."""

    run: RunId
    process: Process
    spool: RunSpool
    stopper: Stopper
    argv: tuple[str, ...]
    cwd: Path


def start(
    context: Context,
    task: TaskSpec,
    arguments: tuple[str, ...],
    run: RunId,
    turn: Turn,
    attempt: int = 1,
    *,
    first_signal: int | None = None,
) -> Started:
    """Register and spawn; call it on the thread of the event loop.

    Raises:
        run_task.SpawnFailed: the command never ran; nothing is left of the attempt.
        HazuiRuntimeError: the registry refuses; a child that was spawned already is killed.
    """
    argv = child_argv(task, arguments)
    cwd = child_cwd(task, context.workspace)
    env = child_environment(task, context.workspace, context.environ, turn, run)
    context.observer.phase(task.id, "spawn")
    context.registry.register(
        Registration(
            run=run,
            task=task.id,
            turn=turn,
            attempt=attempt,
            argv=argv,
            cwd=cwd,
            variables={
                name: _fingerprint(name, value, context.secret_key)
                for name, value in env.items()
                if name not in RESERVED
            },
        )
    )
    try:
        spool = _open_spool(context, task, run, argv[0])
        process = _spawn(context, spool, SpawnRequest(argv, cwd, env, run, task.tty))
    except process_errors.ProcessError as error:
        context.registry.ended(run, None)
        raise run_task.SpawnFailed(source=error) from error
    try:
        context.registry.spawned(run, process.identity, process.pgid)
        context.observer.spawned(task.id, process.pid, process.pgid, argv, cwd, run)
    except BaseException:
        # Nobody will attend to it: whatever it started already goes with it, here and now.
        kill_group(process)
        context.processes.sweeper.sweep_now(run, 0.0, process.pgid)
        process.close_streams()
        _discard(spool)
        raise
    options = {} if first_signal is None else {"first_signal": first_signal}
    stopper = Stopper(
        process,
        context.processes.sweeper,
        grace_period_s=context.workspace.grace_period_s,
        **options,
    )
    return Started(run=run, process=process, spool=spool, stopper=stopper, argv=argv, cwd=cwd)


def _open_spool(context: Context, task: TaskSpec, run: RunId, program: str) -> RunSpool:
    workspace = context.workspace
    try:
        return RunSpool(
            context.runs_dir / run,
            workspace.hash_name,
            fsync=workspace.fsync,
            rotate_bytes=workspace.log_rotate_bytes if task.is_service else None,
        )
    except OSError as error:
        raise process_errors.SpawnFailed(program=program, source=error) from error


def _spawn(context: Context, spool: RunSpool, request: SpawnRequest) -> Process:
    try:
        return context.processes.spawner.spawn(request)
    except BaseException:
        _discard(spool)
        raise


def _discard(spool: RunSpool) -> None:
    spool.abandon()
    with contextlib.suppress(OSError):
        shutil.rmtree(spool.directory)


@lru_cache(maxsize=1024)
def _fingerprint(name: str, value: str, secret_key: bytes) -> str:
    """Most variables are the same from run to run."""
    return masked(name, value, secret_key).removeprefix(f"{name}=")
