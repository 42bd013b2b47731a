"""Walking from a failed task to its root cause, by keyboard."""

import json
import stat
import sys
from pathlib import Path

import pytest

from tests.support import scenes, shop
from tests.support.screen import Stage, on_stage


def test_the_root_cause_is_on_the_screen_one_key_after_a_failure(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.press("right_square_bracket")
        link = stage.main.errors.link
        assert link is not None
        assert link.title == "KeyError: 'price'"
        assert "src/cart.py:8" in stage.text
        assert 'amount += item["price"]' in stage.text
        assert stage.main.errors.chain.has_focus

    on_stage(tmp_path, act)


def test_enter_goes_in_and_escape_comes_out_level_by_level(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        errors = stage.main.errors
        await stage.press("3")
        seen = [errors.level]
        for key in ("enter", "enter", "escape", "escape", "escape"):
            await stage.press(key)
            seen.append(errors.level)
        assert seen == ["list", "chain", "link", "chain", "list", "list"]
        assert stage.main.active == "tasks"

    on_stage(tmp_path, act)


def test_a_breadcrumb_names_where_one_is(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.press("right_square_bracket", "enter")
        assert "errors › api:test › 2 of 2 KeyError" in stage.text  # noqa: RUF001

    on_stage(tmp_path, act)


def test_moving_along_the_chain_shows_each_link_and_the_dot_leads_to_the_root(
    tmp_path: Path,
) -> None:
    async def act(stage: Stage) -> None:
        errors = stage.main.errors
        await stage.press("right_square_bracket", "k")
        assert errors.link is not None
        assert errors.link.type == "shop.checkout.CheckoutError"
        await stage.press("k")
        assert errors.link.number == 0
        assert "Skipped because of it (2)" in stage.text
        await stage.press("full_stop")
        assert errors.link.title == "KeyError: 'price'"

    on_stage(tmp_path, act)


def test_the_brackets_walk_over_the_errors_of_all_tasks(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        errors = stage.main.errors
        tasks = []
        for key in (*["right_square_bracket"] * 3, "left_square_bracket"):
            await stage.press(key)
            assert errors.failure is not None
            tasks.append(errors.failure.task)
            assert stage.main.tasks.key == errors.failure.task
        assert tasks == ["api:test", "web:build", "api:test", "web:build"]

    on_stage(tmp_path, act)


def test_an_error_of_hazui_shows_code_hint_and_explanation(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.press("right_square_bracket", "right_square_bracket", "enter")
        assert "fs.no_space (environment)" in stage.text
        assert "Try" in stage.text
        assert "What it means" in stage.text

    on_stage(tmp_path, act)


def test_enter_on_a_failed_task_opens_its_chain(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        assert "2 new errors" in stage.text
        await stage.press("j", "enter")
        assert stage.main.errors.level == "chain"
        await stage.until(lambda: "1 new error " in stage.text)
        assert stage.main.errors.failure is not None
        assert stage.main.errors.failure.task == "api:test"

    on_stage(tmp_path, act)


def test_a_new_error_raises_a_badge_and_never_moves_focus_or_selection(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.press("right_square_bracket", "right_square_bracket")
        focused, key = stage.app.focused, stage.main.errors.failures.key
        assert "new error" not in stage.text
        await stage.play(
            scenes.turn(2, ["api:lint"]),
            *scenes.started("api:lint", 2),
            scenes.finished("api:lint", 2, code=2),
        )
        assert "1 new error" in stage.text
        assert stage.app.focused is focused
        assert stage.main.errors.failures.key == key
        assert stage.main.errors.level == "chain"

    on_stage(tmp_path, act)


def test_the_panel_goes_back_to_the_list_when_the_failure_is_gone(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.press("right_square_bracket")
        await stage.play(
            scenes.turn(2, ["api:test"]),
            *scenes.started("api:test", 2),
            scenes.finished("api:test", 2),
        )
        assert stage.main.errors.level == "list"
        assert stage.main.errors.failure is not None
        assert stage.main.errors.failure.task == "web:build"

    on_stage(tmp_path, act)


def test_a_dismissed_error_stays_hidden_until_it_is_gone_and_comes_back(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.press("3", "d")
        assert [each.task for each in stage.main.frame.failures] == ["web:build"]
        assert stage.main.frame.dismissed == 1
        again = (
            scenes.turn(2, ["api:test"]),
            *scenes.started("api:test", 2),
            scenes.finished("api:test", 2, code=1, diagnosis=shop.chain()),
        )
        await stage.play(*again)
        assert stage.main.frame.dismissed == 1
        await stage.play(
            scenes.turn(3, ["api:test"]),
            *scenes.started("api:test", 3),
            scenes.finished("api:test", 3),
        )
        await stage.play(*again)
        assert stage.main.frame.dismissed == 0
        assert len(stage.main.frame.failures) == 2

    on_stage(tmp_path, act)


def test_what_was_dismissed_can_be_shown_again(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.press("3", "d", "u")
        assert stage.main.frame.dismissed == 0

    on_stage(tmp_path, act)


def fake_editor(directory: Path, name: str) -> tuple[Path, Path]:
    """An editor that writes its arguments to a file."""
    record = directory / "arguments.json"
    editor = directory / name
    editor.write_text(
        f"#!{sys.executable}\nimport json, sys\n"
        f"open({str(record)!r}, 'w').write(json.dumps(sys.argv[1:]))\n"
    )
    editor.chmod(editor.stat().st_mode | stat.S_IXUSR)
    return editor, record


def test_the_editor_opens_at_file_and_line_of_the_root(tmp_path: Path) -> None:
    editor, record = fake_editor(tmp_path, "code")

    async def act(stage: Stage) -> None:
        await stage.press("right_square_bracket", "e")
        await stage.until(record.exists)
        await stage.until(record.read_text)
        assert json.loads(record.read_text()) == ["--goto", f"{tmp_path}/src/cart.py:8"]

    on_stage(tmp_path, act, editor=str(editor))


def test_the_editor_opens_from_the_task_list_too(tmp_path: Path) -> None:
    editor, record = fake_editor(tmp_path, "subl")

    async def act(stage: Stage) -> None:
        await stage.press("j", "e")
        await stage.until(record.exists)
        await stage.until(record.read_text)
        assert json.loads(record.read_text()) == [f"{tmp_path}/src/cart.py:8"]

    on_stage(tmp_path, act, editor=str(editor))


def test_an_editor_that_is_not_there_is_said_and_nothing_breaks(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.press("right_square_bracket", "e")
        await stage.until(lambda: "Cannot start" in stage.text)

    on_stage(tmp_path, act, editor=f"{tmp_path}/none/code")


def test_l_shows_the_log_lines_of_the_link(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.press("right_square_bracket", "k", "l")
        assert stage.main.active == "output"
        assert stage.main.output.stderr.has_focus
        await stage.until(lambda: "shop.checkout.CheckoutError: order 7" in stage.text)

    on_stage(tmp_path, act)


def test_y_copies_the_link_and_capital_y_the_whole_report(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.press("right_square_bracket", "y")
        assert stage.app.clipboard == "KeyError: 'price'\nat src/cart.py:8"
        await stage.press("Y")
        report = stage.app.clipboard
        assert report.startswith("# api:test: KeyError: 'price'\n")
        assert "cd /shop/api && python -m pytest -q" in report
        assert "order 7 cannot be priced" in report
        assert f"{tmp_path}/.hazui/runs/run-api-test-1/stderr" in report

    on_stage(tmp_path, act)


@pytest.mark.parametrize("key", ["right_square_bracket", "full_stop", "e", "l", "y", "Y", "d"])
def test_without_errors_the_error_keys_do_nothing(tmp_path: Path, key: str) -> None:
    async def act(stage: Stage) -> None:
        await stage.press(key)
        assert stage.main.active == "tasks"
        assert not stage.door.commands

    on_stage(tmp_path, act, story=scenes.stamped([scenes.opened()]))
