"""What is wrong is told on the screen and survived: configuration, directory, terminal."""

import shutil
from pathlib import Path

import pytest

from tests.support.journey import Project
from tests.support.terminal import RESTORED, Terminal, open_terminal

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

CRUMBS = "errors \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"
TWO_MISTAKES = """
[tasks.more]
comand = "true"
deps = ["tset"]
"""


def leave(terminal: Terminal) -> None:
    terminal.keys("q")
    assert terminal.exit_code() == 0
    terminal.until(lambda: terminal.modes() == RESTORED, "the terminal to be as it was")
    terminal.has_nothing_left()


def test_a_broken_configuration_at_the_start_is_shown_with_its_places(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.configure(TWO_MISTAKES)
    with project.terminal() as terminal:
        terminal.run("hazui")
        assert terminal.exit_code() == 3
        shown = terminal.screen()
        assert "comand" in shown
        assert 'id you mean "command"' in shown
        assert "hazui.toml:" in shown
        assert "Traceback" not in shown
        assert terminal.modes() == RESTORED
        terminal.has_nothing_left()


def test_a_broken_configuration_on_reload_keeps_what_was(tmp_path: Path) -> None:
    project = Project(tmp_path)
    with project.terminal(environ=project.editor()) as terminal:
        terminal.run("hazui")
        terminal.wait_for("turn 1", "all good")
        project.ran()
        project.configure(TWO_MISTAKES)
        terminal.wait_for("config problem")
        terminal.keys("c")
        terminal.wait_for("Problems of the configuration", "comand", "hazui.toml:")
        terminal.keys("Enter")
        assert project.edited(terminal)[-1].endswith("hazui.toml")
        terminal.keys("Escape")
        terminal.wait_for(lambda shown: "Problems of the configuration" not in shown)

        # What ran before still runs when its input changes.
        project.write("docs/index.md", "# While it is broken\n")
        terminal.until(lambda: project.ran() == ["docs"], "docs to run")
        project.configure()
        terminal.wait_for(lambda shown: "config problem" not in shown)
        terminal.wait_for("all good")
        leave(terminal)


def test_a_workspace_deleted_under_hazui_ends_in_words(tmp_path: Path) -> None:
    project = Project(tmp_path)
    with open_terminal(tmp_path) as terminal:
        terminal.run(f"hazui -C {project.root}")
        terminal.wait_for("turn 1", "all good")
        shutil.rmtree(project.root)
        terminal.until(
            lambda: not terminal.is_running() or "problem" in terminal.screen(),
            "hazui to notice",
        )
        if terminal.is_running():
            terminal.keys("q")
        assert terminal.exit_code() in (0, 3, 4)
        assert "Traceback" not in terminal.screen()
        terminal.until(lambda: terminal.modes() == RESTORED, "the terminal to be as it was")
        terminal.has_nothing_left()


def test_what_cannot_be_started_is_an_error_with_its_cause(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.configure(
        """
[tasks.a-absent]
command = ["no-such-program-anywhere"]
[tasks.b-astray]
command = "true"
cwd = "no/such/directory"
[tasks.c-mute]
command = "true"
shell = "/no/such/shell"
"""
    )
    with project.terminal() as terminal:
        terminal.run("hazui a-absent b-astray c-mute")
        terminal.wait_for("3 errored", "errored   a-absent", "errored   c-mute")
        terminal.keys("]")
        terminal.wait_for("no-such-program-anywhere", CRUMBS)
        terminal.keys("]")
        terminal.wait_for(CRUMBS, "no/such/directory")
        terminal.keys("]")
        terminal.wait_for(CRUMBS, "/no/such/shell")
        leave(terminal)


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (20, 5)])
def test_a_small_terminal_shows_what_fits(tmp_path: Path, size: tuple[int, int]) -> None:
    project = Project(tmp_path)
    with project.terminal(size=size) as terminal:
        terminal.run("hazui")
        terminal.wait_for("hazui")
        ran: list[str] = []
        for key in ("]", ".", "2", "3", "?", "?", "1", "/", "Enter", "t", "1"):
            terminal.keys(key)

        def all_ran() -> bool:
            ran.extend(project.ran())
            return len(ran) == 4

        terminal.until(all_ran, "all four to run")
        terminal.resize(120, 40)
        terminal.keys("Escape", "Escape", "Escape", "1")
        terminal.wait_for("all good", "Tasks", "Output")
        leave(terminal)


def test_a_storm_of_sizes_does_no_harm(tmp_path: Path) -> None:
    project = Project(tmp_path)
    with project.terminal() as terminal:
        terminal.run("hazui")
        terminal.wait_for("Tasks")
        for turn in range(30):
            terminal.resize(10 + turn * 37 % 140, 3 + turn * 17 % 50)
            if turn % 5 == 0:
                terminal.keys("]", "z", "o", "Tab")
        terminal.resize(120, 40)
        terminal.keys("Escape", "Escape", "Escape", "1")
        terminal.wait_for("all good", "Tasks")
        leave(terminal)


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("TERM=dumb hazui", "TERM is dumb"),
        ("CI=1 hazui", "CI is set"),
        ("hazui | cat", "not a terminal"),
        ("hazui <src/cart.py", "not a terminal"),
    ],
)
def test_where_no_screen_can_be_it_runs_once_and_says_so(
    tmp_path: Path, command: str, why: str
) -> None:
    project = Project(tmp_path)
    with project.terminal() as terminal:
        terminal.run(command)
        assert terminal.exit_code() == 0
        terminal.wait_for(why)
        assert sorted(project.ran()) == ["docs", "gen", "report", "test"]
        terminal.has_nothing_left()


def test_a_second_hazui_says_who_holds_the_workspace(tmp_path: Path) -> None:
    project = Project(tmp_path)
    with project.terminal() as first, project.terminal() as second:
        first.run("hazui")
        first.wait_for("all good")
        second.run("hazui")
        assert second.exit_code() == 4
        second.wait_for(str(first.job().pid))
        assert second.modes() == RESTORED
        leave(first)
