"""The table of keys, the user's keymap, editors and clipboards: no screen needed."""

import inspect
from pathlib import Path

import pytest

from hazui.tui import bindings
from hazui.tui.app import HazuiApp
from hazui.tui.clipboard import copy_natively, native_tool
from hazui.tui.editor import chosen_editor, editor_argv, is_windowed
from hazui.tui.keymap import CHAINS, checked, keys_of
from hazui.tui.screens.help import HelpScreen, help_rows
from hazui.tui.screens.main import MainScreen
from hazui.tui.screens.problems import ProblemsScreen
from hazui.tui.screens.quit import QuitScreen
from hazui.tui.widgets.errors_panel import DetailScroll, ErrorsPanel
from hazui.tui.widgets.row_list import RowList
from hazui.tui.widgets.task_list import TaskList
from tests.support.screen import Stage, on_stage

OWNERS: dict[str, tuple[type, ...]] = {
    "app": (HazuiApp,),
    "main": (MainScreen,),
    "list": (RowList,),
    "tasks": (TaskList,),
    "errors": (ErrorsPanel,),
    "detail": (DetailScroll,),
    "quit": (QuitScreen,),
    "close": (HelpScreen, ProblemsScreen),
}


def test_every_key_has_an_id_words_and_a_group() -> None:
    for place in bindings.PLACES:
        for key in place.keys:
            assert key.id
            assert key.label
            assert key.tooltip
            assert key.group in bindings.GROUPS


def test_an_id_names_one_meaning_in_a_place() -> None:
    for place in bindings.PLACES:
        assert len({key.id for key in place.keys}) == len(place.keys)


@pytest.mark.parametrize("place", bindings.PLACES, ids=lambda place: place.name)
def test_every_action_exists(place: bindings.Place) -> None:
    for owner in OWNERS[place.name]:
        for key in place.keys:
            name = f"action_{key.action.partition('(')[0]}"
            assert inspect.isroutine(getattr(owner, name, None)), f"{owner.__name__}.{name}"


def test_no_two_actions_of_one_place_share_a_key() -> None:
    for chain in CHAINS:
        for place in chain:
            keys = [part for key in place.keys for part in keys_of(key, {})]
            assert len(keys) == len(set(keys)), place.name


def test_help_lists_every_id_once() -> None:
    names = [name for *_, name in help_rows({})]
    assert sorted(names) == sorted(bindings.every_key())


def test_a_keymap_with_unknown_ids_and_clashes_is_reported() -> None:
    usable, problems = checked({"rerun": "x", "stop_all": "s", "zoom": " ", "follow": "ctrl+f"})
    assert usable == {"follow": "ctrl+f"}
    assert problems == [
        "keymap: there is no action 'stop_all'",
        "keymap: zoom has no key",
        "keymap: x is already stop, so rerun keeps its own key",
    ]


def test_two_actions_may_swap_their_keys() -> None:
    usable, problems = checked({"rerun": "x", "stop": "r"})
    assert problems == []
    assert usable == {"rerun": "x", "stop": "r"}


def test_a_remapped_key_acts_and_a_problem_is_said(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.until(lambda: "there is no action" in stage.text)
        await stage.press("r")
        assert stage.door.commands == []
        await stage.press("ctrl+r")
        assert len(stage.door.commands) == 1

    on_stage(tmp_path, act, keymap=(("rerun", "ctrl+r"), ("nonsense", "k")))


FILE = Path("/w/a b.py")


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("vim", ["vim", "+call cursor(8,3)", "/w/a b.py"]),
        ("nvim", ["nvim", "+call cursor(8,3)", "/w/a b.py"]),
        ("emacs -nw", ["emacs", "-nw", "+8:3", "/w/a b.py"]),
        ("hx", ["hx", "/w/a b.py:8:3"]),
        ("nano", ["nano", "+8,3", "/w/a b.py"]),
        ("micro", ["micro", "+8:3", "/w/a b.py"]),
        ("code --wait", ["code", "--wait", "--goto", "/w/a b.py:8:3"]),
        ("zed", ["zed", "/w/a b.py:8:3"]),
        ("subl", ["subl", "/w/a b.py:8:3"]),
        ("/opt/idea", ["/opt/idea", "--line", "8", "--column", "3", "/w/a b.py"]),
        ("ed", ["ed", "/w/a b.py"]),
    ],
)
def test_each_editor_gets_line_and_column_in_its_own_way(command: str, expected: list[str]) -> None:
    assert editor_argv(chosen_editor(command, {}), FILE, 8, 3) == expected


def test_without_a_column_only_the_line_is_given() -> None:
    assert editor_argv(["vim"], FILE, 8) == ["vim", "+8", "/w/a b.py"]
    assert editor_argv(["code"], FILE, 8) == ["code", "--goto", "/w/a b.py:8"]
    assert editor_argv(["code"], FILE, None) == ["code", "/w/a b.py"]


def test_the_setting_wins_over_visual_and_visual_over_editor() -> None:
    environ = {"VISUAL": "code -n", "EDITOR": "vi"}
    assert chosen_editor("zed", environ) == ["zed"]
    assert chosen_editor(None, environ) == ["code", "-n"]
    assert chosen_editor(None, {"VISUAL": " ", "EDITOR": "vi"}) == ["vi"]


def test_without_any_setting_an_installed_editor_is_taken() -> None:
    assert chosen_editor(None, {}, which=lambda name: name if name == "nano" else None) == ["nano"]
    assert chosen_editor(None, {}, which=lambda _: None) == []


def test_editors_of_the_terminal_are_told_from_those_with_a_window() -> None:
    assert is_windowed(["/usr/bin/code"])
    assert is_windowed(["emacsclient", "-c"])
    assert not is_windowed(["emacsclient", "-t"])
    assert not is_windowed(["vim"])
    assert not is_windowed(["unheard-of"])


def test_the_clipboard_tool_follows_the_display() -> None:
    def which(name: str) -> str:
        return f"/bin/{name}"

    assert native_tool({"WAYLAND_DISPLAY": "w"}, which, "linux") == ["wl-copy"]
    assert native_tool({"DISPLAY": ":0"}, which, "linux") == ["xclip", "-selection", "clipboard"]
    assert native_tool({}, which, "darwin") == ["pbcopy"]
    assert native_tool({}, which, "linux") is None


def test_a_clipboard_tool_gets_the_text_and_a_broken_one_is_no_error(tmp_path: Path) -> None:
    target = tmp_path / "copied"
    assert copy_natively(["sh", "-c", f"cat > {target}"], "été")
    assert target.read_text() == "été"
    assert not copy_natively(["false"], "x")
    assert not copy_natively([str(tmp_path / "none")], "x")
