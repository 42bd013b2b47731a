"""Matches behind sparse marks are the same as with every match kept; lines are cut at cells."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from hazui.errors.stream import CapturedStream
from hazui.spool.reader import LogReader
from hazui.spool.writer import RunSpool
from hazui.tui.widgets.log_hunt import hunt
from hazui.tui.widgets.log_matches import Matches
from hazui.tui.widgets.log_painter import char_at_cell, wrap_cuts

offsets = st.lists(st.integers(0, 300), unique=True, max_size=80).map(sorted)


def build(found: list[int], marks_max: int, cut: int) -> Matches:
    pairs = [(byte, byte + 1) for byte in found]

    def search(start: int, stop: int | None) -> Iterator[Sequence[tuple[int, int]]]:
        seen = [pair for pair in pairs if start <= pair[0] and (stop is None or pair[1] <= stop)]
        for at in range(0, len(seen), 3):
            yield seen[at : at + 3]

    matches = Matches(search, lambda byte: (byte // 10, byte), marks_max)
    matches.extend(pairs[:cut])
    matches.extend(pairs[cut:])
    return matches


@settings(max_examples=200)
@given(offsets, st.integers(2, 9), st.integers(0, 80), st.integers(-1, 310))
def test_sparse_marks_find_what_all_marks_would(
    found: list[int], marks_max: int, cut: int, byte: int
) -> None:
    matches = build(found, marks_max, cut)
    place = (byte // 10, byte)
    assert matches.count == len(found)
    assert matches.following(place) == next((each for each in found if each > byte), None)
    assert matches.preceding(place) == next((x for x in reversed(found) if x < byte), None)
    assert matches.count_before(place) == sum(each < byte for each in found)


texts = st.text(st.sampled_from("ab 漢字é\u0301👍z"), max_size=60)


@settings(max_examples=200)
@given(texts, st.integers(2, 20))
def test_wrapped_rows_hold_the_whole_line_and_fit(text: str, cells: int) -> None:
    cuts = wrap_cuts(text, cells)
    rows = [text[a:b] for a, b in zip(cuts, [*cuts[1:], len(text)], strict=True)]
    assert "".join(rows) == text
    assert cuts[0] == 0
    assert all(cell_len(row) <= cells for row in rows)


@settings(max_examples=100)
@given(texts, st.integers(0, 70))
def test_a_cell_leads_to_the_character_painted_there(text: str, cell: int) -> None:
    found = char_at_cell(text, cell)
    assert 0 <= found <= len(text)
    assert found == len(text) or cell_len(text[:found]) >= min(cell, cell_len(text))


@settings(max_examples=150)
@given(
    st.lists(st.sampled_from([b"needle", b"need", b"xx", b"NEEDLE", b"\n"]), max_size=40),
    st.integers(-1, 260),
    st.sampled_from([1, -1]),
    st.integers(1, 50),
    st.booleans(),
)
def test_a_hunt_finds_the_nearest_match_and_goes_round(
    pieces: list[bytes], byte: int, direction: int, window_bytes: int, ignore_case: bool
) -> None:
    data = b"".join(pieces)
    with tempfile.TemporaryDirectory() as directory:
        log = RunSpool(Path(directory) / "r", "blake2b")
        log.append(CapturedStream.STDOUT, data, 1)
        with log, LogReader(log.files) as reader:
            steps = list(
                hunt(
                    reader,
                    CapturedStream.STDOUT,
                    b"needle",
                    byte,
                    direction,
                    ignore_case=ignore_case,
                    window_bytes=window_bytes,
                )
            )
    where = data.lower() if ignore_case else data
    begins = [at for at in range(len(where)) if where.startswith(b"needle", at)]
    if direction > 0:
        expected = [*(at for at in begins if at > byte), *begins]
    else:
        expected = [*(at for at in reversed(begins) if at < byte), *reversed(begins)]
    assert [step for step in steps if step is not None] == expected[:1]
    assert all(step is None for step in steps[:-1])
