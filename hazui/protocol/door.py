"""The door between a front end and the supervisor: commands in, events out.

A front end holds a ``Door`` and nothing deeper. Bulk (log bytes) is pulled from the spool.
"""

from typing import Protocol

from hazui.protocol.commands import Command
from hazui.protocol.events import Stamped


class Subscription(Protocol):
    """One front end's own bounded queue of events."""

    async def next_batch(self) -> list[Stamped]:
        """Everything that is queued; waits when nothing is. Empty only after the end.

        When the queue overflowed, the batch starts with ``Lagged`` and the front end asks the
        door for what it missed.
        """
        ...

    def close(self) -> None:
        """Stop receiving; idempotent."""
        ...


class Door(Protocol):
    """What a front end may do. All calls are made on the supervisor's event loop thread."""

    def post(self, command: Command) -> None:
        """Hand over a command; never blocks, its effect is seen in events."""
        ...

    def subscribe(self) -> Subscription:
        """Events from now on, preceded by those of this epoch so far (so none is missed)."""
        ...

    def read_events(self, from_seq: int, to_seq: int) -> list[Stamped]:
        """Journaled events of this epoch, both ends included."""
        ...
