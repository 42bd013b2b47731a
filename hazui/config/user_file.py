"""The user's own file: how the screen looks and behaves, for every workspace.

It is found by the environment that is given, never by that of the process. That there is none is
no problem; one that cannot be read or holds something else is, like any other file.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hazui.config import schema
from hazui.config.parse import parse, read_bytes
from hazui.config.problems import Problems
from hazui.config.reading import INVALID, Reading


def user_file(environ: Mapping[str, str]) -> Path | None:
    """Where the user's file is; None when neither XDG_CONFIG_HOME nor HOME says."""
    base = environ.get("XDG_CONFIG_HOME", "")
    if base.startswith("/"):
        return Path(base, "hazui", "config.toml")
    home = environ.get("HOME", "")
    return Path(home, ".config", "hazui", "config.toml") if home.startswith("/") else None


def read_user_file(environ: Mapping[str, str], problems: Problems) -> dict[str, Any]:
    """The settings that the user's file gives; empty when there is no such file."""
    file = user_file(environ)
    if file is None:
        return {}
    try:
        if not file.exists():
            return {}
    except (OSError, ValueError):
        return {}
    data = read_bytes(file, problems)
    parsed = parse(file, data, problems) if data is not None else None
    if parsed is None:
        return {}
    source, table = parsed
    given = schema.SETTINGS.read(table, (), Reading(source, problems))
    return {} if given is INVALID else dict(given)
