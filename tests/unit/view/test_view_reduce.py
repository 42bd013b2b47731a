"""The session view after events: states, counters, and totality on any sequence."""

import time
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from hazui.domain.records import ExitStatus
from hazui.protocol import events
from hazui.protocol.events import Event, Stamped
from hazui.protocol.values import Phase, TurnOutcome
from hazui.view.models import SessionView, TaskState, WatchState
from hazui.view.reduce import reduce, reduce_batch
from tests.support import scenes


def after(*found: Event | float) -> SessionView:
    return reduce_batch(SessionView(), scenes.stamped(found))


TASKS = events.WorkspaceLoaded(
    revision="r1",
    tasks=(scenes.loaded("api:test", usual_s=1.4), scenes.loaded("web:dev", kind="service")),
)


def test_a_task_goes_from_idle_over_waiting_and_running_to_succeeded() -> None:
    story = [
        TASKS,
        scenes.turn(1, ["api:test"]),
        scenes.waits("api:test", "web:dev"),
        *scenes.started("api:test"),
        scenes.finished("api:test"),
    ]
    seen = []
    state = SessionView()
    for stamped in scenes.stamped(story):
        state = reduce(state, stamped)
        seen.append(state.tasks["api:test"].state)
    assert seen[0] is TaskState.IDLE
    assert seen[1] is TaskState.WAITING
    assert TaskState.RUNNING in seen
    assert seen[-1] is TaskState.SUCCEEDED
    assert state.tasks["api:test"].usual_s == 1.4
    assert state.turn is not None
    assert state.turn.done == 1


def test_a_hit_is_cached_and_marks_its_log_as_replayed() -> None:
    view = after(TASKS, scenes.turn(1, ["api:test"]), *scenes.hit("api:test")).tasks["api:test"]
    assert view.state is TaskState.CACHED
    assert view.log is not None
    assert view.log.is_replayed


def test_the_previous_log_stays_until_the_new_run_prints() -> None:
    first = [
        TASKS,
        scenes.turn(1, ["api:test"]),
        *scenes.started("api:test"),
        scenes.finished("api:test"),
    ]
    again = [scenes.turn(2, ["api:test"]), *scenes.started("api:test", 2)]
    before = after(*first, *again).tasks["api:test"]
    assert before.log is not None
    assert before.log.run == "run-api-test-1"
    printed = events.OutputAppended(task="api:test", turn=2, stream="stdout", bytes_total=3)
    now = after(*first, *again, printed).tasks["api:test"]
    assert now.log is not None
    assert now.log.run == "run-api-test-2"
    assert now.stdout_bytes == 3


def test_a_failure_is_kept_while_the_task_runs_again_and_gone_when_it_succeeds() -> None:
    story = [
        TASKS,
        scenes.turn(1, ["api:test"]),
        *scenes.started("api:test"),
        scenes.finished("api:test", code=1, diagnosis=scenes.CART_CHAIN),
        scenes.turn(2, ["api:test"]),
        *scenes.started("api:test", 2),
    ]
    running = after(*story)
    assert running.tasks["api:test"].failure is not None
    good = after(*story, scenes.finished("api:test", 2))
    assert good.tasks["api:test"].failure is None
    assert good.failure_version > running.failure_version


def test_a_ready_service_stays_ready_when_the_next_turn_names_it() -> None:
    ready = events.ServiceBecameReady(
        task="web:dev", turn=1, after_s=0.1, probe="tcp 80", pid=9, adopted=False
    )
    state = after(
        TASKS,
        scenes.turn(1, ["web:dev"]),
        *scenes.started("web:dev"),
        ready,
        scenes.turn(2, ["web:dev"]),
    )
    assert state.tasks["web:dev"].state is TaskState.READY
    assert state.has_live_tasks


def test_the_progress_of_a_turn_counts_what_ended_in_it() -> None:
    extended = events.TurnExtended(
        turn=2,
        trigger=scenes.turn(2, [], path="a").trigger,
        tasks=scenes.turn(2, ["api:test"]).tasks,
    )
    ready = events.ServiceBecameReady(
        task="web:dev", turn=1, after_s=0.1, probe="tcp 80", pid=9, adopted=False
    )
    first = [
        TASKS,
        scenes.turn(1, ["api:test", "web:dev"]),
        *scenes.hit("api:test"),
        *scenes.started("web:dev"),
        ready,
    ]
    second = [*first, scenes.turn(2, ["api:test", "web:dev"])]

    def done(*story: Event | float) -> int:
        turn = after(*story).turn
        assert turn is not None
        return turn.done

    assert done(*first) == 2
    assert done(*second) == 1, "a service that stays ready has ended its part"
    assert done(*second, *scenes.hit("api:test", 2)) == 2
    assert done(*second, *scenes.hit("api:test", 2), extended) == 1
    assert done(*second, *scenes.hit("api:test", 2), extended, *scenes.hit("api:test", 2)) == 2


def test_a_service_that_went_down_with_an_error_is_errored_and_says_when_it_restarts() -> None:
    down = events.ServiceWentDown(
        task="web:dev",
        turn=1,
        exit_status=ExitStatus(code=3),
        error=scenes.no_space(),
        will_restart_in_s=0.5,
        restarts=2,
    )
    view = after(TASKS, *scenes.started("web:dev"), down).tasks["web:dev"]
    assert view.state is TaskState.ERRORED
    assert view.restart_in_s == 0.5
    assert view.failure is not None


def test_a_reload_keeps_what_is_known_of_tasks_that_stay_and_drops_the_others() -> None:
    story = [TASKS, *scenes.started("api:test"), scenes.finished("api:test")]
    reloaded = events.WorkspaceLoaded(revision="r2", tasks=(scenes.loaded("api:test"),))
    state = after(*story, reloaded)
    assert state.order == ("api:test",)
    assert state.tasks["api:test"].state is TaskState.SUCCEEDED
    assert sum(state.counts.values()) == 1


def test_a_removed_task_that_still_runs_is_shown_until_the_next_reload() -> None:
    reloaded = events.WorkspaceLoaded(revision="r2", tasks=(scenes.loaded("api:test"),))
    state = after(TASKS, *scenes.started("web:dev"), reloaded)
    assert state.order == ("api:test", "web:dev")


def test_a_rejected_configuration_keeps_the_tasks_and_shows_the_problems() -> None:
    problem = scenes.no_space()
    state = after(TASKS, events.ConfigRejected(problems=(problem,)))
    assert state.problems == (problem,)
    assert len(state.tasks) == 2


def test_what_still_waits_when_its_turn_ends_is_idle() -> None:
    state = after(TASKS, scenes.turn(1, ["api:test"]), scenes.done(1, TurnOutcome.STOPPED))
    assert state.tasks["api:test"].state is TaskState.IDLE
    assert state.turn is not None
    assert state.turn.outcome is TurnOutcome.STOPPED


def test_a_new_turn_keeps_the_one_before_in_the_history() -> None:
    state = after(TASKS, scenes.turn(1, ["api:test"]), scenes.done(1), scenes.turn(2, []))
    assert [turn.turn for turn in state.past_turns] == [1]


def test_pausing_and_degrading_are_independent() -> None:
    degraded = events.WatchDegraded(error=scenes.no_space())
    state = after(events.WatchReady(files=12, backend="native"), events.WatchPaused(), degraded)
    assert state.watch.is_paused
    assert state.watch.state is WatchState.DEGRADED
    assert state.watch.files == 12


def test_a_task_that_was_never_loaded_is_shown_all_the_same() -> None:
    state = after(*scenes.started("new:task"))
    assert state.order == ("new:task",)
    assert state.count(TaskState.RUNNING) == 1


def test_an_empty_batch_changes_nothing() -> None:
    state = after(TASKS)
    assert reduce_batch(state, []) is state


def test_a_view_that_was_handed_out_never_changes() -> None:
    state = after(TASKS)
    before = dict(state.tasks)
    reduce_batch(state, scenes.stamped(scenes.started("api:test")))
    assert dict(state.tasks) == before


NAMES = st.sampled_from(["api:test", "web:dev", "x:y"])


def _event(draw: st.DrawFn) -> Event:
    task, turn = draw(NAMES), draw(st.integers(0, 3))
    made: list[Event] = [
        TASKS,
        scenes.opened(),
        scenes.turn(turn, [task]),
        *scenes.started(task, turn),
        *scenes.hit(task, turn),
        scenes.waits(task, "x:y", turn),
        scenes.finished(task, turn, code=1, diagnosis=scenes.CART_CHAIN),
        scenes.skipped(task, "api:test", turn),
        scenes.done(turn),
        events.TaskErrored(task=task, turn=turn, phase=Phase.STORE, error=scenes.no_space()),
        events.TaskCancelled(task=task, turn=turn, shape="upstream", root="api:test"),
        events.OutputAppended(task=task, turn=turn, stream="stderr", bytes_total=9),
        events.ProcessSampled(task=task, turn=turn, pids=(1, 2), cpu_percent=1.0, rss_bytes=5),
        events.ProcessExited(
            task=task,
            turn=turn,
            pid=1,
            exit_status=ExitStatus(signal="SIGKILL"),
            max_rss_bytes=1,
            cpu_s=0.1,
        ),
        events.TaskAttemptFailed(
            task=task, turn=turn, attempt=1, of=2, exit_status=ExitStatus(code=1)
        ),
        events.ServiceBecameReady(
            task=task, turn=turn, after_s=1.0, probe="log", pid=3, adopted=True
        ),
        events.ServiceWentDown(
            task=task,
            turn=turn,
            exit_status=None,
            error=None,
            will_restart_in_s=1.0,
            restarts=1,
        ),
        events.WorkspaceLoaded(revision="r", tasks=(scenes.loaded(task),)),
        events.ConfigRejected(problems=()),
        events.ChangeSetSeen(
            paths=("a",), rescan=False, first_seen_to_settled_ms=1.0, not_run=(task,)
        ),
        events.Noticed(level="error", text="n", error=scenes.no_space()),
        events.Lagged(from_seq=1, to_seq=2),
        events.StopProgressed(waiting_for=(task,), signal="SIGTERM", seconds_left=1.0),
        events.SessionRefused(error=scenes.no_space()),
        events.SessionClosed(clean=True),
    ]
    return draw(st.sampled_from(made))


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_any_sequence_is_folded_and_the_counters_stay_true(data: st.DataObject) -> None:
    story = data.draw(st.lists(st.composite(_event)(), max_size=25))
    batch = scenes.stamped(story)
    whole = reduce_batch(SessionView(), batch)
    step = SessionView()
    for stamped in batch:
        step = reduce(step, stamped)
    assert replace(whole, failure_version=0) == replace(step, failure_version=0)
    assert set(whole.order) == set(whole.tasks)
    assert len(whole.order) == len(set(whole.order))
    for state in TaskState:
        real = sum(view.state is state for view in whole.tasks.values())
        assert whole.count(state) == real


def test_an_event_costs_the_same_however_many_tasks_there_are() -> None:
    """Method: the same batch over 100 and over 10,000 tasks, best of several."""

    def seconds(count: int) -> float:
        tasks = tuple(scenes.loaded(f"p:t{i}") for i in range(count))
        state = after(events.WorkspaceLoaded(revision="r", tasks=tasks))
        batch: list[Stamped] = scenes.stamped(
            [each for i in range(100) for each in scenes.started(f"p:t{i}")] * 5
        )
        best = 1e9
        for _ in range(5):
            begin = time.perf_counter()
            reduce_batch(state, batch)
            best = min(best, time.perf_counter() - begin)
        return best

    assert seconds(10_000) < 4 * seconds(100) + 0.01
