"""Whatever a child prints, what is shown is text, and finding takes time linear in its length."""

import itertools
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hazui.spool.text import clean, parse_runs

PIECES = st.lists(
    st.one_of(
        st.binary(max_size=6),
        st.sampled_from(
            [
                b"\x1b[",
                b"\x1b]8;;",
                b"\x1b\\",
                b"\x07",
                b"\x1bP",
                b"31m",
                b"1;",
                b"\r",
                b"\t",
                b"\x08",
            ]
        ),
        st.text(max_size=4).map(lambda text: text.encode("utf-8", "surrogatepass")),
    ),
    max_size=30,
).map(b"".join)


@settings(deadline=None, max_examples=300)
@given(PIECES)
def test_what_is_shown_holds_no_control_characters(data: bytes) -> None:
    runs = parse_runs(data, "/ws")
    assert all(run.text for run in runs)
    assert all(one.style != two.style for one, two in itertools.pairwise(runs))
    text = "".join(run.text for run in runs)
    assert not [c for c in text if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}]
    assert "\u202e" not in text
    assert clean(text.encode()) == text


@pytest.mark.parametrize(
    "piece",
    [b"\x1b]", b"\x1b[", b"\x1bP", b"\x1b[1;", b"\x1b[1", b"\t", b"\r", b"a\x08", b"\x1b[1mx"],
)
def test_no_input_costs_more_than_its_length(piece: bytes) -> None:
    # A quadratic parser would need hours for this one.
    parse_runs(piece * 200_000)


def test_one_long_sequence_is_looked_at_once() -> None:
    parse_runs(b"\x1b[" + b"1;" * 500_000)
    parse_runs(b"\x1b[" + b"1;" * 500_000 + b"m")
    parse_runs((b"\x1b]8;;" + b"x" * 1000) * 1000)
