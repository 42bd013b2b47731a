"""The harness of the measurements works; how fast anything is, no test asks."""

import shutil
import sys
from pathlib import Path

import pytest

from bench.__main__ import main, text_of
from bench.measuring import TINY, Measured, circumstances, in_turn, shown
from bench.rows import ROWS


def test_reference_and_hazui_are_measured_in_turn() -> None:
    order: list[str] = []

    def note(name: str) -> float:
        order.append(name)
        return float(len(order))

    ours, theirs = in_turn(2, lambda: note("hazui"), lambda: note("reference"))
    assert order == ["reference", "hazui", "reference", "hazui"]
    assert (ours, theirs) == ([2.0, 4.0], [1.0, 3.0])


def test_a_row_says_median_ratio_and_reference() -> None:
    row = Measured("a thing", "ms", [9.0, 1.0, 2.0], "the least", [1.0, 1.0], "a note").row()
    assert row == "| a thing | 2 ms | the least 1 ms | 2.00 | a note |"
    assert Measured("alone", "MiB", [3.0]).ratio is None


def test_a_percentile_is_only_told_of_enough_samples() -> None:
    assert shown([1.0] * 19) == "1"
    assert shown([1.0] * 20) == "1 (p95 1)"


def test_the_results_name_their_circumstances() -> None:
    text = text_of([Measured("a thing", "ms", [1.0])], circumstances())
    for word in ("date:", "machine:", "load", "Python", "textual", "| a thing |"):
        assert word in text


def test_an_unknown_row_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["no-such-row"])
    assert "save, start-up, flood, no-op" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.skipif(sys.platform != "linux", reason="the reference of a row is inotify")
@pytest.mark.parametrize("name", ROWS)
def test_every_row_measures_something(name: str, tmp_path: Path) -> None:
    found = ROWS[name](tmp_path, TINY)
    assert found
    for measured in found:
        assert all(sample > 0 for sample in measured.hazui)
        has_ninja = shutil.which("ninja") is not None
        assert measured.reference or measured.unit == "lines/s" or not has_ninja
