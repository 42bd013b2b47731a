"""Why a task is part of a run, as the graph knows it.

The kinds are those of the events, so that a reason goes out unchanged; the kinds that need
history (never ran, failed last time) are given by whoever knows the history and are carried.
"""

from dataclasses import dataclass
from typing import Literal

from hazui.domain.ids import TaskId

ReasonName = Literal[
    "requested",
    "input_changed",
    "upstream",
    "config_changed",
    "never_ran",
    "failed_last_time",
]


@dataclass(frozen=True, slots=True)
class AffectedReason:
    """One reason; the fields that its kind does not use are None."""

    kind: ReasonName
    path: str | None = None
    """input_changed: the changed file, as a canonical path."""
    pattern: str | None = None
    """input_changed: the pattern that the file matched, as the user wrote it."""
    upstream: TaskId | None = None
    """upstream: the nearest task above that changed itself."""
    needed_by: TaskId | None = None
    """requested: the target that pulled this task in; None for a target itself."""


REQUESTED = AffectedReason("requested")
CONFIG_CHANGED = AffectedReason("config_changed")
NEVER_RAN = AffectedReason("never_ran")
FAILED_LAST_TIME = AffectedReason("failed_last_time")
