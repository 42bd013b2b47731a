"""``hazui errors [TURN]``: what failed in a turn, root causes first."""

import argparse
from typing import Any

from hazui.cli.arguments import UsageError
from hazui.cli.console import Console
from hazui.cli.exit_codes import ExitCode
from hazui.cli.past import opened, turn_number
from hazui.domain.ids import Turn
from hazui.view.failures import Failure, failures_of
from hazui.view.report import chain_lines


def execute(options: argparse.Namespace, console: Console) -> int:
    """Print each distinct failure with its chain; of the last turn when none is named."""
    with opened(options, console) as past:
        if isinstance(past, int):
            return past
        turn = turn_number(options.turn)
        if turn is None and past.history is not None:
            turn = past.history.newest_turn()
        elif turn is not None and (past.history is None or not past.history.has_turn(turn)):
            raise UsageError(f"there is no turn {turn} in the history")
        found = () if turn is None else failures_of(past.view(Turn(turn)))
    if options.json:
        console.out_json([_as_json(failure) for failure in found])
        return ExitCode.SUCCESS
    if turn is None:
        console.say("hazui: nothing has run here yet")
    elif not found:
        console.say(f"hazui: nothing failed in turn {turn}")
    for failure in found:
        skipped = f"  (+{len(failure.skipped)} skipped)" if failure.skipped else ""
        console.out(f"{failure.task or 'hazui'}  {failure.title}{skipped}")
        for line in chain_lines(failure):
            console.out(f"  {line}")
    return ExitCode.SUCCESS


def _as_json(failure: Failure) -> dict[str, Any]:
    return {
        "task": failure.task or None,
        "group": failure.group,
        "title": failure.title,
        "turn": failure.turn,
        "skipped": list(failure.skipped),
        "also": list(failure.also),
        "root": failure.root_index,
        "chain": [
            {
                "type": link.type,
                "message": link.message,
                "file": link.file,
                "line": link.line,
                "column": link.column,
                "relation": link.relation,
                "code": link.code,
            }
            for link in failure.chain
        ],
    }
