"""stdout and stderr of the command: what cannot be written is an error of its own.

A reader that went away, a full disk behind a redirection or a terminal that somebody has made
non-blocking meet whoever writes; none of them is a bug of the writer.
"""

import errno
import io
import os
import select
from typing import Any, TextIO


class OutputLostError(Exception):
    """A standard stream does not take what is written to it any more."""

    def __init__(self, cause: OSError) -> None:
        super().__init__(cause.strerror or str(cause))
        self.is_reader_gone = cause.errno in (errno.EPIPE, errno.ECONNRESET)


class _Descriptor(io.FileIO):
    """A descriptor that waits where it would block, and says what is lost."""

    def write(self, data: Any, /) -> int:
        while True:
            try:
                written: int | None = super().write(data)
            except OSError as error:
                raise OutputLostError(error) from error
            if written is not None:
                return written
            select.select((), (self.fileno(),), ())


def own(stream: TextIO, *, is_line_buffered: bool) -> TextIO:
    """The same stream, written to by us alone; as it is when it has no descriptor.

    What its encoding cannot say is replaced.
    """
    try:
        number = stream.fileno()
    except (OSError, ValueError):
        return stream
    raw = _Descriptor(number, "w", closefd=False)
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=stream.encoding,
        errors="replace",
        line_buffering=is_line_buffered,
    )


def find_lost(error: BaseException) -> OutputLostError | None:
    """The lost output in an exception or in a group of them."""
    if isinstance(error, OutputLostError):
        return error
    if isinstance(error, BaseExceptionGroup):
        found = (find_lost(member) for member in error.exceptions)
        return next((lost for lost in found if lost is not None), None)
    return None


def discard(stream: TextIO) -> None:
    """Send what is written from now on, and what is still held back, nowhere."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, stream.fileno())
    os.close(null)
