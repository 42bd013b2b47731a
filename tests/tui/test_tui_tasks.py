"""The task list, the commands on it, and keys that must not act while typing."""

from pathlib import Path

import pytest

from hazui.protocol import commands, events
from hazui.protocol.commands import Command
from hazui.protocol.values import (
    LoadedTask,
    PlannedTask,
    Reason,
    ReasonKind,
    Trigger,
    TriggerKind,
)
from tests.support import scenes, shop
from tests.support.screen import Stage, on_stage


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["r"], commands.RunTasks(targets=("api:lint",), force=True)),
        (["R"], commands.RunTasks(only_failed=True)),
        (["a"], commands.RunTasks(every_task=True)),
        (["j", "j", "x"], commands.StopTask(task="db:up")),
        (["G", "X"], commands.StopTask(task="web:dev", force=True)),
        (["p"], commands.PauseWatch()),
    ],
)
def test_a_key_becomes_a_command(tmp_path: Path, keys: list[str], expected: Command) -> None:
    async def act(stage: Stage) -> None:
        await stage.press(*keys)
        assert stage.door.commands == [expected]

    on_stage(tmp_path, act)


def test_p_resumes_when_watching_is_paused(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.play(events.WatchPaused())
        assert "paused" in stage.text
        await stage.press("p")
        assert stage.door.commands == [commands.ResumeWatch()]

    on_stage(tmp_path, act)


def test_the_order_is_stable_and_failed_first_is_asked_for(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        tasks = stage.main.tasks
        assert tasks.keys == shop.TASKS
        await stage.press("F")
        assert tasks.keys[:2] == ("api:test", "web:build")
        await stage.press("F")
        assert tasks.keys == shop.TASKS

    on_stage(tmp_path, act)


def test_the_selection_stays_on_its_task_when_the_list_changes(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        tasks = stage.main.tasks
        await stage.press("j", "j", "j", "j")
        assert tasks.key == "lib:gen"
        await stage.press("F")
        assert tasks.key == "lib:gen"
        names = ("aaa:first", *(name for name in shop.TASKS if name != "db:up"))
        await stage.play(
            events.WorkspaceLoaded(revision="r2", tasks=tuple(map(scenes.loaded, names)))
        )
        assert tasks.key == "lib:gen"

    on_stage(tmp_path, act)


def test_a_selected_task_that_is_gone_leaves_the_selection_at_its_place(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.press("G")
        await stage.play(
            events.WorkspaceLoaded(revision="r2", tasks=(scenes.loaded("api:lint"),)),
        )
        assert stage.main.tasks.key in stage.main.tasks.keys

    on_stage(tmp_path, act)


def test_a_filter_narrows_the_list_and_its_letters_are_not_commands(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.press("slash", *"xaR", "backspace", "backspace", "backspace", *"api")
        assert stage.door.commands == []
        assert list(stage.main.tasks.keys) == ["api:lint", "api:test"]
        await stage.press("enter")
        assert stage.main.tasks.has_focus
        await stage.press("escape")
        assert stage.main.tasks.keys == shop.TASKS

    on_stage(tmp_path, act)


def test_q_in_a_search_is_a_letter(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.press("2", "slash", "q", "r")
        assert stage.main.output.search_line.value == "qr"
        assert stage.app.is_running
        assert not stage.door.commands
        await stage.press("escape")
        assert stage.main.output.pane.has_focus

    on_stage(tmp_path, act)


def test_waiting_tasks_say_for_what(tmp_path: Path) -> None:
    story = scenes.stamped(
        [
            scenes.opened(),
            scenes.turn(1, ["e2e:all"]),
            scenes.waits("e2e:all", "api:test"),
        ]
    )

    async def act(stage: Stage) -> None:
        assert "‹ api:test" in stage.text  # noqa: RUF001
        assert "for api:test" in stage.text

    on_stage(tmp_path, act, story=story)


def test_elapsed_time_memory_and_the_usual_time_are_shown(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        assert "312M" in stage.text
        await stage.press("j")
        assert "exit 1 in 1.2 s, usually 1.4 s" in stage.text
        await stage.press("G")
        assert "pid 4104 +1  cpu 41%  mem 312M" in stage.text

    on_stage(tmp_path, act)


def test_foreign_text_is_never_markup_nor_a_control_sequence(tmp_path: Path) -> None:
    from hazui.domain.links import Diagnosis, Link

    evil = "[bold red]x[/] \x1b[2J[@click=app.quit]y[/]"
    link = Link(type="[b]T", message=evil, file="[i]f", line=1)
    story = scenes.stamped(
        [
            scenes.opened(name="[reverse]w"),
            events.WorkspaceLoaded(
                revision="r", tasks=(scenes.loaded("a:b", display="[red]a:b[/]"),)
            ),
            *scenes.started("a:b"),
            scenes.finished("a:b", code=1, diagnosis=Diagnosis(chain=(link,))),
            events.Noticed(level="warning", text=evil),
        ]
    )

    async def act(stage: Stage) -> None:
        await stage.press("right_square_bracket", "enter")
        for part in ("[reverse]w", "[red]a:b[/]", "[bold red]x[/] \\x1b[2J", "[i]f:1", "[b]T"):
            assert part in stage.text
        assert "\x1b" not in stage.text

    on_stage(tmp_path, act, story=story, size=(240, 40))


def test_what_a_lagging_screen_missed_is_read_again(tmp_path: Path) -> None:
    from hazui.protocol.events import Stamped

    async def act(stage: Stage) -> None:
        missed = scenes.stamped([scenes.turn(2, ["api:lint"]), *scenes.started("api:lint", 2)])
        first = len(stage.door.played)
        stage.door.played += [Stamped(first + m.seq, m.at, m.event) for m in missed]
        lagged = events.Lagged(from_seq=first + 1, to_seq=first + len(missed))
        for each in stage.door.subscriptions:
            each.put([Stamped(first + 99, "", lagged)])
        await stage.until(lambda: stage.app.state.tasks["api:lint"].state.is_live)

    on_stage(tmp_path, act)


def test_the_screen_begins_on_a_task_that_takes_part(tmp_path: Path) -> None:
    names = ("shop:alpha", "shop:zeta")
    loaded = events.WorkspaceLoaded(
        revision="r",
        tasks=tuple(
            LoadedTask(
                task=name,
                kind="task",
                display=name,
                deps=(),
                weak_deps=(),
                tags=(),
                inputs=(),
                outputs=(),
                watch=True,
                usual_s=None,
            )
            for name in names
        ),
    )
    started = events.TurnStarted(
        turn=1,
        trigger=Trigger(TriggerKind.START),
        tasks=(PlannedTask(names[1], Reason(ReasonKind.NEVER_RAN)),),
    )

    async def act(stage: Stage) -> None:
        await stage.play(loaded)
        assert stage.main.tasks.key == names[0]
        await stage.play(started)
        assert stage.main.tasks.key == names[1]
        await stage.press("k")
        assert stage.main.tasks.key == names[0]
        await stage.play(started)
        assert stage.main.tasks.key == names[0]

    on_stage(tmp_path, act, story=())
