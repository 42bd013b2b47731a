"""Scripted events: short constructors for the stream of events that a session would emit."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hazui.domain.links import Diagnosis, Link
from hazui.domain.records import ExitStatus
from hazui.errors.record import ErrorRecord
from hazui.protocol import events
from hazui.protocol.events import Event, Stamped
from hazui.protocol.values import (
    Counts,
    Difference,
    DifferenceKind,
    LoadedTask,
    LookupResult,
    Phase,
    PlannedTask,
    Reason,
    ReasonKind,
    Trigger,
    TriggerKind,
    TurnOutcome,
    WaitKind,
    WaitReason,
)

START = datetime(2026, 9, 1, 12, 4, 29, tzinfo=UTC)
START_S = START.timestamp()


def stamped(found: Iterable[Event | float]) -> list[Stamped]:
    """Stamp events one after the other; a float moves the clock on by that many seconds."""
    made: list[Stamped] = []
    moment = START
    for each in found:
        if isinstance(each, float):
            moment += timedelta(seconds=each)
            continue
        at = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        made.append(Stamped(len(made) + 1, at, each))
    return made


def loaded(
    name: str, *, kind: str = "task", usual_s: float | None = None, **rest: Any
) -> LoadedTask:
    values: dict[str, Any] = {
        "task": name,
        "kind": kind,
        "display": name,
        "deps": (),
        "weak_deps": (),
        "tags": (),
        "inputs": ("src/**/*.py",),
        "outputs": (),
        "watch": True,
        "usual_s": usual_s,
    }
    return LoadedTask(**{**values, **rest})


def opened(name: str = "shop", state_dir: str = "/shop/.hazui") -> Event:
    return events.SessionOpened(
        session="s-1", epoch=7, root="/shop", durable=True, name=name, state_dir=state_dir
    )


def turn(number: int, tasks: Sequence[str], *, path: str | None = None) -> events.TurnStarted:
    if path is None:
        trigger = Trigger(TriggerKind.START)
        reason = Reason(ReasonKind.NEVER_RAN)
    else:
        trigger = Trigger(TriggerKind.CHANGE, (path,))
        reason = Reason(ReasonKind.INPUT_CHANGED, path=path, pattern="src/**/*.py")
    return events.TurnStarted(
        turn=number, trigger=trigger, tasks=tuple(PlannedTask(name, reason) for name in tasks)
    )


def started(task: str, turn: int = 1, *, run: str | None = None, pid: int = 4242) -> list[Event]:
    """A miss, the start and the spawn."""
    run = run or f"run-{task.replace(':', '-')}-{turn}"
    return [
        events.CacheLookedUp(
            task=task,
            turn=turn,
            key="ab" * 32,
            result=LookupResult.NO_ENTRY,
            differs=(Difference(DifferenceKind.FILE_CHANGED, "src/cart.py"),),
        ),
        events.TaskStarted(task=task, turn=turn, run=run, attempt=1),
        events.TaskPhaseEntered(task=task, turn=turn, phase=Phase.SPAWN),
        events.ProcessSpawned(
            task=task,
            turn=turn,
            pid=pid,
            pgid=pid,
            argv=("python", "-m", "pytest", "-q"),
            cwd="/shop/api",
            execution_id=run,
        ),
    ]


def finished(
    task: str, turn: int = 1, *, code: int = 0, duration_s: float = 1.2, **rest: Any
) -> Event:
    values: dict[str, Any] = {
        "source": "fresh_run",
        "state": "succeeded" if code == 0 else "failed",
        "exit_status": ExitStatus(code=code),
        "stdout_hash": "",
        "stderr_hash": "",
        "journal_hash": "",
        "run": f"run-{task.replace(':', '-')}-{turn}",
    }
    return events.TaskFinished(task=task, turn=turn, duration_s=duration_s, **{**values, **rest})


def hit(task: str, turn: int = 1) -> list[Event]:
    return [
        events.CacheLookedUp(task=task, turn=turn, key="cd" * 32, result=LookupResult.HIT),
        finished(task, turn, duration_s=0.004, source="cache_hit", exit_status=None, run=None),
    ]


def waits(task: str, on: str, turn: int = 1, kind: WaitKind = WaitKind.DEPENDENCY) -> Event:
    return events.TaskWaiting(task=task, turn=turn, reason=WaitReason(kind, on))


def skipped(task: str, root: str, turn: int = 1) -> Event:
    return events.TaskSkipped(task=task, turn=turn, cause="upstream_failed", root=root)


def done(turn: int = 1, outcome: TurnOutcome = TurnOutcome.FAILED) -> Event:
    return events.TurnFinished(turn=turn, outcome=outcome, counts=Counts(), duration_s=3.4)


CART_CHAIN = Diagnosis(
    chain=(
        Link(
            type="shop.checkout.CheckoutError",
            message="order 7 cannot be priced",
            file="src/checkout.py",
            line=4,
            stream="stderr",
            byte_start=420,
            byte_end=480,
        ),
        Link(
            type="KeyError",
            message="'price'",
            file="src/cart.py",
            line=8,
            relation="caused_by",
            stream="stderr",
            byte_start=35,
            byte_end=200,
        ),
    ),
    errors=(
        Link(
            type="KeyError",
            message="'price'",
            file="src/cart.py",
            line=8,
            stream="stderr",
            byte_start=35,
            byte_end=200,
        ),
    ),
)


def no_space() -> ErrorRecord:
    """``run_task.StoreFailed`` over ``store.Io`` over ``fs.NoSpace``, made from real errors."""
    from pathlib import Path

    from hazui.errors import fs, run_task, store
    from hazui.errors.record import record_of

    source = fs.NoSpace(path=Path("/shop/.hazui/cache/cas/ab"))
    return record_of(run_task.StoreFailed(source=store.Io(phase="write", source=source)))
