"""Every way out of the screen: nothing is left running and the terminal is as it was."""

import signal
import sys
from pathlib import Path

import pytest

from tests.support.journey import Project
from tests.support.terminal import RESTORED, Terminal

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

STUBBORN = """
[tasks.a-stubborn]
command = [{python}, "-c", '''
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGINT, signal.SIG_IGN)
subprocess.Popen(["sleep", "600"], start_new_session=True)
print("it stays", flush=True)
while True: time.sleep(1)
''']
cache = false
"""


def stubborn(directory: Path, *, grace_s: float) -> Project:
    """A project whose extra task ignores signals and has a child in a session of its own."""
    project = Project(directory)
    project.configure(
        STUBBORN.format(python=f'"{sys.executable}"'), workspace=f"grace_period_s = {grace_s}"
    )
    return project


def running(terminal: Terminal) -> None:
    terminal.run("hazui a-stubborn")
    terminal.wait_for("running", "it stays")
    assert len(terminal.processes()) >= 3


def is_as_it_was(terminal: Terminal) -> None:
    terminal.until(lambda: terminal.modes() == RESTORED, "the terminal to be as it was")
    terminal.has_nothing_left()


def test_the_quit_dialog_shows_whom_it_waits_for_and_forces(tmp_path: Path) -> None:
    project = stubborn(tmp_path, grace_s=600)
    with project.terminal() as terminal:
        before = terminal.stty()
        running(terminal)
        terminal.keys("q")
        terminal.wait_for("1 task still runs", "shop:a-stubborn")
        terminal.keys("n")
        terminal.wait_for(lambda shown: "still runs" not in shown)
        terminal.keys("q")
        terminal.wait_for("1 task still runs")
        terminal.keys("q")
        terminal.wait_for("Waiting for 1 task", "left", "shop:a-stubborn", "pid ")
        assert terminal.is_running()
        terminal.keys("X")
        assert terminal.exit_code() == 0
        is_as_it_was(terminal)
        assert terminal.stty() == before


def test_what_outlasts_its_grace_period_is_killed(tmp_path: Path) -> None:
    project = stubborn(tmp_path, grace_s=0.5)
    with project.terminal() as terminal:
        running(terminal)
        terminal.keys("q")
        terminal.wait_for("still runs")
        terminal.keys("Enter")
        assert terminal.exit_code() == 0
        is_as_it_was(terminal)


def test_ctrl_c_twice_forces(tmp_path: Path) -> None:
    project = stubborn(tmp_path, grace_s=600)
    with project.terminal() as terminal:
        running(terminal)
        terminal.keys("C-c")
        terminal.wait_for("still runs")
        terminal.keys("C-c")
        assert terminal.exit_code() == 0
        is_as_it_was(terminal)


@pytest.mark.parametrize(("number", "code"), [("SIGTERM", 143), ("SIGHUP", 129), ("SIGINT", 130)])
def test_a_signal_ends_everything_and_gives_the_terminal_back(
    tmp_path: Path, number: str, code: int
) -> None:
    project = stubborn(tmp_path, grace_s=0.5)
    with project.terminal() as terminal:
        before = terminal.stty()
        running(terminal)
        terminal.job().send_signal(getattr(signal, number))
        assert terminal.exit_code() == code
        is_as_it_was(terminal)
        assert terminal.stty() == before


def test_nothing_survives_a_terminal_that_is_closed(tmp_path: Path) -> None:
    project = stubborn(tmp_path, grace_s=0.5)
    terminal = project.terminal()
    try:
        running(terminal)
        terminal.hang_up()
        terminal.has_nothing_left(deadline_s=20)
    finally:
        terminal.close()


def test_after_a_kill_the_next_hazui_ends_what_was_left(tmp_path: Path) -> None:
    project = stubborn(tmp_path, grace_s=0.5)
    with project.terminal() as terminal:
        running(terminal)
        left = [each for each in terminal.processes() if each.pid != terminal.job().pid]
        assert left
        terminal.job().kill()
        assert terminal.exit_code() == 137
        # What a killed program did to the terminal, only the user can undo.
        terminal.run("reset")
        terminal.exit_code()
        terminal.run("hazui docs")
        terminal.wait_for("all good")
        terminal.until(
            lambda: not any(each.is_running() for each in left), "what was left to be ended"
        )
        terminal.keys("q")
        assert terminal.exit_code() == 0
        is_as_it_was(terminal)
