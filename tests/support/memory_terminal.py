"""The far side of a pseudo terminal, in memory: what tmux does, as far as tests look at it.

A thread draws what arrives at once, so that a program never waits for the test to look. pyte knows
no second screen; it is added here, since leaving it is what restoring a terminal means.
"""

import copy
import fcntl
import os
import select
import struct
import sys
import termios
import threading
from typing import Any

import pyte
import pyte.modes

ALTERNATE = 1049
_TAKE_TERMINAL = (
    "import fcntl, os, sys, termios;"
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    "os.execvp(sys.argv[1], sys.argv[1:])"
)


class TwoScreens(pyte.Screen):
    """A screen that mode 1049 puts aside and brings back."""

    _aside: Any = None

    def set_mode(self, *modes: int, **options: Any) -> None:
        if options.get("private") and ALTERNATE in modes and self._aside is None:
            self._aside = copy.deepcopy((dict(self.buffer), self.cursor.x, self.cursor.y))
            self.erase_in_display(2)
        super().set_mode(*modes, **options)

    def reset_mode(self, *modes: int, **options: Any) -> None:
        if options.get("private") and ALTERNATE in modes and self._aside is not None:
            lines, self.cursor.x, self.cursor.y = self._aside
            self.buffer.clear()
            self.buffer.update(lines)
            self._aside = None
        super().reset_mode(*modes, **options)

    def report_device_status(self, mode: int, **options: Any) -> None:
        """Answers nothing; pyte stumbles over the private form."""

    def select_graphic_rendition(self, *attributes: int, **options: Any) -> None:
        """Colours; the private form asks for something else and is passed over."""
        if not options.get("private"):
            super().select_graphic_rendition(*attributes)


class MemoryScreen:
    """Owns both ends of a pseudo terminal until ``close``."""

    def __init__(self, columns: int, rows: int) -> None:
        self.master, self.slave = os.openpty()
        self._screen = TwoScreens(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._lock = threading.Lock()
        self._wake_out, self._wake_in = os.pipe()
        self._thread = threading.Thread(target=self._draw)
        self.is_open = True
        self._set_size(columns, rows)

    def controlling(self, argv: list[str]) -> list[str]:
        """An argv that makes the terminal its controlling one and then executes ``argv``."""
        return [sys.executable, "-I", "-S", "-c", _TAKE_TERMINAL, *argv]

    def start(self) -> None:
        """Draw from now on; the other end belongs to the child alone."""
        os.close(self.slave)
        self._thread.start()

    def write(self, data: bytes) -> None:
        """What a person types."""
        while data:
            data = data[os.write(self.master, data) :]

    def resize(self, columns: int, rows: int) -> None:
        with self._lock:
            self._screen.resize(rows, columns)
        self._set_size(columns, rows)

    def text(self) -> str:
        with self._lock:
            return "\n".join(line.rstrip() for line in self._screen.display)

    def has_mode(self, number: int) -> bool:
        """Whether a private mode is set."""
        with self._lock:
            return number << 5 in self._screen.mode

    def close(self) -> None:
        """Hang up."""
        self.is_open = False
        os.write(self._wake_in, b"x")
        self._thread.join()
        for fd in (self.master, self._wake_in, self._wake_out):
            os.close(fd)

    def _set_size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def _draw(self) -> None:
        is_open = True
        while True:
            sources = [self._wake_out, self.master] if is_open else [self._wake_out]
            ready, _, _ = select.select(sources, [], [])
            if self._wake_out in ready:
                return
            try:
                data = os.read(self.master, 1 << 16)
            except OSError:
                data = b""
            if not data:
                is_open = False
                continue
            with self._lock:
                self._stream.feed(data)
