"""What ``hazui run`` writes where, and what happens when nobody takes it."""

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pyte
import pytest

from tests.support.poll import wait_until
from tests.support.space import Space

pytestmark = pytest.mark.slow

TASKS = """
[workspace]
name = "w"
[tasks.quick]
command = "echo quick; printf 'no newline' >&2"
[tasks.slow]
command = "for i in 1 2 3; do echo line $i; sleep 0.2; done"
[tasks.retried]
command = "echo attempt; echo x >> count; [ $(wc -l < count) -ge 3 ]"
retries = 3
watch = false
"""


@pytest.fixture
def space(tmp_path: Path) -> Space:
    space = Space(tmp_path / "w")
    space.config(TASKS)
    return space


def in_bash(space: Space, words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", words.replace("HAZUI", f"{sys.executable} -m hazui")],
        cwd=space.root,
        env={**space.environ, **environ},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_output_events_carry_every_byte_of_short_and_long_runs(space: Space) -> None:
    done = space.run("--output", "events")
    said: dict[tuple[str, str], str] = {}
    for event in done.of("output"):
        key = (event["task"], event["stream"])
        said[key] = said.get(key, "") + event["text"]
    assert said == {
        ("w:quick", "stdout"): "quick\n",
        ("w:quick", "stderr"): "no newline",
        ("w:slow", "stdout"): "line 1\nline 2\nline 3\n",
    }
    seqs = [event["seq"] for event in done.events]
    assert seqs == sorted(seqs)


def test_each_attempt_is_heard(space: Space) -> None:
    done = space.hazui("run", "retried")
    assert done.code == 0
    assert done.stdout == "[w:retried] attempt\n" * 3
    assert "attempt 2 of 4 ended with exit 1" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        "HAZUI run | head -n 1; exit ${PIPESTATUS[0]}",
        "HAZUI run --json | head -n 1; exit ${PIPESTATUS[0]}",
        "HAZUI run 2>&1 | head -n 1; exit ${PIPESTATUS[0]}",
    ],
)
def test_a_reader_that_leaves_ends_the_run_without_a_word_of_bugs(space: Space, words: str) -> None:
    done = in_bash(space, words)
    assert "unexpected" not in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert done.returncode == 1  # What was cut off did not succeed.


@pytest.mark.parametrize("command", ["run", "run --json", "graph", "explain --json"])
def test_a_full_disk_behind_stdout_is_told(space: Space, command: str) -> None:
    done = in_bash(space, f"HAZUI {command} > /dev/full")
    assert done.returncode == 1
    assert "the output cannot be written: No space left on device" in done.stderr
    assert "unexpected" not in done.stderr


def test_words_that_the_encoding_lacks_are_replaced(space: Space) -> None:
    done = in_bash(space, "HAZUI run quick", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert "? succeeded w:quick" in done.stderr


@pytest.mark.parametrize(
    ("words", "environ", "on_stdout"),
    [
        ((), {}, False),
        ((), {"NO_COLOR": "", "FORCE_COLOR": "1"}, True),
        ((), {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        (("--no-color",), {"NO_COLOR": "", "FORCE_COLOR": "1"}, False),
    ],
)
def test_colours_follow_flag_and_environment(
    tmp_path: Path, words: tuple[str, ...], environ: dict[str, str], on_stdout: bool
) -> None:
    space = Space(tmp_path / "w", **environ)
    space.config(TASKS)
    done = space.hazui("run", "quick", *words)
    assert ("\x1b[" in done.stdout) is on_stdout
    assert ("\x1b[" in done.stderr) is on_stdout


@pytest.mark.parametrize("words", [("--", "a"), ("quick", "--affected"), ("--ext", "x")])
def test_words_that_do_not_fit_are_a_usage_error(space: Space, words: tuple[str, ...]) -> None:
    done = space.hazui("run", *words)
    assert done.code == 2
    assert done.stdout == ""
    assert done.stderr.startswith("hazui: ")


class Terminal:
    """A command on a pseudo terminal, read by pyte."""

    def __init__(self, space: Space, *words: str) -> None:
        self.screen = pyte.Screen(60, 24)
        self.seen: set[str] = set()
        self._stream = pyte.ByteStream(self.screen)
        self.process, self.code = 0, -1
        pid, self._fd = pty.fork()
        if not pid:
            os.chdir(space.root)
            environ = {**space.environ, "TERM": "xterm-256color", "COLUMNS": "60"}
            os.execvpe(sys.executable, space.argv(*words), environ)
        self.process = pid

    def read(self) -> bool:
        """Take in what was written; false at the end."""
        try:
            data = os.read(self._fd, 1 << 16)
        except OSError:
            data = b""
        self._stream.feed(data)
        self.seen.update(line.rstrip() for line in self.screen.display)
        return bool(data)

    def close(self) -> list[str]:
        while self.read():
            pass
        os.close(self._fd)
        self.code = os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
        return [line.rstrip() for line in self.screen.display if line.strip()]


def test_the_live_line_is_there_while_it_runs_and_gone_at_the_end(space: Space) -> None:
    terminal = Terminal(space, "run")
    left = terminal.close()
    assert terminal.code == 0
    assert any(line.startswith("[1/2] w:slow") for line in terminal.seen), terminal.seen
    assert not any(line.startswith(("[0/2]", "[1/2]", "[2/2]")) for line in left)
    assert left[-1].startswith("2 succeeded")


def test_ctrl_c_on_a_terminal_leaves_it_clean(space: Space) -> None:
    space.config(TASKS.replace("sleep 0.2", "sleep 60"))
    terminal = Terminal(space, "run")
    wait_until(lambda: terminal.read() and any("w:slow" in line for line in terminal.seen))
    os.kill(terminal.process, signal.SIGINT)
    left = terminal.close()
    assert terminal.code == 130
    assert not any(line.startswith(("[0/2]", "[1/2]")) for line in left)


def test_the_journal_holds_what_was_streamed(space: Space) -> None:
    import sqlite3

    done = space.run()
    database = sqlite3.connect(space.root / ".hazui" / "state.db")
    kept = [
        json.loads(body) for (body,) in database.execute("SELECT body FROM events ORDER BY seq")
    ]
    database.close()
    assert kept == done.events
