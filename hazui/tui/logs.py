"""Bounded reads of captured logs for the panels: the last lines, and where the files are."""

from pathlib import Path

from hazui.spool.attachments import locate
from hazui.spool.format import LogFiles
from hazui.spool.reader import LogReader, LogView
from hazui.spool.text import clean
from hazui.view.models import LogRef

LINE_BYTES_MAX = 512


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


def log_paths(state_dir: Path, log: LogRef | None) -> list[str]:
    """The files of a log as text, for a person; none when they are gone."""
    files = files_of(state_dir, log)
    return [] if files is None else [str(files.stdout), str(files.stderr)]
