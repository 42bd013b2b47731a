"""Small workspaces for graph tests, written as short as they are read."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from hazui.domain.ids import TaskId
from hazui.domain.paths import CanonicalPath
from hazui.domain.patterns import parse_pattern
from hazui.domain.specs import Mutex, ProjectSpec, TaskSpec, WorkspaceSpec
from hazui.graph.targets import parse_target

ROOT = "ws"


def task_id(text: str) -> TaskId:
    """``app:build``, or ``build`` for a task of the root project."""
    project, colon, name = text.rpartition(":")
    return TaskId(project if colon else ROOT, name)


def ids(text: str) -> list[TaskId]:
    """Several ids with blanks between them."""
    return [task_id(part) for part in text.split()]


def task(
    name: str,
    deps: str = "",
    *,
    weak: str = "",
    inputs: str = "",
    outputs: str = "",
    tags: str = "",
    mutex: Mutex | None = None,
    streams: Iterable[str] = (),
    **more: Any,
) -> TaskSpec:
    """One task; references, patterns and tags are given with blanks between them."""
    bearer = task_id(name)
    root = CanonicalPath("" if bearer.project == ROOT else bearer.project)
    references = [parse_target(text, bearer.project) for text in deps.split()]
    wanted = set(streams)
    if wanted:
        from dataclasses import replace

        references = [replace(r, streams=r.text in wanted) for r in references]
    return TaskSpec(
        id=bearer,
        root=root,
        command=("true",),
        cwd=root,
        deps=tuple(references),
        weak_deps=tuple(parse_target(text, bearer.project) for text in weak.split()),
        inputs=tuple(parse_pattern(root, text) for text in inputs.split()),
        outputs=tuple(parse_pattern(root, text) for text in outputs.split()),
        tags=frozenset(tags.split()),
        mutex=mutex,
        **more,
    )


def workspace(
    *tasks: TaskSpec, project_tags: Mapping[str, str] | None = None, **more: Any
) -> WorkspaceSpec:
    """A workspace of these tasks; its projects are those that the tasks name."""
    tags = project_tags or {}
    names = sorted({ROOT, *(spec.id.project for spec in tasks), *tags})
    projects = {
        name: ProjectSpec(
            name,
            CanonicalPath("" if name == ROOT else name),
            frozenset(tags.get(name, "").split()),
        )
        for name in names
    }
    return WorkspaceSpec(
        name=ROOT,
        root=Path("/ws"),
        config_files=(),
        projects=projects,
        tasks={spec.id: spec for spec in sorted(tasks, key=lambda spec: spec.id)},
        **more,
    )
