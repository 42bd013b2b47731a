"""Problems of the graph are told where they are written."""

from dataclasses import dataclass
from pathlib import Path

from hazui.config.load import Loaded, wrap_graph_problems
from hazui.domain.ids import TaskId
from hazui.errors import config, graph
from tests.support.configs import load_text, pointed_at, write


@dataclass(frozen=True)
class Found:
    error: graph.GraphError
    task: TaskId
    key: str | None
    index: int | None


def unresolved(task: TaskId) -> graph.GraphError:
    return graph.UnresolvedReference(task=str(task), reference="biuld", suggestion="build")


def test_a_problem_is_placed_at_the_element_that_it_is_about(tmp_path: Path) -> None:
    write(tmp_path, {"web/hazui.toml": "[tasks.b]\ncommand = 'x'\ndeps = ['a',\n 'biuld']\n"})
    result = load_text(tmp_path, "[workspace]\nname = 'all'\n[projects.web]\npath = 'web'\n")
    assert isinstance(result, Loaded)
    task = TaskId("web", "b")
    error = unresolved(task)
    (wrapped,) = wrap_graph_problems(result, [Found(error, task, "deps", 1)])
    assert isinstance(wrapped, config.GraphInvalid)
    assert wrapped.source is error
    assert wrapped.file == tmp_path / "web/hazui.toml"
    assert (wrapped.line, wrapped.key) == (4, "tasks.b.deps[1]")
    assert pointed_at(wrapped) == "'biuld']"


def test_without_an_index_the_key_is_meant_and_without_a_key_the_task(tmp_path: Path) -> None:
    result = load_text(tmp_path, "[workspace]\nname = 'w'\n[tasks.b]\ncommand='x'\ndeps=['a']\n")
    assert isinstance(result, Loaded)
    task = TaskId("w", "b")
    places = [
        (wrapped.line, wrapped.column)
        for wrapped in wrap_graph_problems(
            result,
            [
                Found(unresolved(task), task, "deps", None),
                Found(unresolved(task), task, None, None),
                Found(unresolved(task), task, "outputs", 3),
            ],
        )
    ]
    assert places == [(5, 6), (3, 1), (3, 1)]


def test_a_task_of_no_file_has_a_file_and_no_line(tmp_path: Path) -> None:
    result = load_text(tmp_path, "")
    assert isinstance(result, Loaded)
    task = TaskId("nowhere", "b")
    (wrapped,) = wrap_graph_problems(result, [Found(unresolved(task), task, "deps", 0)])
    assert (wrapped.file, wrapped.line, wrapped.excerpt) == (tmp_path / "hazui.toml", None, None)
