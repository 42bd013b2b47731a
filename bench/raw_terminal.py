"""A pseudo terminal that is only drained: the moment certain bytes arrive, and nothing else."""

import fcntl
import os
import select
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import psutil

from bench.measuring import DEADLINE_S, ROOT

KEPT_BYTES = 1 << 20


def environ(home: Path) -> dict[str, str]:
    """What every measured program gets."""
    names = ("PATH", "HOME", "USER", "TMPDIR")
    return {
        **{name: os.environ[name] for name in names if name in os.environ},
        "TERM": "xterm-256color",
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "XDG_CONFIG_HOME": str(home / "config"),
    }


HAZUI = (sys.executable, "-m", "hazui")


class RawTerminal:
    """Runs one program at 120 x 40."""

    def __init__(self, argv: Sequence[str], cwd: Path, env: Mapping[str, str]) -> None:
        self.master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self._condition = threading.Condition()
        self._seen = bytearray()
        self._wake_out, self._wake_in = os.pipe()
        self.started_ns = time.perf_counter_ns()
        self.process = subprocess.Popen(
            argv, cwd=cwd, env=env, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
        )
        os.close(slave)
        self._thread = threading.Thread(target=self._drain)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _drain(self) -> None:
        while True:
            ready, _, _ = select.select([self.master, self._wake_out], [], [])
            if self._wake_out in ready:
                return
            try:
                data = os.read(self.master, 1 << 16)
            except OSError:
                return
            with self._condition:
                self._seen += data
                del self._seen[:-KEPT_BYTES]
                self._condition.notify_all()

    def forget(self) -> None:
        """Wait for what comes from now on."""
        with self._condition:
            self._seen.clear()

    def wait_for(self, *wanted: bytes) -> int:
        """The moment in ns by which all of these have been written since ``forget``.

        Raises:
            TimeoutError: they were not.
        """
        end = time.monotonic() + DEADLINE_S
        with self._condition:
            while not all(each in self._seen for each in wanted):
                if not self._condition.wait(end - time.monotonic()):
                    raise TimeoutError(f"never wrote {wanted}: {bytes(self._seen[-2000:])!r}")
        return time.perf_counter_ns()

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def rss_mib(self) -> float:
        return float(psutil.Process(self.process.pid).memory_info().rss) / (1 << 20)

    def close(self) -> None:
        """End the program and wait for it."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(DEADLINE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self._thread.is_alive():
            os.write(self._wake_in, b"x")
            self._thread.join()
        for fd in (self.master, self._wake_in, self._wake_out):
            os.close(fd)
