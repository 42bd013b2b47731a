"""Finding the configuration of a directory.

The nearest ``hazui.toml``, walking up, unless one above it lists that directory under
``[projects]``: then that one. The root is the directory of the file, unless it is said otherwise.
"""

import os
from pathlib import Path
from typing import NamedTuple

from hazui.config.problems import Rejected, made
from hazui.domain.paths import CanonicalPath, resolve
from hazui.domain.specs import WorkspaceSpec
from hazui.errors.path import PathError

CONFIG_NAME = "hazui.toml"


class Location(NamedTuple):
    """The file to load and the root of its workspace, both absolute and resolved."""

    file: Path
    root: Path


def locate(
    start: Path, *, config_file: Path | None = None, directory: Path | None = None
) -> Location | Rejected:
    """Find the configuration for a start in ``start``.

    ``config_file`` is what ``--config`` names, ``directory`` what ``-C`` names; both may be
    relative to ``start``. With a file, the directory is the root; without one, the search begins
    there. Gives ``Rejected`` with one ``ConfigNotFound`` or ``FileUnreadable`` when there is none.
    """
    begin = start / directory if directory is not None else start
    try:
        begin = begin.resolve(strict=True)
        if not begin.is_dir():
            raise NotADirectoryError(20, os.strerror(20), str(begin))
        if config_file is not None:
            # The file may be a link: the root is where it is named, not where it leads to.
            named = start / config_file
            file = named.parent.resolve(strict=True) / named.name
            file.stat()
            return Location(file, begin if directory is not None else file.parent)
    except (OSError, ValueError, RuntimeError) as error:
        wanted = config_file if config_file is not None else directory or start
        return Rejected([made("FileUnreadable", file=start / wanted, source=error)])
    nearest = next((d for d in (begin, *begin.parents) if _has_config(d)), None)
    if nearest is None:
        return Rejected([made("ConfigNotFound", file=begin / CONFIG_NAME, start=begin)])
    for above in nearest.parents:
        if _has_config(above) and _lists(above, nearest):
            return Location(above / CONFIG_NAME, above)
    return Location(nearest / CONFIG_NAME, nearest)


def bearing_project(workspace: WorkspaceSpec, directory: Path) -> str:
    """The project whose root is the nearest one around ``directory``; else the root project."""
    try:
        inside = directory.resolve().relative_to(workspace.root).as_posix()
    except (ValueError, OSError, RuntimeError):
        return workspace.name
    best = workspace.name
    length = 0
    for project in workspace.projects.values():
        is_around = inside == project.root or inside.startswith(f"{project.root}/")
        if project.root and is_around and len(project.root) > length:
            best, length = project.name, len(project.root)
    return best


def _has_config(directory: Path) -> bool:
    try:
        return (directory / CONFIG_NAME).is_file()
    except OSError:
        return False


def _lists(above: Path, directory: Path) -> bool:
    """Whether the file in ``above`` has ``directory`` as one of its projects.

    A file that cannot be read says nothing: it will be complained about when it is used.
    """
    import tomli

    try:
        data = tomli.loads((above / CONFIG_NAME).read_text("utf-8").removeprefix("\ufeff"))
    except (OSError, ValueError, RecursionError):
        return False
    projects = data.get("projects")
    for project in projects.values() if isinstance(projects, dict) else ():
        path = project.get("path") if isinstance(project, dict) else None
        if not isinstance(path, str):
            continue
        try:
            if (above / resolve(CanonicalPath(""), path)).resolve() == directory:
                return True
        except (PathError, OSError, ValueError, RuntimeError):
            continue
    return False
