"""Two log panes in an app of their own, over real spools, polled and never slept."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.app import App, ComposeResult
from textual.containers import Horizontal

from hazui.errors.stream import CapturedStream
from hazui.spool.writer import RunSpool
from hazui.tui.widgets.log_pane import LogPane

if TYPE_CHECKING:
    from textual.pilot import Pilot

OUT = CapturedStream.STDOUT
ERR = CapturedStream.STDERR
DEADLINE_S = 20.0
AT_NS = 1_800_000_000_000_000_000


_opened: list[RunSpool] = []
"""Closed when the panes are."""


class LogApp(App[None]):
    CSS = "LogPane { width: 1fr; height: 1fr; }"

    def __init__(self, panes: int) -> None:
        super().__init__()
        self.pane_count = panes

    def compose(self) -> ComposeResult:
        with Horizontal():
            for number in range(self.pane_count):
                yield LogPane(id=f"pane-{number}")


class LogStage:
    def __init__(self, app: LogApp, pilot: "Pilot[None]") -> None:
        self.app = app
        self.pilot = pilot
        self.panes = list(app.query(LogPane))
        self.pane = self.panes[0]

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def until(self, condition: Callable[[], Any]) -> None:
        end = time.monotonic() + DEADLINE_S
        while not condition():
            assert time.monotonic() < end, "the pane never came to it"
            await asyncio.sleep(0.005)
            await self.pilot.pause()

    def tick(self) -> None:
        for pane in self.panes:
            pane.tick()

    def rows(self, number: int = 0) -> list[str]:
        """The painted rows of a pane, without its scroll bar; the title is the first."""
        pane = self.panes[number]
        region = pane.region
        strips = self.app.screen._compositor.render_strips()
        right = region.right - pane.scrollbar_size_vertical
        seen = strips[region.y : region.bottom]
        return [strip.crop(region.x, right).text.rstrip() for strip in seen]

    @property
    def matched_line(self) -> int:
        """The line of the match that the first pane stands on."""
        assert self.pane.match is not None
        return self.pane.match.line

    @property
    def title(self) -> str:
        return self.rows()[0]

    @property
    def texts(self) -> list[str]:
        """The rows of text in the first pane, without the column of the mark."""
        return [row[1:] for row in self.rows()[1:]]


def with_panes(
    act: Callable[[LogStage], Awaitable[None]],
    *,
    size: tuple[int, int] = (60, 11),
    panes: int = 1,
) -> None:
    """Run ``act`` with panes of ten rows of text each, unless ``size`` says otherwise."""

    async def run() -> None:
        app = LogApp(panes)
        async with app.run_test(size=size) as pilot:
            stage = LogStage(app, pilot)
            stage.pane.focus()
            await pilot.pause()
            await act(stage)

    try:
        asyncio.run(run())
    finally:
        while _opened:
            _opened.pop().abandon()


def spool(directory: Path, *chunks: bytes | tuple[CapturedStream, bytes]) -> RunSpool:
    """An open spool that holds these chunks; bare bytes are stdout. ``with_panes`` closes it."""
    found = RunSpool(directory, "blake2b")
    _opened.append(found)
    add(found, *chunks)
    return found


def add(found: RunSpool, *chunks: bytes | tuple[CapturedStream, bytes]) -> None:
    for chunk in chunks:
        stream, data = chunk if isinstance(chunk, tuple) else (OUT, chunk)
        found.append(stream, data, AT_NS)


def numbered(count: int, start: int = 0) -> bytes:
    return b"".join(b"line %d\n" % number for number in range(start, start + count))
