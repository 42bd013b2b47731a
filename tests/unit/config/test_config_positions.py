"""Positions are exact, or not given."""

from pathlib import Path
from typing import Any

import pytest

from hazui.config.positions import Point, SourceText, key_text, scan

TEXT = """\
# first
top = 1
[a]
b.c = 'x' # dotted
"q.uo\\u0074e" = [ 1,
  # between
  [2, 3], { k = "v", l.m = 2 },
]
'li"t' = \"\"\"
[not.a.table]
x = 1\\"\"\" "" still
\"\"\"
[a.d]
[[list]]
n = 1
[[list]]
n = 2
[list.sub]
deep = '''
']
'''
last = 1979-05-27 07:32:00
"""


def found(at: tuple[Any, ...], point: Point = Point.VALUE) -> tuple[int, str] | None:
    spot = SourceText(Path("/x"), TEXT).find(at, point)
    return None if spot is None else (spot.line, spot.excerpt[spot.column - 1 :])


@pytest.mark.parametrize(
    ("at", "line", "key_begins", "value_begins"),
    [
        (("top",), 2, "top", "1"),
        (("a",), 3, "[a]", "[a]"),
        (("a", "b"), 4, "b.c", "b.c"),
        (("a", "b", "c"), 4, "c =", "'x'"),
        (("a", "q.uote"), 5, '"q.', "[ 1,"),
        (("a", "q.uote", 0), 5, "1,", "1,"),
        (("a", "q.uote", 1), 7, "[2", "[2"),
        (("a", "q.uote", 1, 1), 7, "3]", "3]"),
        (("a", "q.uote", 2), 7, "{ k", "{ k"),
        (("a", "q.uote", 2, "k"), 7, "k =", '"v"'),
        (("a", "q.uote", 2, "l", "m"), 7, "m =", "2 }"),
        (("a", 'li"t'), 9, "'li", '"""'),
        (("a", "d"), 13, "[a.d]", "[a.d]"),
        (("list",), 14, "[[list]]", "[[list]]"),
        (("list", 1), 16, "[[list]]", "[[list]]"),
        (("list", 1, "n"), 17, "n", "2"),
        (("list", 1, "sub", "deep"), 19, "deep", "'''"),
        (("list", 1, "sub", "last"), 22, "last", "1979"),
    ],
)
def test_every_form_of_key_is_found(
    at: tuple[Any, ...], line: int, key_begins: str, value_begins: str
) -> None:
    for point, begins in ((Point.KEY, key_begins), (Point.VALUE, value_begins)):
        place = found(at, point)
        assert place is not None
        assert place[0] == line
        assert place[1].startswith(begins)


def test_a_key_that_is_not_there_has_no_position() -> None:
    for at in (("no",), ("a", "q.uote", 3), ("list", 2), ("not", "a")):
        assert found(at) is None


def test_a_missing_key_is_placed_at_its_table() -> None:
    assert found(("a", "d", "missing"), Point.TABLE) == (13, "[a.d]")


def test_a_text_that_is_not_toml_gives_what_was_read_before() -> None:
    positions = scan("a = 1\nb = = 2\nc = 3\n")
    assert ("a",) in positions
    assert ("c",) not in positions


@pytest.mark.parametrize("text", ["a = '", 'a = "\\UFFFFFFFF"', '"\\UFFFFFFFF" = 1', "[", "a", "="])
def test_broken_texts_never_raise(text: str) -> None:
    scan(text)


def test_columns_count_characters_and_a_long_line_is_cut() -> None:
    source = SourceText(Path("/x"), "'é' = ['ü', 1]\nlong = '" + "x" * 5000 + "'\n")
    spot = source.find(("é", 1))
    assert spot is not None
    assert (spot.line, spot.column) == (1, 13)
    long = source.find(("long",))
    assert long is not None
    assert len(long.excerpt) == 400


def test_a_key_path_is_written_as_one_would_write_it() -> None:
    assert key_text(("tasks", "build", "inputs", 2)) == "tasks.build.inputs[2]"
    assert key_text(("tasks", "a b")) == 'tasks."a b"'
    assert key_text(()) == ""
