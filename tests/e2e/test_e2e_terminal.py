"""The terminals that the journeys are tried on do what a terminal does, each make of them."""

from pathlib import Path

import pytest

from tests.support.terminal import RESTORED, makes

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.mark.parametrize("make", sorted(makes()))
def test_a_terminal_runs_shows_and_tells_the_exit_code(make: str, tmp_path: Path) -> None:
    with makes()[make](tmp_path, size=(60, 10)) as terminal:
        terminal.run("stty size; (exit 7)")
        assert terminal.exit_code() == 7
        terminal.wait_for("10 60")
        terminal.resize(50, 12)
        terminal.run("stty size")
        terminal.wait_for("12 50")
        assert terminal.modes() == RESTORED
        terminal.has_nothing_left()
    assert not terminal.home.exists()


@pytest.mark.parametrize("make", sorted(makes()))
def test_a_terminal_tells_its_second_screen_and_what_runs(make: str, tmp_path: Path) -> None:
    with makes()[make](tmp_path) as terminal:
        terminal.run(r"printf 'before\n\033[?1049h\033[?1003h\033[?25lbe''hind'; cat")
        terminal.wait_for("behind", lambda shown: "before" not in shown)
        modes = terminal.modes()
        assert (modes.is_alternate, modes.has_cursor, modes.has_mouse) == (True, False, True)
        assert [each.name() for each in terminal.processes()] == ["cat"]
        terminal.keys("C-c")
        terminal.until(lambda: not terminal.processes(), "cat to end")
        terminal.run(r"printf '\033[?1049l\033[?1003l\033[?25h'")
        assert terminal.exit_code() == 0
        terminal.wait_for("before", lambda shown: "behind" not in shown)
        assert terminal.modes() == RESTORED


@pytest.mark.parametrize("make", sorted(makes()))
def test_closing_ends_what_ignores_the_hang_up(make: str, tmp_path: Path) -> None:
    terminal = makes()[make](tmp_path)
    terminal.run("nohup sleep 600 >/dev/null 2>&1")
    terminal.until(lambda: bool(terminal.processes()), "sleep to run")
    terminal.close(patience_s=0.2)
    assert terminal.processes() == []
