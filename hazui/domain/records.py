"""Records: what became of a task. Expected results are values, never exceptions.

A task that exits 1 is a ``CompletedRecord``; only what hazui itself could not do is an error
(EXEC-009). Times are UTC ISO 8601 text, durations are seconds.
"""

import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from hazui.domain.ids import Digest, RunId, TaskId
from hazui.domain.links import Diagnosis
from hazui.domain.paths import CanonicalPath


@dataclass(frozen=True, slots=True)
class ExitStatus:
    """How a process ended: exactly one of the two is set."""

    code: int | None = None
    signal: str | None = None

    @property
    def is_success(self) -> bool:
        return self.code == 0

    @classmethod
    def from_wait(cls, status: int) -> "ExitStatus":
        """Read a status as ``subprocess`` gives it: negative is a signal number."""
        if status >= 0:
            return cls(code=status)
        try:
            return cls(signal=signal.Signals(-status).name)
        except ValueError:
            return cls(signal=f"SIG{-status}")

    def to_json(self) -> dict[str, Any]:
        return {"code": self.code} if self.signal is None else {"signal": self.signal}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "ExitStatus":
        return cls(value.get("code"), value.get("signal"))

    def __str__(self) -> str:
        return f"exit {self.code}" if self.signal is None else f"killed by {self.signal}"


@dataclass(frozen=True, slots=True)
class StreamState:
    """Whether one captured stream holds everything that was written to it."""

    cut_bytes: int | None = None
    """None: complete. Else the bytes that were known to be left unread (0 when unknown)."""
    holders: tuple[int, ...] = ()
    """Pids that still held the stream open when the drain ended."""

    @property
    def is_complete(self) -> bool:
        return self.cut_bytes is None


COMPLETE = StreamState()


@dataclass(frozen=True, slots=True)
class Streams:
    """Both captured streams of one run."""

    stdout: StreamState = COMPLETE
    stderr: StreamState = COMPLETE

    @property
    def are_complete(self) -> bool:
        return self.stdout.is_complete and self.stderr.is_complete


@dataclass(frozen=True, slots=True)
class StoredOutput:
    """One produced regular file. ``mode`` is ``st_mode & 0o7777``."""

    path: CanonicalPath
    mode: int
    digest: Digest
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process and the children it waited for used, as the kernel counts it."""

    max_rss_bytes: int = 0
    cpu_s: float = 0.0


@dataclass(frozen=True, slots=True)
class StreamDigests:
    """Content hashes of a run's streams and of the journal of their arrival."""

    stdout: Digest
    stderr: Digest
    journal: Digest


class Source(StrEnum):
    """Where a result came from."""

    CACHE_HIT = "cache_hit"
    FRESH_RUN = "fresh_run"


class RunState(StrEnum):
    """How a process that ran to its end is judged."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletedRecord:
    """A task that has a result: it ran to its end, or its result was in the cache."""

    task: TaskId
    source: Source
    state: RunState
    exit_status: ExitStatus | None
    """None for a hit."""
    run: RunId | None
    """None for a hit."""
    streams_digests: StreamDigests
    outputs: tuple[StoredOutput, ...] = ()
    started_at: str = ""
    ended_at: str = ""
    duration_s: float = 0.0
    usage: Usage = field(default_factory=Usage)
    streams: Streams = field(default_factory=Streams)
    timed_out: bool = False
    stale: bool = False
    """An input changed while the task ran: the result was not stored."""
    attempt: int = 1
    survivors: tuple[str, ...] = ()
    """``pid command`` of processes that could not be stopped."""
    diagnosis: Diagnosis | None = None


class SkipCause(StrEnum):
    """Why a task could not be started."""

    UPSTREAM_FAILED = "upstream_failed"
    UPSTREAM_ERRORED = "upstream_errored"
    RUNTIME_CYCLE = "runtime_cycle"


@dataclass(frozen=True, slots=True)
class SkipRecord:
    """A task that was not started because of another one."""

    task: TaskId
    cause: SkipCause
    root: TaskId
    """The culprit at the root, not the nearest predecessor."""


CancelShape = Literal["in_flight", "never_started", "upstream"]


@dataclass(frozen=True, slots=True)
class CancelledRecord:
    """A task that was stopped, or dropped before it was started."""

    task: TaskId
    shape: CancelShape
    root: TaskId | None = None
    exit_status: ExitStatus | None = None
    streams_digests: StreamDigests | None = None
    run: RunId | None = None
    signals: tuple[str, ...] = ()
    survivors: tuple[str, ...] = ()


Outcome = CompletedRecord | SkipRecord | CancelledRecord
