"""Searching by windows finds what searching at once would."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hazui.errors.stream import CapturedStream
from hazui.spool import search
from hazui.spool.format import LogFiles
from hazui.spool.reader import LogReader
from hazui.spool.search import SearchStep, compile_pattern, search_literal, search_regex

OUT = CapturedStream.STDOUT
DATA = st.text(alphabet="aAb\n", max_size=60).map(str.encode)


@contextmanager
def log(data: bytes) -> Iterator[LogReader]:
    with tempfile.TemporaryDirectory() as base:
        out, err = Path(base) / "out", Path(base) / "err"
        out.write_bytes(data)
        err.touch()
        with LogReader(LogFiles(out, err, None)) as reader:
            yield reader


def collect(steps: Iterator[SearchStep], end: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    last = 0
    for step in steps:
        assert step.searched_to >= last
        last = step.searched_to
        found += step.matches
    assert last == end
    return found


@pytest.fixture(params=[1, 2000], autouse=True, scope="module")
def matches_per_step(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "MATCHES_PER_STEP_MAX", request.param)
        yield


@settings(deadline=None, max_examples=60)
@given(DATA, st.text(alphabet="aAb\n", min_size=1, max_size=3).map(str.encode), st.integers(1, 9))
def test_no_literal_is_missed_at_a_window_edge(data: bytes, needle: bytes, window: int) -> None:
    with log(data) as reader:
        for ignore_case in (False, True):
            flags = re.IGNORECASE if ignore_case else 0
            expected = [m.span() for m in re.finditer(re.escape(needle), data, flags)]
            steps = search_literal(
                reader, OUT, needle, ignore_case=ignore_case, window_bytes=window
            )
            assert collect(steps, len(data)) == expected


@settings(deadline=None, max_examples=60)
@given(
    DATA,
    st.sampled_from(["a", "ab", "^a", "b$", "a+", "[ab]{2}", "^$", "a|bA", "b*", r"\s"]),
    st.integers(62, 80),
)
def test_a_regular_expression_is_matched_line_by_line(data: bytes, text: str, window: int) -> None:
    pattern = compile_pattern(text)
    expected: list[tuple[int, int]] = []
    offset = 0
    for line in data.split(b"\n"):
        expected += [
            (offset + m.start(), offset + m.end()) for m in pattern.finditer(line) if m.group()
        ]
        offset += len(line) + 1
    with log(data * 3) as reader:
        if data.endswith(b"\n"):
            expected = [
                (low + part * len(data), high + part * len(data))
                for part in range(3)
                for low, high in expected
            ]
            assert collect(
                search_regex(reader, OUT, pattern, window_bytes=window), 3 * len(data)
            ) == (expected)
        else:
            steps = search_regex(reader, OUT, pattern, stop=len(data), window_bytes=window)
            assert collect(steps, len(data)) == expected


@settings(deadline=None, max_examples=60)
@given(
    st.text(alphabet="abx", max_size=60).map(str.encode),
    st.sampled_from(["xx", "x{1,3}", "^x", "^a|b", "a$"]),
    st.integers(8, 16),
)
def test_an_endless_line_is_searched_by_overlapping_windows(
    data: bytes, text: str, window: int
) -> None:
    pattern = compile_pattern(text)
    with log(data) as reader:
        steps = search_regex(reader, OUT, pattern, window_bytes=window)
        assert collect(steps, len(data)) == [m.span() for m in pattern.finditer(data)]


def test_an_empty_needle_is_refused() -> None:
    with log(b"a") as reader, pytest.raises(ValueError, match="nothing"):
        next(search_literal(reader, OUT, b""))
