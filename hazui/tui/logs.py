"""Bounded reads of captured logs for the panels: the last lines, and where the files are."""

from pathlib import Path

from hazui.errors.stream import CapturedStream
from hazui.spool.attachments import locate
from hazui.spool.format import LogFiles
from hazui.spool.reader import LogReader, LogView
from hazui.spool.text import clean
from hazui.view.models import LogRef

LINE_BYTES_MAX = 512
RANGE_BYTES_MAX = 1 << 16


def files_of(state_dir: Path, log: LogRef | None) -> LogFiles | None:
    """The files of a log, or None when it is gone or was never written."""
    if log is None:
        return None
    return locate(state_dir, log.run, log.stdout_hash, log.stderr_hash, log.journal_hash)


def last_lines(state_dir: Path, log: LogRef | None, stream: str, count: int) -> list[str]:
    """The last lines of ``stdout`` or ``stderr`` as plain text; empty when there are none."""
    files = files_of(state_dir, log)
    if files is None:
        return []
    view = LogView.STDOUT if stream == "stdout" else LogView.STDERR
    try:
        with LogReader(files) as reader:
            lines = reader.tail(view, count, LINE_BYTES_MAX)
    except OSError:
        return []
    return [clean(line.data) for line in lines]


def lines_of_bytes(
    state_dir: Path, log: LogRef | None, stream: str, start: int, end: int, count: int
) -> list[str]:
    """The last ``count`` lines of a byte range of a stream."""
    files = files_of(state_dir, log)
    if files is None:
        return []
    try:
        with LogReader(files) as reader:
            data = reader.read(CapturedStream(stream), max(start, end - RANGE_BYTES_MAX), end)
    except OSError:
        return []
    return [clean(line[:LINE_BYTES_MAX]) for line in data.splitlines()[-count:]]


def log_paths(state_dir: Path, log: LogRef | None) -> list[str]:
    """The files of a log as text, for a person; none when they are gone."""
    files = files_of(state_dir, log)
    return [] if files is None else [str(files.stdout), str(files.stderr)]
