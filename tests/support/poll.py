"""Waiting for a condition instead of for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(condition: Callable[[], T], deadline_s: float = 10.0, what: str = "") -> T:
    """Ask again and again until the answer is true, and return it.

    Raises:
        AssertionError: it was not true within ``deadline_s``.
    """
    end = time.monotonic() + deadline_s
    step_s = 0.001
    while True:
        if answer := condition():
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline_s} s: {what or condition}")
        time.sleep(step_s)
        step_s = min(step_s * 1.5, 0.05)
