"""What the supervisor holds while a workspace is open: state, files, cache, recent records.

Knows nothing of turns or front ends. The parts that need processes are made when the first one is
spawned, so that a run of nothing but hits never loads them.
"""

import contextlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hazui.cache.secret import workspace_key
from hazui.cache.store import Cache
from hazui.domain.clock import Clock
from hazui.domain.ids import RunId, TaskId
from hazui.domain.records import CompletedRecord, RunState
from hazui.domain.specs import TaskSpec, WorkspaceSpec
from hazui.errors import fs
from hazui.execution.context import Context, Predecessor
from hazui.execution.key import BuiltKey, build_key
from hazui.execution.lookup import Looked, look_up, restore
from hazui.files.ignore import IgnoreRules
from hazui.files.index import FileIndex
from hazui.files.resolve import InputResolver
from hazui.state.opening import OpenState
from hazui.state.stores import LastResult
from hazui.supervisor.hub import EventHub
from hazui.supervisor.observer import HubObserver, StoreRegistry
from hazui.supervisor.services import Services
from hazui.supervisor.workspace import LoadedWorkspace

INDEX_FILE = "file-index"


@dataclass(slots=True)
class Session:
    """One open workspace. Made by ``opening.open_session``."""

    workspace: LoadedWorkspace
    state: OpenState
    hub: EventHub
    clock: Clock
    environ: Mapping[str, str]
    index: FileIndex
    rules: IgnoreRules
    resolver: InputResolver
    cache: Cache
    context: Context
    observer: HubObserver
    services: Services
    last: dict[TaskId, LastResult]
    """What history knows: last state and usual duration."""
    done: dict[TaskId, CompletedRecord] = field(default_factory=dict)
    """The good results of this session, which dependants' keys are built from."""
    keys: dict[TaskId, BuiltKey] = field(default_factory=dict)
    """The key of each task in ``done`` and of each running service."""
    failed_last: set[TaskId] = field(default_factory=set)
    overrides: Mapping[str, Any] = field(default_factory=dict)
    """The flags of the command line, which hold for every reload as well."""

    def new_run(self) -> RunId:
        """A fresh execution id."""
        return RunId(uuid.uuid4().hex)

    def build_key(self, spec: TaskSpec, arguments: tuple[str, ...]) -> BuiltKey:
        """The action key of a task as the workspace is now.

        Raises:
            run_task.BuildKeyFailed: inputs cannot be resolved or read.
        """
        predecessors = [
            self._predecessor(spec, above) for above in self.workspace.graph.hard(spec.id)
        ]
        return build_key(self.context, spec, predecessors, arguments)

    def look_up(self, spec: TaskSpec, built: BuiltKey, *, is_forced: bool) -> Looked:
        """What the cache says; a forced task is not looked up."""
        return look_up(self.context, spec, built, is_disabled=is_forced)

    def restore(self, spec: TaskSpec, looked: Looked) -> CompletedRecord:
        """Put a hit's outputs in place.

        Raises:
            run_task.RestoreFailed: the workspace is in the way.
        """
        return restore(self.context, spec, looked)

    def remember(self, task: TaskId, record: CompletedRecord, built: BuiltKey | None) -> None:
        """Keep a result for the keys of what comes after."""
        if record.state is RunState.SUCCEEDED:
            self.done[task] = record
            if built is not None:
                self.keys[task] = built
            self.failed_last.discard(task)
        else:
            self.forget(task)

    def forget(self, task: TaskId) -> None:
        """A task has no good result any more."""
        self.done.pop(task, None)
        self.failed_last.add(task)

    def replace_workspace(self, workspace: LoadedWorkspace) -> None:
        """Go on with a configuration that was read anew."""
        before, spec = self.workspace.spec, workspace.spec
        self.workspace = workspace
        self.context.workspace = spec
        if spec.hash_name != before.hash_name:
            self.index = self.context.index = FileIndex(spec.root, spec.hash_name)
            self.cache = self.context.cache = _cache(spec, self.state)
            self.done.clear()
        if spec.ignore != before.ignore or spec.hash_name != before.hash_name:
            self.rules = IgnoreRules(spec.root, spec.ignore)
            self.resolver = self.context.resolver = InputResolver(spec.root, self.rules)
        for task in [t for t in self.done if spec.tasks.get(t) != before.tasks.get(t)]:
            self.done.pop(task)
        self.failed_last &= set(spec.tasks)

    def know(self, last: dict[TaskId, LastResult]) -> None:
        """Take in what history says."""
        self.last = last
        self.failed_last = {t for t, r in last.items() if r.state in ("failed", "errored")}

    def use_cache_of(self, state_dir: Path) -> None:
        """Look into the cache of another state directory, with its key for fingerprints."""
        spec = self.workspace.spec
        attachments = state_dir / "attachments"
        self.cache = Cache(state_dir / "cache", attachments, spec.hash_name, spec.fsync)
        self.context.cache = self.cache
        self.context.secret_key = workspace_key(state_dir)

    def save_index(self) -> None:
        """Write the file-state index for the next start; a failure only costs time later."""
        if self.state.is_durable:
            with contextlib.suppress(fs.FsError):
                self.index.save(self.state.state_dir / INDEX_FILE)

    def _predecessor(self, spec: TaskSpec, above: TaskId) -> Predecessor:
        is_service = self.workspace.graph.spec(above).is_service
        record = self.done.get(above)
        key = self.keys.get(above)
        return Predecessor(
            task=above,
            outputs=record.outputs if record else (),
            streams=record.streams_digests
            if record and above in self.workspace.graph.stream_deps(spec.id)
            else None,
            needs_streams=above in self.workspace.graph.stream_deps(spec.id),
            service_key=key.key if is_service and key else None,
        )


def make_session(
    workspace: LoadedWorkspace,
    state: OpenState,
    hub: EventHub,
    clock: Clock,
    environ: Mapping[str, str],
    overrides: Mapping[str, Any],
) -> Session:
    """Put together what a session needs; reads the file index and the last results."""
    spec = workspace.spec
    index = FileIndex(spec.root, spec.hash_name)
    index.load(state.state_dir / INDEX_FILE)
    rules = IgnoreRules(spec.root, spec.ignore)
    resolver = InputResolver(spec.root, rules)
    cache = _cache(spec, state)
    observer = HubObserver(hub)
    registry = StoreRegistry(state.stores, state.epoch)
    context = Context(
        workspace=spec,
        index=index,
        resolver=resolver,
        cache=cache,
        registry=registry,
        observer=observer,
        clock=clock,
        environ=environ,
        state_dir=state.state_dir,
        secret_key=workspace_key(state.state_dir),
    )
    session = Session(
        workspace=workspace,
        state=state,
        hub=hub,
        clock=clock,
        environ=environ,
        index=index,
        rules=rules,
        resolver=resolver,
        cache=cache,
        context=context,
        observer=observer,
        services=Services(hub, clock),
        last={},
        overrides=overrides,
    )
    session.know(state.stores.session_store.last_results())
    return session


def _cache(spec: WorkspaceSpec, state: OpenState) -> Cache:
    return Cache(
        state.state_dir / "cache",
        state.stores.attachment_store.directory,
        spec.hash_name,
        spec.fsync,
    )


def relative(root: Path, path: Path) -> str:
    """A path as events show it: relative to the workspace when it lies inside."""
    try:
        return path.relative_to(root).as_posix() or "."
    except ValueError:
        return str(path)
