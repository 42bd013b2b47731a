"""Commands in: what a front end, the control socket or a plugin asks of the supervisor."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTasks:
    """Run ``targets`` (full names) and their hard closure; none means the default targets.

    ``turn_id`` is text as given: blank, or other than the turn being opened, is refused.
    """

    targets: tuple[str, ...] = ()
    every_task: bool = False
    only_failed: bool = False
    force: bool = False
    """Do not look into the cache for the targets themselves."""
    arguments: tuple[str, ...] = ()
    """Appended to the command of the one target."""
    turn_id: str | None = None
    extension: Any = None
    plugin_inputs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StopTask:
    """Stop one task; what needs it is cancelled with it."""

    task: str
    force: bool = False
    """KILL at once instead of TERM, grace, KILL."""


@dataclass(frozen=True, slots=True)
class StopTurn:
    """Cancel what is running and what has not started of the current turn."""


@dataclass(frozen=True, slots=True)
class PauseWatch:
    """Changes are collected but start no turn."""


@dataclass(frozen=True, slots=True)
class ResumeWatch:
    """What was collected while paused is one change set."""


@dataclass(frozen=True, slots=True)
class ReloadWorkspace:
    """Read the configuration again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quit:
    """Stop everything, commit, and end the session."""

    force: bool = False


Command = RunTasks | StopTask | StopTurn | PauseWatch | ResumeWatch | ReloadWorkspace | Quit
