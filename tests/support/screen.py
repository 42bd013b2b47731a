"""Driving the screen in tests: an app over a scripted door and a real shop, polled, never slept."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hazui.protocol.events import Event, Stamped
from hazui.tui.app import HazuiApp
from hazui.tui.intents import Settings
from tests.support import scenes, shop
from tests.support.scripted_door import ScriptedDoor

if TYPE_CHECKING:
    from textual.pilot import Pilot

NOW_S = scenes.START_S + 2.2
DEADLINE_S = 20.0


class Stage:
    """One app on a stage: its door, its pilot, and short ways to look and act."""

    def __init__(self, app: HazuiApp, door: ScriptedDoor, pilot: "Pilot[int]") -> None:
        self.app = app
        self.door = door
        self.pilot = pilot
        self.main = app.main

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def play(self, *found: Event | float) -> None:
        """More events, numbered on; waits until they are drawn."""
        batch = scenes.stamped(found)
        first = len(self.door.played)
        renumbered = [Stamped(first + each.seq, each.at, each.event) for each in batch]
        await self.play_stamped(renumbered)

    async def play_stamped(self, batch: list[Stamped]) -> None:
        expected = self.app.state.events + len(batch)
        self.door.play(batch)
        await self.until(lambda: self.app.frame_shown.state.events >= expected)

    async def until(self, condition: Callable[[], Any]) -> None:
        """Poll until ``condition`` holds.

        Raises:
            AssertionError: it did not within the deadline.
        """
        end = time.monotonic() + DEADLINE_S
        while not condition():
            assert time.monotonic() < end, "the screen never came to it"
            await asyncio.sleep(0.01)
            await self.pilot.pause()

    @property
    def text(self) -> str:
        """What is on the screen, as plain text."""
        width, height = self.app.size
        screen = self.app.screen
        lines = screen._compositor.render_strips()
        return "\n".join(strip.crop(0, width).text for strip in lines[:height])


def make_app(
    root: Path, story: Iterable[Stamped] | None = None, **settings: Any
) -> tuple[HazuiApp, ScriptedDoor]:
    state_dir = shop.make_shop(root)
    door = ScriptedDoor(shop.stamped_story(str(root)) if story is None else story)
    app = HazuiApp(
        door,
        settings=Settings(root=root, state_dir=state_dir, **{"theme": "textual-dark", **settings}),
        now_s=lambda: NOW_S,
    )
    return app, door


def on_stage(
    root: Path,
    act: Callable[[Stage], Awaitable[None]],
    *,
    size: tuple[int, int] = (120, 40),
    story: Iterable[Stamped] | None = None,
    **settings: Any,
) -> int | None:
    """Run ``act`` with an app that has drawn its story; returns what the app returned."""

    async def run() -> int | None:
        app, door = make_app(root, story, **settings)
        async with app.run_test(size=size, notifications=True) as pilot:
            stage = Stage(app, door, pilot)
            await stage.until(lambda: app.frame_shown.state.events >= len(door.played))
            await pilot.pause()
            await act(stage)
        return app.return_value

    return asyncio.run(run())
