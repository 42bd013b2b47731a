"""What a child is given to run with: its variables, its argv, its working directory.

The base (PATH, HOME, ...) is always passed and never part of the action; what the task names in
``pass_env`` and ``env`` is. Width, height and colour are fixed, so that captured output depends
on no window; a task that names one of them itself gets what it asks for.
"""

import os
import sys
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from hazui.domain.ids import RunId, Turn
from hazui.domain.specs import TaskSpec, WorkspaceSpec

BASE_NAMES = frozenset(
    {
        *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "TMPDIR"),
        *("SSH_AUTH_SOCK", "VIRTUAL_ENV"),
    }
)
BASE_PREFIXES = ("LC_", "XDG_")
FIXED = {"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1", "COLUMNS": "120", "LINES": "40"}
RESERVED = ("HAZUI_TASK", "HAZUI_TURN", "HAZUI_RUN")

_POSIX_SHELLS = frozenset({"sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "busybox"})


def child_environment(
    task: TaskSpec, workspace: WorkspaceSpec, environ: Mapping[str, str], turn: Turn, run: RunId
) -> dict[str, str]:
    """The whole environment of a child of ``task``."""
    env = {
        name: value
        for name, value in environ.items()
        if name in BASE_NAMES or name.startswith(BASE_PREFIXES)
    }
    env |= FIXED
    for name, value in declared_variables(task, workspace, environ):
        if value is None:
            env.pop(name, None)
        else:
            env[name] = value
    outer = environ.get("HAZUI_RUN")
    env["HAZUI_TASK"] = str(task.id)
    env["HAZUI_TURN"] = str(turn)
    env["HAZUI_RUN"] = f"{outer}/{run}" if outer else run
    return env


def declared_variables(
    task: TaskSpec, workspace: WorkspaceSpec, environ: Mapping[str, str]
) -> tuple[tuple[str, str | None], ...]:
    """What the task names, sorted; None where the host does not have it.

    A literal wins over the host, the process environment over the env files.
    """
    if not task.pass_env:
        return task.env
    values: dict[str, str | None] = {
        name: environ.get(name, workspace.env_file_values.get(name)) for name in task.pass_env
    }
    values.update(task.env)
    return tuple(sorted(values.items()))


def child_argv(task: TaskSpec, arguments: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The words to execute. ``arguments`` follow an argv, and are ``"$@"`` in a script."""
    if not isinstance(task.command, str):
        return (*task.command, *arguments)
    name = os.path.basename(task.shell)
    options: tuple[str, ...] = ()
    if name in _POSIX_SHELLS:
        options = ("-eu", "-o", "pipefail") if name == "bash" else ("-eu",)
    words = (task.shell, *options, "-c", task.command)
    return (*words, task.shell, *arguments) if arguments else words


def child_cwd(task: TaskSpec, workspace: WorkspaceSpec) -> Path:
    """Absolute."""
    return workspace.root / task.cwd if task.cwd else workspace.root


@lru_cache(maxsize=1)
def platform_fingerprint() -> str:
    """Operating system, processor and C library: results of another machine are not ours."""
    system = os.uname()
    try:
        libc = os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (ValueError, OSError):
        libc = ""
    return " ".join(part for part in (sys.platform, system.machine, libc) if part)
