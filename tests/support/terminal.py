"""A terminal of a fixed size with a shell in it, driven from outside: type, look, resize.

Two makes with one behaviour: tmux with a server of its own, and, where tmux is missing, a pseudo
terminal whose screen pyte keeps. Every wait polls with a deadline. Closing hangs up on whatever
still runs inside and leaves no process, no socket and no file. ``HAZUI_TEST_TERMINAL=memory`` takes
the second make even where tmux is there.
"""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psutil

from tests.support.memory_terminal import MemoryScreen

DEADLINE_S = 30.0
PROMPT = "$ "
_KEPT = ("HOME", "USER", "LOGNAME", "TMPDIR", "TZ")
_BYTES = {
    "Enter": "\r",
    "Escape": "\x1b",
    "Tab": "\t",
    "BTab": "\x1b[Z",
    "Space": " ",
    "BSpace": "\x7f",
    "Up": "\x1b[A",
    "Down": "\x1b[B",
    "Right": "\x1b[C",
    "Left": "\x1b[D",
    "Home": "\x1b[H",
    "End": "\x1b[F",
    "PageUp": "\x1b[5~",
    "PageDown": "\x1b[6~",
}


@dataclass(frozen=True)
class Modes:
    """What a program may have changed about a terminal and has to change back."""

    is_alternate: bool
    has_cursor: bool
    has_mouse: bool


RESTORED = Modes(is_alternate=False, has_cursor=True, has_mouse=False)


def clean_environ(home: Path, *, term: str) -> dict[str, str]:
    """The environment of a user who has set nothing: no CI, no editor, no configuration."""
    (home / "bin").mkdir()
    hazui = home / "bin" / "hazui"
    hazui.write_text(
        "#!/bin/sh\n"
        f"PYTHONPATH={shlex.quote(str(Path(__file__).parents[2]))} "
        f'exec {shlex.quote(sys.executable)} -m hazui "$@"\n'
    )
    hazui.chmod(0o755)
    return {
        **{name: os.environ[name] for name in _KEPT if name in os.environ},
        "PATH": f"{home}/bin:{os.environ['PATH']}",
        "SHELL": "/bin/sh",
        "LC_ALL": "C.UTF-8",
        "TERM": term,
        "PS1": PROMPT,
        "XDG_CONFIG_HOME": str(home / "config"),
    }


def shell_argv() -> list[str]:
    """An interactive shell that reads no file of the user's."""
    bash = shutil.which("bash")
    return [bash, "--noprofile", "--norc", "-i"] if bash else ["sh", "-i"]


class Terminal(ABC):
    """A shell in ``cwd``; use as a context manager, or call ``close``."""

    term: str

    def __init__(
        self, cwd: Path, *, size: tuple[int, int] = (120, 40), environ: Mapping[str, str] = {}
    ) -> None:
        """``environ`` is added to the clean environment; size is columns and rows."""
        self.cwd = cwd
        self.home = Path(tempfile.mkdtemp(prefix="hz-", dir="/tmp"))
        self.environ = {**clean_environ(self.home, term=self.term), **environ}
        self._started = 0
        self._open(size)
        self.shell = self._shell_process()
        try:
            self.wait_for(PROMPT.strip())
        except AssertionError:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @abstractmethod
    def _open(self, size: tuple[int, int]) -> None: ...

    @abstractmethod
    def _shell_process(self) -> psutil.Process: ...

    @abstractmethod
    def _write(self, text: str) -> None: ...

    @abstractmethod
    def hang_up(self) -> None:
        """Take the terminal away from what runs in it. Idempotent."""

    @abstractmethod
    def screen(self) -> str:
        """What can be seen, a line for each row, without blanks at the ends."""

    @abstractmethod
    def modes(self) -> Modes: ...

    @abstractmethod
    def resize(self, columns: int, rows: int) -> None: ...

    def type(self, text: str) -> None:
        """Text as it is, no key names."""
        self._write(text)

    def keys(self, *names: str) -> None:
        """Keys by name: characters, ``Enter``, ``Escape``, ``Up``, ``C-c`` and the like."""
        for name in names:
            if name.startswith("C-") and len(name) == 3:
                self._write(chr(ord(name[2].upper()) & 0x1F))
            else:
                self._write(_BYTES.get(name, name))

    def run(self, command: str) -> None:
        """Type a command into the shell and start it."""
        self._started += 1
        place = self.home / f"exit-{self._started}"
        self.type(f"{command}; echo $? >{place}.part; mv {place}.part {place}\r")

    def exit_code(self, deadline_s: float = DEADLINE_S) -> int:
        """The exit code of the command that ``run`` started last, when it has ended."""
        place = self.home / f"exit-{self._started}"
        self.until(place.exists, "the command to end", deadline_s)
        return int(place.read_text())

    def is_running(self) -> bool:
        """Whether the command that ``run`` started last has not ended."""
        return not (self.home / f"exit-{self._started}").exists()

    def job(self) -> psutil.Process:
        """The process of the command in the foreground.

        Raises:
            AssertionError: there is none within the deadline.
        """
        found: list[psutil.Process] = []

        def has_child() -> bool:
            found[:] = self.shell.children()
            return bool(found)

        self.until(has_child, "a process in the foreground")
        return found[-1]

    def stty(self) -> str:
        """The settings of the terminal line, as a program that was started now finds them."""
        place = self.home / "stty"
        place.unlink(missing_ok=True)
        self.run(f"stty -g >{place}")
        assert self.exit_code() == 0
        return place.read_text()

    def wait_for(self, *wanted: str | Callable[[str], bool], deadline_s: float = DEADLINE_S) -> str:
        """The screen, as soon as it shows all these texts and satisfies all these conditions.

        A screen is drawn piece by piece: what belongs together must be asked for together.

        Raises:
            AssertionError: it does not within the deadline; the message has the screen.
        """
        end = time.monotonic() + deadline_s
        while True:
            shown = self.screen()
            missing = [
                each
                for each in wanted
                if not (each in shown if isinstance(each, str) else each(shown))
            ]
            if not missing:
                return shown
            if time.monotonic() > end:
                raise AssertionError(f"the screen never showed {missing!r}:\n{shown}")
            time.sleep(0.02)

    def until(
        self, condition: Callable[[], bool], what: str, deadline_s: float = DEADLINE_S
    ) -> None:
        """Wait for something that is not on the screen.

        Raises:
            AssertionError: it did not come within the deadline; the message has the screen.
        """
        end = time.monotonic() + deadline_s
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"waited in vain for {what}:\n{self.screen()}")
            time.sleep(0.02)

    def processes(self) -> list[psutil.Process]:
        """Everything that was started from here and lives, wherever it went, but for the shell."""
        found = []
        for process in psutil.process_iter():
            try:
                is_ours = (
                    process.environ().get("XDG_CONFIG_HOME") == self.environ["XDG_CONFIG_HOME"]
                )
                if is_ours and process != self.shell:
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def has_nothing_left(self, deadline_s: float = 5.0) -> None:
        """Check that nothing that was started from here lives any more.

        Raises:
            AssertionError: something does.
        """
        end = time.monotonic() + deadline_s
        while left := self.processes():
            if time.monotonic() > end:
                raise AssertionError(f"left running: {left}")
            time.sleep(0.02)

    def close(self, *, patience_s: float = 10.0) -> None:
        """Hang up, and kill what survives that for so long. Idempotent."""
        if not self.home.exists():
            return
        self.hang_up()
        end = time.monotonic() + patience_s
        while left := [*self.processes(), *self._living_shell()]:
            if time.monotonic() > end:
                for process in left:
                    process.send_signal(signal.SIGKILL)
            time.sleep(0.02)
        shutil.rmtree(self.home, ignore_errors=True)

    def _living_shell(self) -> list[psutil.Process]:
        is_alive = self.shell.is_running() and self.shell.status() != psutil.STATUS_ZOMBIE
        return [self.shell] if is_alive else []


class TmuxTerminal(Terminal):
    """A window of a tmux server that nobody else uses."""

    term = "tmux-256color"

    def _open(self, size: tuple[int, int]) -> None:
        self._socket = self.home / "tmux"
        words = [f"{name}={value}" for name, value in self.environ.items()]
        self._tmux(
            *("start-server", ";", "set-option", "-g", "default-terminal", self.term),
            *(";", "set-option", "-g", "status", "off", ";", "new-session", "-d"),
            *("-c", str(self.cwd), "-x", str(size[0]), "-y", str(size[1]), "--"),
            *("env", "-i", *words, *shell_argv()),
        )
        self._server = psutil.Process(int(self._say("#{pid}")))

    def _tmux(self, *words: str) -> str:
        done = subprocess.run(
            ["tmux", "-u", "-S", str(self._socket), "-f", "/dev/null", *words],
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=DEADLINE_S,
        )
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout

    def _say(self, template: str) -> str:
        return self._tmux("display-message", "-p", template).strip()

    def _shell_process(self) -> psutil.Process:
        return psutil.Process(int(self._say("#{pane_pid}")))

    def _write(self, text: str) -> None:
        hexadecimal = [f"{byte:02x}" for byte in text.encode()]
        self._tmux("send-keys", "-H", *hexadecimal)

    def hang_up(self) -> None:
        if self._server.is_running():
            self._tmux("kill-server")
            self._server.wait(DEADLINE_S)

    def screen(self) -> str:
        return self._tmux("capture-pane", "-p")

    def modes(self) -> Modes:
        said = self._say("#{alternate_on} #{cursor_flag} #{mouse_any_flag}").split()
        alternate, cursor, mouse = (word == "1" for word in said)
        return Modes(is_alternate=alternate, has_cursor=cursor, has_mouse=mouse)

    def resize(self, columns: int, rows: int) -> None:
        self._tmux("resize-window", "-x", str(columns), "-y", str(rows))


class MemoryTerminal(Terminal):
    """A pseudo terminal; what is written to it is drawn in memory."""

    term = "xterm-256color"

    def _open(self, size: tuple[int, int]) -> None:
        self._memory = MemoryScreen(*size)
        self._process = subprocess.Popen(
            self._memory.controlling(shell_argv()),
            stdin=self._memory.slave,
            stdout=self._memory.slave,
            stderr=self._memory.slave,
            cwd=self.cwd,
            env=self.environ,
            start_new_session=True,
        )
        self._memory.start()

    def _shell_process(self) -> psutil.Process:
        return psutil.Process(self._process.pid)

    def _write(self, text: str) -> None:
        self._memory.write(text.encode())

    def hang_up(self) -> None:
        if not self._memory.is_open:
            return
        self._memory.close()
        try:
            self._process.wait(DEADLINE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def screen(self) -> str:
        return self._memory.text()

    def modes(self) -> Modes:
        return Modes(
            is_alternate=self._memory.has_mode(1049),
            has_cursor=self._memory.has_mode(25),
            has_mouse=any(map(self._memory.has_mode, (1000, 1002, 1003))),
        )

    def resize(self, columns: int, rows: int) -> None:
        self._memory.resize(columns, rows)


def makes() -> dict[str, type[Terminal]]:
    """The terminals that can be made here, by name."""
    found: dict[str, type[Terminal]] = {"memory": MemoryTerminal}
    if shutil.which("tmux") is not None:
        found["tmux"] = TmuxTerminal
    return found


def open_terminal(
    cwd: Path, *, size: tuple[int, int] = (120, 40), environ: Mapping[str, str] = {}
) -> Terminal:
    """A terminal of the preferred make."""
    available = makes()
    make = available.get(os.environ.get("HAZUI_TEST_TERMINAL", "tmux"), available["memory"])
    return make(cwd, size=size, environ=environ)
