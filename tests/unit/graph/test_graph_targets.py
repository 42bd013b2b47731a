"""What a target on the command line means, and what runs because of it."""

from typing import Any

import pytest

from hazui.domain.ids import TaskId
from hazui.domain.specs import TaskSpec
from hazui.errors import graph as errors
from hazui.graph.build import build
from hazui.graph.graph import Graph
from hazui.graph.reason import AffectedReason
from hazui.graph.selection import LeftOut, Selection, select, select_all, select_named
from hazui.graph.targets import default_targets
from tests.support.graphs import ids, task, task_id, workspace


def graph_of(*tasks: TaskSpec, **more: Any) -> Graph:
    return build(workspace(*tasks, **more))[0]


@pytest.fixture
def graph() -> Graph:
    return graph_of(
        task("lint"),
        task("a:test"),
        task("a:lint"),
        task("b:test"),
        task("b:build"),
        project_tags={"b": "lib"},
    )


@pytest.mark.parametrize(
    ("text", "bearing", "expected"),
    [
        ("lint", "a", "a:lint"),
        ("lint", "b", "lint"),
        ("lint", None, "lint"),
        ("test", None, "a:test b:test"),
        ("test", "b", "b:test"),
        ("build", "a", "b:build"),
        ("a:lint", "b", "a:lint"),
        ("ws:lint", "a", "lint"),
        ("^:lint", "a", "lint a:lint"),
        ("[lib]:test", "a", "b:test"),
    ],
)
def test_a_target_is_resolved(graph: Graph, text: str, bearing: str | None, expected: str) -> None:
    assert graph.resolve_target(text, bearing) == sorted(ids(expected))


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("tset", "test"),
        ("a:lnit", "a:lint"),
        ("c:build", "b:build"),
        ("^:nothing", None),
        ("", None),
        (":", None),
    ],
)
def test_an_unknown_target_is_told_with_the_nearest_one(
    graph: Graph, text: str, suggestion: str | None
) -> None:
    with pytest.raises(errors.UnknownTarget) as caught:
        graph.resolve_target(text, "b")
    assert caught.value.target == text
    if suggestion is not None and ":" not in suggestion:
        assert caught.value.suggestion in (suggestion, f"b:{suggestion}")
    else:
        assert caught.value.suggestion == suggestion


def test_without_a_target_the_default_task_is_meant() -> None:
    tasks = task("default"), task("a:x"), task("b:x")
    assert default_targets(graph_of(*tasks, default_task="b:x")) == ids("b:x")
    assert default_targets(graph_of(*tasks, default_task="x")) == ids("a:x b:x")
    assert default_targets(graph_of(*tasks)) == ids("default")


def test_without_any_default_every_watched_task_is_meant() -> None:
    made = graph_of(task("a:default"), task("a:x"), task("b:deploy", watch=False))
    assert default_targets(made) == ids("a:default a:x")


def test_a_named_target_runs_with_all_it_needs() -> None:
    made = graph_of(task("a:gen"), task("a:use", "gen"), task("a:top", "use"), task("a:other"))
    assert select_named(made, ids("a:use")) == Selection(
        {
            task_id("a:gen"): AffectedReason("requested", needed_by=task_id("a:use")),
            task_id("a:use"): AffectedReason("requested"),
        },
        {},
    )


@pytest.fixture
def deploying() -> Graph:
    return graph_of(
        task("a:build"),
        task("a:deploy", "build", watch=False),
        task("a:check", "deploy"),
        task("a:report", "check"),
        task("a:side"),
    )


def test_an_unwatched_task_runs_when_it_is_named(deploying: Graph) -> None:
    assert list(select_named(deploying, ids("a:deploy")).tasks) == ids("a:build a:deploy")


def test_an_unwatched_task_runs_when_a_named_task_needs_it(deploying: Graph) -> None:
    chosen = select_named(deploying, ids("a:report"))
    assert list(chosen.tasks) == ids("a:build a:check a:deploy a:report")
    assert chosen.left_out == {}


def test_all_leaves_out_what_waits_on_an_unwatched_task(deploying: Graph) -> None:
    chosen = select_all(deploying)
    requested, deploy = AffectedReason("requested"), task_id("a:deploy")
    assert list(chosen.tasks) == ids("a:build a:side")
    assert chosen.left_out == {
        task_id("a:check"): LeftOut(requested, deploy),
        task_id("a:report"): LeftOut(requested, deploy),
    }


def test_a_change_never_runs_an_unwatched_task(deploying: Graph) -> None:
    changed = AffectedReason("input_changed", path="a/x", pattern="*")
    upstream = AffectedReason("upstream", upstream=task_id("a:deploy"))
    wanted = {
        task_id("a:deploy"): changed,
        task_id("a:check"): upstream,
        task_id("a:side"): changed,
    }
    chosen = select(deploying, wanted)
    assert chosen.tasks == {task_id("a:side"): changed}
    assert chosen.left_out == {
        task_id("a:deploy"): LeftOut(changed, None),
        task_id("a:check"): LeftOut(upstream, task_id("a:deploy")),
    }


def test_what_needs_an_unwatched_task_runs_while_the_result_of_that_stands(
    deploying: Graph,
) -> None:
    changed = AffectedReason("input_changed", path="a/x", pattern="*")
    chosen = select(deploying, {task_id("a:check"): changed}, settled=set(ids("a:deploy a:build")))
    assert chosen == Selection({task_id("a:check"): changed}, {})


def test_what_a_left_out_task_needs_is_not_run_for_it() -> None:
    made = graph_of(task("a:gen"), task("a:deploy", watch=False), task("a:check", "deploy gen"))
    chosen = select(made, {task_id("a:check"): AffectedReason("requested")})
    assert chosen.tasks == {}
    assert list(chosen.left_out) == ids("a:check")


def test_settled_tasks_are_not_pulled_in_unless_they_are_wanted() -> None:
    made = graph_of(task("a:a"), task("a:b", "a"), task("a:c", "b"))
    reason = AffectedReason("input_changed", path="p", pattern="p")
    settled = set(ids("a:a a:b a:c"))
    assert list(select(made, {task_id("a:c"): reason}, settled=settled).tasks) == ids("a:c")
    wanted: dict[TaskId, AffectedReason] = dict.fromkeys(ids("a:c a:b"), reason)
    assert list(select(made, wanted, settled=settled).tasks) == ids("a:b a:c")


def test_a_named_task_allows_an_unwatched_one_for_the_others_too(deploying: Graph) -> None:
    requested = AffectedReason("requested")
    wanted = dict.fromkeys(ids("a:deploy a:check"), requested)
    chosen = select(deploying, wanted, named=ids("a:deploy"))
    assert list(chosen.tasks) == ids("a:build a:check a:deploy")
    assert chosen.left_out == {}


def test_a_named_task_pulls_in_an_unwatched_one_whose_result_no_longer_stands(
    deploying: Graph,
) -> None:
    changed = AffectedReason("input_changed", path="a/x", pattern="*")
    wanted = {task_id("a:deploy"): changed, task_id("a:check"): AffectedReason("requested")}
    settled = set(ids("a:build a:deploy"))
    chosen = select(deploying, wanted, named=ids("a:check"), settled=settled)
    assert list(chosen.tasks) == ids("a:check a:deploy")
    assert chosen.left_out == {}
