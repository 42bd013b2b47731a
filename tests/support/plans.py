"""A plan driven by names, and its effects as words."""

from typing import Any

from hazui.domain.specs import TaskSpec
from hazui.graph.build import build
from hazui.graph.plan import Plan
from hazui.graph.states import (
    Cancel,
    Done,
    Effect,
    Finished,
    LookedUp,
    LookUp,
    Skip,
    Spawn,
    Start,
    TaskState,
)
from tests.support.graphs import ids, task_id, workspace


class PlanRun:
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
