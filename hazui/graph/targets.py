"""What a target on the command line means: ``task``, ``project:task``, ``^:task``, ``[tag]:task``.

A bare name is looked for in the bearing project (that of the working directory), then in the root
project, then in all projects: whoever types ``test`` where no project has the upper hand means
every one of them.
"""

from hazui.domain.ids import TaskId
from hazui.domain.specs import Reference, ReferenceKind
from hazui.errors import graph
from hazui.graph.graph import Graph
from hazui.graph.references import Resolver

DEFAULT_NAME = "default"


def parse_target(text: str, project: str) -> Reference:
    """Read ``text`` as a reference made in ``project``; every text is one, if not to a task."""
    scope, colon, name = text.rpartition(":")
    if not colon:
        return Reference(text, ReferenceKind.SAME_PROJECT, project, text)
    if scope == "^":
        return Reference(text, ReferenceKind.EVERY_PROJECT, "", name)
    if scope.startswith("[") and scope.endswith("]"):
        return Reference(text, ReferenceKind.TAG, scope[1:-1], name)
    return Reference(text, ReferenceKind.PROJECT, scope, name)


def resolve_target(graph_: Graph, text: str, bearing_project: str | None = None) -> list[TaskId]:
    """The tasks meant by ``text``, canonical order, at least one.

    Raises:
        graph.UnknownTarget: no task is meant.
    """
    root = graph_.workspace.name
    resolver = Resolver(graph_.workspace, graph_.by_name)
    reference = parse_target(text, bearing_project or root)
    found = resolver.resolve(reference, None)
    if not found and reference.kind is ReferenceKind.SAME_PROJECT:
        in_root = TaskId(root, text)
        found = (in_root,) if in_root in graph_ else graph_.by_name.get(text, ())
    if not found:
        raise graph.UnknownTarget(target=text, suggestion=resolver.suggestion(reference))
    return list(found)


def default_targets(graph_: Graph) -> list[TaskId]:
    """What a request without a target asks for; never names a task (see ``selection``).

    ``default_task``; else the task ``default`` of the root project; else every watched task.

    Raises:
        graph.UnknownTarget: ``default_task`` names no task.
    """
    workspace = graph_.workspace
    if workspace.default_task is not None:
        return resolve_target(graph_, workspace.default_task)
    default = TaskId(workspace.name, DEFAULT_NAME)
    return [default] if default in graph_ else watched_tasks(graph_)


def watched_tasks(graph_: Graph) -> list[TaskId]:
    """Every task that may run without being asked for by name, canonical order."""
    return [task for task in graph_.tasks if graph_.spec(task).watch]
