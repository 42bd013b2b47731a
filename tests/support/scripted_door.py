"""A door that plays a given stream of events and records the commands: for tests of front ends."""

import asyncio
from collections.abc import Iterable

from hazui.protocol.commands import Command
from hazui.protocol.events import Stamped


class ScriptedSubscription:
    def __init__(self, first: list[Stamped]) -> None:
        self._queue: asyncio.Queue[list[Stamped]] = asyncio.Queue()
        self.is_closed = False
        if first:
            self._queue.put_nowait(first)

    def put(self, batch: list[Stamped]) -> None:
        self._queue.put_nowait(batch)

    async def next_batch(self) -> list[Stamped]:
        return await self._queue.get()

    def close(self) -> None:
        self.is_closed = True


class ScriptedDoor:
    """Implements ``Door``: what was played before a subscription comes first."""

    def __init__(self, story: Iterable[Stamped] = ()) -> None:
        self.commands: list[Command] = []
        self.played: list[Stamped] = list(story)
        self.subscriptions: list[ScriptedSubscription] = []

    def post(self, command: Command) -> None:
        self.commands.append(command)

    def subscribe(self) -> ScriptedSubscription:
        made = ScriptedSubscription(list(self.played))
        self.subscriptions.append(made)
        return made

    def read_events(self, from_seq: int, to_seq: int) -> list[Stamped]:
        return [each for each in self.played if from_seq <= each.seq <= to_seq]

    def play(self, story: Iterable[Stamped]) -> None:
        """More events, for every subscription."""
        batch = list(story)
        self.played += batch
        for each in self.subscriptions:
            each.put(batch)

    def end(self) -> None:
        """No more events: an empty batch."""
        for each in self.subscriptions:
            each.put([])
