"""The system's limits on notifications, and the command that raises each."""

from pathlib import Path

from hazui.errors import watch

_USER = Path("/proc/sys/user")
_SYSTEM = Path("/proc/sys/fs/inotify")


def watches_exhausted() -> watch.LimitReached:
    """The number of watched directories is used up."""
    return _reached("watches", at_least=524_288)


def instances_exhausted() -> watch.LimitReached:
    """The number of watchers (one or two a hazui, one an editor) is used up."""
    return _reached("instances", at_least=512)


def current() -> tuple[int, ...]:
    """The limits as they are, to notice that somebody raised one."""
    return tuple(
        _number(directory / f"max_{prefix}{name}")
        for directory, prefix in ((_SYSTEM, "user_"), (_USER, "inotify_"))
        for name in ("watches", "instances")
    )


def _reached(name: str, at_least: int) -> watch.LimitReached:
    system = _number(_SYSTEM / f"max_user_{name}")
    user = _number(_USER / f"max_inotify_{name}")
    if 0 < user < system:
        # A container's own limit: the other one would not help.
        return watch.LimitReached(
            limit=user,
            how_to_raise=f"sysctl user.max_inotify_{name}={max(at_least, 2 * user)}",
        )
    return watch.LimitReached(
        limit=system,
        how_to_raise=f"sudo sysctl fs.inotify.max_user_{name}={max(at_least, 2 * system)}",
    )


def _number(file: Path) -> int:
    try:
        return int(file.read_text())
    except (OSError, ValueError):
        return 0
