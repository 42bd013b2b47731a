"""``hazui log TASK``: the captured output of its last run, or of the one in a turn."""

import argparse
import json
import sys
from pathlib import Path

from hazui.cli.console import Console
from hazui.cli.exit_codes import ExitCode
from hazui.cli.past import Past, opened, turn_number
from hazui.domain.ids import TaskId, Turn
from hazui.errors.stream import CapturedStream
from hazui.headless.logs import whole
from hazui.headless.painting import paint
from hazui.spool.attachments import locate
from hazui.spool.format import LogFiles
from hazui.spool.reader import LogLine, LogReader, LogView

_LINES = 2_000


def execute(options: argparse.Namespace, console: Console) -> int:
    """Print both streams in the order of their arrival, or one of them byte for byte."""
    with opened(options, console) as past:
        if isinstance(past, int):
            return past
        task = past.task(options.task)
        turn = turn_number(options.turn)
        record = _record(past, task, turn)
        state_dir = past.found.spec.state_dir
    files = None if record is None else _files(state_dir, record)
    if files is None:
        where = "has not run yet" if turn is None else f"has no log in turn {turn}"
        console.complain(f"hazui: {task} {where}")
        return ExitCode.TASK_FAILED
    if options.stream:
        sys.stdout.flush()
        for piece in whole(files, CapturedStream(options.stream)):
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        return ExitCode.SUCCESS
    reader = LogReader(files)
    try:
        _print(reader, console, is_json=options.json)
    finally:
        reader.close()
    return ExitCode.SUCCESS


def _print(reader: LogReader, console: Console, *, is_json: bool) -> None:
    has_color = console.has_color(console.stdout)
    start = 0
    while lines := reader.lines(LogView.MERGED, start, start + _LINES):
        for line in lines:
            if is_json:
                console.out(json.dumps(_as_json(line)))
            else:
                console.out(paint(line.data, has_color=has_color))
        start += len(lines)


def _as_json(line: LogLine) -> dict[str, object]:
    return {
        "stream": line.stream.value,
        "at_ns": line.at_ns,
        "text": line.data.decode("utf-8", "replace"),
        "is_truncated": line.is_truncated,
    }


def _record(past: Past, task: TaskId, turn: Turn | None) -> dict[str, object] | None:
    if past.history is None:
        return None
    if turn is None:
        turn = past.history.newest_turn_of(task)
    if turn is None:
        return None
    results = past.history.results(turn)
    return next((dict(result.record) for result in results if result.task == task), None)


def _files(state_dir: Path, record: dict[str, object]) -> LogFiles | None:
    def text(name: str) -> str | None:
        value = record.get(name)
        return value if isinstance(value, str) else None

    return locate(
        state_dir, text("run"), text("stdout_hash"), text("stderr_hash"), text("journal_hash")
    )
