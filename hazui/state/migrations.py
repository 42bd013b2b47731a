"""The schema of ``state.db`` as numbered steps; ``PRAGMA user_version`` holds the last one applied.

A step is applied together with its number in one transaction. A database of a newer version is
refused untouched. Steps are only ever added.
"""

import sqlite3
from pathlib import Path

from hazui.errors import state

_FIRST = """
CREATE TABLE session (id TEXT NOT NULL, created_at TEXT NOT NULL);
CREATE TABLE lease (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  token TEXT, fence INTEGER NOT NULL, pid INTEGER, host TEXT, boot_id TEXT,
  claimed_at REAL, expires_at REAL
);
CREATE TABLE epochs (
  epoch INTEGER PRIMARY KEY, pid INTEGER NOT NULL, host TEXT NOT NULL,
  started_at TEXT NOT NULL, ended_at TEXT, clean INTEGER
);
CREATE TABLE turns (
  turn INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, trigger TEXT NOT NULL, started_at TEXT NOT NULL,
  outcome TEXT, ended_at TEXT, duration_s REAL, counts TEXT, error TEXT, content_hash TEXT
);
CREATE TABLE results (
  turn INTEGER NOT NULL, task TEXT NOT NULL, state TEXT NOT NULL, source TEXT, duration_s REAL,
  record TEXT NOT NULL, PRIMARY KEY (turn, task)
) WITHOUT ROWID;
CREATE INDEX results_by_task ON results (task, turn);
CREATE TABLE events (
  epoch INTEGER NOT NULL, seq INTEGER NOT NULL, turn INTEGER, body TEXT NOT NULL,
  PRIMARY KEY (epoch, seq)
) WITHOUT ROWID;
CREATE INDEX events_by_turn ON events (turn) WHERE turn IS NOT NULL;
CREATE TABLE processes (
  execution_id TEXT PRIMARY KEY, epoch INTEGER NOT NULL, turn INTEGER NOT NULL, task TEXT NOT NULL,
  attempt INTEGER NOT NULL, state TEXT NOT NULL, pid INTEGER, pgid INTEGER, start_ticks INTEGER,
  boot_id TEXT, exit_status TEXT
);
CREATE INDEX processes_open ON processes (epoch) WHERE state IN ('registered', 'running');
CREATE TABLE process_envs (
  execution_id TEXT PRIMARY KEY, argv TEXT NOT NULL, cwd TEXT NOT NULL, variables TEXT NOT NULL
);
CREATE TABLE triggers (
  id INTEGER PRIMARY KEY AUTOINCREMENT, paths TEXT NOT NULL, rescan INTEGER NOT NULL,
  consumed_by INTEGER
);
CREATE INDEX triggers_pending ON triggers (id) WHERE consumed_by IS NULL;
"""

STEPS: tuple[tuple[str, str], ...] = (("first", _FIRST),)


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the schema to the newest known version.

    Raises:
        state.NewerSchema: a newer version wrote this database.
        sqlite3.Error: as the database gives it.
    """
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    if found > len(STEPS):
        raise state.NewerSchema(path=path, found=found, known=len(STEPS))
    if found == len(STEPS):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        for number, (_name, script) in enumerate(STEPS, start=1):
            if number <= found:
                continue
            for statement in script.split(";\n"):
                if statement.strip():
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
