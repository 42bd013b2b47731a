"""Odd texts, odd shapes: records survive, walks end, nothing raises."""

import json
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hazui.errors import decode, fs, graph, internal, plugin, process
from hazui.errors.base import one_line
from hazui.errors.chain import DEPTH_MAX, TOTAL_MAX
from hazui.errors.excerpt import columns_of, excerpt_of
from hazui.errors.record import ErrorRecord, record_of, to_exception
from hazui.errors.render import render, render_problem
from hazui.errors.runtime import HazuiRuntimeError, RuntimeErrorCode

MODERATE = settings(deadline=None, max_examples=60)

# What a path or an argument may hold: any text, with raw bytes as lone low surrogates.
any_text = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.integers(0xDC80, 0xDCFF).map(chr),
    ),
    max_size=30,
)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=8,
)
runtime_errors = st.builds(
    lambda code, message, data: HazuiRuntimeError(code, message, data=data),
    any_text | st.sampled_from([str(code) for code in RuntimeErrorCode.known()]),
    any_text,
    st.dictionaries(any_text, json_values, max_size=3),
)
leaves = st.one_of(
    runtime_errors,
    any_text.map(ValueError),
    st.builds(lambda n, t: OSError(n, t, t), st.integers(1, 140), any_text),
    any_text.map(lambda text: fs.NotFound(path=Path("/" + text.replace("\0", "")))),
    st.lists(st.integers(1, 9999)).map(lambda pids: process.Survivors(pids=pids)),
    st.lists(any_text).map(lambda path: graph.Cycle(path=path)),
)


def caused(outer: BaseException, inner: BaseException) -> BaseException:
    outer.__cause__ = inner
    return outer


errors: st.SearchStrategy[BaseException] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(lambda source, w: internal.Unexpected(where=w, source=source), inner, any_text),
        st.builds(lambda source: plugin.HookFailed(plugin="p", hook="h", source=source), inner),
        st.builds(
            BaseExceptionGroup,
            any_text,
            st.lists(inner, min_size=1, max_size=3),
        ),
        st.builds(lambda source: caused(ValueError("above"), source), inner),
        st.builds(lambda c, source: HazuiRuntimeError(c, "m", source=source), any_text, inner),
    ),
    max_leaves=8,
)


@MODERATE
@given(errors)
def test_any_error_survives_json_and_being_built_again(error: BaseException) -> None:
    record = record_of(error)
    again = ErrorRecord.from_json_text(record.to_json_text())
    assert again == record
    assert record_of(to_exception(again)) == record


@MODERATE
@given(errors, st.integers(0, 120))
def test_any_error_can_be_rendered_on_safe_lines(error: BaseException, width: int) -> None:
    for text in (render(record_of(error), width), render_problem(record_of(error), width)):
        assert all(line.isprintable() for line in text.split("\n"))
        text.encode("utf-8")


@MODERATE
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=30))
def test_any_tangle_of_causes_and_contexts_is_walked_once_and_ends(
    links: list[tuple[int, int]],
) -> None:
    pool: list[BaseException] = [
        internal.Unexpected(where=str(n), source=KeyError(n)) for n in range(5)
    ]
    pool += [ValueError(n) for n in range(5)]
    for number, (outer, inner) in enumerate(links):
        if number % 3:
            pool[outer].__cause__ = pool[inner]
        else:
            pool[outer].__context__ = pool[inner]
        if isinstance(pool[outer], internal.Unexpected) and number % 2:
            pool[outer].source = pool[inner]  # type: ignore[attr-defined]
    first = pool[0]
    assert isinstance(first, internal.Unexpected)
    walked = list(first.iter_chain())
    assert walked[0] is first
    assert len({id(error) for error in walked}) == len(walked)
    record = record_of(first)
    assert ErrorRecord.from_json_text(record.to_json_text()) == record
    assert len(list(record.iter_chain())) == len(walked)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 400), st.booleans())
def test_nothing_is_lost_uncounted_in_a_deep_chain(depth: int, typed: bool) -> None:
    error: BaseException = ValueError("root")
    for _ in range(depth):
        if typed:
            error = internal.Unexpected(where="x", source=error)
        else:
            error = caused(RuntimeError("x"), error)
    record = record_of(error)
    shown = list(record.iter_chain())
    assert len(shown) + sum(r.truncated for r in shown) == depth + 1
    assert len(shown) <= min(DEPTH_MAX + 1, TOTAL_MAX + 1)
    assert record_of(to_exception(record)) == record


@MODERATE
@given(any_text)
def test_any_code_survives_and_a_known_one_is_known(text: str) -> None:
    code = RuntimeErrorCode(text)
    assert code.as_str() == text
    assert code.is_known == (text in {str(known) for known in RuntimeErrorCode.known()})
    record = ErrorRecord.from_json({"code": text, "message": text})
    assert record.to_json()["code"] == text
    assert str(to_exception(record)) == f"{text}: {text}"


MEMBERS = """code message type family kind fields hint notes where source members truncated x"""
junk = st.recursive(
    json_values,
    lambda inner: st.fixed_dictionaries({}, optional=dict.fromkeys(MEMBERS.split(), inner)),
    max_leaves=10,
)


@MODERATE
@given(junk)
def test_any_json_is_a_record_or_a_typed_refusal(value: Any) -> None:
    try:
        record = ErrorRecord.from_json(value)
    except decode.Invalid:
        return
    assert ErrorRecord.from_json(json.loads(record.to_json_text())) == record
    assert record_of(to_exception(record)).code == record.code
    render(record)
    render_problem(record)


@MODERATE
@given(any_text)
def test_a_safe_line_is_printable_utf8(text: str) -> None:
    line = one_line(text)
    assert line.isprintable()
    line.encode("utf-8")


@settings(deadline=None, max_examples=150)
@given(any_text, st.none() | st.integers(-3, 60), st.integers(-5, 60))
def test_an_excerpt_fits_and_its_caret_is_under_the_line(
    line: str, column: int | None, width: int
) -> None:
    found = excerpt_of(line, column, width)
    assert columns_of(found.line) <= max(width, 10)
    assert found.caret.strip() == "" or set(found.caret.strip()) == {"^"}
