"""``hazui run --dry-run``: what would run, why, and what the cache predicts. Changes nothing."""

import argparse
import os

from hazui.cli.console import Console
from hazui.cli.exit_codes import ExitCode
from hazui.cli.workspace import flags
from hazui.domain.clock import SystemClock
from hazui.protocol.commands import RunTasks
from hazui.protocol.values import Difference, DifferenceKind
from hazui.supervisor import reporting, requests
from hazui.supervisor.forecast import Forecast, forecast
from hazui.supervisor.opening import peek_session
from hazui.supervisor.workspace import LoadedWorkspace
from hazui.view import wording

_WORDS = {
    "hit": "cached",
    "no_entry": "runs",
    "schema_mismatch": "runs",
    "corrupt_entry": "runs",
    "disabled": "runs",
    "service": "starts",
    "unknown": "may run",
    "error": "errors",
}


def tell_plan(
    options: argparse.Namespace, console: Console, found: LoadedWorkspace, request: RunTasks
) -> int:
    """Print the forecast of every task of the request, in the order in which they could run."""
    with peek_session(
        found, clock=SystemClock(), environ=dict(os.environ), overrides=flags(options)
    ) as session:
        selection = requests.selection_of(session, request)
        forced = set(selection.tasks) if request.force else set()
        planned = forecast(session, selection, forced)
    if options.json:
        console.out_json([_as_json(one) for one in planned])
        return ExitCode.SUCCESS
    width = max((len(str(one.task)) for one in planned), default=0)
    for one in planned:
        why = wording.reason(reporting.reason(one.reason))
        console.out(f"{_WORDS[one.result]:8} {one.task!s:{width}}  {why}")
        if one.because:
            console.out(f"{'':8} {'':{width}}  {one.because}")
        differs = [Difference(DifferenceKind(kind), name) for kind, name in one.differs]
        for line in wording.differences(differs, one.omitted):
            console.out(f"{'':8} {'':{width}}  {line}")
    runs = sum(one.result not in ("hit", "unknown") for one in planned)
    console.say(f"hazui: {wording.plural(len(planned), 'task')}: {runs} would run")
    return ExitCode.SUCCESS


def _as_json(one: Forecast) -> dict[str, object]:
    return {
        "task": str(one.task),
        "reason": {
            "kind": one.reason.kind,
            "path": one.reason.path,
            "pattern": one.reason.pattern,
            "upstream": None if one.reason.upstream is None else str(one.reason.upstream),
        },
        "result": one.result,
        "key": one.key,
        "differs": [{"kind": kind, "name": name} for kind, name in one.differs],
        "omitted": one.omitted,
        "because": one.because or None,
    }
