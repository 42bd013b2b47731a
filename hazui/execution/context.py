"""What one task's execution is given, and the seams through which it tells what happens.

Made once by whoever owns the workspace and used on one thread. The process room is loaded by
``processes`` only, so a run of nothing but hits never pays for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from hazui.cache.store import Cache
from hazui.domain.clock import Clock
from hazui.domain.ids import ActionKey, RunId, TaskId, Turn
from hazui.domain.records import ExitStatus, StoredOutput, StreamDigests, Usage
from hazui.domain.specs import WorkspaceSpec
from hazui.errors.stream import CapturedStream
from hazui.files.index import FileIndex
from hazui.files.resolve import InputResolver

if TYPE_CHECKING:
    from hazui.execution.processes import Processes
    from hazui.process.table import ProcessIdentity

DRAIN_S = 1.0
"""How long after the exit the streams are read, should somebody else hold them open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Predecessor:
    """A hard dependency as the key of its dependant sees it."""

    task: TaskId
    outputs: tuple[StoredOutput, ...] = ()
    streams: StreamDigests | None = None
    needs_streams: bool = False
    """It was declared with ``streams = true``."""
    service_key: ActionKey | None = None
    """The action key of a service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What is recorded of an execution before its process exists."""

    run: RunId
    task: TaskId
    turn: Turn
    attempt: int
    argv: tuple[str, ...]
    cwd: Path
    variables: Mapping[str, str]
    """``NAME`` to a keyed fingerprint of its value."""


class ExecutionRegistry(Protocol):
    """Keeps who is running, so that a later owner can find what this one left.

    Any method may raise a ``HazuiRuntimeError``; it passes through the executor unchanged.
    """

    def register(self, execution: Registration) -> None:
        """Durable before the spawn."""
        ...

    def spawned(self, run: RunId, identity: "ProcessIdentity", pgid: int) -> None: ...

    def ended(self, run: RunId, status: ExitStatus | None) -> None:
        """None: it never ran, or its status is not known."""
        ...

    def released(self, run: RunId, identities: "Sequence[ProcessIdentity]") -> None:
        """Processes that were kept on purpose and are nobody's to sweep."""
        ...


class RunObserver(Protocol):
    """Is told what happens, on the thread of the event loop; must be quick and must not raise."""

    def phase(self, task: TaskId, phase: str) -> None:
        """``spawn``, ``capture``, ``outputs`` or ``store`` was entered."""
        ...

    def spawned(
        self, task: TaskId, pid: int, pgid: int, argv: Sequence[str], cwd: Path, run: RunId
    ) -> None: ...

    def output(self, task: TaskId, stream: CapturedStream, bytes_total: int) -> None: ...

    def exited(self, task: TaskId, pid: int, status: ExitStatus, usage: Usage) -> None: ...


@dataclass(slots=True, kw_only=True)
class Context:
    """Everything an execution needs that is not the task itself."""

    workspace: WorkspaceSpec
    index: FileIndex
    resolver: InputResolver
    cache: Cache
    registry: ExecutionRegistry
    observer: RunObserver
    clock: Clock
    environ: Mapping[str, str]
    """A snapshot of the host's environment."""
    state_dir: Path
    secret_key: bytes
    drain_s: float = DRAIN_S
    _processes: "Processes | None" = field(default=None, repr=False)

    @property
    def processes(self) -> "Processes":
        """Spawner and sweeper, made at the first use."""
        if self._processes is None:
            from hazui.execution.processes import Processes

            self._processes = Processes.detect(self.environ)
        return self._processes

    @property
    def has_processes(self) -> bool:
        """Whether anything was ever spawned through this context."""
        return self._processes is not None

    def use_processes(self, processes: "Processes") -> None:
        """Spawn and sweep with these, instead of what would be detected."""
        self._processes = processes

    @property
    def runs_dir(self) -> Path:
        """Spools in flight."""
        return self.state_dir / "runs"
