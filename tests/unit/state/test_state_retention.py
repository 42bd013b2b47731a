"""History keeps the newest turns within its limits, and the logs that they refer to."""

import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hazui.domain.ids import TaskId, Turn
from hazui.domain.specs import HistoryLimits, LeaseTimes
from hazui.state.opening import DATABASE, OpenState, open_durable
from hazui.state.retention import prune, prune_when_due
from hazui.state.stores import TaskResult, TurnCommit, TurnRow

DAY_S = 86_400


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[OpenState]:
    state = open_durable(tmp_path / ".hazui", times=LeaseTimes(), started_at="now")
    yield state
    state.close(ended_at="later", is_clean=True)


def keep_log(state: OpenState, digest: str, size_bytes: int) -> Path:
    """An attachment that is old enough to be removed."""
    file = state.stores.attachment_store.directory / digest[:2] / digest
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"x" * size_bytes)
    return file


def add_turn(state: OpenState, digest: str) -> Turn:
    session = state.stores.session_store
    turn = session.next_turn()
    session.open_turn(TurnRow(turn=turn, epoch=state.epoch, trigger={}, started_at="t"))
    record = {"stdout_hash": digest, "stderr_hash": digest, "journal_hash": None}
    session.commit_turn(
        TurnCommit(
            turn=turn,
            outcome="succeeded",
            ended_at="t",
            duration_s=1.0,
            counts={},
            results=[TaskResult(task=TaskId("w", "a"), state="succeeded", record=record)],
        )
    )
    session.append_events(state.epoch, [(turn * 10, turn, "{}")])
    return turn


def connection_of(state: OpenState) -> sqlite3.Connection:
    assert state.connection is not None
    return state.connection


@pytest.fixture(autouse=True)
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test has just written counts as old."""
    now = time.time()
    monkeypatch.setattr("hazui.state.retention.time.time", lambda: now + 2 * 3_600)


def test_only_the_newest_turns_and_their_logs_are_kept(opened: OpenState) -> None:
    logs = [keep_log(opened, f"{n}a", 10) for n in range(4)]
    for n in range(4):
        add_turn(opened, f"{n}a")

    pruned = prune(
        connection_of(opened),
        opened.state_dir / DATABASE,
        opened.stores.attachment_store.directory,
        HistoryLimits(keep_turns=2),
    )

    assert (pruned.turns, pruned.attachments, pruned.freed_bytes) == (2, 2, 20)
    assert [t.turn for t in opened.stores.session_store.turns()] == [4, 3]
    assert opened.stores.session_store.turn_events(Turn(2)) == []
    assert opened.stores.session_store.turn_events(Turn(3)) == ["{}"]
    assert [log.exists() for log in logs] == [False, False, True, True]
    assert opened.stores.session_store.next_turn() == 5


def test_the_oldest_turns_go_when_their_logs_are_too_big(opened: OpenState) -> None:
    for n in range(3):
        keep_log(opened, f"{n}a", 100)
        add_turn(opened, f"{n}a")

    prune(
        connection_of(opened),
        opened.state_dir / DATABASE,
        opened.stores.attachment_store.directory,
        HistoryLimits(keep_turns=100, keep_bytes=250),
    )

    assert [t.turn for t in opened.stores.session_store.turns()] == [3, 2]


def test_the_newest_turn_is_kept_however_big_it_is(opened: OpenState) -> None:
    log = keep_log(opened, "aa", 1_000)
    add_turn(opened, "aa")

    prune(
        connection_of(opened),
        opened.state_dir / DATABASE,
        opened.stores.attachment_store.directory,
        HistoryLimits(keep_turns=100, keep_bytes=1),
    )

    assert log.exists()
    assert len(opened.stores.session_store.turns()) == 1


def test_pruning_is_due_once_a_day_or_when_there_is_much_to_do(opened: OpenState) -> None:
    attachments = opened.stores.attachment_store.directory
    attachments.mkdir(exist_ok=True)
    path, limits = opened.state_dir / DATABASE, HistoryLimits(keep_turns=1)
    due = [prune_when_due(connection_of(opened), path, attachments, limits) for _ in range(2)]
    assert [one is not None for one in due] == [True, False]

    old = time.time() - 2 * DAY_S
    os.utime(attachments / "pruned", (old, old))

    assert prune_when_due(connection_of(opened), path, attachments, limits) is not None
