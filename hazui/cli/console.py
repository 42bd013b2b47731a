"""The only owner of stdout and stderr outside the front ends: stdout is data, stderr is words."""

import contextlib
import json
import os
import sys
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from hazui.cli.exit_codes import ExitCode
from hazui.cli.streams import OutputLostError, discard, own
from hazui.errors.base import HazuiError
from hazui.errors.record import ErrorRecord, record_of


class Console:
    """Writes data and words. Colours follow --no-color, NO_COLOR, FORCE_COLOR and the terminal."""

    def __init__(
        self,
        *,
        environ: Mapping[str, str],
        is_quiet: bool = False,
        without_color: bool = False,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
    ) -> None:
        self.stdout = stdout or own(sys.stdout, is_line_buffered=sys.stdout.isatty())
        self.stderr = stderr or own(sys.stderr, is_line_buffered=True)
        self.is_quiet = is_quiet
        self._environ = environ
        self._without_color = without_color

    def has_color(self, stream: TextIO) -> bool:
        """Whether styles may be written to ``stream``."""
        if self._without_color or self._environ.get("NO_COLOR"):
            return False
        if self._environ.get("FORCE_COLOR", "0") not in ("", "0"):
            return True
        return stream.isatty() and self._environ.get("TERM") != "dumb"

    def out(self, text: str) -> None:
        """Data, with a newline."""
        print(_printable(text), file=self.stdout)

    def out_json(self, value: Any) -> None:
        """One JSON document."""
        print(json.dumps(value, indent=2, ensure_ascii=True), file=self.stdout)

    def say(self, text: str) -> None:
        """Words for a person; silent with --quiet."""
        if not self.is_quiet:
            self.complain(text)

    def complain(self, text: str) -> None:
        """Words that matter even with --quiet; nobody may be there to read them."""
        with contextlib.suppress(OutputLostError):
            print(_printable(text), file=self.stderr)

    def flush(self) -> None:
        """Write what is held back.

        Raises:
            OutputLostError: stdout does not take it.
        """
        self.stdout.flush()
        with contextlib.suppress(OutputLostError):
            self.stderr.flush()

    def give_up(self, lost: OutputLostError) -> int:
        """The exit code when stdout is lost: a reader that left had what it wanted."""
        for stream in (self.stdout, self.stderr):
            try:
                stream.flush()
            except OutputLostError:
                discard(stream)
        if lost.is_reader_gone:
            return ExitCode.SUCCESS
        self.complain(f"hazui: the output cannot be written: {lost}")
        return ExitCode.TASK_FAILED

    def fail(self, error: HazuiError | ErrorRecord) -> None:
        """An error with its chain of causes and hints."""
        from hazui.errors.render import render

        record = error if isinstance(error, ErrorRecord) else record_of(error)
        self.complain(render(record, width=self._width()))

    def problems(self, problems: Iterable[HazuiError | ErrorRecord]) -> None:
        """Problems of a configuration, each with its line and caret."""
        from hazui.errors.render import render_problem

        for problem in problems:
            record = problem if isinstance(problem, ErrorRecord) else record_of(problem)
            self.complain(render_problem(record))

    def _width(self) -> int:
        try:
            return min(100, os.get_terminal_size(self.stderr.fileno()).columns)
        except (OSError, ValueError):
            return 100


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8", "replace")
