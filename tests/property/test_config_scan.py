"""The scanner finds every key that the parser finds, at the text of its value."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tomli
from hypothesis import given, settings
from hypothesis import strategies as st

from hazui.config.positions import KeyPath, scan

EXAMPLE = (Path(__file__).parents[2] / "config.example.toml").read_text("utf-8")

KEYS = st.sampled_from(["a", "b-1", '"q q"', "'l.l'", '"\\u0061x"'])
TEXTS = st.sampled_from(
    [
        '"x"',
        '"a # b"',
        '"\\"]\\\\"',
        "'c:\\x]'",
        '"""\n[t]\na = 1 ""\\""""',
        "'''\n]'',''''",
        "1",
        "-1.5e3",
        "true",
        "inf",
        "1979-05-27 07:32:00Z",
        "07:32:00",
    ]
)
GAP = st.sampled_from(["", " ", "\n", " # note ]}\n", "\r\n\t"])


@st.composite
def arrays(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    items = draw(st.lists(inner, max_size=3))
    out = "["
    for position, item in enumerate(items):
        is_last = position == len(items) - 1
        comma = "" if is_last and draw(st.booleans()) else ","
        out += draw(GAP) + item + draw(GAP) + comma
    return out + draw(GAP) + "]"


@st.composite
def inline_tables(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    keys = draw(st.lists(KEYS, max_size=2, unique=True))
    entries = [f"{key} = {draw(inner)}" for key in keys]
    return "{ " + ", ".join(entries) + " }"


VALUES = st.recursive(TEXTS, lambda inner: arrays(inner) | inline_tables(inner), max_leaves=6)


@st.composite
def documents(draw: st.DrawFn) -> str:
    out = ""
    for number in range(draw(st.integers(0, 5))):
        header = draw(st.sampled_from(["[t{}]", "[t{}.sub . 'x']", "[[list]]", "[[ list.inner ]]"]))
        if number or draw(st.booleans()):
            out += header.format(number) + draw(st.sampled_from(["", "  # note"])) + "\n"
        for key in draw(st.lists(KEYS, max_size=3, unique=True)):
            dotted = f"d{number}{len(out)} . {key}" if draw(st.booleans()) else key
            out += f"{dotted} = {draw(VALUES)}{draw(st.sampled_from(['', ' # x']))}\n"
        out += draw(st.sampled_from(["", "\n", "# note\n"]))
    return out


def paths(value: Any, at: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Every key path of parsed data, with its value."""
    if at:
        yield at, value
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from paths(inner, (*at, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from paths(inner, (*at, index))


def check(text: str) -> None:
    data = tomli.loads(text)
    found = scan(text)
    expected = dict(paths(data))
    assert set(found) == set(expected)
    for at, (_, offset) in found.items():
        value = expected[at]
        if not isinstance(value, (dict, list)):
            # Reading what stands there gives the value itself: try every end of it.
            rest = text[offset:]
            ends = [n for n, c in enumerate(rest) if c in ",]}\n#"] + [len(rest)]
            assert any(reads_as(rest[:end], value) for end in ends), (at, rest)


def reads_as(text: str, value: Any) -> bool:
    try:
        return bool(tomli.loads(f"x = {text}") == {"x": value})
    except tomli.TOMLDecodeError:
        return False


@settings(deadline=None, max_examples=100)
@given(documents())
def test_every_key_of_a_document_is_found_at_its_value(text: str) -> None:
    try:
        tomli.loads(text)
    except tomli.TOMLDecodeError:
        return
    check(text)


def test_every_key_of_the_example_is_found() -> None:
    check(EXAMPLE)
