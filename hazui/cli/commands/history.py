"""``hazui history``: past turns, newest first."""

import argparse
from typing import Any

from hazui.cli.console import Console
from hazui.cli.exit_codes import ExitCode
from hazui.cli.past import opened
from hazui.protocol.values import Trigger, TriggerKind
from hazui.state.stores import TurnRow
from hazui.view import durations, wording


def execute(options: argparse.Namespace, console: Console) -> int:
    """Print every recorded turn with its trigger, outcome, duration and counts."""
    with opened(options, console) as past:
        if isinstance(past, int):
            return past
        rows = past.history.turns() if past.history else []
    if options.json:
        console.out_json([_as_json(row) for row in rows])
        return ExitCode.SUCCESS
    if not rows:
        console.say("hazui: nothing has run here yet")
    for row in rows:
        console.out(_line(row))
    return ExitCode.SUCCESS


def _line(row: TurnRow) -> str:
    spent = "" if row.duration_s is None else durations.duration(row.duration_s)
    trigger = wording.trigger(_trigger(row.trigger))
    counts = ", ".join(
        f"{count} {name}" for name, count in (row.counts or {}).items() if count and name != "total"
    )
    outcome = row.outcome or "open"
    return f"{row.turn:5}  {row.started_at[:19]}  {outcome:11}  {spent:8}  {trigger}  ({counts})"


def _trigger(value: Any) -> Trigger:
    paths = value.get("paths")
    return Trigger(TriggerKind(value["kind"]), None if paths is None else tuple(paths))


def _as_json(row: TurnRow) -> dict[str, Any]:
    return {
        "turn": row.turn,
        "epoch": row.epoch,
        "trigger": row.trigger,
        "outcome": row.outcome,
        "started": row.started_at,
        "duration_s": row.duration_s,
        "counts": row.counts,
        "error": row.error,
    }
