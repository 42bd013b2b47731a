"""One SQLite connection per owner, and how its failures become typed errors.

WAL with ``synchronous = NORMAL``: a ``kill -9`` loses no commit. Every read-then-write runs in an
immediate transaction, so that a fence that was checked still holds when the rows are written. Any
write that fails is ``store_commit_failed`` with ``data.kind`` and the typed state error as source.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hazui.errors import state
from hazui.errors.runtime import HazuiRuntimeError, RuntimeErrorCode
from hazui.state.migrations import migrate

BUSY_TIMEOUT_S = 5.0
_ROOM_BYTES = 64 << 10
"""With less left than this no transaction fits."""


def open_database(path: Path, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> sqlite3.Connection:
    """Open and migrate ``state.db``; it is created when missing.

    Raises:
        HazuiRuntimeError: ``store_commit_failed``: the database cannot be opened or brought up
            to date; its source is the ``state`` error.
    """
    try:
        connection = sqlite3.connect(path, timeout=busy_timeout_s, isolation_level=None)
    except sqlite3.Error as error:
        raise commit_failed(error, path) from error
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        migrate(connection, path)
    except state.StateError as error:
        connection.close()
        raise HazuiRuntimeError(
            RuntimeErrorCode.STORE_COMMIT_FAILED,
            "the session's database was written by a newer version",
            data={"kind": "schema"},
            source=error,
        ) from error
    except sqlite3.Error as error:
        connection.close()
        raise commit_failed(error, path) from error
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection, path: Path) -> Iterator[sqlite3.Connection]:
    """An immediate transaction: committed at the end, rolled back on any exception.

    Raises:
        HazuiRuntimeError: ``store_commit_failed`` for what the database refuses.
    """
    try:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    except sqlite3.Error as error:
        raise commit_failed(error, path) from error


def commit_failed(error: sqlite3.Error, path: Path) -> HazuiRuntimeError:
    """The typed form of a database failure, with its kind and its source."""
    name = getattr(error, "sqlite_errorname", "") or ""
    kind, source = _classify(name, error, path)
    source.__cause__ = error
    return HazuiRuntimeError(
        RuntimeErrorCode.STORE_COMMIT_FAILED,
        "the session's state could not be written",
        data={"kind": kind},
        source=source,
    )


def _classify(name: str, error: sqlite3.Error, path: Path) -> tuple[str, state.StateError]:
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return "contended", state.Locked(path=path)
    if name.startswith("SQLITE_FULL"):
        return "io", state.NoSpace(path=path)
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return "io", state.ReadOnly(path=path)
    if name.startswith("SQLITE_CONSTRAINT"):
        return "duplicate", state.Corrupt(path=path, detail=str(error))
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return "io", state.Corrupt(path=path, detail=str(error))
    if name.startswith(("SQLITE_ERROR", "SQLITE_SCHEMA", "SQLITE_MISMATCH")):
        return "schema", state.Corrupt(path=path, detail=str(error))
    if name.startswith("SQLITE_IOERR") and _is_full(path):
        return "io", state.NoSpace(path=path)
    return "io", state.Corrupt(path=path, detail=str(error))


def _is_full(path: Path) -> bool:
    """Whether the disk is the reason: SQLite calls much of what that causes an I/O error."""
    try:
        disk = os.statvfs(path.parent)
    except OSError:
        return False
    return disk.f_bavail * disk.f_frsize < _ROOM_BYTES
