"""From the tables of tasks to ``TaskSpec`` values.

Every table is read to its end, also after a problem. A task of a project has the project's tags
beside its own; keys of services are refused on what is none.
"""

from typing import Any

from hazui.config import schema
from hazui.config.positions import KeyPath, Point
from hazui.config.reading import INVALID, Reading
from hazui.config.task_kinds import name_reason
from hazui.domain.ids import TaskId, is_name
from hazui.domain.specs import ServiceSpec, TaskKind, TaskSpec

_SAME_NAME = frozenset(
    key.name
    for key in schema.TASK.keys
    if key.name not in schema.SERVICE_KEY_NAMES | {"tags", "env", "display", "cwd", "command"}
)


def read_tasks(
    tables: object,
    reading: Reading,
    project_tags: frozenset[str],
    into: dict[TaskId, TaskSpec],
) -> None:
    """Read every ``[tasks.NAME]`` of one file into ``into``; problems are noted."""
    if type(tables) is not dict:
        reading.wrong_type(("tasks",), "a table of tasks", tables)
        return
    for name, table in tables.items():
        at: KeyPath = ("tasks", name)
        if not is_name(name):
            reading.note(at, "InvalidName", Point.KEY, value=name, reason=name_reason(name))
        given = schema.TASK.read(table, at, reading)
        if given is INVALID or not is_name(name):
            continue
        spec = _task(TaskId(reading.project, name), given, reading, project_tags, at)
        if spec is not None:
            into[spec.id] = spec


def _task(
    task: TaskId,
    given: dict[str, Any],
    reading: Reading,
    project_tags: frozenset[str],
    at: KeyPath,
) -> TaskSpec | None:
    service = None
    service_keys = schema.SERVICE_KEY_NAMES.intersection(given)
    if given.get("kind") is TaskKind.SERVICE:
        service = ServiceSpec(
            **{name: given[name] for name in service_keys},
            keys_given=frozenset(service_keys),
        )
    elif service_keys:
        for name in sorted(service_keys):
            reading.note((*at, name), "ServiceKeyOnTask", Point.KEY)
        return None
    same = {name: value for name, value in given.items() if name in _SAME_NAME}
    if "env" in given:
        same["env"] = tuple(sorted(given["env"].items()))
    tags = given.get("tags")
    return TaskSpec(
        id=task,
        root=reading.root,
        command=given["command"],
        cwd=given.get("cwd", reading.root),
        tags=project_tags.union(tags) if tags else project_tags,
        display=given.get("display", task.name),
        service=service,
        **same,
    )
