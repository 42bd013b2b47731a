"""``hazui why TASK``: why it ran, and why the cache missed; or why it would run now."""

import argparse
import os
from typing import Any

import hazui.protocol.events as ev
from hazui.cli.console import Console
from hazui.cli.exit_codes import ExitCode
from hazui.cli.past import Past, opened, turn_number
from hazui.cli.workspace import flags
from hazui.domain.clock import SystemClock
from hazui.domain.ids import TaskId, Turn
from hazui.graph.selection import select_named
from hazui.protocol.events import Stamped
from hazui.protocol.values import Difference, DifferenceKind
from hazui.supervisor import reporting
from hazui.supervisor.forecast import Forecast, forecast
from hazui.supervisor.opening import peek_session
from hazui.view import wording

_LOOKUP = {
    "hit": "its result was in the cache",
    "no_entry": "the cache had no result for it",
    "schema_mismatch": "the cached result is of another version",
    "corrupt_entry": "the cached result was damaged",
    "disabled": "the cache is off for it",
    "service": "it is a service: it is started, not cached",
    "unknown": "that cannot be said yet",
    "error": "its key cannot be worked out",
}


def execute(options: argparse.Namespace, console: Console) -> int:
    """Answer from the journal of the last turn it was in, and from the files as they are."""
    with opened(options, console) as past:
        if isinstance(past, int):
            return past
        task = past.task(options.task)
        turn = turn_number(options.turn)
        if turn is None and past.history is not None:
            turn = past.history.newest_turn_of(task)
        events = [] if turn is None else past.events(Turn(turn))
        told = _told(task, events)
        now = None if options.turn else _now(options, past, task)
    if options.json:
        console.out_json({"task": str(task), "turn": turn if told else None, **told, "now": now})
        return ExitCode.SUCCESS
    if told:
        _say_told(console, task, turn, told)
    elif options.turn:
        console.complain(f"hazui: {task} was not part of turn {options.turn}")
        return ExitCode.TASK_FAILED
    else:
        console.out(f"{task} has not run yet")
    if now is not None:
        console.out(
            f"now: {_LOOKUP[now['result']]}" + (f": {now['because']}" * bool(now["because"]))
        )
        for line in wording.differences(_differences(now["differs"]), now["omitted"]):
            console.out(f"  {line}")
    return ExitCode.SUCCESS


def _say_told(console: Console, task: TaskId, turn: int | None, told: dict[str, Any]) -> None:
    console.out(f"{task} was part of turn {turn}: {told['words']}")
    lookup = told["lookup"]
    if lookup is not None:
        console.out(f"  {_LOOKUP[lookup['result']]}")
        for line in wording.differences(_differences(lookup["differs"]), lookup["omitted"]):
            console.out(f"  {line}")
    for wait in told["waited"]:
        console.out(f"  it waited: {wait}")
    if told["end"]:
        console.out(f"  it ended: {told['end']}")


def _told(task: TaskId, events: list[Stamped]) -> dict[str, Any]:
    """What the journal of one turn says about the task; empty when it was not part of it."""
    name = str(task)
    told: dict[str, Any] = {}
    for event in (stamped.event for stamped in events):
        if isinstance(event, ev.TurnStarted | ev.TurnExtended):
            planned = next((p for p in event.tasks if p.task == name), None)
            if planned is not None:
                reason = planned.reason
                told |= {
                    "reason": {
                        "kind": reason.kind.value,
                        "path": reason.path,
                        "pattern": reason.pattern,
                        "upstream": reason.upstream,
                    },
                    "words": wording.reason(reason),
                    "lookup": None,
                    "waited": [],
                    "end": None,
                }
        elif not told or getattr(event, "task", None) != name:
            continue
        elif isinstance(event, ev.CacheLookedUp):
            told["lookup"] = {
                "result": event.result.value,
                "key": event.key,
                "differs": [{"kind": d.kind.value, "name": d.name} for d in event.differs],
                "omitted": event.omitted,
            }
        elif isinstance(event, ev.TaskWaiting):
            told["waited"].append(wording.waiting(event.reason))
        elif isinstance(event, ev.TaskFinished):
            told["end"] = f"{event.state} ({event.source.replace('_', ' ')})"
        elif isinstance(event, ev.TaskErrored):
            told["end"] = f"errored: {event.error.message}"
        elif isinstance(event, ev.TaskSkipped):
            told["end"] = wording.skipped(event.cause, event.root)
        elif isinstance(event, ev.TaskCancelled):
            told["end"] = wording.cancelled(event.shape, event.root)
    return told


def _now(options: argparse.Namespace, past: Past, task: TaskId) -> dict[str, Any] | None:
    found = past.found
    with peek_session(
        found, clock=SystemClock(), environ=dict(os.environ), overrides=flags(options)
    ) as session:
        planned = forecast(session, select_named(found.graph, [task]))
    one: Forecast | None = next((f for f in planned if f.task == task), None)
    if one is None:
        return None
    return {
        "result": one.result,
        "key": one.key,
        "differs": [{"kind": kind, "name": name} for kind, name in one.differs],
        "omitted": one.omitted,
        "because": one.because or None,
        "reason": reporting.reason(one.reason).kind.value,
    }


def _differences(values: list[dict[str, str]]) -> list[Difference]:
    return [Difference(DifferenceKind(value["kind"]), value["name"]) for value in values]
