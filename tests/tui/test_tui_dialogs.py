"""Quitting, help, configuration problems, themes."""

from pathlib import Path

from hazui.errors.record import ErrorRecord
from hazui.protocol import commands, events
from hazui.tui.screens.help import HelpScreen, help_rows
from hazui.tui.screens.problems import ProblemsScreen
from hazui.tui.screens.quit import QuitScreen
from tests.support import scenes
from tests.support.screen import Stage, on_stage

QUIET = scenes.stamped([scenes.opened(), scenes.turn(1, []), scenes.done(1)])


def test_q_leaves_at_once_when_nothing_runs(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.pilot.press("q")

    assert on_stage(tmp_path, act, story=QUIET) == 0


def test_q_asks_when_something_runs_and_a_second_q_confirms(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.press("q")
        assert isinstance(stage.app.screen, QuitScreen)
        assert "2 tasks still run" in stage.text
        assert stage.door.commands == []
        await stage.press("q")
        assert stage.door.commands == [commands.Quit()]
        await stage.play(
            events.StopProgressed(waiting_for=("db:up",), signal="SIGTERM", seconds_left=4.0)
        )
        assert "Waiting for 1 task: SIGTERM was sent" in stage.text
        assert "db:up" in stage.text
        stage.door.play(scenes.stamped([events.SessionClosed(clean=True)]))
        await stage.until(lambda: stage.app.return_value == 0)

    assert on_stage(tmp_path, act) == 0


def test_escape_and_n_cancel(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        for key in ("escape", "n"):
            await stage.press("q", key)
            assert not isinstance(stage.app.screen, QuitScreen)
        assert stage.door.commands == []

    on_stage(tmp_path, act)


def test_capital_x_forces(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.press("q", "y", "X")
        assert stage.door.commands == [commands.Quit(), commands.Quit(force=True)]

    on_stage(tmp_path, act)


def test_ctrl_c_asks_and_a_second_one_forces(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.press("ctrl+c")
        assert isinstance(stage.app.screen, QuitScreen)
        await stage.press("ctrl+c")
        assert stage.door.commands == [commands.Quit(force=True)]

    on_stage(tmp_path, act)


def test_ctrl_c_copies_when_text_is_selected(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.press("right_square_bracket")
        stage.main.errors.detail_text.text_select_all()
        await stage.press("ctrl+c")
        assert "KeyError" in stage.app.clipboard
        assert not isinstance(stage.app.screen, QuitScreen)

    on_stage(tmp_path, act)


def test_the_screen_ends_when_the_session_does(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        stage.door.end()
        await stage.until(lambda: stage.app.return_value == 0)

    assert on_stage(tmp_path, act) == 0


def test_help_shows_every_action_and_closes(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.press("question_mark")
        assert isinstance(stage.app.screen, HelpScreen)
        assert "Jump to the root of the error" in stage.text
        await stage.press("escape")
        assert not isinstance(stage.app.screen, HelpScreen)

    on_stage(tmp_path, act, size=(120, 60))


def test_help_shows_the_keys_of_the_users_keymap() -> None:
    rows = {name: keys for _, keys, _, name in help_rows({"rerun": "ctrl+r"})}
    assert rows["rerun"] == "Ctrl-R"
    assert rows["stop"] == "x"


PROBLEM = ErrorRecord(
    code="config.unknown_key",
    message="There is no key 'inptus'",
    type="UnknownKey",
    family="config",
    kind="config",
    fields={"file": "hazui.toml", "line": 7, "column": 1, "key": "inptus"},
    hint="Did you mean 'inputs'?",
)


def test_a_rejected_configuration_is_said_and_keeps_the_tasks(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        focused = stage.app.focused
        await stage.play(events.ConfigRejected(problems=(PROBLEM, PROBLEM)))
        assert "2 config problems (c)" in stage.text
        assert stage.app.focused is focused
        await stage.press("c")
        assert isinstance(stage.app.screen, ProblemsScreen)
        assert "There is no key 'inptus'" in stage.text
        assert "hazui.toml:7:1" in stage.text
        assert "Did you mean 'inputs'?" in stage.text
        await stage.press("escape")
        assert "api:test" in stage.text

    on_stage(tmp_path, act)


def test_the_theme_changes_between_dark_and_light(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.press("T")
        assert stage.app.theme == "textual-light"
        await stage.press("T")
        assert stage.app.theme == "textual-dark"

    on_stage(tmp_path, act)


def test_the_palette_finds_a_task_and_goes_there(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.press("colon", *"web:dev")
        await stage.until(lambda: "go to this task" in stage.text)
        await stage.press("enter")
        await stage.until(lambda: stage.main.tasks.key == "web:dev")

    on_stage(tmp_path, act)


def test_the_palette_runs_an_action(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.press("ctrl+p", *"Run every task")
        await stage.until(lambda: "run all" in stage.text)
        await stage.press("enter")
        await stage.until(lambda: stage.door.commands == [commands.RunTasks(every_task=True)])

    on_stage(tmp_path, act)
