"""Reading what is recorded: turns, results, events, without owning the session.

Works beside a running owner (SQLite's WAL gives each reader a whole state) and after a crash.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from hazui.domain.ids import Digest, Epoch, TaskId, Turn
from hazui.state.connection import commit_failed
from hazui.state.stores import LastResult, TaskResult, TurnRow, median_s

T = TypeVar("T")
_RECENT_SUCCESSES = 10


class History:
    """The reading half of a durable session store."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def turns(self, limit: int | None = None) -> list[TurnRow]:
        rows = self._connection.execute(
            "SELECT turn, epoch, trigger, started_at, outcome, ended_at, duration_s, counts, error"
            " FROM turns ORDER BY turn DESC LIMIT ?",
            (-1 if limit is None else limit,),
        )
        return [
            TurnRow(
                turn=Turn(row[0]),
                epoch=Epoch(row[1]),
                trigger=json.loads(row[2]),
                started_at=row[3],
                outcome=row[4],
                ended_at=row[5],
                duration_s=row[6],
                counts=_load(row[7]),
                error=_load(row[8]),
            )
            for row in rows
        ]

    def results(self, turn: Turn) -> list[TaskResult]:
        rows = self._connection.execute(
            "SELECT task, state, source, duration_s, record FROM results WHERE turn = ?"
            " ORDER BY task",
            (turn,),
        )
        return [
            TaskResult(
                task=TaskId.parse(row[0]),
                state=row[1],
                source=row[2],
                duration_s=row[3],
                record=json.loads(row[4]),
            )
            for row in rows
        ]

    def last_results(self) -> dict[TaskId, LastResult]:
        """The newest result of each task, with its usual duration."""
        return _last_results(self._connection)

    def newest_turn_of(self, task: TaskId) -> Turn | None:
        """The last committed turn that has a result of the task."""
        (turn,) = self._connection.execute(
            "SELECT max(turn) FROM results WHERE task = ?", (str(task),)
        ).fetchone()
        return None if turn is None else Turn(turn)

    def has_turn(self, turn: Turn) -> bool:
        """Whether the turn is kept."""
        found = self._connection.execute("SELECT 1 FROM turns WHERE turn = ?", (turn,)).fetchone()
        return found is not None

    def newest_turn(self) -> Turn | None:
        """The last turn that was opened."""
        (turn,) = self._connection.execute("SELECT max(turn) FROM turns").fetchone()
        return None if turn is None else Turn(turn)

    def events(self, epoch: Epoch, from_seq: int, to_seq: int) -> list[str]:
        rows = self._connection.execute(
            "SELECT body FROM events WHERE epoch = ? AND seq BETWEEN ? AND ? ORDER BY seq",
            (epoch, from_seq, to_seq),
        )
        return [row[0] for row in rows]

    def turn_events(self, turn: Turn) -> list[str]:
        rows = self._connection.execute(
            "SELECT body FROM events WHERE turn = ? ORDER BY epoch, seq", (turn,)
        )
        return [row[0] for row in rows]


@contextmanager
def reading(path: Path) -> Iterator[History | None]:
    """The history in ``state.db``, read only; None when there is no session yet.

    Raises:
        HazuiRuntimeError: ``store_commit_failed``: the database is there and cannot be read.
    """
    if not path.exists():
        yield None
        return
    try:
        connection = _connect(path)
    except sqlite3.Error as error:
        raise commit_failed(error, path) from error
    try:
        yield History(connection)
    except sqlite3.Error as error:
        raise commit_failed(error, path) from error
    finally:
        connection.close()


def read_last_results(path: Path) -> dict[TaskId, LastResult]:
    """What history says of each task, read without owning the session; empty when it cannot be."""
    return _looking(path, _last_results) or {}


def read_pinned(path: Path) -> set[Digest]:
    """Digests that committed turns refer to, read without owning the session."""
    return _looking(path, pinned_digests) or set()


def _looking(path: Path, read: Callable[[sqlite3.Connection], T]) -> T | None:
    try:
        connection = _connect(path)
    except sqlite3.Error:
        return None
    try:
        return read(connection)
    except sqlite3.Error:
        return None
    finally:
        connection.close()


def pinned_digests(connection: sqlite3.Connection) -> set[Digest]:
    """Digests that committed turns refer to."""
    found: set[Digest] = set()
    for (record,) in connection.execute("SELECT record FROM results"):
        value = json.loads(record)
        for name in ("stdout_hash", "stderr_hash", "journal_hash"):
            if value.get(name):
                found.add(Digest(value[name]))
    return found


def _connect(path: Path) -> sqlite3.Connection:
    """Opened for writing, so that the last one to close tidies up the log, and used to read."""
    from urllib.parse import quote

    connection = sqlite3.connect(f"file:{quote(str(path))}?mode=rw", uri=True, timeout=5.0)
    try:
        connection.execute("PRAGMA query_only = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _last_results(connection: sqlite3.Connection) -> dict[TaskId, LastResult]:
    newest = connection.execute(
        "SELECT task, state, max(turn) FROM results GROUP BY task"
    ).fetchall()
    durations: dict[str, list[float]] = {}
    for task, duration_s in connection.execute(
        "SELECT task, duration_s FROM (SELECT task, duration_s, row_number() OVER"
        " (PARTITION BY task ORDER BY turn DESC) AS place FROM results"
        " WHERE state = 'succeeded' AND source = 'fresh_run') WHERE place <= ?",
        (_RECENT_SUCCESSES,),
    ):
        durations.setdefault(task, []).append(duration_s)
    return {
        TaskId.parse(task): LastResult(
            state, Turn(turn), median_s(durations[task]) if task in durations else None
        )
        for task, state, turn in newest
    }


def _load(text: str | None) -> Any:
    return None if text is None else json.loads(text)
