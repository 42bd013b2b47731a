"""A pseudo-terminal for one output stream, for programs that only colour what a terminal shows.

It is no controlling terminal: the child keeps ``/dev/null`` for stdin and gets no job control. Line
ends are left as they are written, so that logs of both kinds look alike.
"""

import os
from collections.abc import Mapping

_COLUMNS = 120
_ROWS = 40
_SIDE_MAX = 4096


def open_output_terminal(env: Mapping[str, str]) -> tuple[int, int]:
    """The end to read (non-blocking) and the end for the child, as wide as its COLUMNS says.

    Raises:
        OSError: the system has no pseudo-terminal left.
    """
    import termios

    reading, writing = os.openpty()
    try:
        os.set_blocking(reading, False)
        attributes = termios.tcgetattr(writing)
        attributes[1] &= ~termios.ONLCR
        termios.tcsetattr(writing, termios.TCSANOW, attributes)
        size = (_side(env.get("LINES"), _ROWS), _side(env.get("COLUMNS"), _COLUMNS))
        set_size(writing, *size)
    except BaseException:
        os.close(reading)
        os.close(writing)
        raise
    return reading, writing


def set_size(fd: int, rows: int, columns: int) -> None:
    """Tell a terminal how big it is."""
    import fcntl
    import struct
    import termios

    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def _side(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdecimal() and 0 < int(text) <= _SIDE_MAX else otherwise
