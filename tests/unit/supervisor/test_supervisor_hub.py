"""The hub: stamps, queues that lag, the journal that makes them whole."""

from collections.abc import Iterable

import anyio
import pytest

import hazui.protocol.events as ev
from hazui.domain.clock import SystemClock
from hazui.domain.ids import Epoch
from hazui.errors.runtime import HazuiRuntimeError, RuntimeErrorCode
from hazui.protocol.events import Event, Stamped
from hazui.state.memory import MemorySessionStore
from hazui.supervisor.hub import EventHub


class RefusingStore(MemorySessionStore):
    """A store that takes no events while it refuses."""

    is_refusing = True

    def append_events(self, epoch: Epoch, rows: Iterable[tuple[int, int | None, str]]) -> None:
        if self.is_refusing:
            raise HazuiRuntimeError(
                RuntimeErrorCode.STORE_COMMIT_FAILED, "refused", data={"kind": "io"}
            )
        super().append_events(epoch, rows)


def notice(number: int) -> Event:
    return ev.Noticed(level="info", text=str(number))


def texts(batch: Iterable[Stamped]) -> list[str]:
    return [s.event.text for s in batch if isinstance(s.event, ev.Noticed)]


@pytest.fixture
def hub() -> EventHub:
    hub = EventHub(SystemClock(), capacity=4)
    hub.journal_to(MemorySessionStore(), Epoch(1))
    return hub


def test_events_are_numbered_from_one_without_gaps(hub: EventHub) -> None:
    assert [hub.emit(notice(n)).seq for n in range(3)] == [1, 2, 3]


def test_whoever_subscribes_late_gets_what_was_before(hub: EventHub) -> None:
    hub.emit(notice(1))
    hub.flush()
    hub.emit(notice(2))
    late = hub.subscribe()
    hub.emit(notice(3))
    assert texts(late.drain()) == ["1", "2", "3"]
    assert late.drain() == []


def test_a_queue_that_lags_says_so_and_can_be_made_whole(hub: EventHub) -> None:
    slow = hub.subscribe()
    for number in range(1, 11):
        hub.emit(notice(number))
    (first, *rest) = slow.drain()
    assert isinstance(first.event, ev.Lagged)
    assert rest == []
    assert first.at.endswith("Z")
    missed = hub.read(first.event.from_seq, first.event.to_seq)
    assert texts(missed) == [str(number) for number in range(1, 11)]
    hub.emit(notice(11))
    assert texts(slow.drain()) == ["11"]


def test_passing_events_are_not_kept(hub: EventHub) -> None:
    queue = hub.subscribe()
    hub.emit(ev.OutputAppended(task="a:b", turn=1, stream="stdout", bytes_total=3))
    hub.emit(notice(2))
    assert len(queue.drain()) == 2
    assert [s.seq for s in hub.read(1, 99)] == [2]


def test_a_journal_that_refuses_loses_nothing_for_those_who_read() -> None:
    hub = EventHub(SystemClock())
    store = RefusingStore()
    hub.journal_to(store, Epoch(1))
    hub.emit(notice(1))
    with pytest.raises(HazuiRuntimeError):
        hub.flush()
    assert texts(hub.subscribe().drain()) == ["1"]
    store.is_refusing = False
    hub.emit(notice(2))
    assert texts(hub.read(1, 2)) == ["1", "2"]
    assert not hub.has_unwritten


def test_a_closed_queue_gives_what_it_holds_and_then_ends(hub: EventHub) -> None:
    async def main() -> list[list[str]]:
        queue = hub.subscribe()
        found: list[list[str]] = []

        async def follow() -> None:
            while batch := await queue.next_batch():
                found.append(texts(batch))

        with anyio.fail_after(5):
            async with anyio.create_task_group() as group:
                group.start_soon(follow)
                await anyio.wait_all_tasks_blocked()
                hub.emit(notice(1))
                hub.close()
        hub.emit(notice(2))
        return found

    assert anyio.run(main) == [["1"]]
