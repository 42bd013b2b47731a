"""``hazui graph``: the graph of tasks as text, Graphviz, Mermaid, JSON or bare names."""

import argparse
import json
from collections.abc import Callable, Iterator

from hazui.cli.console import Console
from hazui.cli.exit_codes import ExitCode
from hazui.cli.workspace import load, tell_rejected
from hazui.domain.ids import TaskId
from hazui.graph.graph import Graph
from hazui.supervisor.workspace import RejectedWorkspace


def execute(options: argparse.Namespace, console: Console) -> int:
    """Print the graph."""
    found = load(options)
    if isinstance(found, RejectedWorkspace):
        return tell_rejected(console, found)
    form = "json" if options.json else options.format
    if form == "json":
        console.out_json(_as_json(found.graph))
    else:
        for line in _FORMS[form](found.graph):
            console.out(line)
    return ExitCode.SUCCESS


def _text(graph: Graph) -> Iterator[str]:
    """Each task after what it needs, with its edges."""
    for task in graph.topological_order():
        spec = graph.spec(task)
        needs = [str(above) for above in graph.hard(task)]
        after = [str(above) for above in graph.weak(task)]
        edges = f"  <- {', '.join(needs)}" if needs else ""
        edges += f"  (after {', '.join(after)})" if after else ""
        marks = "  [service]" if spec.is_service else ""
        marks += "" if spec.watch else "  [only by name]"
        yield f"{task}{marks}{edges}"


def _names(graph: Graph) -> Iterator[str]:
    bare = graph.workspace.name
    for task in graph.tasks:
        yield task.name if task.project == bare else str(task)


def _dot(graph: Graph) -> Iterator[str]:
    yield "digraph hazui {"
    yield "  rankdir=LR;"
    for task in graph.tasks:
        shape = "box" if not graph.spec(task).is_service else "ellipse"
        yield f"  {json.dumps(str(task))} [shape={shape}];"
    for task in graph.tasks:
        for above in graph.hard(task):
            yield f"  {json.dumps(str(above))} -> {json.dumps(str(task))};"
        for above in graph.weak(task):
            yield f"  {json.dumps(str(above))} -> {json.dumps(str(task))} [style=dashed];"
    yield "}"


def _mermaid(graph: Graph) -> Iterator[str]:
    ids = {task: f"t{number}" for number, task in enumerate(graph.tasks)}
    yield "graph LR"
    for task, short in ids.items():
        left, right = ("([", "])") if graph.spec(task).is_service else ("[", "]")
        yield f'  {short}{left}"{task}"{right}'
    for task, short in ids.items():
        for above in graph.hard(task):
            yield f"  {ids[above]} --> {short}"
        for above in graph.weak(task):
            yield f"  {ids[above]} -.-> {short}"


def _as_json(graph: Graph) -> dict[str, object]:
    def names(tasks: tuple[TaskId, ...]) -> list[str]:
        return [str(task) for task in tasks]

    return {
        "tasks": [
            {
                "task": str(task),
                "kind": graph.spec(task).kind.value,
                "deps": names(graph.hard(task)),
                "weak_deps": names(graph.weak(task)),
                "tags": sorted(graph.spec(task).tags),
                "inputs": [pattern.text for pattern in graph.spec(task).inputs],
                "outputs": [pattern.text for pattern in graph.spec(task).outputs],
                "watch": graph.spec(task).watch,
            }
            for task in graph.tasks
        ],
        "order": [str(task) for task in graph.topological_order()],
    }


_FORMS: dict[str, Callable[[Graph], Iterator[str]]] = {
    "text": _text,
    "dot": _dot,
    "mermaid": _mermaid,
    "names": _names,
}
