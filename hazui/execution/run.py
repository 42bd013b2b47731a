"""One task from its key to its record, without a scheduler: look up, restore or run.

The scheduler drives the three phase functions itself, because it has mutexes to take between them;
this is their plain composition.
"""

import os
from collections.abc import Sequence

from hazui.domain.ids import RunId, Turn
from hazui.domain.records import CancelledRecord, CompletedRecord, RunState
from hazui.domain.specs import TaskSpec
from hazui.execution.context import Context, Predecessor
from hazui.execution.key import build_key
from hazui.execution.lookup import look_up, restore


async def run_task(
    context: Context,
    task: TaskSpec,
    predecessors: Sequence[Predecessor] = (),
    *,
    turn: Turn = Turn(0),  # noqa: B008 - a NewType call, the same value every time
    arguments: tuple[str, ...] = (),
    is_forced: bool = False,
) -> CompletedRecord:
    """Bring ``task`` to its record; a non-zero exit is one too (EXEC-009).

    Raises:
        hazui.errors.run_task.RunTaskError: it could not be carried through; nothing else is
            raised, except by a registry that refuses.
    """
    built = build_key(context, task, predecessors, arguments)
    looked = look_up(context, task, built, is_disabled=is_forced)
    if looked.is_hit:
        return restore(context, task, looked)
    from hazui.execution.fresh import run_fresh

    run = RunId(os.urandom(16).hex())
    attempt = 1
    while True:
        outcome = await run_fresh(context, task, built, run, turn, attempt)
        # Nobody has a switch to this run, so nobody can have cancelled it.
        assert not isinstance(outcome, CancelledRecord)
        if outcome.state is RunState.SUCCEEDED or attempt > task.retries:
            return outcome
        attempt += 1
