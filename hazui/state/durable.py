"""The durable facets: turns, results, events, processes and triggers in SQLite.

All calls are plain and short; the supervisor makes them on its own thread. Event rows are handed
over in batches.
"""

import hashlib
import json
import sqlite3
import uuid
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from hazui.domain.ids import Digest, Epoch, RunId, SessionId, TaskId, Turn
from hazui.errors.runtime import HazuiRuntimeError, RuntimeErrorCode
from hazui.state.connection import transaction
from hazui.state.history import History, pinned_digests
from hazui.state.lease import Lease
from hazui.state.stores import (
    PendingTrigger,
    ProcessEnv,
    ProcessRow,
    ProcessState,
    Tier,
    TurnCommit,
    TurnRow,
)

T = TypeVar("T")
_RECENT_SUCCESSES = 10


class DurableSessionStore(History):
    """Turns, results and the journal. ``lease`` fences every commit."""

    tier = Tier.DURABLE

    def __init__(self, connection: sqlite3.Connection, path: Path, lease: Lease) -> None:
        super().__init__(connection)
        self._path = path
        self._lease = lease

    def session_id(self) -> SessionId:
        row = self._connection.execute("SELECT id FROM session").fetchone()
        if row:
            return SessionId(row[0])
        session = SessionId(uuid.uuid4().hex)
        with transaction(self._connection, self._path):
            self._connection.execute(
                "INSERT INTO session (id, created_at)"
                " SELECT ?, started_at FROM epochs WHERE epoch = ?",
                (session, self._lease.epoch),
            )
        return session

    def next_turn(self) -> Turn:
        (last,) = self._connection.execute("SELECT max(turn) FROM turns").fetchone()
        return Turn((last or 0) + 1)

    def open_turn(self, turn: TurnRow) -> None:
        with transaction(self._connection, self._path):
            self._lease.check()
            self._connection.execute(
                "INSERT INTO turns (turn, epoch, trigger, started_at) VALUES (?, ?, ?, ?)",
                (turn.turn, turn.epoch, _dump(turn.trigger), turn.started_at),
            )

    def commit_turn(self, commit: TurnCommit) -> None:
        results = [
            (commit.turn, str(r.task), r.state, r.source, r.duration_s, _dump(r.record))
            for r in commit.results
        ]
        content = hashlib.sha256(_dump([commit.outcome, commit.counts, results]).encode())
        digest = content.hexdigest()
        with transaction(self._connection, self._path):
            self._lease.check()
            row = self._connection.execute(
                "SELECT content_hash FROM turns WHERE turn = ?", (commit.turn,)
            ).fetchone()
            if row is None:
                raise _conflict("duplicate", f"turn {commit.turn} was never opened")
            if row[0] is not None:
                if row[0] == digest:
                    return
                raise _conflict("conflict", f"turn {commit.turn} was committed with other content")
            self._connection.execute(
                "UPDATE turns SET outcome = ?, ended_at = ?, duration_s = ?, counts = ?,"
                " error = ?, content_hash = ? WHERE turn = ?",
                (
                    commit.outcome,
                    commit.ended_at,
                    commit.duration_s,
                    _dump(commit.counts),
                    None if commit.error is None else _dump(commit.error),
                    digest,
                    commit.turn,
                ),
            )
            self._connection.executemany("INSERT INTO results VALUES (?, ?, ?, ?, ?, ?)", results)
            self._connection.executemany(
                "UPDATE triggers SET consumed_by = ? WHERE id = ?",
                [(commit.turn, trigger) for trigger in commit.consumed_triggers],
            )

    def close_open_turns(self, outcome: str, ended_at: str) -> int:
        with transaction(self._connection, self._path):
            self._lease.check()
            return self._connection.execute(
                "UPDATE turns SET outcome = ?, ended_at = ? WHERE outcome IS NULL",
                (outcome, ended_at),
            ).rowcount

    def append_events(self, epoch: Epoch, rows: Iterable[tuple[int, int | None, str]]) -> None:
        with transaction(self._connection, self._path):
            self._connection.executemany(
                "INSERT OR IGNORE INTO events (epoch, seq, turn, body) VALUES (?, ?, ?, ?)",
                [(epoch, *row) for row in rows],
            )


class DurableProcessRegistry:
    """Executions by their id; a row exists before its process does."""

    tier = Tier.DURABLE

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    def register(self, row: ProcessRow) -> None:
        if not row.execution_id.strip():
            raise HazuiRuntimeError.missing_process_execution_id()
        with transaction(self._connection, self._path):
            self._connection.execute(
                "INSERT INTO processes (execution_id, epoch, turn, task, attempt, state)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (execution_id) DO UPDATE SET"
                " attempt = excluded.attempt, state = excluded.state",
                (row.execution_id, row.epoch, row.turn, str(row.task), row.attempt, row.state),
            )

    def update(self, execution_id: RunId, **changes: Any) -> None:
        names = ", ".join(f"{name} = ?" for name in changes)
        values = [json.dumps(v) if isinstance(v, Mapping) else v for v in changes.values()]
        with transaction(self._connection, self._path):
            changed = self._connection.execute(
                f"UPDATE processes SET {names} WHERE execution_id = ?",  # noqa: S608 - own names
                (*values, execution_id),
            ).rowcount
            if changed != 1:
                raise HazuiRuntimeError.missing_process_execution_id()

    def unfinished(self, before: Epoch) -> list[ProcessRow]:
        rows = self._connection.execute(
            "SELECT execution_id, epoch, turn, task, attempt, state, pid, pgid, start_ticks,"
            " boot_id, exit_status FROM processes"
            " WHERE state IN ('registered', 'running') AND epoch < ?",
            (before,),
        )
        return [
            ProcessRow(
                execution_id=RunId(row[0]),
                epoch=Epoch(row[1]),
                turn=Turn(row[2]),
                task=TaskId.parse(row[3]),
                attempt=row[4],
                state=ProcessState(row[5]),
                pid=row[6],
                pgid=row[7],
                start_ticks=row[8],
                boot_id=row[9],
                exit_status=_load(row[10]),
            )
            for row in rows
        ]

    def abandon(self, execution_ids: Collection[RunId]) -> None:
        with transaction(self._connection, self._path):
            self._connection.executemany(
                "UPDATE processes SET state = 'abandoned' WHERE execution_id = ?",
                [(execution_id,) for execution_id in execution_ids],
            )


class DurableProcessEnvStore:
    """What each process was started with, on disk."""

    tier = Tier.DURABLE

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    def put(self, execution_id: RunId, env: ProcessEnv) -> None:
        with transaction(self._connection, self._path):
            self._connection.execute(
                "INSERT OR REPLACE INTO process_envs VALUES (?, ?, ?, ?)",
                (execution_id, _dump(env.argv), env.cwd, _dump(env.variables)),
            )

    def get(self, execution_id: RunId) -> ProcessEnv | None:
        row = self._connection.execute(
            "SELECT argv, cwd, variables FROM process_envs WHERE execution_id = ?", (execution_id,)
        ).fetchone()
        if row is None:
            return None
        return ProcessEnv(argv=tuple(json.loads(row[0])), cwd=row[1], variables=json.loads(row[2]))


class DurableTriggerStore:
    """Change sets that wait for a turn, on disk."""

    tier = Tier.DURABLE

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    def add(self, paths: Collection[str], rescan: bool) -> int:
        with transaction(self._connection, self._path):
            cursor = self._connection.execute(
                "INSERT INTO triggers (paths, rescan) VALUES (?, ?)", (_dump(sorted(paths)), rescan)
            )
            assert cursor.lastrowid is not None
            return cursor.lastrowid

    def pending(self) -> list[PendingTrigger]:
        rows = self._connection.execute(
            "SELECT id, paths, rescan FROM triggers WHERE consumed_by IS NULL ORDER BY id"
        )
        return [PendingTrigger(row[0], tuple(json.loads(row[1])), bool(row[2])) for row in rows]

    def discard(self, ids: Collection[int]) -> None:
        with transaction(self._connection, self._path):
            self._connection.executemany(
                "DELETE FROM triggers WHERE id = ? AND consumed_by IS NULL", [(i,) for i in ids]
            )


class DurableAttachmentStore:
    """Finished streams as files, named by their digest."""

    tier = Tier.DURABLE

    def __init__(self, directory: Path, connection: sqlite3.Connection) -> None:
        self._directory = directory
        self._connection = connection

    @property
    def directory(self) -> Path:
        return self._directory

    def pinned(self) -> set[Digest]:
        return pinned_digests(self._connection)


def _conflict(kind: str, message: str) -> HazuiRuntimeError:
    return HazuiRuntimeError(RuntimeErrorCode.STORE_COMMIT_FAILED, message, data={"kind": kind})


def _dump(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True)


def _load(text: str | None) -> Any:
    return None if text is None else json.loads(text)
