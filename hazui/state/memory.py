"""The ephemeral twins of the five facets, for ``--scratch``: same promises, gone at the end."""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from hazui.domain.ids import Digest, Epoch, RunId, SessionId, TaskId, Turn
from hazui.errors.runtime import HazuiRuntimeError, RuntimeErrorCode
from hazui.state.stores import (
    LastResult,
    PendingTrigger,
    ProcessEnv,
    ProcessRow,
    ProcessState,
    TaskResult,
    Tier,
    TurnCommit,
    TurnRow,
    median_s,
)


class MemorySessionStore:
    """Turns, results and events for as long as the process lives."""

    tier = Tier.EPHEMERAL

    def __init__(self) -> None:
        self._session = SessionId(uuid.uuid4().hex)
        self._turns: dict[Turn, TurnRow] = {}
        self._commits: dict[Turn, TurnCommit] = {}
        self._events: dict[tuple[int, int], tuple[int | None, str]] = {}
        self._triggers: MemoryTriggerStore | None = None

    def consumes_from(self, triggers: "MemoryTriggerStore") -> None:
        """Name the trigger store that commits take their triggers from."""
        self._triggers = triggers

    def session_id(self) -> SessionId:
        return self._session

    def next_turn(self) -> Turn:
        return Turn(max(self._turns, default=0) + 1)

    def open_turn(self, turn: TurnRow) -> None:
        self._turns[turn.turn] = turn

    def commit_turn(self, commit: TurnCommit) -> None:
        before = self._commits.get(commit.turn)
        if before is not None:
            if _content(before) == _content(commit):
                return
            raise HazuiRuntimeError(
                RuntimeErrorCode.STORE_COMMIT_FAILED,
                f"turn {commit.turn} was committed with other content",
                data={"kind": "conflict"},
            )
        if commit.turn not in self._turns:
            raise HazuiRuntimeError(
                RuntimeErrorCode.STORE_COMMIT_FAILED,
                f"turn {commit.turn} was never opened",
                data={"kind": "duplicate"},
            )
        self._commits[commit.turn] = commit
        self._turns[commit.turn] = replace(
            self._turns[commit.turn],
            outcome=commit.outcome,
            ended_at=commit.ended_at,
            duration_s=commit.duration_s,
            counts=commit.counts,
            error=commit.error,
        )
        if self._triggers is not None:
            self._triggers.discard(commit.consumed_triggers)

    def close_open_turns(self, outcome: str, ended_at: str) -> int:
        open_turns = [t for t in self._turns.values() if t.outcome is None]
        for turn in open_turns:
            self._turns[turn.turn] = replace(turn, outcome=outcome, ended_at=ended_at)
        return len(open_turns)

    def turns(self, limit: int | None = None) -> list[TurnRow]:
        return sorted(self._turns.values(), key=lambda t: -t.turn)[:limit]

    def results(self, turn: Turn) -> list[TaskResult]:
        commit = self._commits.get(turn)
        return sorted(commit.results, key=lambda r: r.task) if commit else []

    def last_results(self) -> dict[TaskId, LastResult]:
        found: dict[TaskId, LastResult] = {}
        durations: dict[TaskId, list[float]] = {}
        for turn in sorted(self._commits):
            for result in self._commits[turn].results:
                if result.source == "fresh_run" and result.state == "succeeded":
                    durations.setdefault(result.task, []).append(result.duration_s or 0.0)
                recent = durations.get(result.task, [])[-10:]
                usual_s = median_s(recent) if recent else None
                found[result.task] = LastResult(result.state, turn, usual_s)
        return found

    def append_events(self, epoch: Epoch, rows: Iterable[tuple[int, int | None, str]]) -> None:
        for seq, turn, body in rows:
            self._events.setdefault((epoch, seq), (turn, body))

    def events(self, epoch: Epoch, from_seq: int, to_seq: int) -> list[str]:
        wanted = ((epoch, seq) for seq in range(from_seq, to_seq + 1))
        return [self._events[key][1] for key in wanted if key in self._events]

    def turn_events(self, turn: Turn) -> list[str]:
        return [body for _key, (of, body) in sorted(self._events.items()) if of == turn]


class MemoryProcessRegistry:
    """The processes of this session; nothing survives to be swept from here."""

    tier = Tier.EPHEMERAL

    def __init__(self) -> None:
        self._rows: dict[RunId, ProcessRow] = {}

    def register(self, row: ProcessRow) -> None:
        if not row.execution_id.strip():
            raise HazuiRuntimeError.missing_process_execution_id()
        self._rows[row.execution_id] = row

    def update(self, execution_id: RunId, **changes: Any) -> None:
        row = self._rows.get(execution_id)
        if row is None:
            raise HazuiRuntimeError.missing_process_execution_id()
        self._rows[execution_id] = replace(row, **changes)

    def unfinished(self, before: Epoch) -> list[ProcessRow]:
        is_open = (ProcessState.REGISTERED, ProcessState.RUNNING)
        return [r for r in self._rows.values() if r.state in is_open and r.epoch < before]

    def abandon(self, execution_ids: Collection[RunId]) -> None:
        for execution_id in execution_ids:
            self.update(execution_id, state=ProcessState.ABANDONED)


class MemoryProcessEnvStore:
    """What each process of this session was started with."""

    tier = Tier.EPHEMERAL

    def __init__(self) -> None:
        self._envs: dict[RunId, ProcessEnv] = {}

    def put(self, execution_id: RunId, env: ProcessEnv) -> None:
        self._envs[execution_id] = env

    def get(self, execution_id: RunId) -> ProcessEnv | None:
        return self._envs.get(execution_id)


class MemoryTriggerStore:
    """Change sets that wait for a turn of this session."""

    tier = Tier.EPHEMERAL

    def __init__(self) -> None:
        self._pending: dict[int, PendingTrigger] = {}
        self._last = 0

    def add(self, paths: Collection[str], rescan: bool) -> int:
        self._last += 1
        self._pending[self._last] = PendingTrigger(self._last, tuple(sorted(paths)), rescan)
        return self._last

    def pending(self) -> list[PendingTrigger]:
        return list(self._pending.values())

    def discard(self, ids: Collection[int]) -> None:
        for trigger in ids:
            self._pending.pop(trigger, None)


class MemoryAttachmentStore:
    """Files of a directory that is removed with the session."""

    tier = Tier.EPHEMERAL

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @property
    def directory(self) -> Path:
        return self._directory

    def pinned(self) -> set[Digest]:
        return set()


def _content(commit: TurnCommit) -> object:
    return commit.outcome, commit.counts, commit.results
