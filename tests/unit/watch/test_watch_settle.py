from pathlib import Path

from hazui.domain.paths import CanonicalPath
from hazui.errors import watch
from hazui.watch.settle import CAP_FACTOR, Settler
from hazui.watch.storm import BURST_EVENTS, STORM_EVENTS, STORM_LASTS_NS, Storm, is_hinted
from hazui.watch.troubles import Troubles

MS = 1_000_000
A, B = CanonicalPath("a"), CanonicalPath("b")


def add(settler: Settler, at_ms: int, *paths: CanonicalPath, rescan: bool = False) -> None:
    settler.add(set(paths), set(), first_seen_ns=at_ms * MS, now_ns=at_ms * MS, rescan=rescan)


def test_without_quiet_time_a_change_is_handed_on_at_once() -> None:
    settler = Settler()
    add(settler, 5, A)
    found = settler.take(5 * MS)
    assert found is not None
    assert (found.paths, found.first_seen_ns, found.rescan) == (frozenset({A}), 5 * MS, False)
    assert settler.take(6 * MS) is None


def test_a_further_change_moves_the_end() -> None:
    settler = Settler(settle_ms=20)
    add(settler, 100, A)
    assert settler.take(119 * MS) is None
    add(settler, 119, B, rescan=True)
    assert settler.take(138 * MS) is None
    found = settler.take(139 * MS)
    assert found is not None
    assert (found.paths, found.first_seen_ns, found.settled_ns) == (
        frozenset({A, B}),
        100 * MS,
        139 * MS,
    )
    assert found.rescan


def test_a_writer_without_a_pause_cannot_hold_a_save_back_for_ever() -> None:
    settler = Settler(settle_ms=20)
    handed_on = []
    for at_ms in range(0, 1000, 10):
        add(settler, at_ms, A)
        found = settler.take(at_ms * MS)
        if found:
            handed_on.append(at_ms)
    assert handed_on
    assert handed_on[0] == CAP_FACTOR * 20


def test_nothing_is_not_a_change() -> None:
    settler = Settler()
    add(settler, 1)
    assert settler.due_ns() is None
    settler.add(set(), {Path("/etc/env")}, first_seen_ns=1, now_ns=1)
    found = settler.take(1)
    assert found
    assert found.outside == {Path("/etc/env")}


def test_a_burst_is_looked_at_at_once_and_a_storm_when_it_is_over() -> None:
    storm = Storm()
    assert storm.note(BURST_EVENTS + 1, 10)
    assert storm.is_due(10)
    storm = Storm()
    assert not storm.note(STORM_EVENTS, 10)
    assert storm.look_at_ns is None
    assert not storm.note(1, 20)
    assert not storm.is_due(20)
    storm.note(1, 100 * MS)
    assert not storm.is_due(250 * MS)
    assert storm.is_due(300 * MS)


def test_a_storm_without_an_end_is_looked_at_all_the_same() -> None:
    storm = Storm()
    for at_ms in range(0, 3000, 10):
        storm.note(100, at_ms * MS)
        if storm.is_due(at_ms * MS):
            break
    assert STORM_LASTS_NS <= at_ms * MS <= STORM_LASTS_NS + 50 * MS


def test_slow_notifications_are_no_storm() -> None:
    storm = Storm()
    for at_s in range(0, 60, 2):
        storm.note(STORM_EVENTS, at_s * 1000 * MS)
    assert storm.look_at_ns is None


def test_a_hint_covers_what_lies_below() -> None:
    assert is_hinted("a/b/c", {"a/b"})
    assert is_hinted("a", {"a"})
    assert not is_hinted("ab/c", {"a"})
    assert not is_hinted("a", {"a/b"})


def test_troubles_are_told_once_when_they_begin_and_once_when_they_end() -> None:
    troubles = Troubles()
    said: list[tuple[str, watch.WatchError]] = []

    def tell() -> None:
        troubles.tell(lambda e: said.append(("begins", e)), lambda e: said.append(("ends", e)))

    first, second = watch.Overflowed(count=1), watch.Overflowed(count=2)
    troubles.begin("overflow", first)
    troubles.begin("overflow", second)
    tell()
    tell()
    troubles.end("overflow")
    tell()
    tell()
    assert said == [("begins", first), ("ends", first)]
