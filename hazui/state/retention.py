"""How much history is kept: the newest turns, and as many bytes of logs as was said.

Old turns go with everything that belongs to them. An attachment goes when no kept turn refers to
it and it is not being written: a stored action's streams live on in the cache, which has its own
limits. What an open turn refers to is newer than any limit.
"""

import contextlib
import json
import os
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hazui.domain.specs import HistoryLimits
from hazui.state.connection import transaction

EVERY_S = 86_400.0
FRESH_S = 3_600.0
"""An attachment younger than this may belong to a turn that is not committed yet."""
SLACK_TURNS = 20
_MARK = "pruned"
_HASHES = ("stdout_hash", "stderr_hash", "journal_hash")
_TABLES = ("results", "events", "turns")


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was removed."""

    turns: int = 0
    attachments: int = 0
    freed_bytes: int = 0


def prune_when_due(
    connection: sqlite3.Connection, path: Path, attachments: Path, limits: HistoryLimits
) -> Pruned | None:
    """Prune once a day, or when many turns are over the limit; None when it is not due.

    Raises:
        HazuiRuntimeError: ``store_commit_failed``.
    """
    (count,) = connection.execute("SELECT count(*) FROM turns").fetchone()
    mark = attachments / _MARK
    with contextlib.suppress(OSError):
        is_recent = time.time() - mark.stat().st_mtime < EVERY_S
        if is_recent and count <= limits.keep_turns + SLACK_TURNS:
            return None
    pruned = prune(connection, path, attachments, limits)
    with contextlib.suppress(OSError):
        mark.touch()
    return pruned


def prune(
    connection: sqlite3.Connection, path: Path, attachments: Path, limits: HistoryLimits
) -> Pruned:
    """Remove turns beyond ``keep_turns``, then the oldest until the logs fit ``keep_bytes``.

    Raises:
        HazuiRuntimeError: ``store_commit_failed``.
    """
    sizes = dict(_attachments(attachments))
    turns = [row[0] for row in connection.execute("SELECT turn FROM turns ORDER BY turn DESC")]
    kept: set[str] = set()
    kept_bytes = 0
    cut = 0
    for position, turn in enumerate(turns):
        new = _digests(connection, turn) - kept
        new_bytes = sum(sizes.get(digest, (0, 0.0))[0] for digest in new)
        if position >= limits.keep_turns or (
            position and kept_bytes + new_bytes > limits.keep_bytes
        ):
            cut = turn
            break
        kept |= new
        kept_bytes += new_bytes
    gone = sum(turn <= cut for turn in turns)
    if cut:
        with transaction(connection, path):
            connection.execute(
                "DELETE FROM process_envs WHERE execution_id IN"
                " (SELECT execution_id FROM processes WHERE turn <= ?)",
                (cut,),
            )
            connection.execute(
                "DELETE FROM processes WHERE turn <= ? AND state NOT IN ('registered', 'running')",
                (cut,),
            )
            for table in _TABLES:
                connection.execute(f"DELETE FROM {table} WHERE turn <= ?", (cut,))  # noqa: S608
            connection.execute("DELETE FROM triggers WHERE consumed_by <= ?", (cut,))
    freed_bytes = removed = 0
    oldest_s = time.time() - FRESH_S
    for digest, (size_bytes, changed_s) in sizes.items():
        if digest not in kept and changed_s < oldest_s:
            with contextlib.suppress(OSError):
                (attachments / digest[:2] / digest).unlink()
                removed += 1
                freed_bytes += size_bytes
    return Pruned(gone, removed, freed_bytes)


def _digests(connection: sqlite3.Connection, turn: int) -> set[str]:
    found: set[str] = set()
    for (record,) in connection.execute("SELECT record FROM results WHERE turn = ?", (turn,)):
        value = json.loads(record)
        found.update(value[name] for name in _HASHES if value.get(name))
    return found


def _attachments(directory: Path) -> Iterator[tuple[str, tuple[int, float]]]:
    """Digest -> size in bytes and time of the last change."""
    with contextlib.suppress(OSError):
        for shard in os.scandir(directory):
            if not shard.is_dir(follow_symlinks=False):
                continue
            for entry in os.scandir(shard):
                with contextlib.suppress(OSError):
                    stat = entry.stat(follow_symlinks=False)
                    yield entry.name, (stat.st_size, stat.st_ctime)
