"""Panels at every size: which are seen, zoom, panes, and that nothing crashes when tiny."""

from pathlib import Path

import pytest

from tests.support import scenes, shop
from tests.support.screen import Stage, on_stage

KEYS = (
    *"123456t",
    "right_square_bracket",
    "enter",
    "z",
    "o",
    "escape",
    "slash",
    "escape",
    "question_mark",
    "escape",
    "q",
    "escape",
)


@pytest.mark.slow
@pytest.mark.parametrize("size", [(200, 50), (120, 40), (80, 24), (60, 20), (40, 10), (20, 5)])
def test_every_view_works_at_every_size(tmp_path: Path, size: tuple[int, int]) -> None:
    async def act(stage: Stage) -> None:
        for key in KEYS:
            await stage.press(key)
            assert stage.app.is_running
        assert stage.app.focused is not None

    on_stage(tmp_path, act, size=size)


def seen(stage: Stage) -> set[str]:
    names = ("tasks", "output", "errors", "processes", "turns", "why", "timeline")
    return {name for name in names if stage.main.query_one(f"#{name}").display}


@pytest.mark.parametrize(
    ("size", "at_tasks", "at_errors"),
    [
        ((120, 40), {"tasks", "output", "errors"}, {"tasks", "output", "errors"}),
        ((80, 24), {"tasks", "output"}, {"errors"}),
        ((60, 20), {"tasks"}, {"errors"}),
    ],
)
def test_side_panels_become_full_screens_when_it_is_narrow(
    tmp_path: Path, size: tuple[int, int], at_tasks: set[str], at_errors: set[str]
) -> None:
    async def act(stage: Stage) -> None:
        assert seen(stage) == at_tasks
        await stage.press("3")
        assert seen(stage) == at_errors
        assert stage.main.errors.failures.has_focus
        await stage.press("escape")
        assert seen(stage) == at_tasks

    on_stage(tmp_path, act, size=size)


def test_zoom_gives_the_focused_panel_the_whole_screen(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.press("2", "z")
        assert seen(stage) == {"output"}
        await stage.press("z")
        assert seen(stage) == {"tasks", "output", "errors"}

    on_stage(tmp_path, act)


def test_tab_goes_round_the_panes(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        visited = []
        for _ in range(5):
            await stage.press("tab")
            assert stage.app.focused is not None
            visited.append(stage.app.focused.id)
        assert visited == [
            "pane-stdout",
            "pane-stderr",
            "failure-list",
            "task-list",
            "pane-stdout",
        ]
        await stage.press("shift+tab")
        assert stage.main.tasks.has_focus

    on_stage(tmp_path, act)


def test_o_cycles_stacked_beside_and_merged(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        output = stage.main.output
        seen_layouts = [output.arrangement]
        for _ in range(3):
            await stage.press("o")
            seen_layouts.append(output.arrangement)
        assert seen_layouts == ["stacked", "beside", "merged", "stacked"]

    on_stage(tmp_path, act)


def test_the_output_of_the_selected_task_is_shown(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.until(lambda: "All checks passed!" in stage.text)
        await stage.press("j")
        await stage.until(lambda: "1 failed, 40 passed" in stage.text)
        assert "All checks passed!" not in stage.text

    on_stage(tmp_path, act, size=(160, 50))


def test_the_previous_run_stays_until_the_new_one_prints(tmp_path: Path) -> None:
    from hazui.protocol import events

    async def act(stage: Stage) -> None:
        await stage.until(lambda: "All checks passed!" in stage.text)
        await stage.play(scenes.turn(2, ["api:lint"]), *scenes.started("api:lint", 2))
        assert "All checks passed!" in stage.text
        assert "previous run" in stage.text
        shop.write_log(tmp_path / ".hazui", "run-api-lint-2", "checking again\n")
        await stage.play(
            events.OutputAppended(task="api:lint", turn=2, stream="stdout", bytes_total=15)
        )
        await stage.until(lambda: "checking again" in stage.text)
        assert "All checks passed!" not in stage.text

    on_stage(tmp_path, act)


@pytest.mark.slow
def test_ten_thousand_tasks_scroll_like_ten(tmp_path: Path) -> None:
    from hazui.protocol import events

    names = [f"p:t{number}" for number in range(10_000)]
    story = scenes.stamped(
        [
            scenes.opened(),
            events.WorkspaceLoaded(revision="r", tasks=tuple(map(scenes.loaded, names))),
        ]
    )

    async def act(stage: Stage) -> None:
        await stage.press("G")
        assert stage.main.tasks.key == "p:t9999"
        assert "p:t9999" in stage.text

    on_stage(tmp_path, act, story=story)
