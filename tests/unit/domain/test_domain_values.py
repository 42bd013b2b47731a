"""Records, diagnosis links and the clock: what they say about themselves."""

import datetime as dt
import signal
import subprocess
import sys
import time

import pytest

from hazui.domain.clock import SystemClock
from hazui.domain.links import Diagnosis, Link
from hazui.domain.records import ExitStatus, Streams, StreamState


@pytest.mark.parametrize(
    ("code", "text", "succeeded"),
    [("pass", "exit 0", True), ("import sys; sys.exit(3)", "exit 3", False)],
)
def test_an_exit_is_read_from_a_real_process(code: str, text: str, succeeded: bool) -> None:
    status = ExitStatus.from_wait(
        subprocess.run([sys.executable, "-c", code], check=False).returncode
    )
    assert str(status) == text
    assert status.is_success is succeeded
    assert ExitStatus.from_json(status.to_json()) == status


def test_a_death_by_signal_is_read_from_a_real_process() -> None:
    code = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    status = ExitStatus.from_wait(
        subprocess.run([sys.executable, "-c", code], check=False).returncode
    )
    assert status == ExitStatus(signal="SIGKILL")
    assert str(status) == "killed by SIGKILL"
    assert not status.is_success
    assert status.to_json() == {"signal": "SIGKILL"}
    assert ExitStatus.from_json(status.to_json()) == status


def test_a_signal_without_a_name_keeps_its_number() -> None:
    unnamed = next(n for n in range(33, 64) if n not in set(signal.Signals))
    assert ExitStatus.from_wait(-unnamed) == ExitStatus(signal=f"SIG{unnamed}")


def test_streams_are_complete_when_both_are() -> None:
    assert Streams().are_complete
    assert not Streams(stderr=StreamState(cut_bytes=0)).are_complete
    assert not StreamState(cut_bytes=0, holders=(1,)).is_complete


def test_the_root_of_a_diagnosis_is_its_last_link() -> None:
    outer = Link(type="E", message="outer")
    root = Link(
        type=None,
        message="root",
        file="a.py",
        line=3,
        column=1,
        relation="caused_by",
        stream="stderr",
        byte_start=4,
        byte_end=9,
    )
    diagnosis = Diagnosis((outer, root), (root,))
    assert diagnosis.root is root
    assert Diagnosis().root is None
    assert Diagnosis.from_json(diagnosis.to_json()) == diagnosis


def test_a_link_is_read_from_what_another_version_wrote() -> None:
    link = Link.from_json({"type": "E", "message": "m", "added_later": 1})
    assert link == Link(type="E", message="m")


def test_the_clock_tells_utc_with_milliseconds() -> None:
    clock = SystemClock()
    text = clock.utc()
    assert len(text) == len("2026-01-01T00:00:00.000Z")
    assert text.endswith("Z")
    told = dt.datetime.fromisoformat(text)
    assert abs((dt.datetime.now(dt.UTC) - told).total_seconds()) < 60


def test_monotonic_time_never_goes_back_and_wall_time_is_the_epochs() -> None:
    clock = SystemClock()
    first = clock.monotonic_ns()
    assert clock.monotonic_ns() >= first
    assert abs(clock.wall_ns() - time.time() * 1e9) < 60e9
