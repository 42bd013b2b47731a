"""What is wrong with the graph of tasks, found when it is built or while it runs.

Tasks are full names (``project:task``), paths are canonical: relative to the workspace, as text.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hazui.errors.base import CodeClass, HazuiError, Kind, did_you_mean


class GraphError(HazuiError):
    """Why the tasks do not form a graph that can run."""

    FAMILY = "graph"
    CLASS = CodeClass.TERMINAL


@dataclass(eq=False, kw_only=True)
class UnresolvedReference(GraphError):
    """A dependency names no task."""

    CODE = "graph.unresolved_reference"
    KIND = Kind.CONFIG

    task: str
    reference: str
    suggestion: str | None = None

    def sentence(self) -> str:
        return f'{self.task} depends on "{self.reference}", which names no task'

    @property
    def hint(self) -> str | None:
        return did_you_mean(self.suggestion)


@dataclass(eq=False, kw_only=True)
class SelfReference(GraphError):
    """A task depends on itself."""

    CODE = "graph.self_reference"
    KIND = Kind.CONFIG
    HINT = "Take the reference out of the task's dependencies."

    task: str
    reference: str

    def sentence(self) -> str:
        return f'{self.task} depends on itself through "{self.reference}"'


@dataclass(eq=False, kw_only=True)
class DependencyOverlap(GraphError):
    """The same task is a hard and a weak dependency."""

    CODE = "graph.dependency_overlap"
    KIND = Kind.CONFIG
    HINT = "Keep it in deps (order, outputs and failures) or in weak_deps (order only)."

    task: str
    overlap: Sequence[str]

    def sentence(self) -> str:
        return f"{self.task} has the same tasks in deps and weak_deps: {', '.join(self.overlap)}"


@dataclass(eq=False, kw_only=True)
class Cycle(GraphError):
    """Tasks depend on each other in a circle; ``path`` begins and ends with the same task."""

    CODE = "graph.cycle"
    KIND = Kind.CONFIG
    HINT = "Take one of these dependencies out, or split a task in two."

    path: Sequence[str]

    def sentence(self) -> str:
        return f"Tasks depend on each other in a circle: {' -> '.join(self.path)}"


@dataclass(eq=False, kw_only=True)
class LiteralOutputCollision(GraphError):
    """Several tasks declare the same literal output."""

    CODE = "graph.literal_output_collision"
    KIND = Kind.CONFIG
    HINT = "Let one task produce the file and the others depend on it."

    path: str
    tasks: Sequence[str]

    def sentence(self) -> str:
        return f"The output {self.path} is declared by several tasks: {', '.join(self.tasks)}"


@dataclass(eq=False, kw_only=True)
class RuntimeCycle(GraphError):
    """An output that a task really wrote is an input of a task it comes after."""

    CODE = "graph.runtime_cycle"
    KIND = Kind.USER
    HINT = "Narrow the inputs of the one or the outputs of the other task."

    path: Sequence[str]
    edge: Sequence[str]
    """The edge that closed the circle: the task that wrote, the task that reads."""

    def sentence(self) -> str:
        return (
            f"What was written closes a circle of tasks: {' -> '.join(self.path)} "
            f"(by {' -> '.join(self.edge)})"
        )


@dataclass(eq=False, kw_only=True)
class OutputOverlap(GraphError):
    """Two tasks wrote the same file in one turn."""

    CODE = "graph.output_overlap"
    KIND = Kind.USER
    HINT = "Let each task write files of its own; the last writer would win by chance."

    path: str
    first: str
    second: str

    def sentence(self) -> str:
        return f"The file {self.path} was written by {self.first} and by {self.second}"


@dataclass(eq=False, kw_only=True)
class UnknownTarget(GraphError):
    """A target of a request names no task."""

    CODE = "graph.unknown_target"
    KIND = Kind.USER

    target: str
    suggestion: str | None = None

    def sentence(self) -> str:
        return f'There is no task "{self.target}"'

    @property
    def hint(self) -> str | None:
        return did_you_mean(self.suggestion) or "`hazui graph` lists all tasks."
