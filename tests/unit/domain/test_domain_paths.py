"""Canonical paths: what they hold, and what is said about the others."""

import os
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hazui.domain.paths import (
    FORBIDDEN_CATEGORIES,
    CanonicalPath,
    check_segment,
    is_plain,
    parse_segments,
    parse_workspace_absolute,
    resolve,
)
from hazui.errors import parse_absolute, path, segment

ROOT = CanonicalPath("")
WEB = CanonicalPath("apps/web")


@pytest.mark.parametrize(
    ("root", "text", "expected"),
    [
        (ROOT, "a/b", "a/b"),
        (ROOT, "/a/b", "a/b"),
        (ROOT, ".", ""),
        (WEB, "a/b", "apps/web/a/b"),
        (WEB, "/a/b", "a/b"),
        (WEB, ".", "apps/web"),
        (WEB, ".hidden/é", "apps/web/.hidden/é"),
        (WEB, "/.hidden", ".hidden"),
        (ROOT, "..a", "..a"),
    ],
)
def test_a_path_is_resolved_against_its_project(
    root: CanonicalPath, text: str, expected: str
) -> None:
    assert resolve(root, text) == expected


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", path.Empty),
        ("/", path.OnlySlash),
        ("//", path.TrailingSlash),
        ("a/", path.TrailingSlash),
        ("a//b", path.EmptySegment),
        ("//a", path.EmptySegment),
        ("./a", path.InvalidSegment),
        ("a/..", path.InvalidSegment),
        ("/..", path.InvalidSegment),
    ],
)
def test_what_names_no_place_is_refused(text: str, kind: type[path.PathError]) -> None:
    with pytest.raises(kind):
        resolve(ROOT, text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", segment.Empty),
        (".", segment.Dot),
        ("..", segment.DotDot),
        ("a/b", segment.ContainsSeparator),
        ("a\n", segment.ContainsForbidden),
        ("a\u200bb", segment.ContainsForbidden),
        ("\ue000", segment.ContainsForbidden),
        ("\u2028", segment.ContainsForbidden),
        ("\u0378", segment.ContainsForbidden),
    ],
)
def test_each_fault_of_a_segment_has_its_name(text: str, kind: type[segment.SegmentError]) -> None:
    with pytest.raises(kind):
        check_segment(text)


def test_a_fault_in_a_path_says_which_segment_and_why() -> None:
    with pytest.raises(path.InvalidSegment) as caught:
        parse_segments("/a/..")
    assert (caught.value.segment, caught.value.position) == ("..", 1)
    assert isinstance(caught.value.source, segment.DotDot)


def test_a_name_of_raw_bytes_is_a_segment() -> None:
    check_segment(os.fsdecode(b"caf\xe9"))


def test_a_workspace_absolute_path_loses_its_slash() -> None:
    assert parse_workspace_absolute("/src/a.py") == "src/a.py"
    with pytest.raises(parse_absolute.NotAbsolute):
        parse_workspace_absolute("src/a.py")
    with pytest.raises(parse_absolute.Invalid) as caught:
        parse_workspace_absolute("/src//a.py")
    assert isinstance(caught.value.source, path.EmptySegment)


@given(st.text("a./-\\é\n*\u200b ", max_size=10) | st.text(max_size=10))
def test_what_is_seen_at_a_glance_to_be_right_is_right(text: str) -> None:
    try:
        segments = parse_segments(text)
    except path.PathError:
        assert not is_plain(text)
        return
    if is_plain(text):
        assert "/".join(segments) == text


@given(st.text("a./é\n\u200b ", max_size=8) | st.text(max_size=8))
def test_a_path_is_taken_exactly_when_every_segment_is_good(text: str) -> None:
    parts = text.removeprefix("/").split("/")
    good = all(
        part not in ("", ".", "..")
        and not any(unicodedata.category(c) in FORBIDDEN_CATEGORIES for c in part)
        for part in parts
    )
    try:
        assert parse_segments(text) == tuple(parts)
    except path.PathError:
        assert not good
    else:
        assert good


@given(st.lists(st.text(min_size=1, max_size=4), min_size=1, max_size=4))
def test_resolving_a_canonical_path_again_changes_nothing(parts: list[str]) -> None:
    try:
        once = resolve(ROOT, "/".join(parts))
    except path.PathError:
        return
    if once:
        assert resolve(ROOT, once) == once
        assert resolve(WEB, f"/{once}") == once
