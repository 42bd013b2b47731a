"""What a turn is given and what it hands out: the options of a request, and orders to spawn."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hazui.domain.ids import RunId, TaskId
from hazui.execution.key import BuiltKey


@dataclass(frozen=True, slots=True)
class SpawnOrder:
    """A task that missed and may start now."""

    task: TaskId
    built: BuiltKey
    run: RunId


@dataclass(slots=True)
class TurnOptions:
    """What the request said beyond its targets."""

    forced: frozenset[TaskId] = frozenset()
    """Tasks that are not looked up."""
    fail_fast: bool = False
    arguments: Mapping[TaskId, tuple[str, ...]] = field(default_factory=dict)
