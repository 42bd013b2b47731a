"""What patterns are, by example."""

import re

import pytest

from hazui.domain.paths import CanonicalPath
from hazui.domain.patterns import first_match, literals, parse_pattern, parse_patterns
from hazui.errors import path

ROOT = CanonicalPath("")


@pytest.mark.parametrize(
    ("text", "yes", "no"),
    [
        ("src/*.c", ["src/a.c", "src/.c"], ["src/a/b.c", "a.c", "src/a.h", "src/A.C"]),
        ("**/*.c", ["a.c", "x/y/a.c"], ["a.h"]),
        ("src/**", ["src/a", "src/a/b"], ["src", "srcs/a"]),
        ("src/**/**", ["src/a", "src/a/b"], ["src"]),
        ("**", ["a", "a/b"], [""]),
        ("**/**", ["a", "a/b"], [""]),
        ("**/src/**/x", ["src/x", "a/src/b/c/x"], ["src/y", "asrc/x"]),
        ("a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["ab", "a/xb"]),
        ("a?c", ["abc", "aéc"], ["ac", "a/c"]),
        ("[ab]c", ["ac", "bc"], ["cc", "abc"]),
        ("[!ab]c", ["cc"], ["ac", "/c"]),
        ("[]x]", ["]", "x"], ["["]),
        ("[!]x]", ["a"], ["]", "x"]),
        ("[--0]", ["-", ".", "0"], ["/", "a"]),
        ("[a-]", ["a", "-"], ["b"]),
        ("{a,b}.c", ["a.c", "b.c"], ["ab.c", "{a,b}.c"]),
        ("{a,b/c", [], []),
        ("x{,.min}.js", ["x.js", "x.min.js"], ["x.max.js"]),
        ("{a,{b,c}d}", ["a", "bd", "cd"], ["b", "d"]),
        ("a\\*", ["a*"], ["ab", "a\\*"]),
        ("a**b", ["ab", "axb"], ["a/b"]),
        ("a,b}", ["a,b}"], ["a"]),
        ("*.{c,h}", ["a.c", "a.h"], ["a.o"]),
    ],
)
def test_a_pattern_matches_these_and_not_those(text: str, yes: list[str], no: list[str]) -> None:
    if not yes and not no:
        with pytest.raises(re.error):
            parse_pattern(ROOT, text)
        return
    pattern = parse_pattern(ROOT, text)
    assert [p for p in yes if not pattern.matches(p)] == []
    assert [p for p in no if pattern.matches(p)] == []


@pytest.mark.parametrize("text", ["[a", "a[", "{a", "{a,{b}", "[!]", "[z-a]", "{a,b/c}"])
def test_what_is_not_closed_is_refused(text: str) -> None:
    with pytest.raises(re.error):
        parse_pattern(ROOT, text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", path.Empty),
        ("!", path.Empty),
        ("/", path.OnlySlash),
        ("a/", path.TrailingSlash),
        ("a//b", path.EmptySegment),
        ("//a", path.EmptySegment),
        ("./a", path.InvalidSegment),
        ("a/../b", path.InvalidSegment),
        (".", path.InvalidSegment),
        ("a\x00", path.InvalidSegment),
        ("a\u200b/*", path.InvalidSegment),
    ],
)
def test_what_names_no_path_is_refused(text: str, kind: type[path.PathError]) -> None:
    with pytest.raises(kind):
        parse_pattern(ROOT, text)
    with pytest.raises(kind):
        parse_patterns(ROOT, [text])


def test_a_pattern_is_relative_to_its_project_unless_a_slash_says_otherwise() -> None:
    root = CanonicalPath("apps/web")
    assert parse_pattern(root, "src/*").path == "apps/web/src/*"
    assert parse_pattern(root, "/src/*").path == "src/*"
    assert parse_pattern(root, "!/src/a").is_exclusion


def test_the_fixed_root_ends_before_the_first_wildcard() -> None:
    fixed = {
        "a/b/*.c": "a/b",
        "a/b/c": "a/b",
        "*": "",
        "a": "",
        "a/**/b": "a",
        "a/{b,c}/d": "a",
    }
    assert {text: parse_pattern(ROOT, text).fixed_root for text in fixed} == fixed


def test_literals_are_what_names_one_path_and_does_not_exclude() -> None:
    patterns = parse_patterns(ROOT, ["a", "b*", "!c", "d/e"])
    assert [p.path for p in literals(patterns)] == ["a", "d/e"]


def test_only_an_including_pattern_is_the_reason() -> None:
    patterns = parse_patterns(ROOT, ["!src/gen/**", "src/**", "**/*.c"])
    assert first_match(patterns, "src/a.c") == patterns[1]
    assert first_match(patterns, "a.c") == patterns[2]
    assert first_match(patterns, "src/gen/a.c") is None
    assert first_match(patterns, "a.h") is None
