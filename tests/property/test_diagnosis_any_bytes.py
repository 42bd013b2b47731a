"""Diagnosis never raises, stays within the bytes it was given and repeats itself exactly."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from hazui.diagnosis.diagnose import diagnose
from hazui.diagnosis.registry import RECOGNISERS
from hazui.domain.records import ExitStatus

FAILED = ExitStatus(code=1)
LINES = sorted({line for r in RECOGNISERS for line in r.example.encode().split(b"\n")})
EXAMPLES = [r.example.encode() for r in RECOGNISERS]

# Mutations of real shapes go deeper into the recognisers than noise does.
pieces = st.one_of(
    st.sampled_from(LINES),
    st.sampled_from(EXAMPLES),
    st.binary(max_size=40),
    st.sampled_from([b"\r", b"\x1b[31m", b"  | ", b"#7 0.1 ", b"[x] ", b"\xff", b"\x1b]8;;"]),
)
streams = st.lists(pieces, max_size=30).map(b"\n".join)


@settings(deadline=None, max_examples=150)
@given(streams, streams, st.integers(-9, 255))
def test_any_bytes_are_read_without_raising_and_ranges_stay_inside(
    out: bytes, err: bytes, code: int
) -> None:
    found = diagnose(out, err, ExitStatus.from_wait(code), ["prog"], root="/w")
    assert found == diagnose(out, err, ExitStatus.from_wait(code), ["prog"], root="/w")
    sizes = {"stdout": len(out), "stderr": len(err)}
    for link in (*found.chain, *found.errors):
        assert link.message == link.message.strip()
        assert "\x1b" not in link.message
        assert "\r" not in link.message
        if link.stream is None:
            # Only the end itself was told: a crash without a word.
            assert code < 0
            assert link.byte_start is None
            continue
        assert link.byte_start is not None
        assert link.byte_end is not None
        assert 0 <= link.byte_start <= link.byte_end <= sizes[link.stream]
        assert link.line is None or link.line >= 0
    if found.chain:
        assert found.chain[0].relation is None
        assert all(link.relation for link in found.chain[1:])
        assert found.errors
    assert bool(found.chain) <= (code != 0)


@settings(deadline=None, max_examples=40)
@given(st.sampled_from(EXAMPLES), st.integers(0, 2**32))
def test_a_cut_or_shuffled_example_never_raises(example: bytes, seed: int) -> None:
    chance = random.Random(seed)
    lines = example.split(b"\n")
    chance.shuffle(lines)
    diagnose(b"", b"\n".join(lines), FAILED, [])
    cut = chance.randrange(len(example))
    diagnose(example[cut:], example[:cut], FAILED, [])
