"""The two streams that are captured from every child, kept apart from spawn to screen.

A module of its own, because records, events and errors all speak of them and none of these should
load the others for it.
"""

from enum import StrEnum


class CapturedStream(StrEnum):
    """Which of a child's two output streams."""

    STDOUT = "stdout"
    STDERR = "stderr"
