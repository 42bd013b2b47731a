"""Patterns mean what a direct reading of them says, tried one character at a time."""

import re
import time

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hazui.domain.paths import CanonicalPath, parse_segments
from hazui.domain.patterns import (
    Pattern,
    compiled,
    first_match,
    literals,
    parse_pattern,
    parse_patterns,
)
from hazui.errors.path import PathError

ROOT = CanonicalPath("")
PIECES = st.sampled_from(
    [
        *("a", "b", ".", "*", "?", "[ab]", "[!a]", "[^b]", "[a-c]", "[]]", "[!]]", "[--a]"),
        *("{a,b*}", "{,a}", "{a,{b,?}}", "\\*", "\\a", ",", "}", "]", "-"),
    ]
)
SEGMENTS = st.one_of(
    st.just("**"),
    st.lists(PIECES, min_size=1, max_size=4).map("".join).filter(lambda s: s not in (".", "..")),
)
PATTERNS = st.lists(SEGMENTS, min_size=1, max_size=4).map("/".join)
PATHS = st.lists(st.text("ab.-*]c,}", min_size=1, max_size=4), min_size=1, max_size=4).map("/".join)


def matches(pattern: list[str], path: list[str]) -> bool:
    """Whether segments match, by trying every split at each ``**``."""
    if not pattern:
        return not path
    if pattern[0] == "**":
        if len(pattern) == 1:
            return bool(path)
        return any(matches(pattern[1:], path[n:]) for n in range(len(path) + 1))
    return bool(path) and segment_matches(pattern[0], path[0]) and matches(pattern[1:], path[1:])


def segment_matches(pattern: str, text: str) -> bool:
    return any(plain_matches(tokens, text) for tokens in expanded(pattern))


def expanded(pattern: str) -> list[list[str]]:
    """The pattern without braces: every alternative as a list of tokens."""
    alternatives, rest = sequence(pattern, inside=False)
    assert not rest
    return alternatives


def sequence(text: str, *, inside: bool) -> tuple[list[list[str]], str]:
    done: list[list[str]] = []
    current: list[list[str]] = [[]]
    while text:
        if inside and text[0] in ",}":
            done += current
            current = [[]]
            if text[0] == "}":
                return done, text[1:]
            text = text[1:]
        elif text[0] == "{":
            inner, text = sequence(text[1:], inside=True)
            current = [head + tail for head in current for tail in inner]
        else:
            length = 1
            if text[0] == "\\" and len(text) > 1:
                length = 2
            elif text[0] == "[":
                length = text.index("]", 2 + (text[1] in "!^")) + 1
            current = [[*head, text[:length]] for head in current]
            text = text[length:]
    assert not inside
    return done + current, ""


def plain_matches(tokens: list[str], text: str) -> bool:
    if not tokens:
        return not text
    token, rest = tokens[0], tokens[1:]
    if token == "*":
        return any(plain_matches(rest, text[n:]) for n in range(len(text) + 1))
    return bool(text) and one_matches(token, text[0]) and plain_matches(rest, text[1:])


def one_matches(token: str, character: str) -> bool:
    if token == "?":
        return True
    if len(token) == 2:
        return character == token[1]
    if len(token) == 1:
        return character == token
    body = token[1:-1]
    negated = body[0] in "!^"
    body = body[1:] if negated else body
    if len(body) == 3 and body[1] == "-":
        return (body[0] <= character <= body[2]) != negated
    return (character in body) != negated


@settings(deadline=None, max_examples=600)
@given(PATTERNS, PATHS)
def test_a_pattern_matches_what_a_direct_reading_says(text: str, path: str) -> None:
    pattern = parse_pattern(ROOT, text)
    assume(not any(part in ("", ".", "..") for part in path.split("/")))
    if pattern.is_literal:
        assert pattern.matches(path) == (path == text)
    else:
        assert pattern.matches(path) == matches(text.split("/"), path.split("/"))


@settings(deadline=None, max_examples=200)
@given(PATTERNS)
def test_everything_that_matches_lies_under_the_fixed_root(text: str) -> None:
    pattern = parse_pattern(ROOT, text)
    root = pattern.fixed_root
    assert not root or pattern.path.startswith(f"{root}/")
    assert not re.search(r"[*?\[{\\]", root)


@settings(deadline=None, max_examples=300)
@given(st.text("ab*?[]{},\\!^-/.é \n", max_size=12), st.sampled_from(["", "p", "p/q"]))
def test_any_text_is_a_pattern_or_a_known_problem(text: str, root: str) -> None:
    try:
        pattern = parse_pattern(CanonicalPath(root), text)
    except (PathError, re.error):
        return
    assert pattern.text == text
    assert pattern.is_exclusion == text.startswith("!")
    compiled(pattern.path)
    bare = text.removeprefix("!")
    expected = bare[1:] if bare.startswith("/") else "/".join(filter(None, (root, bare)))
    assert pattern.path == expected
    assert "/".join(parse_segments(pattern.path)) == pattern.path


@settings(deadline=None, max_examples=300)
@given(
    st.lists(st.text("ab./! *-_\n\\é", max_size=5) | PATHS | PATTERNS, max_size=4),
    st.sampled_from(["", "p/q"]),
)
def test_a_list_is_read_as_each_of_it_is(texts: list[str], root: str) -> None:
    def each() -> tuple[Pattern, ...]:
        return tuple(parse_pattern(CanonicalPath(root), text) for text in texts)

    try:
        expected = each()
    except (PathError, re.error) as error:
        try:
            parse_patterns(CanonicalPath(root), texts)
        except type(error):
            return
        raise AssertionError("the list was taken") from error
    assert parse_patterns(CanonicalPath(root), texts) == expected


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(st.booleans(), PATTERNS), max_size=4), PATHS)
def test_an_exclusion_wins_wherever_it_stands(parts: list[tuple[bool, str]], path: str) -> None:
    patterns = [parse_pattern(ROOT, f"!{text}" if out else text) for out, text in parts]
    found = first_match(patterns, path)
    included = [p for p in patterns if not p.is_exclusion and p.matches(path)]
    excluded = [p for p in patterns if p.is_exclusion and p.matches(path)]
    assert found == (included[0] if included and not excluded else None)
    assert all(p.is_literal and not p.is_exclusion for p in literals(patterns))


def test_a_hostile_pattern_does_not_hang() -> None:
    began = time.monotonic()
    for text, path in {
        "*a" * 40 + "b": "a" * 4000,
        "**/a/" * 20 + "b": "a/" * 1500 + "a",
        "**/*a*a*a/" * 8 + "b": "aaaa/" * 300 + "a",
        "[a-z]*" * 30 + "1": "a" * 4000,
    }.items():
        assert not parse_pattern(ROOT, text).matches(path)
    # Backtracking would take longer than the sun lasts; this only tells the two apart.
    assert time.monotonic() - began < 30
