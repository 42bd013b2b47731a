"""Files of variables are read as other tools write them."""

import pytest

from hazui.config.env_file import parse_env

GOOD = [
    ("A=1", {"A": "1"}),
    ("export A=1", {"A": "1"}),
    ("  export\tA = 1  ", {"A": "1"}),
    ("export=1", {"export": "1"}),
    ("A=", {"A": ""}),
    ("A=''\nB=\"\"", {"A": "", "B": ""}),
    ("# only a comment\n\n   \nA=1 # comment", {"A": "1"}),
    ("A=a#b", {"A": "a#b"}),
    ("A=#b", {"A": ""}),
    ("A='a # b' # c", {"A": "a # b"}),
    ("A='$HOME \\n'", {"A": "$HOME \\n"}),
    ('A="a\\nb\\t\\"\\\\\\$\\x"', {"A": 'a\nb\t"\\$\\x'}),
    ('A="two\nlines"\nB=2', {"A": "two\nlines", "B": "2"}),
    ('A="joined\\\nline"', {"A": "joinedline"}),
    ("A='two\nlines'", {"A": "two\nlines"}),
    ("A=a b  c", {"A": "a b  c"}),
    ("A=it's", {"A": "it's"}),
    ("A=$HOME", {"A": "$HOME"}),
    ("A=x=y", {"A": "x=y"}),
    ("A=1\nA=2", {"A": "2"}),
    ("\ufeffA=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
    ("A=é", {"A": "é"}),
    ("", {}),
]


@pytest.mark.parametrize(("text", "values"), GOOD)
def test_a_good_file_gives_its_variables(text: str, values: dict[str, str]) -> None:
    assert parse_env(text.encode()) == (values, [])


BAD = [
    ("A", 1, "NAME=value"),
    ("=1", 1, "NAME=value"),
    ("A B=1", 1, "NAME=value"),
    ("1A=1", 1, "name"),
    ("A-B=1", 1, "name"),
    ("a.b=1", 1, "name"),
    ("X=1\n\n'A'=1", 3, "NAME=value"),
    ("X=1\nA='x", 2, "quote"),
    ('A="x\\"', 1, "quote"),
    ("A='x'y", 1, "after"),
    ('M="a\nb"\nA', 3, "NAME=value"),
    ("A=\0", 1, "NUL"),
    (f"{'A' * 257}=1", 1, "name"),
]


@pytest.mark.parametrize(("text", "line", "part"), BAD)
def test_a_bad_line_is_named_by_its_number(text: str, line: int, part: str) -> None:
    _, problems = parse_env(text.encode())
    assert [problem.line for problem in problems] == [line]
    assert part in problems[0].detail


def test_every_bad_line_is_reported_and_the_good_ones_are_kept() -> None:
    values, problems = parse_env(b"A=1\nB\nC=3\nD-=4\n")
    assert values == {"A": "1", "C": "3"}
    assert [problem.line for problem in problems] == [2, 4]


def test_bytes_that_are_not_text_are_a_problem_of_their_line() -> None:
    values, problems = parse_env(b"A=1\nB=\xff\n")
    assert not values
    assert [problem.line for problem in problems] == [2]
