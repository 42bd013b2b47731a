"""What changes of files mean: turns, reloads, and what is collected while watching is paused.

Every change set that affects something is written down as a pending trigger before anything is
done about it; the commit of the turn that worked on it consumes it. Events are hints and the
watcher has already compared them with the files, so what arrives here is new content.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import hazui.protocol.events as ev
from hazui.domain.ids import TaskId
from hazui.domain.specs import WorkspaceSpec
from hazui.errors.record import record_of
from hazui.errors.runtime import HazuiRuntimeError
from hazui.protocol.values import Trigger, TriggerKind
from hazui.supervisor import reporting, requests
from hazui.supervisor.requests import Scope
from hazui.supervisor.session import relative
from hazui.supervisor.workspace import (
    LoadedWorkspace,
    RejectedWorkspace,
    changed_tasks,
    load_workspace,
)

if TYPE_CHECKING:
    from hazui.supervisor.supervisor import Supervisor
    from hazui.watch.changes import ChangeSet


class Changes:
    """The change sets of one supervisor."""

    def __init__(self, supervisor: "Supervisor") -> None:
        self._supervisor = supervisor
        self._arrived: list[ChangeSet] = []
        self._collected: list[ChangeSet] = []
        self._unkept: list[ChangeSet] = []
        """What could not even be written down; it joins what arrives next."""
        self._is_paused = False
        self._is_rejected = False
        self._wants_reload = False
        self._reloaded: LoadedWorkspace | None = None
        """A new configuration that waits for the open turn to end."""
        self._interrupted: set[TaskId] = set()
        """What that turn did not get done."""

    @property
    def needs_reload(self) -> bool:
        """A configuration file changed and is not in force yet."""
        return self._wants_reload or self._reloaded is not None

    def arrived(self, changes: "ChangeSet") -> None:
        """The watcher has settled on a set; called on the loop's thread."""
        self._arrived.append(changes)
        self._supervisor.wake()

    def pause(self) -> None:
        """Collect changes instead of acting on them."""
        if not self._is_paused:
            self._is_paused = True
            self._supervisor.session.hub.emit(ev.WatchPaused())

    def resume(self) -> None:
        """Act on what was collected, as one set, and on changes again."""
        if self._is_paused:
            self._is_paused = False
            self._supervisor.session.hub.emit(ev.WatchResumed())
            self._arrived = [*self._collected, *self._arrived]
            self._collected = []

    def request_reload(self) -> None:
        """Read the configuration again at the next step."""
        self._wants_reload = True

    def handle(self) -> None:
        """Turn what arrived into work."""
        driver = self._supervisor.driver
        if not self._arrived or (driver is not None and driver.is_cancelled):
            return  # A turn that is being called off takes nothing in; its end comes back here.
        arrived, self._arrived = [*self._unkept, *self._arrived], []
        self._unkept = []
        if self._is_paused:
            self._collected.extend(arrived)
            return
        session = self._supervisor.session
        config_files = set(session.workspace.spec.config_files)
        paths: set[str] = set()
        for changes in arrived:
            paths.update(changes.paths)
            touched = {session.workspace.spec.root / path for path in changes.paths}
            if config_files & (touched | changes.outside):
                self._wants_reload = True
        self._act(arrived, paths)

    def reload(self) -> None:
        """Read the configuration again; one with problems, or the same, changes nothing.

        A turn that is open is called off first; what it did not get done is taken up again with
        the new declarations.
        """
        supervisor = self._supervisor
        session = supervisor.session
        if self._wants_reload:
            self._wants_reload = False
            self._read_again()
        loaded = self._reloaded
        if loaded is None:
            return
        driver = supervisor.driver
        if driver is not None:
            if not driver.is_cancelled:
                self._interrupted = {task for task in driver.reasons if task not in session.done}
                driver.cancel_all()
            return
        self._reloaded = None
        old = session.workspace.spec
        session.replace_workspace(loaded)
        graph = loaded.graph
        live = session.services.live_tasks()
        gone = [t for t in live if t not in graph or not graph.spec(t).is_service]
        session.services.request_stop(gone)
        session.hub.emit(reporting.loaded(loaded.spec, graph, session.last))
        if supervisor.scope.tasks is not None:
            supervisor.scope = Scope(frozenset(t for t in supervisor.scope.tasks if t in graph))
        changed = changed_tasks(old, loaded.spec)
        changed |= {task for task in self._interrupted if task in graph}
        self._interrupted = set()
        selection = requests.affected_selection(
            session, (), scope=supervisor.scope, reconfigured=changed
        )
        if not selection.tasks:
            return
        try:
            supervisor.open_turn(Trigger(TriggerKind.CHANGE, _config_paths(loaded.spec)), selection)
        except HazuiRuntimeError as error:
            supervisor.tell_refusal(error)

    def _read_again(self) -> None:
        session = self._supervisor.session
        loaded = load_workspace(
            session.workspace.location, environ=session.environ, overrides=session.overrides
        )
        if isinstance(loaded, RejectedWorkspace):
            problems = tuple(record_of(problem) for problem in loaded.problems)
            session.hub.emit(ev.ConfigRejected(problems=problems))
            self._is_rejected = True
            return
        if self._interrupted or _differ(loaded.spec, session.workspace.spec):
            self._reloaded = loaded
        else:
            self._reloaded = None
            if self._is_rejected:
                # The file is again what is in force: its problems are over.
                workspace = session.workspace
                session.hub.emit(reporting.loaded(workspace.spec, workspace.graph, session.last))
        self._is_rejected = False

    def _act(self, arrived: Sequence["ChangeSet"], paths: set[str]) -> None:
        supervisor = self._supervisor
        session = supervisor.session
        selection = requests.affected_selection(session, paths, scope=supervisor.scope)
        shown = tuple(sorted(paths))
        if not selection.tasks and not selection.left_out:
            return
        first_ns = min(changes.first_seen_ns for changes in arrived)
        settled_ns = max(changes.settled_ns for changes in arrived)
        rescan = any(changes.rescan for changes in arrived)
        session.hub.emit(
            ev.ChangeSetSeen(
                paths=shown,
                rescan=rescan,
                first_seen_to_settled_ms=round((settled_ns - first_ns) / 1e6, 3),
                not_run=tuple(str(task) for task in selection.left_out),
            )
        )
        if not selection.tasks:
            return
        try:
            trigger_id = session.state.stores.trigger_store.add(paths, rescan)
        except HazuiRuntimeError as error:
            self._unkept.extend(arrived)
            supervisor.tell_refusal(error)
            return
        trigger = Trigger(TriggerKind.CHANGE, shown)
        if supervisor.driver is not None:
            supervisor.driver.consumed_triggers.append(trigger_id)
            supervisor.extend_turn(selection.tasks, trigger)
            return
        try:
            supervisor.open_turn(trigger, selection)
        except HazuiRuntimeError as error:
            supervisor.tell_refusal(error)  # What changed is pending in the store.


def _differ(new: WorkspaceSpec, old: WorkspaceSpec) -> bool:
    return replace(new, digest="") != replace(old, digest="")


def _config_paths(spec: WorkspaceSpec) -> tuple[str, ...]:
    return tuple(relative(spec.root, file) for file in spec.config_files)
