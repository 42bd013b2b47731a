"""The recognisers, in the order in which they may claim lines: the most telling shapes first."""

from hazui.diagnosis.recogniser import Recogniser
from hazui.diagnosis.recognisers import (
    located,
    pytest_report,
    python_traceback,
)

RECOGNISERS: tuple[Recogniser, ...] = (
    pytest_report.RECOGNISER,
    python_traceback.RECOGNISER,
    located.RECOGNISER,
)


def names() -> tuple[str, ...]:
    """What a task's ``matchers`` may list."""
    return tuple(recogniser.name for recogniser in RECOGNISERS)
