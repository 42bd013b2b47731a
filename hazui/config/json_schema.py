"""The JSON Schema of ``hazui.toml``, made from the same tables that validate it.

A schema says less than validation does: whether a pattern is well formed, a directory exists or a
lease is long enough cannot be written in one.
"""

from typing import Any

from hazui.config import schema
from hazui.config.kinds import MapOf
from hazui.config.task_kinds import Name

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """The schema of the file at the workspace's root; that of a project has only ``tasks``."""
    return {
        "$schema": DIALECT,
        "title": "hazui.toml",
        "description": "The tasks of a workspace and how hazui supervises them.",
        "type": "object",
        "properties": {
            "workspace": schema.WORKSPACE.json_schema(),
            "projects": _described(MapOf(Name(), schema.PROJECT, "projects"), "The projects."),
            "tasks": _described(MapOf(Name(), schema.TASK, "tasks"), "The tasks."),
        },
        "additionalProperties": False,
    }


def settings_schema() -> dict[str, Any]:
    """The schema of the user's own file."""
    return {
        "$schema": DIALECT,
        "title": "hazui/config.toml",
        **schema.SETTINGS.json_schema(),
    }


def _described(kind: MapOf, text: str) -> dict[str, Any]:
    return kind.json_schema() | {"description": text}
