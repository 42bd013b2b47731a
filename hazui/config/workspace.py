"""From the tables ``[workspace]`` and ``[projects]`` to the parts of a ``WorkspaceSpec``.

What concerns several keys is checked here, after variables and flags were laid over the file: the
lease against its renewal, projects against each other and the disk, the default task against the
tasks. A store in memory under a durable session is let through; the session refuses it.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from hazui.config import schema
from hazui.config.positions import KeyPath, Point
from hazui.config.problems import ProblemName, suggestion
from hazui.config.reading import INVALID, Reading
from hazui.config.references import parse_reference
from hazui.config.task_kinds import name_reason
from hazui.domain.ids import NAME_BYTES_MAX, TaskId, is_name
from hazui.domain.paths import CanonicalPath
from hazui.domain.specs import (
    AssistantSpec,
    CacheLimits,
    HistoryLimits,
    LeaseTimes,
    ProjectSpec,
    ReferenceKind,
    TaskSpec,
    WorkspaceSpec,
)

LEASE_FACTOR = 3
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]")


class DeclaredProject(NamedTuple):
    """A project of ``[projects]`` whose directory exists."""

    spec: ProjectSpec
    directory: Path


def default_name(root: Path) -> str:
    """The workspace's name when none is given: the directory's, other characters as ``-``."""
    name = _NOT_IN_NAMES.sub("-", root.name).lstrip("-_")[:NAME_BYTES_MAX]
    return name or "workspace"


def logical_cpus() -> int:
    """How many CPUs this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def check_tables(data: Mapping[str, Any], known: tuple[str, ...], reading: Reading) -> None:
    """Note every top-level table and key that such a file does not have."""
    for name, value in data.items():
        if name in known:
            continue
        error: ProblemName = "UnknownTable" if isinstance(value, dict) else "UnknownKey"
        near = suggestion(name, known)
        if near is None and "workspace" in known:
            near = suggestion(name, schema.WORKSPACE.by_name)
            near = near and f"workspace.{near}"
        reading.note((name,), error, Point.KEY, suggestion=near)


def read_workspace(data: Mapping[str, Any], reading: Reading) -> dict[str, Any]:
    """The keys of ``[workspace]`` that were given and are valid; the others are noted."""
    return schema.WORKSPACE.read_valid(data.get("workspace", {}), ("workspace",), reading)


def merged(lower: Mapping[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    """``upper`` laid over ``lower``, table by table."""
    result = dict(lower)
    for name, value in upper.items():
        below = result.get(name)
        if isinstance(value, dict) and isinstance(below, dict) and name != "tag_limits":
            result[name] = merged(below, value)
        else:
            result[name] = value
    return result


def check_lease(given: Mapping[str, Any], reading: Reading) -> None:
    """Note a lease that would run out between two renewals."""
    lease = LeaseTimes(**given.get("lease", {}))
    if lease.ttl_s < LEASE_FACTOR * lease.renew_s:
        reading.note(
            ("workspace", "lease", "ttl_s"),
            "LeaseTooShort",
            ttl_s=lease.ttl_s,
            renew_s=lease.renew_s,
        )


def check_assistant(given: Mapping[str, Any], reading: Reading) -> None:
    """Note what an assistant lacks that only variables or flags speak of."""
    assistant = given.get("assistant", {})
    for name in schema.ASSISTANT.required if assistant else ():
        if name not in assistant:
            reading.note(("workspace", "assistant", name), "MissingKey", Point.TABLE)


def read_projects(
    data: Mapping[str, Any], name: str, root: Path, reading: Reading
) -> list[DeclaredProject]:
    """The projects that are declared and whose directories exist."""
    tables = data.get("projects", {})
    if type(tables) is not dict:
        reading.wrong_type(("projects",), "a table of projects", tables)
        return []
    declared = []
    taken: dict[Path, str] = {root: name}
    for project, table in tables.items():
        at: KeyPath = ("projects", project)
        if not is_name(project):
            reason = name_reason(project)
            reading.note(at, "InvalidName", Point.KEY, value=project, reason=reason)
        given = schema.PROJECT.read(table, at, reading)
        if given is INVALID or not is_name(project):
            continue
        path: CanonicalPath = given["path"]
        directory = root / path
        real = _directory(directory)
        if real is None:
            reading.note((*at, "path"), "ProjectMissing", path=directory)
        elif project == name:
            reading.note(at, "DuplicateProject", Point.KEY, paths=(root, directory))
        elif real in taken:
            reading.note(at, "DuplicateProject", Point.KEY, paths=(directory,))
        else:
            taken[real] = project
            spec = ProjectSpec(project, path, frozenset(given.get("tags", ())))
            declared.append(DeclaredProject(spec, directory))
    return declared


def _directory(path: Path) -> Path | None:
    try:
        return path.resolve() if path.is_dir() else None
    except (OSError, ValueError, RuntimeError):
        return None


def check_default_task(
    given: Mapping[str, Any],
    name: str,
    tasks: Mapping[TaskId, TaskSpec],
    reading: Reading,
) -> None:
    """Note a ``default_task`` that names no task."""
    text = given.get("default_task")
    if text is None:
        return
    at = ("workspace", "default_task")
    try:
        wanted = parse_reference(text, name)
    except ValueError:
        reading.note(at, "InvalidReference", value=text)
        return
    is_one = wanted.kind in (ReferenceKind.SAME_PROJECT, ReferenceKind.PROJECT)
    if is_one and TaskId(wanted.scope, wanted.task) not in tasks:
        known = [*(str(t) for t in tasks), *(t.name for t in tasks if t.project == name)]
        near = suggestion(text, known)
        reading.note(at, "InvalidReference", value=text, suggestion=near)


def workspace_spec(base: WorkspaceSpec, given: Mapping[str, Any]) -> WorkspaceSpec:
    """``base`` with what ``[workspace]``, variables and flags give."""
    same = {
        name: given[name]
        for name in (
            "grace_period_s",
            "ignore",
            "durable",
            "fsync",
            "settle_ms",
            "default_task",
            "stores",
            "tag_limits",
            "plugins",
        )
        if name in given
    }
    jobs = given.get("jobs", "auto")
    log = given.get("log", {})
    assistant = given.get("assistant")
    return replace(
        base,
        jobs=logical_cpus() if jobs == "auto" else jobs,
        hash_name=given.get("hash", base.hash_name),
        lease=LeaseTimes(**given.get("lease", {})),
        history=HistoryLimits(**given.get("history", {})),
        cache=CacheLimits(**given.get("cache", {})),
        log_rotate_bytes=log.get("rotate_bytes", base.log_rotate_bytes),
        assistant=AssistantSpec(**assistant) if assistant else None,
        **same,
    )
