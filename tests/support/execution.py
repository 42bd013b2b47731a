"""A workspace whose tasks are really executed, with a registry and an observer that remember."""

import asyncio
import os
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from hazui.cache.store import Cache
from hazui.domain.clock import SystemClock
from hazui.domain.ids import RunId, TaskId, Turn
from hazui.domain.paths import CanonicalPath
from hazui.domain.patterns import parse_pattern
from hazui.domain.records import (
    CancelledRecord,
    CompletedRecord,
    ExitStatus,
    StreamDigests,
    Usage,
)
from hazui.domain.specs import TaskSpec, WorkspaceSpec
from hazui.errors.stream import CapturedStream
from hazui.execution.context import Context, Predecessor, Registration
from hazui.execution.fresh import StopSwitch, run_fresh
from hazui.execution.key import BuiltKey, build_key
from hazui.execution.lookup import Looked, look_up, restore
from hazui.execution.processes import Processes
from hazui.files.ignore import IgnoreRules
from hazui.files.index import FileIndex
from hazui.files.resolve import InputResolver
from hazui.process.platform import Platform
from hazui.process.table import ProcessIdentity
from hazui.spool.attachments import attachment_path

ROOT = CanonicalPath("")
TURN = Turn(7)


def task_spec(name: str, command: str | tuple[str, ...], **options: Any) -> TaskSpec:
    """A task of the root project; ``inputs`` and ``outputs`` as texts."""
    for key in ("inputs", "outputs"):
        if key in options:
            options[key] = tuple(parse_pattern(ROOT, text) for text in options[key])
    options.setdefault("cwd", ROOT)
    return TaskSpec(id=TaskId("app", name), root=ROOT, command=command, **options)


class RememberingRegistry:
    """Every call, in order."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, RunId, Any]] = []

    def register(self, execution: Registration) -> None:
        self.calls.append(("register", execution.run, execution))

    def spawned(self, run: RunId, identity: ProcessIdentity, pgid: int) -> None:
        self.calls.append(("spawned", run, (identity, pgid)))

    def ended(self, run: RunId, status: ExitStatus | None) -> None:
        self.calls.append(("ended", run, status))

    def released(self, run: RunId, identities: Sequence[ProcessIdentity]) -> None:
        self.calls.append(("released", run, tuple(identities)))

    @property
    def names(self) -> list[str]:
        return [name for name, _, _ in self.calls]


class RememberingObserver:
    """What was told of a run."""

    def __init__(self) -> None:
        self.phases: list[str] = []
        self.pids: list[int] = []
        self.bytes_total: dict[CapturedStream, int] = {}
        self.statuses: list[ExitStatus] = []
        self.heard = asyncio.Event()
        """Set by the first output."""

    def phase(self, task: TaskId, phase: str) -> None:
        del task
        self.phases.append(phase)

    def spawned(
        self, task: TaskId, pid: int, pgid: int, argv: Sequence[str], cwd: Path, run: RunId
    ) -> None:
        del task, pgid, argv, cwd, run
        self.pids.append(pid)

    def output(self, task: TaskId, stream: CapturedStream, bytes_total: int) -> None:
        del task
        self.bytes_total[stream] = bytes_total
        self.heard.set()

    def exited(self, task: TaskId, pid: int, status: ExitStatus, usage: Usage) -> None:
        del task, pid, usage
        self.statuses.append(status)


class Bench:
    """A context over a real directory."""

    def __init__(
        self,
        root: Path,
        *tasks: TaskSpec,
        environ: Mapping[str, str] | None = None,
        platform: Platform | None = None,
        drain_s: float = 1.0,
        **options: Any,
    ) -> None:
        self.root = root
        state_dir = root / ".hazui"
        state_dir.mkdir(exist_ok=True)
        options.setdefault("grace_period_s", 2.0)
        spec = WorkspaceSpec(
            name="app",
            root=root,
            config_files=(),
            projects={},
            tasks={task.id: task for task in tasks},
            **options,
        )
        self.registry = RememberingRegistry()
        self.observer = RememberingObserver()
        self.context = Context(
            workspace=spec,
            index=FileIndex(root, spec.hash_name),
            resolver=InputResolver(root, IgnoreRules(root)),
            cache=Cache(state_dir / "cache", state_dir / "attachments", spec.hash_name),
            registry=self.registry,
            observer=self.observer,
            clock=SystemClock(),
            environ={"PATH": os.environ["PATH"]} if environ is None else environ,
            state_dir=state_dir,
            secret_key=b"k" * 32,
            drain_s=drain_s,
        )
        if platform is not None:
            self.context.use_processes(Processes.on(platform))

    def add(self, task: TaskSpec) -> TaskSpec:
        """Make ``task`` one of the workspace's, in place of an earlier one of that name."""
        tasks = {**self.context.workspace.tasks, task.id: task}
        self.context.workspace = replace(self.context.workspace, tasks=tasks)
        return task

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        full = self.root / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(text)
        full.chmod(mode)
        self.context.resolver.note_changes([CanonicalPath(path)])

    def remove(self, path: str) -> None:
        (self.root / path).unlink()
        self.context.resolver.note_changes([], [CanonicalPath(path)])

    def key(self, task: TaskSpec, *above: Predecessor, arguments: tuple[str, ...] = ()) -> BuiltKey:
        return build_key(self.context, task, above, arguments)

    def look(self, task: TaskSpec, *above: Predecessor) -> Looked:
        return look_up(self.context, task, self.key(task, *above))

    async def fresh(
        self,
        task: TaskSpec,
        *above: Predecessor,
        stop: StopSwitch | None = None,
        attempt: int = 1,
        arguments: tuple[str, ...] = (),
    ) -> CompletedRecord | CancelledRecord:
        """Look up (so that the manifest is kept) and run, hit or not."""
        built = self.key(task, *above, arguments=arguments)
        look_up(self.context, task, built, is_disabled=True)
        run = RunId(uuid.uuid4().hex)
        return await run_fresh(self.context, task, built, run, TURN, attempt, stop)

    async def complete(self, task: TaskSpec, *above: Predecessor) -> CompletedRecord:
        """As ``fresh``, for a run that nobody cancels."""
        outcome = await self.fresh(task, *above)
        assert isinstance(outcome, CompletedRecord)
        return outcome

    def hit(self, task: TaskSpec, *above: Predecessor) -> CompletedRecord:
        """Restore what must be a hit."""
        looked = self.look(task, *above)
        assert looked.is_hit, looked.result
        return restore(self.context, task, looked)

    def text(self, digest: str) -> str:
        """A captured stream."""
        return attachment_path(self.context.cache.attachments_dir, digest).read_text()

    def stdout(self, digests: StreamDigests | None) -> str:
        assert digests is not None
        return self.text(digests.stdout)

    def files(self) -> dict[str, tuple[bytes, int]]:
        """Every file outside ``.hazui``: bytes and mode."""
        found: dict[str, tuple[bytes, int]] = {}
        for directory, folders, names in os.walk(self.root):
            folders[:] = [name for name in folders if name != ".hazui"]
            for name in names:
                path = Path(directory, name)
                found[str(path.relative_to(self.root))] = (
                    path.read_bytes(),
                    path.stat().st_mode & 0o7777,
                )
        return found

    @property
    def cached_entries(self) -> int:
        return sum(1 for _ in (self.root / ".hazui/cache").glob("ac/*/*"))
