"""Everything that can be said about one process, asked for when a person looks at it.

psutil asks; whatever the system refuses to tell (another user's files, a process that ends while
it is looked at) is left out instead of failing the whole.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from hazui.process.platform import Platform
from hazui.process.table import ProcessIdentity, is_same

T = TypeVar("T")
_SHOWN_MAX = 50
_NOTHING: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProcessDetails:
    """One look; None and empty mean that the system did not tell."""

    argv: tuple[str, ...] = ()
    executable: str | None = None
    cwd: str | None = None
    username: str | None = None
    niceness: int | None = None
    open_fds: int | None = None
    files: tuple[str, ...] = ()
    """Paths of open regular files, at most 50."""
    listening: tuple[str, ...] = ()
    """``address:port`` of sockets that wait for connections."""
    read_bytes: int | None = None
    written_bytes: int | None = None
    context_switches: int | None = None


def look_at(identity: ProcessIdentity, platform: Platform) -> ProcessDetails | None:
    """Details of exactly this process; None when it is gone. Takes milliseconds."""
    import psutil

    def told(ask: Callable[[], T], otherwise: T) -> T:
        try:
            return ask()
        except (psutil.Error, OSError, AttributeError):
            return otherwise

    def listening() -> tuple[str, ...]:
        return tuple(
            f"{connection.laddr.ip}:{connection.laddr.port}"
            for connection in process.net_connections("inet")
            if connection.status == psutil.CONN_LISTEN
        )

    try:
        process = psutil.Process(identity.pid)
    except psutil.Error:
        return None
    with process.oneshot():
        # AttributeError: not every system has every question.
        counters = told(process.io_counters, None)
        switches = told(process.num_ctx_switches, None)
        details = ProcessDetails(
            argv=tuple(told(process.cmdline, [])),
            executable=told(process.exe, "") or None,
            cwd=told(process.cwd, "") or None,
            username=told(process.username, None),
            niceness=told(process.nice, None),
            open_fds=told(process.num_fds, None),
            files=told(lambda: tuple(file.path for file in process.open_files()), _NOTHING)[
                :_SHOWN_MAX
            ],
            listening=told(listening, _NOTHING)[:_SHOWN_MAX],
            read_bytes=counters.read_bytes if counters else None,
            written_bytes=counters.write_bytes if counters else None,
            context_switches=switches.voluntary + switches.involuntary if switches else None,
        )
    return details if is_same(identity, platform) else None
