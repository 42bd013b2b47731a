"""The plan: what may start when, told as small stories."""

from typing import Any

import pytest

from hazui.domain.ids import TaskId
from hazui.domain.records import SkipCause
from hazui.domain.specs import Mutex, TaskSpec
from hazui.graph.build import build
from hazui.graph.plan import Plan
from hazui.graph.states import (
    Cancel,
    CancelAll,
    CancelTask,
    Done,
    Effect,
    Finished,
    LookedUp,
    LookUp,
    Pause,
    Restarted,
    Resume,
    Skip,
    Spawn,
    Start,
    StopAdmitting,
    TaskState,
    Unneeded,
    Wait,
    WaitingReason,
    WaveEnded,
)
from tests.support.graphs import ids, task, task_id, workspace

A, B, C, D = ids("a b c d")


class Run:
    """A plan and everything that it has said; names are those of root tasks."""

    def __init__(self, *tasks: TaskSpec, only: str = "", jobs: int = 8, **more: Any) -> None:
        graph, problems = build(workspace(*tasks))
        assert problems == []
        self.plan = Plan(graph, ids(only) if only else graph.tasks, jobs=jobs, **more)

    def start(self) -> list[str]:
        return told(self.plan.apply(Start()))

    def miss(self, name: str) -> list[str]:
        return told(self.plan.apply(LookedUp(task_id(name), False)))

    def hit(self, name: str) -> list[str]:
        return told(self.plan.apply(LookedUp(task_id(name), True)))

    def end(self, name: str, ending: Any = "succeeded") -> list[str]:
        return told(self.plan.apply(Finished(task_id(name), ending)))

    def state(self, name: str) -> TaskState:
        return self.plan.state(task_id(name))


def told(effects: list[Effect]) -> list[str]:
    """The effects as words, without waves: "look a", "skip c upstream_failed a"."""
    out: list[str] = []
    for effect in effects:
        if isinstance(effect, LookUp):
            out.append(f"look {effect.task.name}")
        elif isinstance(effect, Spawn):
            out.append(f"spawn {effect.task.name}")
        elif isinstance(effect, Skip):
            out.append(f"skip {effect.task.name} {effect.cause} {effect.root.name}")
        elif isinstance(effect, Cancel):
            root = f" {effect.root.name}" if effect.root else ""
            out.append(f"cancel {effect.task.name} {effect.shape}{root}")
        elif isinstance(effect, Done):
            out.append("done")
    return out


def test_an_empty_plan_is_done_at_once() -> None:
    plan = Run(task("a")).plan
    empty = Plan(build(workspace(task("a")))[0], [], jobs=1)
    assert empty.apply(Start()) == [Done()]
    assert empty.is_done
    assert not plan.is_done


def test_a_miss_runs_and_a_hit_does_not() -> None:
    run = Run(task("a"), task("b"))
    assert run.start() == ["look a", "look b"]
    assert run.hit("a") == []
    assert run.miss("b") == ["spawn b"]
    assert run.end("b") == ["done"]
    assert run.plan.counts[TaskState.SUCCEEDED] == 2


def test_a_hard_dependency_is_waited_for() -> None:
    run = Run(task("a"), task("b", "a"))
    assert run.start() == ["look a"]
    assert run.hit("a") == ["look b"]


def test_predecessors_outside_of_the_plan_count_as_done() -> None:
    run = Run(task("a"), task("b", "a"), task("c", weak="a"), only="b c")
    assert run.start() == ["look b", "look c"]


def test_a_weak_dependency_orders_and_never_cascades() -> None:
    run = Run(task("a"), task("b", weak="a"))
    assert run.start() == ["look a"]
    run.miss("a")
    assert run.end("a", "failed") == ["look b"]


def test_slots_are_given_in_canonical_order_with_failures_first() -> None:
    run = Run(task("a"), task("b"), task("c"), jobs=1, failed_first=[C])
    assert run.start() == ["look c"]
    assert run.hit("c") == ["look a"]
    assert run.hit("a") == ["look b"]


def test_a_full_tag_lets_others_pass() -> None:
    tasks = task("a", tags="heavy"), task("b", tags="heavy x"), task("c")
    run = Run(*tasks, tag_limits={"heavy": 1})
    assert run.start() == ["look a", "look c"]
    assert run.miss("a") == ["spawn a"]
    assert run.end("a") == ["look b"]


def test_a_task_with_two_tags_needs_room_under_both() -> None:
    tasks = task("a", tags="x"), task("b", tags="y"), task("c", tags="x y")
    run = Run(*tasks, tag_limits={"x": 1, "y": 1})
    assert run.start() == ["look a", "look b"]
    assert run.hit("a") == []
    assert run.hit("b") == ["look c"]


def test_a_busy_mutex_gives_the_slot_back() -> None:
    m = Mutex("db")
    run = Run(task("a", mutex=m), task("b", mutex=m), task("c"), jobs=2)
    assert run.start() == ["look a", "look b"]
    assert run.miss("a") == ["spawn a"]
    assert run.miss("b") == ["look c"]
    assert run.state("b") is TaskState.BOUNCED
    assert run.end("a") == ["spawn b"]


def test_a_hit_never_takes_a_mutex() -> None:
    m = Mutex("db")
    run = Run(task("a", mutex=m), task("b", mutex=m))
    run.start()
    run.miss("a")
    assert run.hit("b") == []
    assert run.state("b") is TaskState.SUCCEEDED


def test_shared_holders_run_together_and_an_exclusive_one_alone() -> None:
    shared, exclusive = Mutex("db", is_shared=True), Mutex("db")
    run = Run(task("a", mutex=shared), task("b", mutex=shared), task("c", mutex=exclusive))
    run.start()
    assert run.miss("a") == ["spawn a"]
    assert run.miss("b") == ["spawn b"]
    assert run.miss("c") == []
    assert run.end("a") == []
    assert run.end("b") == ["spawn c"]


def test_an_exclusive_waiter_is_not_overtaken_by_shared_ones() -> None:
    shared, exclusive = Mutex("db", is_shared=True), Mutex("db")
    tasks = [task(name, mutex=shared) for name in "acd"]
    run = Run(*tasks, task("b", mutex=exclusive))
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
    run = Run(*tasks)
    run.start()
    for name in "abc":
        run.miss(name)
    assert told(run.plan.apply(CancelTask(B))) == ["cancel b never_started", "spawn c"]


def test_a_project_mutex_is_one_for_each_project() -> None:
    m = Mutex("db", scope="project")
    run = Run(task("p:a", mutex=m), task("q:a", mutex=m), task("q:b", mutex=m))
    run.start()
    assert run.miss("p:a") == ["spawn a"]
    assert run.miss("q:a") == ["spawn a"]
    assert run.miss("q:b") == []


def test_bounced_tasks_go_before_new_ones() -> None:
    m = Mutex("db")
    run = Run(task("a", mutex=m), task("b", mutex=m), task("c"), task("d"), jobs=1)
    assert run.start() == ["look a"]
    assert run.miss("a") == ["spawn a"]
    assert run.end("a") == ["look b"]
    run = Run(task("a", mutex=m), task("b", mutex=m), task("c"), task("d"), jobs=2)
    run.start()
    run.miss("a")
    assert run.miss("b") == ["look c"]
    assert run.end("a") == ["spawn b"]


def test_a_bounced_task_waits_for_a_slot_when_the_mutex_is_free() -> None:
    m = Mutex("db")
    tasks = task("a", mutex=m), task("b", mutex=m, tags="t"), task("c", tags="t"), task("d")
    run = Run(*tasks, jobs=2, tag_limits={"t": 1})
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
    run = Run(task("a"), task("b", "a"), task("c", "b"), task("d", "a", weak="c"), task("e"))
    run.start()
    run.miss("a")
    assert run.end("a", ending) == [f"skip {n} {cause} a" for n in "bcd"]
    assert run.hit("e") == ["done"]


def test_an_error_in_the_lookup_is_an_error_of_the_task() -> None:
    run = Run(task("a"), task("b", "a"))
    run.start()
    assert run.end("a", "errored") == ["skip b upstream_errored a", "done"]


def test_the_first_culprit_stays_named() -> None:
    run = Run(task("a"), task("b"), task("c", "a b"))
    run.start()
    run.miss("a")
    run.miss("b")
    assert run.end("b", "failed") == ["skip c upstream_failed b"]
    assert run.end("a", "failed") == ["done"]


def test_fail_fast_stops_admitting_and_lets_the_rest_end() -> None:
    run = Run(task("a"), task("b"), task("c"), task("d", "b"), jobs=2, fail_fast=True)
    run.start()
    run.miss("a")
    run.miss("b")
    assert run.end("a", "failed") == ["cancel c never_started"]
    assert run.state("d") is TaskState.WAITING
    assert run.end("b") == ["cancel d never_started", "done"]


def test_a_lookup_under_way_at_fail_fast_may_still_hit_but_not_run() -> None:
    tasks = [task(name) for name in "abc"]
    run = Run(*tasks, fail_fast=True)
    run.start()
    run.miss("a")
    assert run.end("a", "failed") == []
    assert run.hit("b") == []
    assert run.miss("c") == ["cancel c never_started", "done"]


def test_cancelling_all_has_three_shapes() -> None:
    run = Run(task("a"), task("b", "a"), task("c"), task("d", "c"), jobs=1)
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
    run = Run(task("a"), task("b", "a"))
    run.start()
    run.miss("a")
    run.plan.apply(CancelAll())
    assert run.end("a") == ["cancel b never_started", "done"]
    assert run.state("a") is TaskState.SUCCEEDED


def test_a_task_called_off_in_its_lookup_needs_no_answer() -> None:
    run = Run(task("a"), task("b"))
    run.start()
    effects = run.plan.apply(CancelAll())
    assert told(effects) == ["cancel a never_started", "cancel b never_started", "done"]
    assert run.miss("a") == []
    assert run.end("b") == []


def test_cancelling_before_the_start_ends_everything() -> None:
    run = Run(task("a"), task("b", "a"))
    effects = told(run.plan.apply(CancelAll()))
    assert effects == ["cancel a never_started", "cancel b upstream a", "done"]


def test_cancelling_one_task_takes_what_needs_it_and_nothing_else() -> None:
    run = Run(task("a"), task("b", "a"), task("c"))
    run.start()
    run.miss("a")
    assert told(run.plan.apply(CancelTask(A))) == ["cancel a in_flight"]
    assert told(run.plan.apply(CancelTask(A))) == []
    assert run.end("a", "cancelled") == ["cancel b upstream a"]
    assert run.miss("c") == ["spawn c"]


def test_a_second_cancel_changes_nothing() -> None:
    run = Run(task("a"))
    run.start()
    run.miss("a")
    run.plan.apply(CancelAll())
    assert run.plan.apply(CancelAll()) == []
    assert run.end("a", "cancelled") == ["done"]
    assert run.plan.apply(CancelAll()) == []


def test_a_circle_found_at_run_time_skips_what_has_not_started() -> None:
    run = Run(task("a"), task("b"), task("c", "b"), task("d"), jobs=2)
    run.start()
    run.miss("a")
    run.miss("b")
    effects = told(run.plan.apply(StopAdmitting(A)))
    assert effects == ["skip d runtime_cycle a"]
    assert run.end("b") == ["skip c runtime_cycle a"]
    assert run.end("a") == ["done"]


def test_stopping_admission_without_a_culprit_cancels() -> None:
    run = Run(task("a"), task("b"), jobs=1)
    run.start()
    run.miss("a")
    assert told(run.plan.apply(StopAdmitting())) == ["cancel b never_started"]
    assert run.end("a") == ["done"]


def test_a_restarted_task_is_looked_up_again_and_gives_everything_back() -> None:
    m = Mutex("db")
    run = Run(task("a", mutex=m), task("b", mutex=m), task("c", "a"), jobs=1)
    run.start()
    assert run.miss("a") == ["spawn a"]
    assert told(run.plan.apply(Restarted(A))) == ["look a"]
    assert run.hit("a") == ["look b"]
    assert run.miss("b") == ["spawn b"]


def test_a_restarted_task_queues_behind_those_that_wait_for_its_mutex() -> None:
    m = Mutex("db")
    run = Run(task("a", mutex=m), task("b", mutex=m))
    run.start()
    run.miss("a")
    run.miss("b")
    assert told(run.plan.apply(Restarted(A))) == ["spawn b", "look a"]
    assert run.miss("a") == []


def test_a_bounced_task_can_be_put_back() -> None:
    m = Mutex("db")
    run = Run(task("a", mutex=m), task("b", mutex=m))
    run.start()
    run.miss("a")
    run.miss("b")
    assert told(run.plan.apply(Restarted(B))) == ["look b"]
    assert run.end("a") == []
    assert run.miss("b") == ["spawn b"]


def test_a_restart_after_a_cancel_is_a_cancel() -> None:
    run = Run(task("a"), task("b", "a"))
    run.start()
    run.miss("a")
    run.plan.apply(CancelTask(A))
    assert told(run.plan.apply(Restarted(A))) == ["cancel b upstream a", "done"]
    assert run.state("a") is TaskState.CANCELLED


def test_a_ready_service_frees_slot_tag_and_mutex_for_its_dependants() -> None:
    m = Mutex("port")
    tasks = task("a", mutex=m, tags="t"), task("b", "a", mutex=m, tags="t")
    run = Run(*tasks, jobs=1, tag_limits={"t": 1})
    run.start()
    run.miss("a")
    assert run.end("a", "ready") == ["look b"]
    assert run.miss("b") == ["spawn b"]


def test_a_pause_holds_admission_only() -> None:
    m = Mutex("db")
    run = Run(task("a", mutex=m), task("b", mutex=m), task("c"), jobs=2)
    run.start()
    run.miss("a")
    run.plan.apply(Pause())
    assert run.miss("b") == []
    assert run.end("a") == []
    assert told(run.plan.apply(Resume())) == ["spawn b", "look c"]


def test_a_wave_is_what_one_step_released() -> None:
    run = Run(task("a"), task("b"), task("c", "a"), jobs=2)
    assert run.plan.apply(Start()) == [LookUp(A, 1), LookUp(B, 1)]
    assert run.plan.apply(LookedUp(A, True)) == [LookUp(C, 2)]
    assert run.plan.apply(LookedUp(C, True)) == [WaveEnded(2)]
    assert run.plan.apply(LookedUp(B, True)) == [WaveEnded(1), Done()]
    assert [run.plan.wave(one) for one in (A, B, C)] == [1, 1, 2]


def test_inputs_taken_in_together_make_one_wave() -> None:
    run = Run(task("a"), task("b"), task("c", "a"), task("d", "b"), jobs=2)
    run.start()
    effects = run.plan.apply_all([LookedUp(A, True), LookedUp(B, True)])
    assert effects == [WaveEnded(1), LookUp(C, 2), LookUp(D, 2)]


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
    run = Run(*tasks, jobs=3, tag_limits={"heavy": 1})
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
    run = Run(task("a"), task("b"), task("c", "a b"), jobs=1)
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
    run = Run(*tasks, jobs=1)
    run.start()
    for name in "abcd":
        run.hit(name)
    assert run.plan.take_waits() == []
    assert run.plan.is_done


def test_an_input_that_does_not_fit_is_refused() -> None:
    run = Run(task("a"), task("b", "a"))
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
    run = Run(*tasks, fail_fast=True)
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
    run = Run(task("a"), task("b", "a"))
    run.start()
    effects = run.plan.apply(Finished(A, "failed"))
    assert Skip(B, SkipCause.UPSTREAM_FAILED, A) in effects


class Lazy(Run):
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
    run = Run(*tasks, lazy=ids("r s"))
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
    run = Run(*tasks, jobs=2, running=[B])
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


def test_a_mutex_that_changes_hands_is_told_to_those_who_wait_for_it() -> None:
    m = Mutex("db")
    run = Run(*(task(name, mutex=m) for name in "abc"))
    run.start()
    for name in "abc":
        run.miss(name)
    held_by_a = WaitingReason("mutex", "db held by ws:a")
    assert run.plan.take_waits() == [Wait(B, held_by_a), Wait(C, held_by_a)]
    run.end("a")
    assert run.plan.take_waits() == [Wait(C, WaitingReason("mutex", "db held by ws:b"))]


def test_a_shared_holder_that_leaves_is_no_news_while_the_first_stays() -> None:
    shared = Mutex("db", is_shared=True)
    run = Run(task("a", mutex=shared), task("b", mutex=shared), task("c", mutex=Mutex("db")))
    run.start()
    for name in "abc":
        run.miss(name)
    assert run.plan.take_waits() == [Wait(C, WaitingReason("mutex", "db held by ws:a"))]
    run.end("b")
    assert run.plan.take_waits() == []
    assert run.end("a") == ["spawn c"]


def test_a_full_tag_that_turns_into_no_slot_is_told() -> None:
    tasks = task("a", tags="t"), task("b"), task("c", tags="t"), task("d"), task("e")
    run = Run(*tasks, jobs=2, tag_limits={"t": 1})
    run.start()
    waits = {wait.task.name: wait.reason.on for wait in run.plan.take_waits()}
    assert waits == {"c": "t", "d": "jobs", "e": "jobs"}
    run.plan.apply(Pause())
    run.miss("a")
    run.end("a")
    assert run.plan.take_waits() == [Wait(C, WaitingReason("slot", "jobs"))]
