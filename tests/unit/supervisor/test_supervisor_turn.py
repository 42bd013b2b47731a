"""One open turn and all that can come into it, with scripted processes."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import hazui.protocol.events as ev
from hazui.domain.ids import TaskId
from hazui.errors.runtime import HazuiRuntimeError, RuntimeErrorCode
from hazui.protocol.commands import RunTasks, StopTask, StopTurn
from tests.support.scripted_loop import ScriptedLoop, supervise

A, B, C = (TaskId("w", name) for name in "abc")
Start = Callable[[str], ScriptedLoop]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    loops: list[ScriptedLoop] = []

    def begin(tasks: str) -> ScriptedLoop:
        for name in "abcd":
            (tmp_path / f"{name}.txt").write_text("0")
        loop = supervise(tmp_path, f'[workspace]\nname = "w"\njobs = 8\n{tasks}')
        loops.append(loop)
        loop.settle()
        return loop

    yield begin
    for loop in loops:
        loop.close()


def task(name: str, *deps: str, more: str = "") -> str:
    needs = ", ".join(f'"{dep}"' for dep in deps)
    return f'[tasks.{name}]\ncommand = "true"\ninputs = ["{name}.txt"]\ndeps = [{needs}]\n{more}\n'


def edit(loop: ScriptedLoop, name: str, text: str) -> None:
    (loop.supervisor.session.workspace.spec.root / f"{name}.txt").write_text(text)
    loop.change(f"{name}.txt")
    loop.settle()


def ends(loop: ScriptedLoop, name: str) -> list[str]:
    """The terminal events of a task, by their wire names."""
    kinds = (ev.TaskFinished, ev.TaskErrored, ev.TaskSkipped, ev.TaskCancelled)
    found = [stamped.event for stamped in loop.events()]
    return [
        event.state if isinstance(event, ev.TaskFinished) else event.EVENT
        for event in found
        if isinstance(event, kinds) and event.task == f"w:{name}"
    ]


def finished(loop: ScriptedLoop) -> ev.TurnFinished:
    loop.finish()
    event = loop.of(ev.TurnFinished)[-1]
    assert isinstance(event, ev.TurnFinished)
    return event


def test_a_task_that_ended_before_an_extension_is_taken_in_by_the_next_change(start: Start) -> None:
    loop = start(task("a") + task("b") + task("c"))
    loop.end(B, "succeed")
    loop.end(C, "succeed")
    edit(loop, "b", "1")
    edit(loop, "c", "1")
    assert sorted(loop.at_work) == [A, B, C]
    assert finished(loop).counts.succeeded == 3


def test_a_restarted_task_runs_again_after_what_it_needs(start: Start) -> None:
    loop = start(task("a") + task("b", "a"))
    loop.end(A, "succeed")
    loop.settle()
    edit(loop, "a", "1")
    assert loop.at_work[B].is_stopping
    loop.end(B, "succeed")
    loop.settle()
    assert list(loop.at_work) == [A], "b waits for the new a"
    assert ends(loop, "b") == ["task_cancelled"]
    assert finished(loop).counts.succeeded == 2
    assert ends(loop, "b") == ["task_cancelled", "succeeded"]


def test_a_restarted_task_whose_need_has_failed_meanwhile_is_skipped(start: Start) -> None:
    loop = start(task("a") + task("b", "a") + task("c", "b"))
    loop.end(A, "succeed")
    loop.settle()
    edit(loop, "a", "1")
    loop.end(A, "fail")
    loop.settle()
    loop.end(B, "succeed")
    loop.settle()
    skips = {e.task: e for e in loop.of(ev.TaskSkipped) if isinstance(e, ev.TaskSkipped)}
    assert {name: skip.root for name, skip in skips.items()} == {"w:b": "w:a", "w:c": "w:a"}
    end = finished(loop)
    assert (end.counts.failed, end.counts.skipped, end.counts.total) == (1, 2, 3)


def test_what_waits_for_a_queued_task_is_not_skipped_by_its_first_failure(start: Start) -> None:
    loop = start(task("a", more='on_change = "queue"') + task("b", "a"))
    edit(loop, "a", "1")
    assert not loop.at_work[A].is_stopping
    loop.end(A, "fail")
    end = finished(loop)
    assert ends(loop, "a") == ["failed", "succeeded"]
    assert ends(loop, "b") == ["succeeded"]
    assert end.outcome == "succeeded"


def test_a_change_to_a_task_that_is_being_stopped_is_not_lost(start: Start) -> None:
    loop = start(task("a"))
    loop.post(StopTask(task="w:a"))
    loop.settle()
    edit(loop, "a", "1")
    loop.end(A, "succeed")
    loop.settle()
    assert list(loop.at_work) == [A]
    assert finished(loop).outcome == "succeeded"


def test_a_stopped_task_does_not_run_again_for_an_older_change(start: Start) -> None:
    loop = start(task("a"))
    edit(loop, "a", "1")
    loop.post(StopTask(task="w:a"))
    loop.settle()
    loop.end(A, "succeed")
    assert finished(loop).outcome == "stopped"
    assert ends(loop, "a") == ["task_cancelled"]


def test_an_ignored_change_leaves_the_turn_alone(start: Start) -> None:
    loop = start(task("a", more='on_change = "ignore"'))
    edit(loop, "a", "1")
    assert not loop.at_work[A].is_stopping
    assert loop.of(ev.TurnExtended) == []


def test_a_request_does_not_restart_what_runs_unless_it_is_forced(start: Start) -> None:
    loop = start(task("a"))
    loop.post(RunTasks(targets=("w:a",)))
    loop.settle()
    assert not loop.at_work[A].is_stopping
    loop.post(RunTasks(targets=("w:a",), force=True))
    loop.settle()
    assert loop.at_work[A].is_stopping
    assert finished(loop).counts.succeeded == 1


def test_a_request_after_stop_opens_a_turn_of_its_own(start: Start) -> None:
    loop = start(task("a"))
    loop.post(StopTurn())
    loop.post(RunTasks(targets=("w:a",)))
    loop.settle()
    loop.end(A, "succeed")
    assert finished(loop).outcome == "succeeded"
    outcomes = [e.outcome for e in loop.of(ev.TurnFinished) if isinstance(e, ev.TurnFinished)]
    assert outcomes == ["stopped", "succeeded"]


def test_a_task_called_off_before_its_lookup_is_not_looked_up(start: Start) -> None:
    loop = start(task("a") + task("b", "a"))
    loop.end(A, "succeed")  # b is released, and called off before the loop comes to it
    loop.post(StopTask(task="w:b"))
    finished(loop)
    assert ends(loop, "b") == ["task_cancelled"]
    looked_up = {e.task for e in loop.of(ev.CacheLookedUp) if isinstance(e, ev.CacheLookedUp)}
    assert looked_up == {"w:a"}


def test_a_service_that_nobody_needed_is_not_counted(start: Start) -> None:
    service = '[tasks.s]\nkind = "service"\ncommand = "true"\n'
    loop = start(task("a", "s") + service)
    loop.finish()
    edit(loop, "a", "1")
    loop.finish()
    edit(loop, "a", "0")  # what was stored for the first turn is a hit, and s is not needed
    end = finished(loop)
    assert (end.counts.cached, end.counts.total) == (1, 1)


def test_a_command_for_a_name_that_is_none_is_refused_in_words(start: Start) -> None:
    loop = start(task("a"))
    loop.post(StopTask(task="no colon"))
    loop.settle()
    (notice,) = loop.of(ev.Noticed)
    assert isinstance(notice, ev.Noticed)
    assert notice.error is not None
    assert notice.error.code == "graph.unknown_target"


def test_what_a_refused_turn_was_to_do_joins_the_next_one(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = start(task("a") + task("b"))
    loop.finish()
    store = type(loop.supervisor.session.state.stores.session_store)
    refuse(monkeypatch, store, "open_turn")
    edit(loop, "a", "1")
    assert loop.at_work == {}
    monkeypatch.undo()
    edit(loop, "b", "1")
    assert sorted(loop.at_work) == [A, B]


def test_a_change_that_cannot_be_written_down_joins_the_next_one(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = start(task("a") + task("b"))
    loop.finish()
    store = type(loop.supervisor.session.state.stores.trigger_store)
    refuse(monkeypatch, store, "add")
    edit(loop, "a", "1")
    assert loop.at_work == {}
    monkeypatch.undo()
    edit(loop, "b", "1")
    assert sorted(loop.at_work) == [A, B]


def test_a_turn_that_cannot_be_committed_ends_as_errored_and_its_change_stays(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = start(task("a"))
    loop.finish()
    store = type(loop.supervisor.session.state.stores.session_store)
    refuse(monkeypatch, store, "commit_turn")
    edit(loop, "a", "1")
    end = finished(loop)
    assert end.outcome == "errored"
    assert end.error is not None
    assert end.error.code == "store_commit_failed"
    assert end.duration_s > 0
    monkeypatch.undo()
    pending = loop.supervisor.session.state.stores.trigger_store.pending()
    assert [item.paths for item in pending] == [("a.txt",)]
    loop.post(RunTasks(targets=("w:a",)))
    assert finished(loop).outcome == "succeeded"
    assert loop.supervisor.session.state.stores.trigger_store.pending() == []


def refuse(monkeypatch: pytest.MonkeyPatch, store: type, name: str) -> None:
    def refused(*_: object) -> None:
        raise HazuiRuntimeError(
            RuntimeErrorCode.STORE_COMMIT_FAILED, "refused by the test", data={"kind": "io"}
        )

    monkeypatch.setattr(store, name, refused)
