"""Building: references, indexes, and every problem at once."""

from typing import Any

import pytest

from hazui.domain.ids import TaskId
from hazui.domain.specs import TaskSpec
from hazui.errors import graph as errors
from hazui.graph.build import GraphProblem, build
from hazui.graph.graph import Graph
from tests.support.graphs import ids, task, task_id, workspace


def good(*tasks: TaskSpec, **more: Any) -> Graph:
    made, problems = build(workspace(*tasks, **more))
    assert problems == []
    return made


def only(problems: list[GraphProblem]) -> GraphProblem:
    assert len(problems) == 1, problems
    return problems[0]


def test_tasks_are_in_canonical_order_and_edges_are_seen_from_both_ends() -> None:
    made = good(task("b:two", "a:one"), task("a:one"), task("a:three", "one", weak="b:two"))
    assert made.tasks == (TaskId("a", "one"), TaskId("a", "three"), TaskId("b", "two"))
    assert made.hard(TaskId("b", "two")) == (TaskId("a", "one"),)
    assert made.hard_dependents(TaskId("a", "one")) == (TaskId("a", "three"), TaskId("b", "two"))
    assert made.weak(TaskId("a", "three")) == (TaskId("b", "two"),)
    assert made.weak_dependents(TaskId("b", "two")) == (TaskId("a", "three"),)
    assert made.hard_dependents(TaskId("b", "two")) == ()


def test_a_wide_reference_means_every_project_but_not_the_bearer() -> None:
    made = good(
        task("a:build", "^:build"), task("b:build"), task("c:build"), task("c:all", "^:build")
    )
    assert made.hard(task_id("a:build")) == tuple(ids("b:build c:build"))
    assert made.hard(task_id("c:all")) == tuple(ids("a:build b:build c:build"))


def test_a_tag_reference_means_the_projects_with_the_tag() -> None:
    made = good(
        task("a:test", tags="lib"),
        task("b:test"),
        task("c:test", "[lib]:test"),
        project_tags={"a": "lib", "c": "lib x"},
    )
    assert made.hard(task_id("c:test")) == (task_id("a:test"),)


def test_a_task_tag_is_not_a_project_tag() -> None:
    _, problems = build(workspace(task("a:test", tags="lib"), task("b:all", "[lib]:test")))
    assert isinstance(only(problems).error, errors.UnresolvedReference)


def test_the_same_dependency_written_twice_is_one_edge() -> None:
    made = good(task("a:gen"), task("a:use", "gen a:gen ^:gen"))
    assert made.hard(task_id("a:use")) == (task_id("a:gen"),)


def test_streams_are_asked_for_by_reference() -> None:
    made = good(task("a:x"), task("a:y"), task("a:z", "x y", streams=["y"]))
    assert made.stream_deps(task_id("a:z")) == (task_id("a:y"),)
    assert made.stream_deps(task_id("a:x")) == ()


@pytest.mark.parametrize(
    ("deps", "suggestion"),
    [
        ("biuld", "build"),
        ("b:lnit", "b:lint"),
        ("bb:lint", "b:lint"),
        ("lint", "b:lint"),
        ("^:lnt", "^:lint"),
        ("[lbi]:lint", "[lib]:lint"),
        ("[lib]:lnt", "[lib]:lint"),
        ("qqqqqqqq", None),
        ("[lib]:build", None),
    ],
)
def test_a_dangling_reference_is_told_with_the_nearest_name(
    deps: str, suggestion: str | None
) -> None:
    tasks = task("a:build"), task("b:lint"), task("a:use", f"build {deps}")
    made, problems = build(workspace(*tasks, project_tags={"b": "lib"}))
    problem = only(problems)
    assert isinstance(problem.error, errors.UnresolvedReference)
    assert (problem.task, problem.key, problem.index) == (task_id("a:use"), "deps", 1)
    assert problem.error.reference == deps
    assert problem.error.suggestion == suggestion
    assert made.hard(task_id("a:use")) == (task_id("a:build"),)


def test_a_wide_reference_that_leaves_nobody_but_the_bearer_is_dangling() -> None:
    _, problems = build(workspace(task("a:build", "^:build")))
    assert isinstance(only(problems).error, errors.UnresolvedReference)


@pytest.mark.parametrize("text", ["build", "a:build"])
def test_a_task_that_names_itself_is_a_self_reference(text: str) -> None:
    made, problems = build(workspace(task("a:build", text)))
    problem = only(problems)
    assert isinstance(problem.error, errors.SelfReference)
    assert problem.error.reference == text
    assert made.hard(task_id("a:build")) == ()


def test_a_task_may_not_be_a_hard_and_a_weak_dependency() -> None:
    tasks = task("a:x"), task("b:x"), task("a:use", "x", weak="b:x ^:x")
    made, problems = build(workspace(*tasks))
    problem = only(problems)
    assert isinstance(problem.error, errors.DependencyOverlap)
    assert problem.error.overlap == ("a:x",)
    assert (problem.key, problem.index) == ("weak_deps", 1)
    assert made.weak(task_id("a:use")) == (task_id("b:x"),)


def test_a_cycle_is_told_with_its_path_and_where_it_was_written() -> None:
    tasks = task("a:x"), task("a:p", "x q"), task("a:q", "r"), task("a:r", weak="p")
    made, problems = build(workspace(*tasks))
    problem = only(problems)
    assert isinstance(problem.error, errors.Cycle)
    assert problem.error.path == ("a:p", "a:q", "a:r", "a:p")
    assert (problem.task, problem.key, problem.index) == (task_id("a:p"), "deps", 1)
    assert len(made.topological_order()) == 4


def test_a_task_below_a_cycle_is_not_blamed() -> None:
    _, problems = build(workspace(task("a:p", "q"), task("a:q", "p"), task("a:low", "p")))
    error = only(problems).error
    assert isinstance(error, errors.Cycle)
    assert error.path == ("a:p", "a:q", "a:p")


def test_cycles_without_a_common_edge_are_all_told() -> None:
    tasks = [
        task("a:p", "q r"),
        task("a:q", "p"),
        task("a:r", "p"),
        task("b:x", "y"),
        task("b:y", "x"),
    ]
    _, problems = build(workspace(*tasks))
    paths = {problem.error.path for problem in problems if isinstance(problem.error, errors.Cycle)}
    assert paths == {("a:p", "a:q", "a:p"), ("a:p", "a:r", "a:p"), ("b:x", "b:y", "b:x")}


def test_a_knot_of_everything_with_everything_stays_readable() -> None:
    made, problems = build(workspace(*(task(f"p{n}:build", "^:build") for n in range(40))))
    assert 1 <= len(problems) <= 10
    assert len(made.topological_order()) == 40


def test_two_tasks_may_not_claim_one_literal_output() -> None:
    tasks = (
        task("a:one", outputs="x.txt out.txt"),
        task("a:two", outputs="out.txt *.txt"),
        task("b:three", outputs="/a/out.txt"),
        task("b:four", outputs="out.txt"),
        task("b:five", outputs="out.txt !out.*"),
    )
    _, problems = build(workspace(*tasks))
    problem = only(problems)
    assert isinstance(problem.error, errors.LiteralOutputCollision)
    assert problem.error.path == "a/out.txt"
    assert problem.error.tasks == ("a:one", "a:two", "b:three")
    assert (problem.task, problem.key, problem.index) == (task_id("a:two"), "outputs", 0)


def test_a_task_may_claim_its_own_output_twice() -> None:
    good(task("a:one", outputs="x x"))


def test_an_unknown_default_task_is_a_problem_of_the_workspace() -> None:
    _, problems = build(workspace(task("build"), default_task="biuld"))
    problem = only(problems)
    assert isinstance(problem.error, errors.UnknownTarget)
    assert problem.error.suggestion == "build"
    assert (problem.task, problem.key) == (None, "default_task")


def test_all_problems_are_collected() -> None:
    tasks = (
        task("a:one", "nope", weak="nada", outputs="o"),
        task("a:two", "two", outputs="o"),
        task("a:p", "q"),
        task("a:q", "p x", weak="x"),
        task("a:x"),
    )
    _, problems = build(workspace(*tasks))
    assert sorted(type(problem.error).__name__ for problem in problems) == [
        "Cycle",
        "DependencyOverlap",
        "LiteralOutputCollision",
        "SelfReference",
        "UnresolvedReference",
        "UnresolvedReference",
    ]


def test_thousands_of_dangling_references_are_told_in_time() -> None:
    tasks = [task(f"p{n % 50}:t{n}", f"missing{n}") for n in range(3_000)]
    _, problems = build(workspace(*tasks))
    assert len(problems) == 3_000


def test_a_chain_of_any_length_can_be_walked() -> None:
    tasks = [task(f"a:t{n:05}", f"t{n - 1:05}" if n else "") for n in range(5_000)]
    made = good(*tasks)
    assert len(made.closure([made.tasks[-1]])) == 5_000
    assert len(made.dependents_closure([made.tasks[0]])) == 5_000
    assert made.topological_order() == list(made.tasks)


def test_the_closure_follows_hard_edges_only() -> None:
    made = good(task("a:x"), task("a:y", weak="x"), task("a:z", "y"))
    assert made.closure([task_id("a:z")]) == set(ids("a:z a:y"))
    assert made.dependents_closure([task_id("a:x")]) == {task_id("a:x")}


def test_the_critical_path_is_the_longest_chain_of_what_ran() -> None:
    made = good(
        task("a:a"), task("a:b", "a"), task("a:c", weak="a"), task("a:d", "b c"), task("a:e")
    )
    durations = dict(zip(ids("a:a a:b a:c a:d a:e"), [1.0, 2.0, 5.0, 1.0, 6.0], strict=True))
    assert made.critical_path(durations) == tuple(ids("a:a a:c a:d"))
    del durations[task_id("a:c")]
    assert made.critical_path(durations) == (task_id("a:e"),)
    assert made.critical_path({}) == ()
