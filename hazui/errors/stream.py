"""The two streams that are captured from every child, kept apart from spawn to screen."""

from enum import StrEnum


class CapturedStream(StrEnum):
    """Which of a child's two output streams."""

    STDOUT = "stdout"
    STDERR = "stderr"
