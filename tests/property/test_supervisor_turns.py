"""Random workspaces, random interleavings: every turn adds up, and no change is lost."""

import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import given, settings

import hazui.protocol.events as ev
from hazui.domain.ids import TaskId
from hazui.protocol.commands import RunTasks, StopTask, StopTurn
from tests.support.scripted_loop import ScriptedLoop, supervise

NAMES = "abcde"
TERMINAL = (ev.TaskFinished, ev.TaskErrored, ev.TaskSkipped, ev.TaskCancelled)
STEPS = (
    *("step", "step", "step a little", "step a little", "end", "end", "end", "end"),
    *("change", "change", "change", "request", "force", "stop", "stop turn"),
)


@st.composite
def workspaces(draw: st.DrawFn) -> str:
    """A configuration of a few tasks and services with edges that go back in the alphabet."""
    names = NAMES[: draw(st.integers(1, len(NAMES)))]
    jobs = draw(st.integers(1, 3))
    lines = ["[workspace]", 'name = "w"', f"jobs = {jobs}"]
    for position, name in enumerate(names):
        earlier = st.sampled_from(names[:position]) if position else st.nothing()
        deps = draw(st.sets(earlier, max_size=2)) if position else set()
        weak = (draw(st.sets(earlier, max_size=1)) if position else set()) - deps
        lines += [f"[tasks.{name}]", 'command = "true"', f'inputs = ["{name}.txt"]']
        lines += [f"deps = {sorted(deps)}", f"weak_deps = {sorted(weak)}"]
        if draw(st.integers(0, 4)) == 0:
            lines.append('kind = "service"')
        elif draw(st.integers(0, 3)) == 0:
            lines.append('mutex = "m"')
        lines.append(f'on_change = "{draw(st.sampled_from(["restart", "queue", "ignore"]))}"')
    return "\n".join(lines)


@dataclass
class Script:
    """Carries out what was drawn, and remembers which changes must be answered."""

    loop: ScriptedLoop
    names: str
    asked: list[tuple[str, int]] = field(default_factory=list)

    def play(self, step: str, name: str, how: int) -> None:
        loop, task = self.loop, f"w:{name}"
        match step:
            case "step":
                loop.step()
            case "step a little":
                loop.step(0)
            case "end" if loop.at_work:
                at_work = sorted(loop.at_work)
                endings = ("succeed", "succeed", "fail", "error")
                loop.end(at_work[how % len(at_work)], endings[how % 4])  # type: ignore[arg-type]
            case "change":
                root = loop.supervisor.session.workspace.spec.root
                (root / f"{name}.txt").write_text(str(how % 3))
                spec = loop.supervisor.session.workspace.graph.spec(TaskId("w", name))
                driver = loop.supervisor.driver
                if spec.on_change != "ignore" or driver is None:
                    self.asked.append((task, loop.events()[-1].seq))
                loop.change(f"{name}.txt")
                if driver is None or not driver.is_cancelled:
                    loop.step(0)
            case "request":
                loop.post(RunTasks(targets=(task,)))
            case "force":
                loop.post(RunTasks(targets=(task,), force=True))
            case "stop":
                self.asked = [(other, at) for other, at in self.asked if other != task]
                loop.post(StopTask(task=task))
            case "stop turn":
                self.asked.clear()
                loop.post(StopTurn())
            case _:
                pass


@settings(max_examples=25)
@given(
    workspaces(),
    st.lists(
        st.tuples(st.sampled_from(STEPS), st.integers(0, 4), st.integers(0, 11)),
        min_size=10,
        max_size=40,
    ),
)
def test_every_turn_adds_up(config: str, steps: list[tuple[str, int, int]]) -> None:
    names = "".join(name for name in NAMES if f"[tasks.{name}]" in config)
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        for name in names:
            (root / f"{name}.txt").write_text("0")
        loop = supervise(root, config)
        try:
            script = Script(loop, names)
            for step, which, how in steps:
                script.play(step, names[which % len(names)], how)
            loop.finish()
            check_stream(loop)
            check_answers(loop, script.asked)
        finally:
            loop.close()


def check_stream(loop: ScriptedLoop) -> None:
    """The invariants of the event stream."""
    events = loop.events()
    assert [stamped.seq for stamped in events] == list(range(1, len(events) + 1))
    open_turn: int | None = None
    planned: Counter[str] = Counter()
    ended: Counter[str] = Counter()
    last: dict[str, ev.Event] = {}
    roots: set[str] = set()
    for stamped in events:
        event = stamped.event
        if isinstance(event, ev.TurnStarted):
            assert open_turn is None
            open_turn = event.turn
            planned, ended, last = Counter(p.task for p in event.tasks), Counter(), {}
            roots = set()
        elif isinstance(event, ev.TurnExtended):
            assert event.turn == open_turn
            planned.update(p.task for p in event.tasks)
            for again in event.tasks:
                last.pop(again.task, None)
        elif isinstance(event, ev.ServiceBecameReady):
            last.pop(event.task, None)
        elif isinstance(event, TERMINAL):
            assert event.turn == open_turn
            ended[event.task] += 1
            last[event.task] = event
            if isinstance(event, ev.TaskSkipped):
                assert event.root in roots
            elif isinstance(event, ev.TaskErrored) or (
                isinstance(event, ev.TaskFinished) and event.state == "failed"
            ):
                roots.add(event.task)
        elif isinstance(event, ev.TurnFinished):
            assert event.turn == open_turn
            open_turn = None
            check_counts(loop, event, planned, ended, last)
    assert open_turn is None


def check_counts(
    loop: ScriptedLoop,
    event: ev.TurnFinished,
    planned: "Counter[str]",
    ended: "Counter[str]",
    last: dict[str, ev.Event],
) -> None:
    counts = event.counts
    parts = (counts.succeeded, counts.cached, counts.failed, counts.errored, counts.skipped)
    assert counts.total == sum(parts) + counts.cancelled
    graph = loop.supervisor.session.workspace.graph
    tasks = {task for task in planned if not graph.spec(TaskId.parse(task)).is_service}
    services = set(planned) - tasks
    assert set(ended) <= set(planned)
    assert tasks <= set(ended), "each task has an end"
    assert all(ended[task] <= planned[task] for task in planned), (planned, ended)
    assert len(tasks) <= counts.total <= len(tasks) + len(services)
    failed = sum(isinstance(e, ev.TaskFinished) and e.state == "failed" for e in last.values())
    skipped = sum(isinstance(e, ev.TaskSkipped) for e in last.values())
    assert (counts.failed, counts.errored) == (
        failed,
        sum(isinstance(e, ev.TaskErrored) for e in last.values()),
    )
    assert counts.skipped == skipped


def check_answers(loop: ScriptedLoop, asked: list[tuple[str, int]]) -> None:
    """Each change was followed by a look at the task, or by the word why there was none."""
    for task, at_seq in asked:
        answers = (ev.CacheLookedUp, ev.TaskErrored, ev.TaskSkipped, ev.TaskCancelled)
        is_service = loop.supervisor.session.workspace.graph.spec(TaskId.parse(task)).is_service
        assert is_service or any(
            stamped.seq > at_seq
            and isinstance(stamped.event, answers)
            and stamped.event.task == task
            for stamped in loop.events()
        ), f"the change of {task} after {at_seq} was lost"
