"""The facets keep the same promises durably and in memory: one set of tests against both."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hazui.domain.ids import Epoch, RunId, TaskId, Turn
from hazui.domain.specs import STORE_FACETS, LeaseTimes
from hazui.errors import state as state_errors
from hazui.errors.runtime import HazuiRuntimeError, RuntimeErrorCode
from hazui.state.opening import OpenState, open_durable, open_scratch
from hazui.state.stores import (
    ProcessEnv,
    ProcessRow,
    ProcessState,
    TaskResult,
    Tier,
    TurnCommit,
    TurnRow,
)

TASK = TaskId("shop", "test")


def open_state(kind: str, directory: Path) -> OpenState:
    if kind == "memory":
        return open_scratch()
    return open_durable(directory / ".hazui", times=LeaseTimes(), started_at="now")


@pytest.fixture(params=["durable", "memory"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenState]:
    state = open_state(request.param, tmp_path)
    yield state
    state.close(ended_at="later", is_clean=True)


def open_turn(state: OpenState) -> Turn:
    turn = state.stores.session_store.next_turn()
    row = TurnRow(turn=turn, epoch=state.epoch, trigger={"kind": "start"}, started_at="t0")
    state.stores.session_store.open_turn(row)
    return turn


def commit_of(turn: Turn, outcome: str = "succeeded", triggers: tuple[int, ...] = ()) -> TurnCommit:
    good = outcome == "succeeded"
    return TurnCommit(
        turn=turn,
        outcome=outcome,
        ended_at="t1",
        duration_s=1.5,
        counts={"total": 1},
        results=[
            TaskResult(
                task=TASK,
                state=outcome,
                source="fresh_run",
                duration_s=2.0 if good else 0.1,
                record={"task": str(TASK)},
            )
        ],
        consumed_triggers=triggers,
    )


def test_turn_numbers_grow_and_are_never_reused(opened: OpenState) -> None:
    turns = [open_turn(opened) for _ in range(3)]

    assert turns == [1, 2, 3]
    assert opened.stores.session_store.next_turn() == 4


def test_a_commit_shows_in_turns_results_and_history(opened: OpenState) -> None:
    turn = open_turn(opened)

    opened.stores.session_store.commit_turn(commit_of(turn))

    row = opened.stores.session_store.turns()[0]
    assert (row.turn, row.outcome, row.duration_s, row.counts) == (
        1,
        "succeeded",
        1.5,
        {"total": 1},
    )
    assert [r.task for r in opened.stores.session_store.results(turn)] == [TASK]
    last = opened.stores.session_store.last_results()[TASK]
    assert (last.state, last.turn, last.usual_s) == ("succeeded", 1, 2.0)


def test_the_usual_duration_counts_fresh_successes_only(opened: OpenState) -> None:
    opened.stores.session_store.commit_turn(commit_of(open_turn(opened)))
    opened.stores.session_store.commit_turn(commit_of(open_turn(opened), "failed"))

    last = opened.stores.session_store.last_results()[TASK]
    assert (last.state, last.turn, last.usual_s) == ("failed", 2, 2.0)


def test_the_same_commit_again_is_accepted_and_another_is_a_conflict(opened: OpenState) -> None:
    turn = open_turn(opened)
    opened.stores.session_store.commit_turn(commit_of(turn))

    opened.stores.session_store.commit_turn(commit_of(turn))
    with pytest.raises(HazuiRuntimeError) as caught:
        opened.stores.session_store.commit_turn(commit_of(turn, "failed"))

    assert caught.value.is_code(RuntimeErrorCode.STORE_COMMIT_FAILED)
    assert caught.value.data["kind"] == "conflict"
    assert opened.stores.session_store.turns()[0].outcome == "succeeded"


def test_a_turn_that_was_never_opened_cannot_be_committed(opened: OpenState) -> None:
    with pytest.raises(HazuiRuntimeError) as caught:
        opened.stores.session_store.commit_turn(commit_of(Turn(7)))

    assert caught.value.data["kind"] == "duplicate"


def test_a_trigger_is_pending_until_the_commit_consumes_it(opened: OpenState) -> None:
    triggers = opened.stores.trigger_store
    first = triggers.add({"b", "a"}, rescan=False)
    second = triggers.add({"c"}, rescan=True)
    turn = open_turn(opened)
    assert [(p.id, p.paths, p.rescan) for p in triggers.pending()] == [
        (first, ("a", "b"), False),
        (second, ("c",), True),
    ]

    opened.stores.session_store.commit_turn(commit_of(turn, triggers=(first,)))

    assert [p.id for p in triggers.pending()] == [second]
    triggers.discard([second])
    assert triggers.pending() == []


def test_open_turns_of_a_dead_owner_are_closed_once(opened: OpenState) -> None:
    open_turn(opened)
    opened.stores.session_store.commit_turn(commit_of(open_turn(opened)))

    assert opened.stores.session_store.close_open_turns("interrupted", "t9") == 1
    assert opened.stores.session_store.close_open_turns("interrupted", "t9") == 0
    assert [t.outcome for t in opened.stores.session_store.turns()] == ["succeeded", "interrupted"]


def test_events_are_read_back_by_range_and_by_turn(opened: OpenState) -> None:
    store = opened.stores.session_store
    store.append_events(opened.epoch, [(1, None, "a"), (2, 1, "b"), (3, 1, "c")])
    store.append_events(opened.epoch, [(3, 1, "again"), (4, 2, "d")])

    assert store.events(opened.epoch, 2, 3) == ["b", "c"]
    assert store.turn_events(Turn(1)) == ["b", "c"]


@pytest.mark.parametrize("blank", ["", "   "])
def test_an_execution_without_an_id_is_refused(opened: OpenState, blank: str) -> None:
    row = ProcessRow(execution_id=RunId(blank), epoch=opened.epoch, turn=Turn(1), task=TASK)

    with pytest.raises(HazuiRuntimeError) as caught:
        opened.stores.process_registry.register(row)

    assert caught.value.is_code(RuntimeErrorCode.MISSING_PROCESS_EXECUTION_ID)


def test_an_execution_that_is_not_registered_cannot_be_updated(opened: OpenState) -> None:
    with pytest.raises(HazuiRuntimeError) as caught:
        opened.stores.process_registry.update(RunId("nobody"), state=ProcessState.ENDED)

    assert caught.value.is_code(RuntimeErrorCode.MISSING_PROCESS_EXECUTION_ID)


def test_unfinished_executions_of_older_epochs_are_found_and_abandoned(opened: OpenState) -> None:
    registry = opened.stores.process_registry
    for name, state in (("a", ProcessState.RUNNING), ("b", ProcessState.ENDED)):
        run = RunId(name)
        registry.register(ProcessRow(execution_id=run, epoch=opened.epoch, turn=Turn(1), task=TASK))
        registry.update(run, state=state, pid=4, pgid=4, start_ticks=9, boot_id="boot")
    later = Epoch(opened.epoch + 1)

    found = registry.unfinished(later)

    assert [(r.execution_id, r.pid, r.start_ticks, r.boot_id) for r in found] == [
        ("a", 4, 9, "boot")
    ]
    assert registry.unfinished(opened.epoch) == []
    registry.abandon([RunId("a")])
    assert registry.unfinished(later) == []


def test_what_a_process_ran_with_is_kept(opened: OpenState) -> None:
    env = ProcessEnv(argv=("make", "-j"), cwd="/w", variables={"TOKEN": "1a2b3c4d"})

    opened.stores.process_env_store.put(RunId("r"), env)

    assert opened.stores.process_env_store.get(RunId("r")) == env
    assert opened.stores.process_env_store.get(RunId("other")) is None


@pytest.mark.parametrize("facet", STORE_FACETS)
def test_a_durable_session_refuses_an_ephemeral_facet(tmp_path: Path, facet: str) -> None:
    with pytest.raises(HazuiRuntimeError) as caught:
        open_durable(
            tmp_path / ".hazui", times=LeaseTimes(), started_at="now", overrides={facet: "memory"}
        )

    assert str(caught.value.code) == f"durable_store_required:{facet}"
    again = open_durable(tmp_path / ".hazui", times=LeaseTimes(), started_at="now")
    again.close(ended_at="later", is_clean=True)


def test_of_two_ephemeral_facets_the_first_in_order_is_named(tmp_path: Path) -> None:
    overrides = {"trigger_store": "memory", "process_env_store": "memory"}

    with pytest.raises(HazuiRuntimeError) as caught:
        open_durable(
            tmp_path / ".hazui",
            times=LeaseTimes(),
            started_at="now",
            overrides=overrides,  # type: ignore[arg-type]
        )

    assert str(caught.value.code) == "durable_store_required:process_env_store"


def test_every_facet_declares_its_tier(tmp_path: Path) -> None:
    durable, scratch = open_state("durable", tmp_path), open_state("memory", tmp_path)

    assert set(durable.stores.tiers().values()) == {Tier.DURABLE}
    assert set(scratch.stores.tiers().values()) == {Tier.EPHEMERAL}
    assert tuple(durable.stores.tiers()) == STORE_FACETS
    durable.close(ended_at="later", is_clean=True)
    scratch.close(ended_at="later", is_clean=True)
    assert not scratch.state_dir.exists()


def test_a_database_of_a_newer_version_is_refused_untouched(tmp_path: Path) -> None:
    import sqlite3

    open_state("durable", tmp_path).close(ended_at="later", is_clean=True)
    with sqlite3.connect(tmp_path / ".hazui" / "state.db") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(HazuiRuntimeError) as caught:
        open_state("durable", tmp_path)

    assert caught.value.data["kind"] == "schema"
    assert isinstance(caught.value.source, state_errors.NewerSchema)
    assert caught.value.source.found == 99


def test_a_damaged_database_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / ".hazui").mkdir()
    (tmp_path / ".hazui" / "state.db").write_bytes(b"not a database at all" * 100)

    with pytest.raises(HazuiRuntimeError) as caught:
        open_state("durable", tmp_path)

    assert caught.value.is_code(RuntimeErrorCode.STORE_COMMIT_FAILED)
    assert isinstance(caught.value.source, state_errors.Corrupt)


def test_the_state_directory_is_private_and_ignored(tmp_path: Path) -> None:
    state = open_state("durable", tmp_path)

    assert (tmp_path / ".hazui").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / ".hazui" / ".gitignore").read_text() == "*\n"
    state.close(ended_at="later", is_clean=True)
