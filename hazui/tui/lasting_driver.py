"""The driver of the terminal, made to outlast it.

When a terminal is closed, writing to it fails. Textual writes in a thread, through a bounded queue:
a thread that ended on the failure would leave the app waiting for room in the queue for ever, and
with it the supervisor, which still has processes to stop. Here what can no longer be shown is
dropped instead.
"""

from typing import Any, TextIO, cast

from textual.drivers.linux_driver import LinuxDriver


class LastingFile:
    """The terminal as a file; once it is gone, nothing is written and nothing fails."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._is_gone = False

    def write(self, text: str) -> None:
        """Write, unless the terminal is gone."""
        if not self._is_gone:
            try:
                self._file.write(text)
            except (OSError, ValueError):
                self._is_gone = True

    def flush(self) -> None:
        """Flush, unless the terminal is gone."""
        if not self._is_gone:
            try:
                self._file.flush()
            except (OSError, ValueError):
                self._is_gone = True

    def fileno(self) -> int:
        """The descriptor of the terminal."""
        return self._file.fileno()

    def isatty(self) -> bool:
        """Whether it was a terminal."""
        return self._file.isatty()


class LastingDriver(LinuxDriver):
    """Draws as long as there is a terminal."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        file = cast("TextIO", self._file)
        self._file = cast("Any", LastingFile(file))
