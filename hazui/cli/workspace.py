"""From the options of a command to a loaded workspace, or to its problems on stderr."""

import argparse
import os
from pathlib import Path
from typing import Any

from hazui.cli.console import Console
from hazui.cli.exit_codes import ExitCode
from hazui.config.locate import Location, locate
from hazui.config.problems import Rejected
from hazui.errors.base import HazuiError
from hazui.supervisor.workspace import LoadedWorkspace, RejectedWorkspace, load_workspace


def find(options: argparse.Namespace) -> Location | RejectedWorkspace:
    """Where the configuration is, by ``-C``, ``--config`` and the working directory."""
    try:
        here = Path.cwd()
    except OSError as error:
        from hazui.errors import config

        gone = config.FileUnreadable(file=Path("/"), source=error)
        return RejectedWorkspace((gone,))
    found = locate(
        here,
        config_file=Path(options.config) if options.config else None,
        directory=Path(options.directory) if options.directory else None,
    )
    return RejectedWorkspace(found.problems) if isinstance(found, Rejected) else found


def flags(options: argparse.Namespace) -> dict[str, Any]:
    """The flags that override keys of the configuration."""
    given: dict[str, Any] = {}
    if getattr(options, "jobs", None) is not None:
        given["jobs"] = options.jobs if options.jobs == "auto" else _count(options.jobs)
    if options.scratch:
        given["durable"] = False
    if getattr(options, "durable", False):
        given["durable"] = True
    return given


def load(options: argparse.Namespace) -> LoadedWorkspace | RejectedWorkspace:
    """Find, read and validate everything."""
    location = find(options)
    if isinstance(location, RejectedWorkspace):
        return location
    return load_workspace(location, environ=os.environ, overrides=flags(options))


def tell_rejected(console: Console, rejected: RejectedWorkspace) -> int:
    """Print every problem; the exit code."""
    console.problems(rejected.problems)
    if _is_missing(rejected.problems):
        console.complain("hazui: `hazui init` writes one from what is here; `hazui demo` shows one")
    else:
        count = len(rejected.problems)
        console.complain(f"hazui: {count} problem{'s' if count != 1 else ''} in the configuration")
    return ExitCode.CONFIG


def _is_missing(problems: tuple[HazuiError, ...]) -> bool:
    return any(problem.code == "config.config_not_found" for problem in problems)


def _count(text: str) -> Any:
    """The number in ``text``, or the text itself for the validation to refuse."""
    try:
        return int(text)
    except ValueError:
        return text
