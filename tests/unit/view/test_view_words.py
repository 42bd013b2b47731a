"""Words, times and sizes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hazui.protocol.values import (
    Difference,
    DifferenceKind,
    LookupResult,
    Reason,
    ReasonKind,
    Trigger,
    TriggerKind,
    TurnOutcome,
    WaitKind,
    WaitReason,
)
from hazui.view import durations, wording
from hazui.view.models import TaskState


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0 ms"),
        (0.0042, "4 ms"),
        (1.23, "1.2 s"),
        (59.9, "59.9 s"),
        (59.96, "1 m 00 s"),
        (123, "2 m 03 s"),
        (3600, "1 h 00 m"),
        (90_000, "1 d 01 h"),
    ],
)
def test_a_duration_reads_well(seconds: float, text: str) -> None:
    assert durations.duration(seconds) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0B"), (999, "999B"), (1023, "1.0K"), (327_155_712, "312M"), (5 << 30, "5.0G")],
)
def test_a_size_has_at_most_three_digits(size: int, text: str) -> None:
    assert durations.size(size) == text


@settings(max_examples=200, deadline=None)
@given(st.floats(0, 8.6e6))
def test_a_duration_is_at_most_nine_columns(seconds: float) -> None:
    assert len(durations.duration(seconds)) <= 9


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_any_text_as_a_time_is_a_number_or_none(text: str) -> None:
    assert durations.epoch_s(text) is None or isinstance(durations.epoch_s(text), float)


def test_a_changed_input_names_the_file_and_the_pattern() -> None:
    reason = Reason(ReasonKind.INPUT_CHANGED, path="src/a.py", pattern="src/**/*.py")
    assert wording.reason(reason) == "src/a.py changed (matches src/**/*.py)"


def test_a_literal_pattern_is_not_repeated() -> None:
    reason = Reason(ReasonKind.INPUT_CHANGED, path="a.py", pattern="a.py")
    assert wording.reason(reason) == "a.py changed"


def test_every_value_has_words() -> None:
    for kind in ReasonKind:
        assert wording.reason(Reason(kind))
    for wait in WaitKind:
        assert wording.waiting(WaitReason(wait, "x"))
    for trigger in TriggerKind:
        assert wording.trigger(Trigger(trigger))
    for difference in DifferenceKind:
        assert "x" in wording.difference(Difference(difference, "x"))
    assert set(wording.LOOKUPS) == set(LookupResult)
    assert set(wording.OUTCOMES) == set(TurnOutcome)
    assert set(wording.GLYPHS) == set(TaskState)
    assert len(set(wording.GLYPHS.values())) == len(TaskState)


def test_control_characters_in_names_are_made_visible() -> None:
    assert wording.waiting(WaitReason(WaitKind.DEPENDENCY, "a\x1b[2Jb")) == "for a\\x1b[2Jb"
