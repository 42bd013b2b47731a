"""What the screens look like, at several sizes and in both themes, with a frozen clock.

Look at the difference before accepting one: ``pytest tests/tui/test_tui_snapshots.py
--snapshot-update`` after reading the report.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hazui.protocol import events
from tests.support import scenes
from tests.support.screen import Stage, make_app

if TYPE_CHECKING:
    from textual.pilot import Pilot

WIDE, MEDIUM, NARROW = (120, 40), (80, 24), (60, 20)
DARK, LIGHT = "textual-dark", "textual-light"

Act = Callable[[Stage], Awaitable[None]]


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of the header is local time."""
    import time

    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


def keys(*pressed: str) -> Act:
    async def act(stage: Stage) -> None:
        await stage.press(*pressed)

    return act


async def stopping(stage: Stage) -> None:
    await stage.press("q", "q")
    await stage.play(
        events.StopProgressed(waiting_for=("db:up",), signal="SIGTERM", seconds_left=4.0)
    )


SCENES: dict[str, tuple[tuple[int, int], str, Act]] = {
    "start wide dark": (WIDE, DARK, keys()),
    "start wide light": (WIDE, LIGHT, keys()),
    "start medium": (MEDIUM, DARK, keys()),
    "start narrow": (NARROW, DARK, keys()),
    "chain wide dark": (WIDE, DARK, keys("right_square_bracket")),
    "chain medium light": (MEDIUM, LIGHT, keys("right_square_bracket")),
    "own error wide": (WIDE, DARK, keys("3", "j", "enter", "enter")),
    "output beside": (WIDE, DARK, keys("j", "2", "o", "z")),
    "output merged": (MEDIUM, DARK, keys("j", "2", "o", "o")),
    "processes": (WIDE, DARK, keys("4")),
    "turns": (WIDE, DARK, keys("5")),
    "why": (WIDE, DARK, keys("j", "6")),
    "timeline": (MEDIUM, DARK, keys("t")),
    "help": (WIDE, DARK, keys("question_mark")),
    "quit": (MEDIUM, DARK, keys("q")),
    "stopping": (MEDIUM, LIGHT, stopping),
}


@pytest.mark.parametrize("name", SCENES)
def test_a_screen_looks_as_it_did(
    name: str, snap_compare: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    size, theme, act = SCENES[name]
    app, door = make_app(Path(tmp_path_factory.mktemp("shop")), theme=theme)
    # Paths of the temporary directory must not be in the picture.
    door.played[:] = [
        each for each in door.played if not isinstance(each.event, events.SessionOpened)
    ]
    door.played.insert(0, scenes.stamped([scenes.opened()])[0])

    async def prepare(pilot: "Pilot[int]") -> None:
        stage = Stage(app, door, pilot)
        await stage.until(lambda: app.frame_shown.state.events >= len(door.played))
        await act(stage)
        await pilot.pause()
        app.main.tick()
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=prepare)
