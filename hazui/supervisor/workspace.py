"""A loaded workspace: the validated configuration with its graph, or every problem at once.

Configuration and graph are checked together, so that a mistyped dependency is shown beside a
mistyped key, each with its position.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from hazui.config.load import Loaded, load, wrap_graph_problems
from hazui.config.locate import Location
from hazui.config.parse_cache import ParseCache
from hazui.config.problems import Rejected
from hazui.domain.ids import TaskId
from hazui.domain.specs import ServiceSpec, TaskSpec, WorkspaceSpec
from hazui.errors import feature
from hazui.errors.base import HazuiError
from hazui.graph.build import build
from hazui.graph.graph import Graph
from hazui.graph.matcher import InputMatcher

_SERVICE_KEYS_AVAILABLE = frozenset({"ready", "stop_signal", "ready_timeout_s"})
_PROBES_AVAILABLE = frozenset({"LogProbe", "DelayProbe"})


@dataclass(frozen=True)
class LoadedWorkspace:
    """What the supervisor works with."""

    spec: WorkspaceSpec
    graph: Graph
    location: Location

    @cached_property
    def matcher(self) -> InputMatcher:
        """Which tasks read a path; made when first asked for."""
        return InputMatcher(self.graph)


@dataclass(frozen=True, slots=True)
class RejectedWorkspace:
    """Why there is no workspace: all problems."""

    problems: tuple[HazuiError, ...]


def load_workspace(
    location: Location, *, environ: Mapping[str, str], overrides: Mapping[str, Any]
) -> LoadedWorkspace | RejectedWorkspace:
    """Read the configuration of ``location`` and build its graph."""
    cache = ParseCache(location.root / ".hazui" / "parsed")
    loaded = load(location, environ=environ, overrides=overrides, cache=cache)
    if isinstance(loaded, Rejected):
        return RejectedWorkspace(loaded.problems)
    graph, found = build(loaded.workspace)
    problems: list[HazuiError] = list(wrap_graph_problems(loaded, found)) if found else []
    problems.extend(_not_available(loaded))
    if problems:
        return RejectedWorkspace(tuple(problems))
    return LoadedWorkspace(loaded.workspace, graph, location)


def root_of(location: Location) -> Path:
    """The workspace root, absolute."""
    return location.root


def changed_tasks(old: WorkspaceSpec, new: WorkspaceSpec) -> set[TaskId]:
    """Tasks that a reload added or whose declaration it changed."""
    changed = {task for task, spec in new.tasks.items() if old.tasks.get(task) != spec}
    for name in old.env_file_values.keys() | new.env_file_values.keys():
        if old.env_file_values.get(name) != new.env_file_values.get(name):
            changed |= {task for task, spec in new.tasks.items() if name in spec.pass_env}
    return changed


def _not_available(loaded: Loaded) -> list[HazuiError]:
    """Keys that are understood and that this version refuses rather than half-honours."""
    refused: list[HazuiError] = []
    for task, spec in loaded.workspace.tasks.items():
        if spec.service is not None:
            refused.extend(_service_refusals(task, spec, spec.service))
    for key, value in (
        ("workspace.plugins", loaded.workspace.plugins),
        ("workspace.assistant", loaded.workspace.assistant),
    ):
        if value:
            refused.append(
                feature.NotAvailable(feature=key, detail="this version does not have it yet")
            )
    return refused


def _service_refusals(task: TaskId, spec: TaskSpec, service: ServiceSpec) -> list[HazuiError]:
    del spec
    names = sorted(service.keys_given - _SERVICE_KEYS_AVAILABLE)
    if type(service.ready).__name__ not in _PROBES_AVAILABLE:
        names.append(f"ready = {type(service.ready).__name__.removesuffix('Probe').lower()}")
    return [
        feature.NotAvailable(
            feature=f"the service key {name} of {task}",
            detail="services have log and delay_s probes and no restarts in this version",
        )
        for name in names
    ]
