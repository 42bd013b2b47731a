"""Exit codes, and which error means which."""

from enum import IntEnum

from hazui.errors.base import HazuiError


class ExitCode(IntEnum):
    """What ``hazui`` exits with. A signal wins over task failures."""

    SUCCESS = 0
    TASK_FAILED = 1
    USAGE = 2
    CONFIG = 3
    SESSION = 4
    INTERNAL = 70
    TIMEOUT = 124
    SIGHUP = 129
    SIGINT = 130
    SIGTERM = 143


_BY_FAMILY = {
    "config": ExitCode.CONFIG,
    "runtime": ExitCode.SESSION,
    "state": ExitCode.SESSION,
    "control": ExitCode.SESSION,
    "internal": ExitCode.INTERNAL,
    "feature": ExitCode.USAGE,
}


def exit_code_of(error: HazuiError) -> ExitCode:
    """The exit code for an error that ended the command."""
    from hazui.errors import graph

    if isinstance(error, graph.UnknownTarget):
        return ExitCode.USAGE
    if isinstance(error, graph.GraphError):
        return ExitCode.CONFIG
    return _BY_FAMILY.get(type(error).FAMILY, ExitCode.TASK_FAILED)
