"""One owner per workspace: an OS lock for instant takeover, a lease row for correctness.

Each owner locks a file of its own epoch, ``owner.<fence>.lock``; the kernel drops the lock when the
owner dies. The row (token, fence, expiry) decides: every claim and every commit checks the fence
in its own transaction, so an owner that was stopped past its expiry and replaced cannot write.

| lock | row | then |
|---|---|---|
| free, same host | any | take over at once, fence + 1 |
| held | live | busy |
| held | expired | take over through the row |
| free, other host | live | busy until it expires |
"""

import fcntl
import os
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from hazui.domain.ids import Epoch
from hazui.domain.specs import LeaseTimes
from hazui.errors.runtime import HazuiRuntimeError, RuntimeErrorCode
from hazui.state.connection import transaction


@dataclass(slots=True)
class Lease:
    """A claimed lease. ``epoch`` is the fencing number."""

    connection: sqlite3.Connection
    path: Path
    token: str
    epoch: Epoch
    times: LeaseTimes
    lock_fd: int
    now: Callable[[], float] = time.time
    database: tuple[int, int] | None = None
    """Device and inode of the database that was claimed."""

    def check(self) -> None:
        """Confirm inside the current transaction that the fence has not moved, and renew.

        An expired lease that nobody took is re-acquired by the same statement. A database that is
        not the one at its path any more guards nothing: whoever comes next makes a new one.

        Raises:
            HazuiRuntimeError: ``session_execution_lease_lost``.
        """
        if _identity(self.path) != self.database:
            raise HazuiRuntimeError(
                RuntimeErrorCode.SESSION_EXECUTION_LEASE_LOST,
                "the session's database was removed or replaced",
                data={"path": str(self.path), "ours": self.epoch},
            )
        changed = self.connection.execute(
            "UPDATE lease SET expires_at = ? WHERE one = 1 AND token = ? AND fence = ?",
            (self.now() + self.times.ttl_s, self.token, self.epoch),
        ).rowcount
        if changed != 1:
            raise self._lost()

    def renew(self) -> None:
        """Renew in a transaction of its own.

        Raises:
            HazuiRuntimeError: ``session_execution_lease_lost`` or ``store_commit_failed``.
        """
        with transaction(self.connection, self.path):
            self.check()

    def release(self) -> None:
        """Give the lease back, keeping the fence; a lease that was lost is left alone."""
        try:
            with transaction(self.connection, self.path):
                self.connection.execute(
                    "UPDATE lease SET token = NULL, expires_at = 0 WHERE token = ? AND fence = ?",
                    (self.token, self.epoch),
                )
        finally:
            _drop_lock(self.lock_fd, self.path.parent, self.epoch)

    def _lost(self) -> HazuiRuntimeError:
        row = self.connection.execute("SELECT fence, pid, host FROM lease WHERE one = 1").fetchone()
        fence, pid, host = row if row else (None, None, None)
        return HazuiRuntimeError(
            RuntimeErrorCode.SESSION_EXECUTION_LEASE_LOST,
            f"the session was taken over by epoch {fence}; this one is {self.epoch}",
            data={"fence": fence, "ours": self.epoch, "pid": pid, "host": host},
        )


def claim(
    connection: sqlite3.Connection,
    path: Path,
    times: LeaseTimes,
    *,
    started_at: str,
    now: Callable[[], float] = time.time,
) -> Lease:
    """Become the owner.

    Raises:
        HazuiRuntimeError: ``session_execution_busy`` with the holder in ``data``, or
            ``store_commit_failed``.
    """
    host = os.uname().nodename
    token = os.urandom(16).hex()
    lock_fd: int | None = None
    fence = Epoch(0)
    try:
        with transaction(connection, path):
            row = connection.execute(
                "SELECT token, fence, pid, host, expires_at, claimed_at FROM lease WHERE one = 1"
            ).fetchone()
            held_fence = row[1] if row else 0
            if row and row[0] is not None:
                _refuse_when_held(row, path.parent, host, now())
            fence = Epoch(held_fence + 1)
            lock_fd = _take_lock(path.parent, fence)
            connection.execute(
                "INSERT INTO lease (one, token, fence, pid, host, boot_id, claimed_at, expires_at)"
                " VALUES (1, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (one) DO UPDATE SET"
                " token = excluded.token, fence = excluded.fence, pid = excluded.pid,"
                " host = excluded.host, boot_id = excluded.boot_id,"
                " claimed_at = excluded.claimed_at, expires_at = excluded.expires_at",
                (token, fence, os.getpid(), host, boot_id(), now(), now() + times.ttl_s),
            )
            connection.execute(
                "INSERT INTO epochs (epoch, pid, host, started_at) VALUES (?, ?, ?, ?)",
                (fence, os.getpid(), host, started_at),
            )
    except BaseException:
        if lock_fd is not None:
            _drop_lock(lock_fd, path.parent, fence)
        raise
    if held_fence:
        _lock_file(path.parent, Epoch(held_fence)).unlink(missing_ok=True)
    return Lease(connection, path, token, fence, times, lock_fd, now, _identity(path))


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _refuse_when_held(row: tuple[object, ...], directory: Path, host: str, now: float) -> None:
    _token, fence, pid, row_host, expires_at, claimed_at = row
    is_live = isinstance(expires_at, (int, float)) and expires_at > now
    if not is_live:
        return
    if row_host == host and _is_lock_free(_lock_file(directory, Epoch(int(str(fence))))):
        return
    raise HazuiRuntimeError(
        RuntimeErrorCode.SESSION_EXECUTION_BUSY,
        f"another hazui (pid {pid} on {row_host}) is running in this workspace",
        data={
            "pid": pid,
            "host": row_host,
            "since": _iso(claimed_at),
            "expires": _iso(expires_at),
        },
    )


def _iso(seconds: object) -> str | None:
    """A time of the row as UTC text, for people and for JSON."""
    if not isinstance(seconds, (int, float)):
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _lock_file(directory: Path, fence: Epoch) -> Path:
    return directory / f"owner.{fence}.lock"


def _take_lock(directory: Path, fence: Epoch) -> int:
    fd = os.open(_lock_file(directory, fence), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException:
        os.close(fd)
        raise
    return fd


def _is_lock_free(path: Path) -> bool:
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(fd)
    return True


def _drop_lock(fd: int, directory: Path, fence: Epoch) -> None:
    _lock_file(directory, fence).unlink(missing_ok=True)
    os.close(fd)


def boot_id() -> str:
    """Identifies this boot of this machine; empty where the system does not tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
