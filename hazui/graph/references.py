"""References to tasks, resolved: ``task``, ``project:task``, ``^:task`` and ``[tag]:task``.

A reference to every project (or every project with a tag) means all tasks of that name except
the one that bears it, so that ``^:build`` may be written on a ``build``. Only a reference that
names its bearer outright is one to itself; the caller sees that from the answer.
"""

from collections.abc import Mapping
from typing import cast

from hazui.domain.ids import TaskId
from hazui.domain.specs import ProjectSpec, Reference, ReferenceKind, TaskSpec, WorkspaceSpec
from hazui.graph.suggest import nearest

Names = Mapping[str, tuple[TaskId, ...]]


def index_by_name(workspace: WorkspaceSpec) -> dict[str, tuple[TaskId, ...]]:
    """Task name -> the tasks of that name, canonical order."""
    names: dict[str, list[TaskId]] = {}
    for task in sorted(workspace.tasks):
        names.setdefault(task.name, []).append(task)
    return {name: tuple(tasks) for name, tasks in names.items()}


class Resolver:
    """Resolves references against one workspace; answers of wide references are kept."""

    def __init__(self, workspace: WorkspaceSpec, by_name: Names) -> None:
        self._workspace = workspace
        # A TaskId equals the plain pair, which is cheaper to make; the answer shares one object.
        self._specs = cast("Mapping[tuple[str, str], TaskSpec]", workspace.tasks)
        self._by_name = by_name
        self._tagged: dict[tuple[str, str], tuple[TaskId, ...]] = {}

    def resolve(self, reference: Reference, bearer: TaskId | None) -> tuple[TaskId, ...]:
        """The tasks meant, canonical order; empty when there is none.

        Holds ``bearer`` only when the reference names it outright. A target of a request has no
        bearer.
        """
        kind = reference.kind
        if kind is ReferenceKind.SAME_PROJECT or kind is ReferenceKind.PROJECT:
            spec = self._specs.get((reference.scope, reference.task))
            return () if spec is None else (spec.id,)
        found = self._by_name.get(reference.task, ())
        if kind is ReferenceKind.TAG:
            found = self._with_tag(reference.scope, reference.task, found)
        if bearer is not None and bearer.name == reference.task:
            return tuple(task for task in found if task != bearer)
        return found

    def suggestion(self, reference: Reference) -> str | None:
        """The reference that was probably meant by one that resolves to nothing."""
        kind, name = reference.kind, reference.task
        projects = self._workspace.projects
        if kind is ReferenceKind.EVERY_PROJECT:
            return _prefixed("^:", nearest(name, self._by_name))
        if kind is ReferenceKind.TAG:
            tags = {tag for project in projects.values() for tag in project.tags}
            tag = reference.scope if reference.scope in tags else nearest(reference.scope, tags)
            inside = {t.name for t in self._workspace.tasks if _has(projects, t.project, tag)}
            return _prefixed(f"[{tag}]:", name if name in inside else nearest(name, inside))
        project = reference.scope
        if kind is ReferenceKind.PROJECT and project not in projects:
            known = nearest(project, projects)
            if known is not None and TaskId(known, name) in self._workspace.tasks:
                return f"{known}:{name}"
        names = [t.name for t in self._workspace.tasks if t.project == project]
        near = nearest(name, names)
        if near is not None:
            return near if kind is ReferenceKind.SAME_PROJECT else f"{project}:{near}"
        elsewhere = self._by_name.get(name) or self._by_name.get(nearest(name, self._by_name) or "")
        return str(elsewhere[0]) if elsewhere else None

    def _with_tag(self, tag: str, name: str, candidates: tuple[TaskId, ...]) -> tuple[TaskId, ...]:
        found = self._tagged.get((tag, name))
        if found is None:
            projects = self._workspace.projects
            found = tuple(t for t in candidates if _has(projects, t.project, tag))
            self._tagged[tag, name] = found
        return found


def _has(projects: Mapping[str, ProjectSpec], project: str, tag: str | None) -> bool:
    spec = projects.get(project)
    return spec is not None and tag in spec.tags


def _prefixed(prefix: str, name: str | None) -> str | None:
    return None if name is None else prefix + name
