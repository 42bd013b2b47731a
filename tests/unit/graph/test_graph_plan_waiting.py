"""The plan: what a waiting task is said to wait for, and when that is told."""

from hazui.domain.specs import Mutex
from hazui.graph.states import (
    Pause,
    Wait,
    WaitingReason,
)
from tests.support.graphs import ids, task, task_id
from tests.support.plans import PlanRun

A, B, C, D = ids("a b c d")


def test_waiting_reasons_say_what_holds_a_task_up() -> None:
    m = Mutex("db")
    tasks = (
        task("a", mutex=m),
        task("b", mutex=m),
        task("c", tags="heavy", weak="a"),
        task("d", tags="heavy"),
        task("e", "a d"),
        task("f"),
        task("g", tags="heavy"),
    )
    run = PlanRun(*tasks, jobs=3, tag_limits={"heavy": 1})
    run.start()
    run.miss("a")
    reason = run.plan.waiting_reason
    assert run.miss("b") == ["look f"]
    assert run.miss("d") == ["spawn d"]
    assert reason(B) == WaitingReason("mutex", "db held by ws:a")
    assert reason(C) == WaitingReason("dependency", "ws:a")
    assert reason(task_id("e")) == WaitingReason("dependency", "ws:d")
    assert reason(task_id("g")) == WaitingReason("tag", "heavy")
    assert reason(A) is None
    assert run.end("d") == ["look g"]
    assert reason(task_id("e")) == WaitingReason("dependency", "ws:a")
    run.end("a")
    assert reason(C) == WaitingReason("tag", "heavy")
    assert reason(task_id("e")) == WaitingReason("slot", "jobs")


def test_a_waiting_reason_is_told_once() -> None:
    run = PlanRun(task("a"), task("b"), task("c", "a b"), jobs=1)
    run.start()
    assert run.plan.take_waits() == [
        Wait(C, WaitingReason("dependency", "ws:b")),
        Wait(B, WaitingReason("slot", "jobs")),
    ]
    assert run.plan.take_waits() == []
    run.hit("a")
    assert run.plan.take_waits() == []
    run.hit("b")
    assert run.plan.take_waits() == []


def test_a_run_of_hits_tells_no_reasons_unless_it_is_asked() -> None:
    tasks = [task("a"), *(task(name, "a") for name in "bcd")]
    run = PlanRun(*tasks, jobs=1)
    run.start()
    for name in "abcd":
        run.hit(name)
    assert run.plan.take_waits() == []
    assert run.plan.is_done


def test_a_mutex_that_changes_hands_is_told_to_those_who_wait_for_it() -> None:
    m = Mutex("db")
    run = PlanRun(*(task(name, mutex=m) for name in "abc"))
    run.start()
    for name in "abc":
        run.miss(name)
    held_by_a = WaitingReason("mutex", "db held by ws:a")
    assert run.plan.take_waits() == [Wait(B, held_by_a), Wait(C, held_by_a)]
    run.end("a")
    assert run.plan.take_waits() == [Wait(C, WaitingReason("mutex", "db held by ws:b"))]


def test_a_shared_holder_that_leaves_is_no_news_while_the_first_stays() -> None:
    shared = Mutex("db", is_shared=True)
    run = PlanRun(task("a", mutex=shared), task("b", mutex=shared), task("c", mutex=Mutex("db")))
    run.start()
    for name in "abc":
        run.miss(name)
    assert run.plan.take_waits() == [Wait(C, WaitingReason("mutex", "db held by ws:a"))]
    run.end("b")
    assert run.plan.take_waits() == []
    assert run.end("a") == ["spawn c"]


def test_a_full_tag_that_turns_into_no_slot_is_told() -> None:
    tasks = task("a", tags="t"), task("b"), task("c", tags="t"), task("d"), task("e")
    run = PlanRun(*tasks, jobs=2, tag_limits={"t": 1})
    run.start()
    waits = {wait.task.name: wait.reason.on for wait in run.plan.take_waits()}
    assert waits == {"c": "t", "d": "jobs", "e": "jobs"}
    run.plan.apply(Pause())
    run.miss("a")
    run.end("a")
    assert run.plan.take_waits() == [Wait(C, WaitingReason("slot", "jobs"))]
