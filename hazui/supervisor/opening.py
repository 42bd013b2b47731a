"""Opening and closing a session: lease, recovery, first events; last events, index, lease.

The hub exists before the session, so that whoever subscribes first sees everything.
"""

import contextlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import hazui.protocol.events as ev
from hazui.cache.upkeep import clean_when_due
from hazui.domain.clock import Clock
from hazui.errors.base import HazuiError
from hazui.errors.record import record_of
from hazui.errors.runtime import HazuiRuntimeError
from hazui.state.history import read_last_results
from hazui.state.opening import DATABASE, OpenState, open_durable, open_scratch, unusable
from hazui.state.retention import prune_when_due
from hazui.supervisor import reporting
from hazui.supervisor.hub import EventHub
from hazui.supervisor.recovery import recover
from hazui.supervisor.session import INDEX_FILE, Session, make_session
from hazui.supervisor.workspace import LoadedWorkspace


def open_session(
    workspace: LoadedWorkspace,
    *,
    clock: Clock,
    environ: Mapping[str, str],
    overrides: Mapping[str, Any],
) -> Session:
    """Become the owner of the workspace, clean up after a dead one, and tell what is there.

    Raises:
        HazuiRuntimeError: busy, refused, or the state cannot be written.
    """
    spec = workspace.spec
    state = _open_state(workspace, clock)
    try:
        hub = EventHub(clock)
        hub.journal_to(state.stores.session_store, state.epoch)
        recovered, survivors = recover(
            state,
            hash_name=spec.hash_name,
            ended_at=clock.utc(),
            grace_s=spec.grace_period_s,
        )
        session = make_session(workspace, state, hub, clock, environ, overrides)
        hub.emit(
            ev.SessionOpened(
                session=state.stores.session_store.session_id(),
                epoch=state.epoch,
                root=str(spec.root),
                durable=state.is_durable,
                recovered=recovered,
                name=spec.name,
                state_dir=str(state.state_dir),
            )
        )
        if survivors:
            text = f"could not stop what the last run left: {', '.join(survivors)}"
            hub.emit(ev.Noticed(level="warning", text=text))
        hub.emit(reporting.loaded(spec, workspace.graph, session.last))
    except BaseException as error:
        with contextlib.suppress(HazuiRuntimeError):
            state.close(ended_at=clock.utc(), is_clean=False)
        if isinstance(error, OSError):
            raise unusable(state.state_dir, error) from error
        raise
    return session


@contextmanager
def peek_session(
    workspace: LoadedWorkspace,
    *,
    clock: Clock,
    environ: Mapping[str, str],
    overrides: Mapping[str, Any],
) -> Iterator[Session]:
    """A session that owns nothing: to look at files and cache while another may be running."""
    state = open_scratch()
    try:
        session = make_session(workspace, state, EventHub(clock), clock, environ, overrides)
        real = workspace.spec.state_dir
        if workspace.spec.durable and real.is_dir():
            session.index.load(real / INDEX_FILE)
            session.use_cache_of(real)
            session.know(read_last_results(real / DATABASE))
        yield session
    finally:
        state.close(ended_at=clock.utc(), is_clean=True)


def close_session(session: Session, *, is_clean: bool = True) -> None:
    """Tell the end, write what is unwritten, give the lease back.

    Raises:
        HazuiRuntimeError: the state cannot be written; it is closed all the same.
    """
    try:
        _make_room(session)
        session.hub.emit(ev.SessionClosed(clean=is_clean))
        session.hub.flush()
        session.save_index()
    finally:
        session.hub.close()
        session.state.close(ended_at=session.clock.utc(), is_clean=is_clean)


def _make_room(session: Session) -> None:
    """Keep history and cache within their limits; cheap when that was done not long ago.

    What fails here is told and costs nobody anything but room.
    """
    try:
        _keep_limits(session)
    except OSError as error:
        trouble: HazuiError = unusable(session.state.state_dir, error)
    except HazuiError as error:
        trouble = error
    else:
        return
    session.hub.emit(
        ev.Noticed(
            level="warning",
            text="old history and cache entries could not be removed",
            error=record_of(trouble),
        )
    )


def _keep_limits(session: Session) -> None:
    state, spec = session.state, session.workspace.spec
    if state.connection is None:
        return
    attachments = state.stores.attachment_store
    prune_when_due(
        state.connection, state.state_dir / DATABASE, attachments.directory, spec.history
    )
    clean_when_due(
        session.cache,
        spec.cache.max_bytes,
        spec.cache.max_age_days * 86_400,
        attachments.pinned,
    )


def _open_state(workspace: LoadedWorkspace, clock: Clock) -> OpenState:
    spec = workspace.spec
    if not spec.durable:
        return open_scratch()
    return open_durable(
        spec.state_dir, times=spec.lease, started_at=clock.utc(), overrides=spec.stores
    )
