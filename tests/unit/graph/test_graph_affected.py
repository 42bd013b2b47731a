"""Which tasks a change affects, with reasons; and what tasks must not write."""

import pytest

from hazui.domain.specs import TaskKind, TaskSpec
from hazui.errors import graph as errors
from hazui.graph.affected import affected
from hazui.graph.build import build
from hazui.graph.graph import Graph
from hazui.graph.invariants import Claims
from hazui.graph.matcher import CHUNK, InputMatcher
from hazui.graph.reason import AffectedReason
from tests.support.graphs import ids, task, task_id, workspace


def graph_of(*tasks: TaskSpec) -> Graph:
    made, problems = build(workspace(*tasks))
    assert problems == []
    return made


def matched(made: Graph, path: str) -> list[tuple[str, str]]:
    return [(str(found), pattern.text) for found, pattern in InputMatcher(made).match(path)]


@pytest.mark.parametrize(
    ("pattern", "path", "does_match"),
    [
        ("src/a.py", "a/src/a.py", True),
        ("/src/a.py", "src/a.py", True),
        ("src/*.py", "a/src/b.py", True),
        ("src/*.py", "a/src/x/b.py", False),
        ("src/**/*.py", "a/src/b.py", True),
        ("src/**/*.py", "a/src/x/y/b.py", True),
        ("**/main.py", "a/main.py", True),
        ("**/main.py", "a/x/main.py", True),
        ("**/main.py", "a/xmain.py", False),
        ("/**/main.py", "main.py", True),
        ("src/**", "a/src/x/y", True),
        ("src/**", "a/src", False),
        ("{x,y}/*.[ch]", "a/y/z.h", True),
        ("x?z", "a/xyz", True),
        ("x\\*z", "a/x*z", True),
        ("x\\*z", "a/xyz", False),
        ("*/x{a,b}", "a/q/xb", True),
        ("src/*a", "a/src/a", True),
        ("sr*rc", "a/src", False),
        ("*", "a/.hidden", True),
    ],
)
def test_the_matcher_agrees_with_the_pattern(pattern: str, path: str, does_match: bool) -> None:
    made = graph_of(task("a:t", inputs=pattern))
    assert matched(made, path) == ([("a:t", pattern)] if does_match else [])


def test_the_first_pattern_that_matches_is_named() -> None:
    made = graph_of(task("a:t", inputs="*.c src/** src/x.py **/*.py"))
    assert matched(made, "a/src/x.py") == [("a:t", "src/**")]


def test_an_exclusion_wins_wherever_it_stands() -> None:
    made = graph_of(task("a:t", inputs="!src/gen/** src/**"), task("a:u", inputs="src/gen/x"))
    assert matched(made, "a/src/gen/x") == [("a:u", "src/gen/x")]
    assert matched(made, "a/src/x") == [("a:t", "src/**")]


def test_many_patterns_of_one_beginning_and_end_are_told_apart() -> None:
    count = CHUNK * 3 + 1
    made = graph_of(*(task(f"a:t{n}", inputs=f"**/m{n}/*.py") for n in range(count)))
    matcher = InputMatcher(made)
    for n in (0, CHUNK, count - 1):
        assert [found for found, _ in matcher.match(f"a/x/m{n}/y.py")] == ids(f"a:t{n}")
    assert matcher.match("a/x/n/y.py") == []


def test_reasons_name_the_path_and_the_pattern() -> None:
    made = graph_of(task("a:t", inputs="src/*.py"), task("a:u"))
    assert affected(made, ["a/src/z.py", "a/src/b.py", "other"]) == {
        task_id("a:t"): AffectedReason("input_changed", path="a/src/b.py", pattern="src/*.py")
    }


def test_downstream_names_the_nearest_changed_task() -> None:
    made = graph_of(
        task("a:far", inputs="far"),
        task("a:mid", "far"),
        task("a:near", inputs="near"),
        task("a:low", "mid near"),
        task("a:lower", "low"),
        task("a:weakly", weak="far"),
    )
    found = affected(made, ["a/far", "a/near"])
    assert {str(t): str(r.upstream) for t, r in found.items() if r.kind == "upstream"} == {
        "a:mid": "a:far",
        "a:low": "a:near",
        "a:lower": "a:near",
    }
    assert list(found) == sorted(found)


def test_of_equally_near_changed_tasks_the_first_is_named() -> None:
    made = graph_of(task("a:z", inputs="z"), task("b:a", inputs="a"), task("c:low", "b:a a:z"))
    low = task_id("c:low")
    assert affected(made, ["a/z", "b/a"])[low].upstream == task_id("a:z")
    assert affected(made, [], reconfigured=ids("b:a a:z"))[low].upstream == task_id("a:z")
    assert affected(made, [], reconfigured=ids("a:z b:a"))[low].upstream == task_id("a:z")


def test_a_changed_declaration_affects_the_task_and_what_needs_it() -> None:
    made = graph_of(task("a:t", inputs="x"), task("a:u", "t"), task("a:v", inputs="x"))
    found = affected(made, ["a/x"], reconfigured=ids("a:t a:v a:gone"))
    assert {str(t): r.kind for t, r in found.items()} == {
        "a:t": "input_changed",
        "a:u": "upstream",
        "a:v": "input_changed",
    }
    assert affected(made, [], reconfigured=ids("a:v")) == {
        task_id("a:v"): AffectedReason("config_changed")
    }


def test_a_service_is_affected_like_any_task() -> None:
    made = graph_of(
        task("a:server", inputs="app.py", kind=TaskKind.SERVICE), task("a:test", "server")
    )
    assert list(affected(made, ["a/app.py"])) == ids("a:server a:test")


def test_the_scope_limits_the_answer_but_not_the_way_to_it() -> None:
    made = graph_of(task("a:a", inputs="x"), task("a:b", "a"), task("a:c", "b"))
    found = affected(made, ["a/x"], scope=ids("a:c"))
    assert found == {task_id("a:c"): AffectedReason("upstream", upstream=task_id("a:a"))}


def test_two_tasks_that_wrote_one_file_are_named() -> None:
    claims = Claims(graph_of(task("a:one"), task("a:two")))
    assert claims.record(task_id("a:one"), ["a/x", "a/y"]) is None
    assert claims.record(task_id("a:one"), ["a/x"]) is None
    problem = claims.record(task_id("a:two"), ["a/z", "a/y"])
    assert isinstance(problem, errors.OutputOverlap)
    assert (problem.path, problem.first, problem.second) == ("a/y", "a:one", "a:two")


def test_an_output_that_closes_a_circle_is_named_with_the_circle() -> None:
    made = graph_of(task("a:gen", inputs="conf/*"), task("a:mid", "gen"), task("a:use", "mid"))
    claims = Claims(made)
    assert claims.record(task_id("a:gen"), ["a/out"]) is None
    problem = claims.record(task_id("a:use"), ["a/conf/x"])
    assert isinstance(problem, errors.RuntimeCycle)
    assert problem.path == ("a:use", "a:gen", "a:mid", "a:use")
    assert problem.edge == ("a:use", "a:gen")


def test_a_circle_may_consist_of_what_was_written_alone() -> None:
    made = graph_of(task("a:x", inputs="y/*"), task("a:y", inputs="x/*"), task("a:z", inputs="x/*"))
    claims = Claims(made)
    assert claims.record(task_id("a:y"), ["a/y/1"]) is None
    problem = claims.record(task_id("a:x"), ["a/x/1"])
    assert isinstance(problem, errors.RuntimeCycle)
    assert problem.path == ("a:x", "a:y", "a:x")


def test_an_output_against_the_order_of_names_is_no_circle_by_itself() -> None:
    made = graph_of(task("a:x", inputs="y/*"), task("a:y", inputs="x/*"))
    claims = Claims(made)
    assert claims.record(task_id("a:y"), ["a/y/1", "a/y/2"]) is None


def test_writing_for_a_dependant_or_for_oneself_is_fine() -> None:
    made = graph_of(task("a:gen", inputs="out/*"), task("a:use", "gen", inputs="out/*"))
    assert Claims(made).record(task_id("a:gen"), ["a/out/x"]) is None


def test_a_file_named_like_a_pattern_is_only_a_file() -> None:
    made = graph_of(task("a:t", inputs="[x] x* q\\*"), task("a:u", inputs="\\[x\\]"))
    assert matched(made, "a/[x]") == [("a:u", "\\[x\\]")]
    assert matched(made, "a/x*") == [("a:t", "x*")]
    assert matched(made, "a/q\\*") == []
