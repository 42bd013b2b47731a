"""The event hub: stamps what happened, journals it, and hands it to each front end's own queue.

Emitting is a plain call that never waits, so no front end can hold up capture or reaping. A queue
that is full is emptied and marked: the front end gets ``lagged`` and re-reads the journal. Bulk and
passing events (output notices, samples, stop progress) are not journaled.
"""

import contextlib
import json
from collections import deque
from collections.abc import Callable

import hazui.protocol.events as ev
from hazui.domain.clock import Clock
from hazui.domain.ids import Epoch
from hazui.errors.runtime import HazuiRuntimeError
from hazui.protocol.encode import stamped_from_json
from hazui.protocol.events import Event, Stamped
from hazui.state.stores import SessionStore

QUEUE_EVENTS_MAX = 1 << 16
JOURNAL_BATCH_MAX = 2_000
_PASSING = (ev.OutputAppended, ev.ProcessSampled, ev.StopProgressed, ev.Lagged)


class QueueSubscription:
    """One front end's bounded queue. ``drain`` is for a front end without an event loop."""

    def __init__(self, hub: "EventHub", capacity: int) -> None:
        self._hub = hub
        self._capacity = capacity
        self._queue: deque[Stamped] = deque()
        self._lagged: tuple[int, int] | None = None
        self._wake: Callable[[], None] | None = None
        self._is_closed = False

    def offer(self, stamped: Stamped) -> None:
        """Queue an event; on overflow drop what is queued and remember the range."""
        if self._is_closed:
            return
        if len(self._queue) >= self._capacity:
            first = self._lagged[0] if self._lagged else self._queue[0].seq
            self._lagged = (first, stamped.seq)
            self._queue.clear()
        elif self._lagged is not None and not self._queue:
            self._lagged = (self._lagged[0], stamped.seq)
            self._notify()
            return
        else:
            self._queue.append(stamped)
        self._notify()

    def drain(self) -> list[Stamped]:
        """Everything that is queued, without waiting."""
        batch: list[Stamped] = []
        if self._lagged is not None:
            first, last = self._lagged
            self._lagged = None
            lagged = ev.Lagged(from_seq=first, to_seq=last)
            batch.append(Stamped(first, self._hub.now(), lagged))
        batch.extend(self._queue)
        self._queue.clear()
        return batch

    async def next_batch(self) -> list[Stamped]:
        """See ``protocol.door.Subscription``."""
        import anyio

        while not self._queue and self._lagged is None:
            if self._is_closed:
                return []
            event = anyio.Event()
            self._wake = event.set
            await event.wait()
        return self.drain()

    def close(self) -> None:
        """Stop receiving; a waiting ``next_batch`` returns what is queued, then nothing."""
        self._is_closed = True
        self._hub.forget(self)
        self._notify()

    def _notify(self) -> None:
        if self._wake is not None:
            wake, self._wake = self._wake, None
            wake()


class EventHub:
    """Stamps, journals and distributes the events of one owner epoch."""

    def __init__(self, clock: Clock, *, capacity: int = QUEUE_EVENTS_MAX) -> None:
        self._clock = clock
        self._capacity = capacity
        self._seq = 0
        self._subscriptions: list[QueueSubscription] = []
        self._unwritten: list[Stamped] = []
        self.on_event: Callable[[], None] | None = None
        """Called when there is something to write; whoever writes sets it while it sleeps."""
        self._journal: SessionStore | None = None
        self._epoch = Epoch(0)

    def journal_to(self, store: SessionStore, epoch: Epoch) -> None:
        """Where events are kept from now on, those emitted so far included."""
        self._journal = store
        self._epoch = epoch

    def emit(self, event: Event) -> Stamped:
        """Stamp an event and hand it on; never waits and never fails for a slow front end."""
        self._seq += 1
        stamped = Stamped(self._seq, self._clock.utc(), event)
        if not isinstance(event, _PASSING):
            self._unwritten.append(stamped)
            if self.on_event is not None:
                self.on_event()
        for subscription in self._subscriptions:
            subscription.offer(stamped)
        return stamped

    def now(self) -> str:
        """The time for a stamp."""
        return self._clock.utc()

    @property
    def has_unwritten(self) -> bool:
        """Whether events wait for ``flush``."""
        return bool(self._unwritten)

    @property
    def is_batch_full(self) -> bool:
        """Whether enough events wait that they should be written now."""
        return len(self._unwritten) >= JOURNAL_BATCH_MAX

    def flush(self) -> None:
        """Write what is not journaled yet, in one transaction.

        Raises:
            HazuiRuntimeError: ``store_commit_failed``; the events are kept for the next try.
        """
        if self._journal is None or not self._unwritten:
            return
        rows = [
            (s.seq, getattr(s.event, "turn", None), json.dumps(s.to_json(), separators=(",", ":")))
            for s in self._unwritten
        ]
        self._journal.append_events(self._epoch, rows)
        self._unwritten.clear()

    def subscribe(self) -> QueueSubscription:
        """A new queue that starts with the events of this epoch so far."""
        subscription = QueueSubscription(self, self._capacity)
        for stamped in self.read(1, self._seq):
            subscription.offer(stamped)
        self._subscriptions.append(subscription)
        return subscription

    def read(self, from_seq: int, to_seq: int) -> list[Stamped]:
        """Journaled events of this epoch, both ends included; those not written yet as well."""
        with contextlib.suppress(HazuiRuntimeError):
            self.flush()
        texts = self._journal.events(self._epoch, from_seq, to_seq) if self._journal else []
        found = (stamped_from_json(json.loads(text)) for text in texts)
        written = [stamped for stamped in found if stamped is not None]
        return written + [s for s in self._unwritten if from_seq <= s.seq <= to_seq]

    def forget(self, subscription: QueueSubscription) -> None:
        """Drop a closed queue."""
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)

    def close(self) -> None:
        """End every queue after what it holds."""
        for subscription in list(self._subscriptions):
            subscription.close()
