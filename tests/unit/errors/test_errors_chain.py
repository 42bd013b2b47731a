"""The walk from an error to its root, and where it stops."""

import asyncio

import pytest

from hazui.errors import internal, plugin
from hazui.errors.base import HazuiError
from hazui.errors.chain import DEPTH_MAX, TOTAL_MAX, WIDTH_MAX, Relation
from hazui.errors.record import record_of
from tests.unit.errors.errors_samples import nested


def hook_failed(source: BaseException) -> plugin.HookFailed:
    return plugin.HookFailed(plugin="acme", hook="before_turn", source=source)


def relations(error: HazuiError) -> list[tuple[str, str | None]]:
    return [
        (type(n.error).__name__, n.relation and n.relation.value) for n in error.iter_chain().nodes
    ]


def test_the_error_itself_comes_first_and_the_root_last() -> None:
    error = nested(3)
    chain = list(error.iter_chain())
    assert chain[0] is error
    assert str(chain[-1]) == "the root"
    assert len(chain) == 4
    assert error.iter_chain().root is chain[-1]


def test_source_wins_over_the_cause() -> None:
    source, other = ValueError("source"), KeyError("other")
    with pytest.raises(plugin.HookFailed) as caught:
        raise hook_failed(source) from other
    assert caught.value.__cause__ is other
    assert list(caught.value.iter_chain()) == [caught.value, source]


def test_a_context_counts_unless_it_is_suppressed() -> None:
    def fail(numbers: list[int], hide: bool) -> None:
        try:
            numbers[0] += 1
        except IndexError:
            problem = ValueError("second")
            if hide:
                raise problem from None
            raise problem  # noqa: B904 - the context that Python sets is what is tested

    def handling(hide: bool) -> ValueError:
        with pytest.raises(ValueError, match="second") as caught:
            fail([], hide)
        return caught.value

    assert relations(hook_failed(handling(False))) == [
        ("HookFailed", None),
        ("ValueError", "caused_by"),
        ("IndexError", "while_handling"),
    ]
    assert len(list(hook_failed(handling(True)).iter_chain())) == 2


def test_a_context_is_marked_in_the_record_of_a_foreign_error() -> None:
    error = ValueError("second")
    error.__context__ = KeyError("first")
    record = record_of(error)
    assert record.source is not None
    assert record.source.fields["relation"] == "while_handling"
    assert "relation" not in record.fields


def test_members_of_groups_are_walked_with_their_own_causes() -> None:
    first = ValueError("a")
    first.__cause__ = OSError("root of a")
    group = ExceptionGroup("two", [first, ExceptionGroup("inner", [KeyError("b")])])
    assert relations(hook_failed(group)) == [
        ("HookFailed", None),
        ("ExceptionGroup", "caused_by"),
        ("ValueError", "member"),
        ("OSError", "caused_by"),
        ("ExceptionGroup", "member"),
        ("KeyError", "member"),
    ]


def test_a_real_task_group_shows_its_members_and_not_one_of_them_as_context() -> None:
    async def fail() -> None:
        raise ValueError("inside")

    async def both() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(fail())
            group.create_task(fail())

    with pytest.raises(ExceptionGroup) as caught:
        asyncio.run(both())
    names = [name for name, _ in relations(hook_failed(caught.value))]
    assert names == ["HookFailed", "ExceptionGroup", "ValueError", "ValueError"]


def test_a_group_raised_while_handling_its_member_shows_it_once() -> None:
    member = ValueError("m")
    group = ExceptionGroup("g", [member])
    group.__context__ = member
    record = record_of(group)
    assert record.source is None
    assert len(record.members) == 1


def test_a_cycle_ends() -> None:
    first, second = ValueError("a"), KeyError("b")
    first.__cause__, second.__cause__ = second, first
    error = hook_failed(first)
    assert list(error.iter_chain()) == [error, first, second]
    assert error.iter_chain().omitted == 0
    own = hook_failed(ValueError())
    own.source = own
    assert list(own.iter_chain()) == [own]


def test_a_very_deep_chain_is_cut_and_says_how_much_is_left_out() -> None:
    error = nested(3000)
    chain = error.iter_chain()
    assert len(chain.nodes) == DEPTH_MAX + 1
    assert chain.omitted == 3001 - len(chain.nodes)
    record = record_of(error)
    assert sum(r.truncated for r in record.iter_chain()) == chain.omitted


def test_a_wide_group_is_cut_and_says_how_much_is_left_out() -> None:
    group = ExceptionGroup("wide", [ValueError(n) for n in range(WIDTH_MAX + 36)])
    record = record_of(group)
    assert len(record.members) == WIDTH_MAX
    assert record.truncated == 36


def test_a_tree_of_groups_is_bounded_in_all() -> None:
    def tree(depth: int) -> Exception:
        if depth == 0:
            return ValueError("leaf")
        return ExceptionGroup("node", [tree(depth - 1) for _ in range(10)])

    chain = hook_failed(tree(4)).iter_chain()
    assert len(chain.nodes) <= TOTAL_MAX + 1
    assert chain.omitted > 9_000


def test_a_shared_exception_is_shown_once() -> None:
    shared = ValueError("shared")
    first, second = KeyError("a"), KeyError("b")
    first.__cause__ = second.__cause__ = shared
    chain = list(hook_failed(ExceptionGroup("g", [first, second])).iter_chain())
    assert chain.count(shared) == 1


def test_relations_are_words_that_the_screen_knows() -> None:
    assert [r.value for r in Relation] == ["caused_by", "while_handling", "member"]
    assert internal.Unexpected(where="x", source=ValueError()).iter_chain().omitted == 0
