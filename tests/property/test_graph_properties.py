"""Order, closure, affected set and matcher against brute force."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from hazui.domain.ids import TaskId
from hazui.domain.patterns import first_match
from hazui.domain.specs import TaskSpec
from hazui.errors import graph as errors
from hazui.graph.affected import affected
from hazui.graph.build import build
from hazui.graph.graph import Graph
from hazui.graph.matcher import InputMatcher
from hazui.graph.reason import AffectedReason
from hazui.graph.selection import select
from tests.support.graphs import task, workspace

NAMES = [f"{project}:t{n}" for project in ("a", "b") for n in range(5)]
SEGMENTS = ["x", "y", "xy", "a.py", "b.py", "x.c"]
GLOBS = [
    *SEGMENTS,
    "*",
    "**",
    "*.py",
    "x*",
    "?",
    "[xy]",
    "{x,y}",
    "{a,b}.py",
    "*.{py,c}",
    "x\\y",
    "[!x]*",
]

paths = st.lists(st.sampled_from(SEGMENTS), min_size=1, max_size=4).map("/".join)
patterns = st.tuples(
    st.sampled_from(["", "", "!", "/"]), st.lists(st.sampled_from(GLOBS), min_size=1, max_size=4)
).map(lambda parts: parts[0] + "/".join(parts[1]))


@st.composite
def edges(draw: st.DrawFn, *, acyclic: bool) -> list[tuple[str, list[str], list[str]]]:
    """Tasks with hard and weak dependencies by full name."""
    names = draw(st.permutations(NAMES))[: draw(st.integers(1, len(NAMES)))]
    out: list[tuple[str, list[str], list[str]]] = []
    for position, name in enumerate(names):
        others = names[:position] if acyclic else [other for other in names if other != name]
        if not others:
            out.append((name, [], []))
            continue
        hard = draw(st.lists(st.sampled_from(others), max_size=3, unique=True))
        weak = draw(st.lists(st.sampled_from(others), max_size=2, unique=True))
        out.append((name, hard, [one for one in weak if one not in hard]))
    return out


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    specs: list[TaskSpec] = []
    for name, hard, weak in draw(edges(acyclic=True)):
        inputs = draw(st.lists(patterns, max_size=4))
        watch = draw(st.booleans())
        specs.append(
            task(name, " ".join(hard), weak=" ".join(weak), inputs=" ".join(inputs), watch=watch)
        )
    made, problems = build(workspace(*specs))
    assert problems == []
    return made


def reachable(made: Graph, start: TaskId, *, down: bool) -> set[TaskId]:
    """Brute force: a fixed point over all edges."""
    found = {start}
    while True:
        more = {
            below if down else above
            for below in made.tasks
            for above in made.hard(below)
            if (above if down else below) in found
        }
        if more <= found:
            return found
        found |= more


@settings(deadline=None, max_examples=50)
@given(edges(acyclic=False))
def test_a_graph_is_acyclic_after_all_and_cycles_are_told_exactly_when_there_are_any(
    given_edges: list[tuple[str, list[str], list[str]]],
) -> None:
    specs = [task(name, " ".join(hard), weak=" ".join(weak)) for name, hard, weak in given_edges]
    made, problems = build(workspace(*specs))
    above = {name: {*hard, *weak} for name, hard, weak in given_edges}
    left = dict(above)
    while free := [name for name, needs in left.items() if not needs & left.keys()]:
        for name in free:
            del left[name]
    assert bool(left) == bool(problems)
    for problem in problems:
        assert isinstance(problem.error, errors.Cycle)
        path = problem.error.path
        assert path[0] == path[-1] == str(problem.task)
        assert len(set(path)) == len(path) - 1
        assert all(after in above[before] for before, after in pairwise(path))
        assert problem.index is not None
    order = made.topological_order()
    place = {one: position for position, one in enumerate(order)}
    assert sorted(order) == list(made.tasks)
    for one in made.tasks:
        for earlier in (*made.hard(one), *made.weak(one)):
            assert place[earlier] < place[one]


@settings(deadline=None, max_examples=40)
@given(graphs())
def test_closures_equal_brute_force_and_indexes_agree(made: Graph) -> None:
    for one in made.tasks:
        assert made.closure([one]) == reachable(made, one, down=False)
        assert made.dependents_closure([one]) == reachable(made, one, down=True)
        for above in made.hard(one):
            assert one in made.hard_dependents(above)
        for above in made.weak(one):
            assert one in made.weak_dependents(above)


@settings(deadline=None, max_examples=40)
@given(graphs(), st.lists(paths | paths.map(lambda path: f"a/{path}"), max_size=5))
def test_the_matcher_equals_asking_every_pattern(made: Graph, changed: list[str]) -> None:
    matcher = InputMatcher(made)
    for path in changed:
        expected = [
            (one, pattern)
            for one in made.tasks
            if (pattern := first_match(made.spec(one).inputs, path)) is not None
        ]
        assert matcher.match(path) == expected


@settings(deadline=None, max_examples=40)
@given(graphs(), st.sets(paths.map(lambda path: f"a/{path}") | paths, max_size=4), st.data())
def test_the_affected_set_equals_brute_force_and_is_monotone(
    made: Graph, changed: set[str], data: st.DataObject
) -> None:
    found = affected(made, changed)
    direct = {
        one
        for one in made.tasks
        if any(first_match(made.spec(one).inputs, path) is not None for path in changed)
    }
    expected: set[TaskId] = set()
    for one in direct:
        expected |= reachable(made, one, down=True)
    assert set(found) == expected
    assert list(found) == sorted(found)
    for one, reason in found.items():
        assert (reason.kind == "input_changed") == (one in direct)
        if reason.kind == "input_changed":
            assert reason.path in changed
            pattern = first_match(made.spec(one).inputs, reason.path or "")
            assert pattern is not None
            assert pattern.text == reason.pattern
        else:
            assert reason.upstream in direct
            assert reason.upstream is not None
            assert one in reachable(made, reason.upstream, down=True)
    fewer = data.draw(st.sets(st.sampled_from(sorted(changed)))) if changed else set()
    assert set(affected(made, fewer)) <= set(found)


@settings(deadline=None, max_examples=50)
@given(graphs(), st.data())
def test_a_selection_is_closed_and_leaves_out_only_what_waits(
    made: Graph, data: st.DataObject
) -> None:
    some = st.sets(st.sampled_from(made.tasks))
    wanted = data.draw(some)
    named = data.draw(some) & wanted
    settled = data.draw(some)
    reason = AffectedReason("requested")
    chosen = select(made, dict.fromkeys(wanted, reason), named=named, settled=settled)
    runs = set(chosen.tasks)
    assert runs.isdisjoint(chosen.left_out)
    assert wanted <= runs | set(chosen.left_out)
    assert named <= runs
    allowed = made.closure(named)
    for one in runs:
        assert all(above in runs or above in settled for above in made.hard(one))
        assert one in wanted or any(one in made.hard(below) for below in runs)
        assert made.spec(one).watch or one in allowed
    for one, left_out in chosen.left_out.items():
        assert one in wanted
        if left_out.waits_on is None:
            assert not made.spec(one).watch
        else:
            assert made.spec(one).watch
            assert not made.spec(left_out.waits_on).watch
            assert left_out.waits_on not in runs
            assert left_out.waits_on in made.closure([one])
