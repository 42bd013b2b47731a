"""What is photographed: the real app over a scripted session, at a moment that never changes."""

import os
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from hazui.config.locate import Location, locate
from hazui.errors.record import ErrorRecord, record_of
from hazui.protocol import events
from hazui.supervisor.workspace import RejectedWorkspace, load_workspace
from tests.support import scenes, shop
from tests.support.screen import Stage, make_app

WIDE, MEDIUM = (120, 40), (80, 24)
THEMES = {"dark": "textual-dark", "light": "textual-light"}
Act = Callable[[Stage], Awaitable[None]]

BROKEN = """\
[workspace]
name = "shop"
jobs = "many"

[tasks.test]
comand = "pytest -q"
inputs = ["src/**/*.py", "../elsewhere/*.py"]
deps = ["lib:gne"]
timeout_s = -5
"""


@dataclass(frozen=True)
class Shot:
    """One picture: its name is ``screen-theme-COLUMNSxROWS``."""

    screen: str
    act: Act
    sizes: tuple[tuple[int, int], ...] = (WIDE, MEDIUM)
    themes: tuple[str, ...] = ("dark", "light")

    def names(self) -> Iterator[tuple[str, str, tuple[int, int]]]:
        for theme in self.themes:
            for size in self.sizes:
                yield f"{self.screen}-{theme}-{size[0]}x{size[1]}", theme, size


def pressing(*keys: str) -> Act:
    async def act(stage: Stage) -> None:
        await stage.press(*keys)

    return act


async def quitting(stage: Stage) -> None:
    await stage.press("q", "y")
    await stage.play(
        events.StopProgressed(waiting_for=("web:dev", "db:up"), signal="SIGTERM", seconds_left=4.0)
    )


async def rejected(stage: Stage) -> None:
    await stage.play(events.ConfigRejected(problems=_problems(stage.app.settings.root)))
    stage.app.clear_notifications()
    await stage.press("c")


async def palette(stage: Stage) -> None:
    await stage.press("colon", *"rerun")
    await stage.until(lambda: "Run all failed tasks" in stage.text or "rerun failed" in stage.text)


SHOTS = (
    Shot("main", pressing("j", "right_square_bracket", "2")),
    Shot("errors", pressing("right_square_bracket")),
    Shot("link", pressing("right_square_bracket", "full_stop", "enter")),
    Shot("why", pressing("j", "6"), sizes=(WIDE,), themes=("dark",)),
    Shot("help", pressing("question_mark")),
    Shot("quit", quitting),
    Shot("config", rejected),
    Shot("palette", palette),
)


async def photograph(directory: Path, shot: Shot, theme: str, size: tuple[int, int]) -> str:
    """The SVG of one screen; its workspace is made in ``directory``, and is called /shop."""
    app, door = make_app(directory, scenes.stamped(_story()), theme=THEMES[theme])
    async with app.run_test(size=size, notifications=True) as pilot:
        stage = Stage(app, door, pilot)
        await stage.until(lambda: app.frame_shown.state.events >= len(door.played))
        await shot.act(stage)
        await pilot.pause()
        app.main.tick()
        await pilot.pause()
        return app.export_screenshot(title="hazui")


@contextmanager
def universal_time() -> Iterator[None]:
    """The clock of the header is local time; in a picture it is the same everywhere."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = "UTC"
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()


def _story() -> list[events.Event | float]:
    """The shop's session with one more task, which waits."""
    found: list[events.Event | float] = []
    for each in shop.story():
        if isinstance(each, events.WorkspaceLoaded):
            more = scenes.loaded("web:test", deps=("web:dev",))
            each = replace(each, tasks=(*each.tasks, more))  # noqa: PLW2901
        elif isinstance(each, events.TurnStarted):
            each = scenes.turn(each.turn, (*shop.TASKS, "web:test"), path="src/cart.py")  # noqa: PLW2901
            found += [each, scenes.waits("web:test", "web:dev")]
            continue
        found.append(each)
    return found


def _problems(root: Path) -> tuple[ErrorRecord, ...]:
    """What hazui has to say about a broken file, for real."""
    (root / "hazui.toml").write_text(BROKEN)
    location = locate(root)
    assert isinstance(location, Location)
    found = load_workspace(location, environ={}, overrides={})
    assert isinstance(found, RejectedWorkspace)
    texts = [record_of(problem).to_json_text() for problem in found.problems]
    return tuple(ErrorRecord.from_json_text(text.replace(str(root), "/shop")) for text in texts)
