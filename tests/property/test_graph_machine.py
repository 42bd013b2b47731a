"""The plan against a naive model: random graphs, random answers, every rule checked at each step.

The model knows nothing of heaps, queues or counters. It recomputes what must be true from the
graph and the states alone, after every step, and knows the set of tasks that must be admissible.
"""

from collections.abc import Iterable

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from hazui.domain.ids import TaskId
from hazui.domain.records import SkipCause
from hazui.domain.specs import Mutex, TaskSpec
from hazui.graph.build import build
from hazui.graph.plan import Plan
from hazui.graph.states import (
    TERMINAL,
    Cancel,
    CancelAll,
    CancelTask,
    Done,
    Ending,
    Finished,
    Input,
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
    WaveEnded,
)
from tests.support.graphs import task, workspace

S = TaskState
HOLDING = {S.LOOKUP, S.RUNNING, S.STOPPING}
STARTED = {S.RUNNING, S.STOPPING}
BAD = {S.FAILED, S.ERRORED, S.SKIPPED, S.CANCELLED}
ENDINGS: dict[Ending, TaskState] = {
    "succeeded": S.SUCCEEDED,
    "ready": S.SUCCEEDED,
    "failed": S.FAILED,
    "errored": S.ERRORED,
    "cancelled": S.CANCELLED,
}


@st.composite
def task_specs(draw: st.DrawFn) -> list[TaskSpec]:
    count = draw(st.integers(1, 9))
    specs: list[TaskSpec] = []
    names = draw(st.permutations([f"t{n}" for n in range(count)]))
    for position, name in enumerate(names):
        earlier = list(names[:position])
        hard = draw(st.lists(st.sampled_from(earlier), max_size=2, unique=True)) if earlier else []
        rest = [other for other in earlier if other not in hard]
        weak = draw(st.lists(st.sampled_from(rest), max_size=1)) if rest else []
        mutex = draw(
            st.none()
            | st.builds(Mutex, st.sampled_from(["m", "n"]), st.booleans(), st.just("workspace"))
        )
        tags = draw(st.sets(st.sampled_from(["x", "y", "free"])))
        specs.append(
            task(name, " ".join(hard), weak=" ".join(weak), mutex=mutex, tags=" ".join(tags))
        )
    return specs


class PlanMachine(RuleBasedStateMachine):
    @initialize(
        specs=task_specs(),
        jobs=st.integers(1, 4),
        limits=st.dictionaries(st.sampled_from(["x", "y"]), st.integers(1, 2)),
        fail_fast=st.booleans(),
        data=st.data(),
    )
    def start(
        self,
        specs: list[TaskSpec],
        jobs: int,
        limits: dict[str, int],
        fail_fast: bool,
        data: st.DataObject,
    ) -> None:
        self.graph, problems = build(workspace(*specs))
        assert not problems
        self.specs = {spec.id: spec for spec in specs}
        chosen = data.draw(st.sets(st.sampled_from(sorted(self.specs)), min_size=1))
        self.failed_first = data.draw(st.sets(st.sampled_from(sorted(self.specs))))
        self.tasks = sorted(chosen)
        needed = [one for one in self.tasks if self.graph.hard_dependents(one)]
        self.lazy = data.draw(st.sets(st.sampled_from(needed), max_size=2)) if needed else set()
        self.woken: set[TaskId] = set()
        self.jobs, self.limits, self.fail_fast = jobs, limits, fail_fast
        self.plan = Plan(
            self.graph,
            chosen,
            jobs=jobs,
            tag_limits=limits,
            failed_first=self.failed_first,
            fail_fast=fail_fast,
            lazy=self.lazy,
        )
        self.told: dict[TaskId, list[str]] = {one: [] for one in self.tasks}
        self.owed: set[TaskId] = set()
        self.orders: set[TaskId] = set()
        self.queues: dict[str, list[TaskId]] = {"m": [], "n": []}
        self.waves: dict[int, int] = {}
        self.hits: set[TaskId] = set()
        self.paused = self.closed = self.done = False
        self.send(Start())

    # -- the driver's side -------------------------------------------------------------------

    def send(self, given: Input) -> None:
        before = self.states()
        bounced_before = {name: list(queue) for name, queue in self.queues.items()}
        effects = self.plan.apply(given)
        after = self.states()
        self.check_effects(effects, before, after)
        self.check_fifo(bounced_before, before, after)
        for name, queue in self.queues.items():
            queue[:] = [one for one in queue if after[one] is S.BOUNCED]
            queue.extend(
                one for one in self.tasks if self.mutex_of(one) == name
                and after[one] is S.BOUNCED and one not in queue
            )  # fmt: skip

    def states(self) -> dict[TaskId, TaskState]:
        return {one: self.plan.state(one) for one in self.tasks}

    def mutex_of(self, one: TaskId) -> str | None:
        mutex = self.specs[one].mutex
        return mutex.name if mutex else None

    def check_effects(
        self,
        effects: Iterable[object],
        before: dict[TaskId, TaskState],
        after: dict[TaskId, TaskState],
    ) -> None:
        assert not self.done or not list(effects)
        order: list[tuple[bool, TaskId]] = []
        for effect in effects:
            match effect:
                case LookUp(one, wave):
                    assert not self.closed
                    assert not self.paused
                    assert one not in self.lazy or one in self.woken
                    assert after[one] is S.LOOKUP
                    assert self.plan.wave(one) == wave
                    self.owed.add(one)
                    self.waves[wave] = self.waves.get(wave, 0) + 1
                    order.append((one not in self.failed_first, one))
                case Spawn(one):
                    assert after[one] is S.RUNNING
                    self.owed.add(one)
                case Skip(one, cause, root):
                    assert before[one] in {S.WAITING, S.READY, S.BOUNCED, S.LOOKUP, S.RUNNING}
                    assert after[one] is S.SKIPPED
                    if cause is SkipCause.UPSTREAM_FAILED:
                        assert after[root] is S.FAILED
                        assert one in self.graph.dependents_closure([root])
                    elif cause is SkipCause.UPSTREAM_ERRORED:
                        assert after[root] is S.ERRORED
                        assert one in self.graph.dependents_closure([root])
                    self.owed.discard(one)
                    self.told[one].append("skip")
                case Cancel(one, "in_flight", None):
                    assert before[one] is S.RUNNING
                    assert after[one] is S.STOPPING
                    self.orders.add(one)
                case Cancel(one, shape, root):
                    assert after[one] is S.CANCELLED
                    assert (shape == "upstream") == (root is not None)
                    if root is not None:
                        assert after[root] is S.CANCELLED
                        assert one in self.graph.dependents_closure([root])
                    self.owed.discard(one)
                    self.told[one].append("cancel")
                case Unneeded(one):
                    assert one in self.lazy - self.woken
                    assert after[one] is S.UNNEEDED
                    self.told[one].append("unneeded")
                case WaveEnded(wave):
                    del self.waves[wave]
                case Done():
                    assert not self.done
                    self.done = True
                case other:
                    raise AssertionError(other)
        if not self.limits:
            assert order == sorted(order)

    def check_fifo(
        self,
        queues: dict[str, list[TaskId]],
        before: dict[TaskId, TaskState],
        after: dict[TaskId, TaskState],
    ) -> None:
        """Whoever starts on a mutex leaves nobody behind who waited longer."""
        for name, queue in queues.items():
            fresh = [
                one
                for one in self.tasks
                if self.mutex_of(one) == name
                and after[one] in STARTED
                and before[one] not in STARTED
            ]
            still = [one for one in queue if after[one] is S.BOUNCED]
            for one in fresh:
                place = queue.index(one) if one in queue else len(queue)
                assert all(queue.index(other) > place for other in still)

    # -- rules -------------------------------------------------------------------------------

    def some(self, data: st.DataObject, *states: TaskState) -> TaskId:
        return data.draw(st.sampled_from(self.plan.in_state(*states)))

    def has(self, *states: TaskState) -> bool:
        return bool(self.plan.in_state(*states))

    @precondition(lambda self: self.has(S.LOOKUP))
    @rule(data=st.data(), is_hit=st.booleans())
    def look_up(self, data: st.DataObject, is_hit: bool) -> None:
        one = self.some(data, S.LOOKUP)
        self.owed.discard(one)
        asleep = set() if is_hit or self.closed else self.asleep_above(one)
        states = self.states()
        self.woken |= {above for above in asleep if states[above] is S.DORMANT}
        self.send(LookedUp(one, is_hit))
        if asleep:
            assert self.plan.state(one) is S.WAITING
            assert all(self.plan.state(above) is not S.DORMANT for above in asleep)
        elif is_hit:
            assert self.plan.state(one) is S.SUCCEEDED
            self.hits.add(one)
        else:
            closed_end = {S.CANCELLED, S.SKIPPED}
            expected = closed_end if self.closed else {S.RUNNING, S.BOUNCED}
            assert self.plan.state(one) in expected
            if self.mutex_of(one) is None and not self.closed:
                assert self.plan.state(one) is S.RUNNING

    def asleep_above(self, one: TaskId) -> set[TaskId]:
        """The services of which a miss of ``one`` has to wait."""
        states = self.states()
        return {a for a in self.graph.hard(one) if a in self.lazy and states[a] not in TERMINAL}

    @precondition(lambda self: self.has(S.LOOKUP, S.RUNNING, S.STOPPING))
    @rule(data=st.data(), ending=st.sampled_from(sorted(ENDINGS)))
    def finish(self, data: st.DataObject, ending: Ending) -> None:
        one = self.some(data, S.LOOKUP, S.RUNNING, S.STOPPING)
        self.owed.discard(one)
        if self.fail_fast and ending in ("failed", "errored"):
            self.closed = True
        self.send(Finished(one, ending))
        assert self.plan.state(one) is ENDINGS[ending]
        if ENDINGS[ending] in BAD:
            for below in self.graph.dependents_closure([one]) & set(self.tasks):
                if self.reaches(one, below):
                    assert self.plan.state(below) in BAD

    def reaches(self, above: TaskId, below: TaskId) -> bool:
        """Through tasks of the plan only."""
        seen, waiting = {above}, [above]
        while waiting:
            for one in self.graph.hard_dependents(waiting.pop()):
                # A task that hit while a service slept has its result, whatever became of that.
                if one in self.told and one not in seen and one not in self.hits:
                    seen.add(one)
                    waiting.append(one)
        return below in seen

    @precondition(lambda self: self.has(S.LOOKUP, S.BOUNCED, S.RUNNING, S.STOPPING))
    @rule(data=st.data())
    def restart(self, data: st.DataObject) -> None:
        one = self.some(data, S.LOOKUP, S.BOUNCED, S.RUNNING, S.STOPPING)
        was = self.plan.state(one)
        self.owed.discard(one)
        self.send(Restarted(one))
        if was is S.STOPPING:
            assert self.plan.state(one) is S.CANCELLED
        elif not self.closed:
            assert self.plan.state(one) in {S.READY, S.LOOKUP}

    @rule(data=st.data())
    def cancel_one(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.tasks))
        was = self.plan.state(one)
        self.send(CancelTask(one))
        if was is S.RUNNING:
            assert self.plan.state(one) is S.STOPPING
        elif was in TERMINAL or was is S.STOPPING:
            assert self.plan.state(one) is was
        else:
            assert self.plan.state(one) is S.CANCELLED
            self.owed.discard(one)

    @precondition(lambda self: not self.closed)
    @rule(which=st.integers(0, 9))
    def stop(self, which: int) -> None:
        if which > 1:  # seldom, or every story would end here
            return
        self.closed = True
        before = self.states()
        self.send(CancelAll() if which else StopAdmitting(self.tasks[0]))
        for one, was in before.items():
            now = self.plan.state(one)
            if was in {S.READY, S.BOUNCED}:
                assert now is (S.CANCELLED if which else S.SKIPPED)
            elif was is S.RUNNING:
                assert now is (S.STOPPING if which else S.RUNNING)
            if was is S.LOOKUP and which:
                assert now is S.CANCELLED
                self.owed.discard(one)

    @rule(is_paused=st.booleans())
    def pause(self, is_paused: bool) -> None:
        self.paused = is_paused
        self.send(Pause() if is_paused else Resume())

    @rule()
    def ask_for_reasons(self) -> None:
        for wait in self.plan.take_waits():
            assert self.plan.waiting_reason(wait.task) == wait.reason
        assert self.plan.take_waits() == []

    # -- what is always true -----------------------------------------------------------------

    @invariant()
    def limits_hold(self) -> None:
        states = self.states()
        holding = [one for one in self.tasks if states[one] in HOLDING]
        assert len(holding) <= self.jobs
        for tag, limit in self.limits.items():
            assert sum(tag in self.specs[one].tags for one in holding) <= limit
        for name in ("m", "n"):
            holders = [
                self.specs[one].mutex
                for one in self.tasks
                if states[one] in STARTED and self.mutex_of(one) == name
            ]
            if any(mutex is not None and not mutex.is_shared for mutex in holders):
                assert len(holders) == 1

    @invariant()
    def order_holds(self) -> None:
        states = self.states()
        for one in self.tasks:
            above = {above: states[above] for above in self.graph.hard(one) if above in states}
            hard = above.values()
            weak = [
                states[before]
                for before in self.graph.weak(one)
                if before in states and before not in self.woken
            ]
            if states[one] in {S.BOUNCED, *STARTED}:
                assert all(state is S.SUCCEEDED for state in hard)
            if states[one] not in {S.WAITING, S.SKIPPED, S.CANCELLED}:
                assert all(
                    state in {S.SUCCEEDED, S.DORMANT, S.UNNEEDED}
                    or before in self.woken
                    or one in self.hits
                    for before, state in above.items()
                )
                assert all(state in {S.DORMANT, *TERMINAL} for state in weak)
            if states[one] is S.WAITING:
                assert not BAD.intersection(hard)
                assert any(state not in TERMINAL for state in (*hard, *weak))

    @invariant()
    def nothing_waits_without_need(self) -> None:
        states = self.states()
        if self.paused:
            return
        holding = [one for one in self.tasks if states[one] in HOLDING]
        if len(holding) >= self.jobs:
            return
        room = {
            tag
            for tag, limit in self.limits.items()
            if sum(tag in self.specs[one].tags for one in holding) >= limit
        }
        for one in self.tasks:
            if states[one] is S.READY:
                assert room & self.specs[one].tags
        for name, queue in self.queues.items():
            holders = [o for o in self.tasks if states[o] in STARTED and self.mutex_of(o) == name]
            if not queue:
                continue
            mutex = self.specs[queue[0]].mutex
            assert mutex is not None
            free = not holders or (
                mutex.is_shared
                and all(
                    m is not None and m.is_shared for m in (self.specs[o].mutex for o in holders)
                )
            )
            assert not free or room & self.specs[queue[0]].tags

    @invariant()
    def accounts_balance(self) -> None:
        states = self.states()
        for state in S:
            assert self.plan.counts[state] == sum(one is state for one in states.values())
        assert self.owed == {one for one in self.tasks if states[one] in HOLDING}
        assert all(states[one] in {S.STOPPING, *TERMINAL} for one in self.orders)
        assert all(len(told) <= 1 for told in self.told.values())
        assert self.plan.is_done == self.done == all(s in TERMINAL for s in states.values())
        for one in self.tasks:
            waits = states[one] in {S.WAITING, S.READY, S.BOUNCED}
            assert (states[one] is S.DORMANT) <= (one in self.lazy - self.woken)
            assert (self.plan.waiting_reason(one) is not None) == waits

    def teardown(self) -> None:
        """However a story stops, answering what is owed brings it to its end."""
        if not hasattr(self, "plan"):
            return
        self.paused = False
        self.send(Resume())
        for _ in range(8 * len(self.tasks) + 8):
            busy = self.plan.in_state(S.LOOKUP, S.RUNNING, S.STOPPING)
            if not busy:
                break
            one = busy[0]
            self.owed.discard(one)
            if self.plan.state(one) is S.LOOKUP:
                if not self.closed:
                    states = self.states()
                    asleep = self.asleep_above(one)
                    self.woken |= {above for above in asleep if states[above] is S.DORMANT}
                self.send(LookedUp(one, False))
            else:
                self.send(Finished(one, "succeeded"))
        assert self.plan.is_done
        assert self.done
        assert not self.waves


@pytest.mark.slow
def test_the_plan_agrees_with_a_naive_model() -> None:
    run_state_machine_as_test(
        PlanMachine,
        settings=settings(max_examples=60, stateful_step_count=25, deadline=None),
    )
