"""The plan with services that sleep until something that needs them misses."""

from typing import Any

from hazui.domain.specs import Mutex, TaskSpec
from hazui.graph.states import (
    CancelTask,
    Done,
    LookedUp,
    StopAdmitting,
    TaskState,
    Unneeded,
    WaitingReason,
    WaveEnded,
)
from tests.support.graphs import ids, task, task_id
from tests.support.plans import PlanRun, told

A, B, C, D = ids("a b c d")


class Lazy(PlanRun):
    """A run in which ``s`` is a service that was not asked for."""

    def __init__(self, *tasks: TaskSpec, **more: Any) -> None:
        super().__init__(*tasks, lazy=[task_id("s")], **more)


def test_a_service_nobody_needs_is_never_started() -> None:
    run = Lazy(task("s"), task("a", "s"), task("b", weak="s"))
    assert run.start() == ["look a", "look b"]
    assert run.state("s") is TaskState.DORMANT
    assert run.hit("a") == []
    effects = run.plan.apply(LookedUp(B, True))
    assert effects == [WaveEnded(1), Unneeded(task_id("s")), Done()]
    assert run.state("s") is TaskState.UNNEEDED


def test_a_dependant_that_misses_wakes_the_service_and_is_looked_up_again() -> None:
    run = Lazy(task("s"), task("a", "s"), task("b", "s"), task("c", "a"), jobs=1)
    assert run.start() == ["look a"]
    assert run.miss("a") == ["look b"]
    assert run.plan.waiting_reason(A) == WaitingReason("dependency", "ws:s")
    assert run.hit("b") == ["look s"]
    assert run.miss("s") == ["spawn s"]
    assert run.end("s", "ready") == ["look a"]
    assert run.miss("a") == ["spawn a"]
    assert run.end("a") == ["look c"]


def test_a_service_that_does_not_get_ready_takes_its_dependants_along() -> None:
    tasks = task("s"), task("a", "s"), task("b", "s"), task("c", "s"), task("d", "a")
    run = Lazy(*tasks)
    run.start()
    assert run.miss("a") == ["look s"]
    assert run.hit("b") == []
    run.miss("s")
    assert run.end("s", "errored") == [f"skip {n} upstream_errored s" for n in "acd"] + ["done"]
    assert run.miss("c") == []
    assert run.state("b") is TaskState.SUCCEEDED


def test_services_that_need_services_wake_one_after_the_other() -> None:
    tasks = task("r"), task("s", "r"), task("a", "s")
    run = PlanRun(*tasks, lazy=ids("r s"))
    assert run.start() == ["look a"]
    assert run.miss("a") == ["look s"]
    assert run.miss("s") == ["look r"]
    assert run.miss("r") == ["spawn r"]
    assert run.end("r", "ready") == ["look s"]
    assert run.miss("s") == ["spawn s"]
    assert run.end("s", "ready") == ["look a"]


def test_calling_off_a_sleeping_service_calls_off_what_needs_it() -> None:
    run = Lazy(task("s"), task("a", "s"), task("b", weak="s"))
    run.start()
    effects = told(run.plan.apply(CancelTask(task_id("s"))))
    assert effects == ["cancel s never_started", "cancel a upstream s"]
    assert run.hit("b") == ["done"]


def test_nothing_wakes_a_service_once_admission_is_closed() -> None:
    run = Lazy(task("s"), task("a", "s"))
    run.start()
    run.plan.apply(StopAdmitting())
    assert run.miss("a") == ["cancel a never_started", "done"]
    assert run.state("s") is TaskState.UNNEEDED


def test_a_running_task_is_taken_over_with_all_that_it_holds() -> None:
    m = Mutex("db")
    tasks = task("a"), task("b", "a", mutex=m), task("c", mutex=m), task("d", "b"), task("e")
    run = PlanRun(*tasks, jobs=2, running=[B])
    assert run.state("b") is TaskState.RUNNING
    assert run.start() == ["look a"]
    assert run.end("a", "failed") == ["look c"]
    assert run.miss("c") == ["look e"]
    assert run.end("b") == ["spawn c"]
    assert run.hit("e") == ["look d"]


def test_a_service_that_gets_ready_frees_only_those_that_woke_it() -> None:
    run = Lazy(task("s"), task("z"), task("a", "s"), task("b", "s z"))
    assert run.start() == ["look a", "look z"]
    assert run.miss("a") == ["look s"]
    assert run.miss("s") == ["spawn s"]
    assert run.end("s", "ready") == ["look a"]
    assert run.state("b") is TaskState.WAITING
    assert run.hit("z") == ["look b"]


def test_calling_off_a_sleeping_service_does_not_free_its_followers_twice() -> None:
    run = Lazy(task("s"), task("z"), task("b", weak="s z"))
    assert run.start() == ["look z"]
    run.plan.apply(CancelTask(task_id("s")))
    assert run.state("b") is TaskState.WAITING
    assert run.hit("z") == ["look b"]


def test_a_weak_follower_neither_wakes_a_service_nor_waits_for_a_woken_one() -> None:
    run = Lazy(task("s"), task("a", "s"), task("b", weak="s"), task("c", weak="s"))
    assert run.start() == ["look a", "look b", "look c"]
    assert run.miss("b") == ["spawn b"]
    assert run.miss("a") == ["look s"]
    assert run.miss("c") == ["spawn c"]


def test_nobody_is_said_to_wait_for_a_sleeping_service_before_it_does() -> None:
    run = Lazy(task("s"), task("a"), task("b", "a s"))
    run.start()
    assert run.plan.waiting_reason(B) == WaitingReason("dependency", "ws:a")
    run.hit("a")
    assert run.miss("b") == ["look s"]
    assert run.plan.waiting_reason(B) == WaitingReason("dependency", "ws:s")
