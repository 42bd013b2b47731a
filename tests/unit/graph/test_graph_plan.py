"""The plan: what may start when, told as small stories."""

import pytest

from hazui.domain.ids import TaskId
from hazui.domain.records import SkipCause
from hazui.domain.specs import Mutex
from hazui.graph.build import build
from hazui.graph.plan import Plan
from hazui.graph.states import (
    CancelAll,
    CancelTask,
    Done,
    Finished,
    LookedUp,
    LookUp,
    Pause,
    Restarted,
    Resume,
    Skip,
    Start,
    StopAdmitting,
    TaskState,
    WaitingReason,
    WaveEnded,
)
from tests.support.graphs import ids, task, workspace
from tests.support.plans import PlanRun, told

A, B, C, D = ids("a b c d")


def test_an_empty_plan_is_done_at_once() -> None:
    plan = PlanRun(task("a")).plan
    empty = Plan(build(workspace(task("a")))[0], [], jobs=1)
    assert empty.apply(Start()) == [Done()]
    assert empty.is_done
    assert not plan.is_done


def test_a_miss_runs_and_a_hit_does_not() -> None:
    run = PlanRun(task("a"), task("b"))
    assert run.start() == ["look a", "look b"]
    assert run.hit("a") == []
    assert run.miss("b") == ["spawn b"]
    assert run.end("b") == ["done"]
    assert run.plan.counts[TaskState.SUCCEEDED] == 2


def test_a_hard_dependency_is_waited_for() -> None:
    run = PlanRun(task("a"), task("b", "a"))
    assert run.start() == ["look a"]
    assert run.hit("a") == ["look b"]


def test_predecessors_outside_of_the_plan_count_as_done() -> None:
    run = PlanRun(task("a"), task("b", "a"), task("c", weak="a"), only="b c")
    assert run.start() == ["look b", "look c"]


def test_a_weak_dependency_orders_and_never_cascades() -> None:
    run = PlanRun(task("a"), task("b", weak="a"))
    assert run.start() == ["look a"]
    run.miss("a")
    assert run.end("a", "failed") == ["look b"]


def test_slots_are_given_in_canonical_order_with_failures_first() -> None:
    run = PlanRun(task("a"), task("b"), task("c"), jobs=1, failed_first=[C])
    assert run.start() == ["look c"]
    assert run.hit("c") == ["look a"]
    assert run.hit("a") == ["look b"]


def test_a_full_tag_lets_others_pass() -> None:
    tasks = task("a", tags="heavy"), task("b", tags="heavy x"), task("c")
    run = PlanRun(*tasks, tag_limits={"heavy": 1})
    assert run.start() == ["look a", "look c"]
    assert run.miss("a") == ["spawn a"]
    assert run.end("a") == ["look b"]


def test_a_task_with_two_tags_needs_room_under_both() -> None:
    tasks = task("a", tags="x"), task("b", tags="y"), task("c", tags="x y")
    run = PlanRun(*tasks, tag_limits={"x": 1, "y": 1})
    assert run.start() == ["look a", "look b"]
    assert run.hit("a") == []
    assert run.hit("b") == ["look c"]


def test_a_busy_mutex_gives_the_slot_back() -> None:
    m = Mutex("db")
    run = PlanRun(task("a", mutex=m), task("b", mutex=m), task("c"), jobs=2)
    assert run.start() == ["look a", "look b"]
    assert run.miss("a") == ["spawn a"]
    assert run.miss("b") == ["look c"]
    assert run.state("b") is TaskState.BOUNCED
    assert run.end("a") == ["spawn b"]


def test_a_hit_never_takes_a_mutex() -> None:
    m = Mutex("db")
    run = PlanRun(task("a", mutex=m), task("b", mutex=m))
    run.start()
    run.miss("a")
    assert run.hit("b") == []
    assert run.state("b") is TaskState.SUCCEEDED


def test_shared_holders_run_together_and_an_exclusive_one_alone() -> None:
    shared, exclusive = Mutex("db", is_shared=True), Mutex("db")
    run = PlanRun(task("a", mutex=shared), task("b", mutex=shared), task("c", mutex=exclusive))
    run.start()
    assert run.miss("a") == ["spawn a"]
    assert run.miss("b") == ["spawn b"]
    assert run.miss("c") == []
    assert run.end("a") == []
    assert run.end("b") == ["spawn c"]


def test_an_exclusive_waiter_is_not_overtaken_by_shared_ones() -> None:
    shared, exclusive = Mutex("db", is_shared=True), Mutex("db")
    tasks = [task(name, mutex=shared) for name in "acd"]
    run = PlanRun(*tasks, task("b", mutex=exclusive))
    run.start()
    run.miss("a")
    run.miss("b")
    assert run.miss("c") == []
    assert run.miss("d") == []
    assert run.end("a") == ["spawn b"]
    assert run.end("b") == ["spawn c", "spawn d"]


def test_calling_off_an_exclusive_waiter_lets_the_shared_ones_in() -> None:
    shared, exclusive = Mutex("db", is_shared=True), Mutex("db")
    tasks = task("a", mutex=shared), task("b", mutex=exclusive), task("c", mutex=shared)
    run = PlanRun(*tasks)
    run.start()
    for name in "abc":
        run.miss(name)
    assert told(run.plan.apply(CancelTask(B))) == ["cancel b never_started", "spawn c"]


def test_a_project_mutex_is_one_for_each_project() -> None:
    m = Mutex("db", scope="project")
    run = PlanRun(task("p:a", mutex=m), task("q:a", mutex=m), task("q:b", mutex=m))
    run.start()
    assert run.miss("p:a") == ["spawn a"]
    assert run.miss("q:a") == ["spawn a"]
    assert run.miss("q:b") == []


def test_bounced_tasks_go_before_new_ones() -> None:
    m = Mutex("db")
    run = PlanRun(task("a", mutex=m), task("b", mutex=m), task("c"), task("d"), jobs=1)
    assert run.start() == ["look a"]
    assert run.miss("a") == ["spawn a"]
    assert run.end("a") == ["look b"]
    run = PlanRun(task("a", mutex=m), task("b", mutex=m), task("c"), task("d"), jobs=2)
    run.start()
    run.miss("a")
    assert run.miss("b") == ["look c"]
    assert run.end("a") == ["spawn b"]


def test_a_bounced_task_waits_for_a_slot_when_the_mutex_is_free() -> None:
    m = Mutex("db")
    tasks = task("a", mutex=m), task("b", mutex=m, tags="t"), task("c", tags="t"), task("d")
    run = PlanRun(*tasks, jobs=2, tag_limits={"t": 1})
    assert run.start() == ["look a", "look b"]
    run.miss("a")
    assert run.miss("b") == ["look c"]
    assert run.miss("c") == ["spawn c"]
    assert run.end("a") == ["look d"]
    assert run.plan.waiting_reason(B) == WaitingReason("tag", "t")
    assert run.end("c") == ["spawn b"]


@pytest.mark.parametrize(
    ("ending", "cause"), [("failed", "upstream_failed"), ("errored", "upstream_errored")]
)
def test_a_failure_skips_all_that_needs_it_at_once_and_names_the_root(
    ending: str, cause: str
) -> None:
    run = PlanRun(task("a"), task("b", "a"), task("c", "b"), task("d", "a", weak="c"), task("e"))
    run.start()
    run.miss("a")
    assert run.end("a", ending) == [f"skip {n} {cause} a" for n in "bcd"]
    assert run.hit("e") == ["done"]


def test_an_error_in_the_lookup_is_an_error_of_the_task() -> None:
    run = PlanRun(task("a"), task("b", "a"))
    run.start()
    assert run.end("a", "errored") == ["skip b upstream_errored a", "done"]


def test_the_first_culprit_stays_named() -> None:
    run = PlanRun(task("a"), task("b"), task("c", "a b"))
    run.start()
    run.miss("a")
    run.miss("b")
    assert run.end("b", "failed") == ["skip c upstream_failed b"]
    assert run.end("a", "failed") == ["done"]


def test_fail_fast_stops_admitting_and_lets_the_rest_end() -> None:
    run = PlanRun(task("a"), task("b"), task("c"), task("d", "b"), jobs=2, fail_fast=True)
    run.start()
    run.miss("a")
    run.miss("b")
    assert run.end("a", "failed") == ["cancel c never_started"]
    assert run.state("d") is TaskState.WAITING
    assert run.end("b") == ["cancel d never_started", "done"]


def test_a_lookup_under_way_at_fail_fast_may_still_hit_but_not_run() -> None:
    tasks = [task(name) for name in "abc"]
    run = PlanRun(*tasks, fail_fast=True)
    run.start()
    run.miss("a")
    assert run.end("a", "failed") == []
    assert run.hit("b") == []
    assert run.miss("c") == ["cancel c never_started", "done"]


def test_cancelling_all_has_three_shapes() -> None:
    run = PlanRun(task("a"), task("b", "a"), task("c"), task("d", "c"), jobs=1)
    run.start()
    run.miss("a")
    assert told(run.plan.apply(CancelAll())) == [
        "cancel a in_flight",
        "cancel c never_started",
        "cancel d upstream c",
    ]
    assert run.state("a") is TaskState.STOPPING
    assert run.end("a", "cancelled") == ["cancel b upstream a", "done"]


def test_what_ends_by_itself_while_it_is_stopped_has_ended_by_itself() -> None:
    run = PlanRun(task("a"), task("b", "a"))
    run.start()
    run.miss("a")
    run.plan.apply(CancelAll())
    assert run.end("a") == ["cancel b never_started", "done"]
    assert run.state("a") is TaskState.SUCCEEDED


def test_a_task_called_off_in_its_lookup_needs_no_answer() -> None:
    run = PlanRun(task("a"), task("b"))
    run.start()
    effects = run.plan.apply(CancelAll())
    assert told(effects) == ["cancel a never_started", "cancel b never_started", "done"]
    assert run.miss("a") == []
    assert run.end("b") == []


def test_cancelling_before_the_start_ends_everything() -> None:
    run = PlanRun(task("a"), task("b", "a"))
    effects = told(run.plan.apply(CancelAll()))
    assert effects == ["cancel a never_started", "cancel b upstream a", "done"]


def test_cancelling_one_task_takes_what_needs_it_and_nothing_else() -> None:
    run = PlanRun(task("a"), task("b", "a"), task("c"))
    run.start()
    run.miss("a")
    assert told(run.plan.apply(CancelTask(A))) == ["cancel a in_flight"]
    assert told(run.plan.apply(CancelTask(A))) == []
    assert run.end("a", "cancelled") == ["cancel b upstream a"]
    assert run.miss("c") == ["spawn c"]


def test_a_second_cancel_changes_nothing() -> None:
    run = PlanRun(task("a"))
    run.start()
    run.miss("a")
    run.plan.apply(CancelAll())
    assert run.plan.apply(CancelAll()) == []
    assert run.end("a", "cancelled") == ["done"]
    assert run.plan.apply(CancelAll()) == []


def test_a_circle_found_at_run_time_skips_what_has_not_started() -> None:
    run = PlanRun(task("a"), task("b"), task("c", "b"), task("d"), jobs=2)
    run.start()
    run.miss("a")
    run.miss("b")
    effects = told(run.plan.apply(StopAdmitting(A)))
    assert effects == ["skip d runtime_cycle a"]
    assert run.end("b") == ["skip c runtime_cycle a"]
    assert run.end("a") == ["done"]


def test_stopping_admission_without_a_culprit_cancels() -> None:
    run = PlanRun(task("a"), task("b"), jobs=1)
    run.start()
    run.miss("a")
    assert told(run.plan.apply(StopAdmitting())) == ["cancel b never_started"]
    assert run.end("a") == ["done"]


def test_a_restarted_task_is_looked_up_again_and_gives_everything_back() -> None:
    m = Mutex("db")
    run = PlanRun(task("a", mutex=m), task("b", mutex=m), task("c", "a"), jobs=1)
    run.start()
    assert run.miss("a") == ["spawn a"]
    assert told(run.plan.apply(Restarted(A))) == ["look a"]
    assert run.hit("a") == ["look b"]
    assert run.miss("b") == ["spawn b"]


def test_a_restarted_task_queues_behind_those_that_wait_for_its_mutex() -> None:
    m = Mutex("db")
    run = PlanRun(task("a", mutex=m), task("b", mutex=m))
    run.start()
    run.miss("a")
    run.miss("b")
    assert told(run.plan.apply(Restarted(A))) == ["spawn b", "look a"]
    assert run.miss("a") == []


def test_a_bounced_task_can_be_put_back() -> None:
    m = Mutex("db")
    run = PlanRun(task("a", mutex=m), task("b", mutex=m))
    run.start()
    run.miss("a")
    run.miss("b")
    assert told(run.plan.apply(Restarted(B))) == ["look b"]
    assert run.end("a") == []
    assert run.miss("b") == ["spawn b"]


def test_a_restart_after_a_cancel_is_a_cancel() -> None:
    run = PlanRun(task("a"), task("b", "a"))
    run.start()
    run.miss("a")
    run.plan.apply(CancelTask(A))
    assert told(run.plan.apply(Restarted(A))) == ["cancel b upstream a", "done"]
    assert run.state("a") is TaskState.CANCELLED


def test_a_ready_service_frees_slot_tag_and_mutex_for_its_dependants() -> None:
    m = Mutex("port")
    tasks = task("a", mutex=m, tags="t"), task("b", "a", mutex=m, tags="t")
    run = PlanRun(*tasks, jobs=1, tag_limits={"t": 1})
    run.start()
    run.miss("a")
    assert run.end("a", "ready") == ["look b"]
    assert run.miss("b") == ["spawn b"]


def test_a_pause_holds_admission_only() -> None:
    m = Mutex("db")
    run = PlanRun(task("a", mutex=m), task("b", mutex=m), task("c"), jobs=2)
    run.start()
    run.miss("a")
    run.plan.apply(Pause())
    assert run.miss("b") == []
    assert run.end("a") == []
    assert told(run.plan.apply(Resume())) == ["spawn b", "look c"]


def test_a_wave_is_what_one_step_released() -> None:
    run = PlanRun(task("a"), task("b"), task("c", "a"), jobs=2)
    assert run.plan.apply(Start()) == [LookUp(A, 1), LookUp(B, 1)]
    assert run.plan.apply(LookedUp(A, True)) == [LookUp(C, 2)]
    assert run.plan.apply(LookedUp(C, True)) == [WaveEnded(2)]
    assert run.plan.apply(LookedUp(B, True)) == [WaveEnded(1), Done()]
    assert [run.plan.wave(one) for one in (A, B, C)] == [1, 1, 2]


def test_inputs_taken_in_together_make_one_wave() -> None:
    run = PlanRun(task("a"), task("b"), task("c", "a"), task("d", "b"), jobs=2)
    run.start()
    effects = run.plan.apply_all([LookedUp(A, True), LookedUp(B, True)])
    assert effects == [WaveEnded(1), LookUp(C, 2), LookUp(D, 2)]


def test_an_input_that_does_not_fit_is_refused() -> None:
    run = PlanRun(task("a"), task("b", "a"))
    run.start()
    with pytest.raises(ValueError, match="waiting"):
        run.plan.apply(LookedUp(B, True))
    with pytest.raises(KeyError):
        run.plan.apply(LookedUp(TaskId("x", "y"), True))
    with pytest.raises(ValueError, match="before"):
        run.plan.apply(Start())


def test_a_long_weak_chain_is_called_off_without_recursion() -> None:
    count = 3_000
    tasks = [task(f"t{n:04}", weak=f"t{n - 1:04}" if n else "") for n in range(count)]
    run = PlanRun(*tasks, fail_fast=True)
    run.start()
    run.miss("t0000")
    run.end("t0000", "failed")
    assert run.plan.is_done
    assert run.plan.counts[TaskState.CANCELLED] == count - 1


def test_every_state_says_what_is_known_in_it() -> None:
    import ast
    import inspect

    from hazui.graph import states

    tree = ast.parse(inspect.getsource(states))
    body = next(
        node.body
        for node in tree.body
        if isinstance(node, ast.ClassDef) and node.name == "TaskState"
    )
    for position, node in enumerate(body):
        if isinstance(node, ast.Assign):
            follows = body[position + 1]
            assert isinstance(follows, ast.Expr)
            assert isinstance(follows.value, ast.Constant)


def test_skip_causes_are_those_of_the_records() -> None:
    run = PlanRun(task("a"), task("b", "a"))
    run.start()
    effects = run.plan.apply(Finished(A, "failed"))
    assert Skip(B, SkipCause.UPSTREAM_FAILED, A) in effects
