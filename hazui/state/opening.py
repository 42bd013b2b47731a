"""Opening and closing the state of one workspace: directory, database, lease, the five facets."""

import contextlib
import errno
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hazui.domain.ids import Epoch
from hazui.domain.specs import LeaseTimes
from hazui.errors import state
from hazui.errors.runtime import DurableStoreFacet, HazuiRuntimeError, RuntimeErrorCode
from hazui.state import durable, memory
from hazui.state.connection import open_database, transaction
from hazui.state.lease import Lease, claim
from hazui.state.stores import Stores, Tier

DATABASE = "state.db"
_FULL_ERRNOS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(slots=True)
class OpenState:
    """What the supervisor holds while it owns a workspace."""

    state_dir: Path
    stores: Stores
    epoch: Epoch
    is_durable: bool
    lease: Lease | None = None
    connection: sqlite3.Connection | None = None

    def close(self, *, ended_at: str, is_clean: bool) -> None:
        """Note the end of the epoch, give the lease back, close; a scratch directory is removed."""
        if self.connection is None or self.lease is None:
            shutil.rmtree(self.state_dir, ignore_errors=True)
            return
        path = self.state_dir / DATABASE
        try:
            with transaction(self.connection, path):
                self.connection.execute(
                    "UPDATE epochs SET ended_at = ?, clean = ? WHERE epoch = ?",
                    (ended_at, is_clean, self.epoch),
                )
        finally:
            try:
                self.lease.release()
            finally:
                self.connection.close()


def open_durable(
    state_dir: Path,
    *,
    times: LeaseTimes,
    started_at: str,
    overrides: Mapping[str, Literal["durable", "memory"]] | None = None,
) -> OpenState:
    """Open the durable session of a workspace and become its owner.

    ``overrides`` are the facets that the configuration asks to keep in memory: each is refused, in
    the order of the facets, before any work.

    Raises:
        HazuiRuntimeError: ``session_execution_busy``, ``durable_store_required:*`` or
            ``store_commit_failed``.
    """
    prepare_directory(state_dir)
    path = state_dir / DATABASE
    connection = open_database(path)
    try:
        lease = claim(connection, path, times, started_at=started_at)
    except OSError as error:
        connection.close()
        raise unusable(state_dir, error) from error
    except BaseException:
        connection.close()
        raise
    try:
        stores = _durable_stores(state_dir, connection, path, lease, overrides or {})
        refuse_ephemeral(stores)
    except BaseException:
        with contextlib.suppress(HazuiRuntimeError):
            lease.release()
        connection.close()
        raise
    return OpenState(state_dir, stores, lease.epoch, True, lease, connection)


def open_scratch() -> OpenState:
    """A session in memory whose streams live in a temporary directory."""
    state_dir = Path(tempfile.mkdtemp(prefix="hazui-scratch-"))
    session = memory.MemorySessionStore()
    triggers = memory.MemoryTriggerStore()
    session.consumes_from(triggers)
    stores = Stores(
        memory.MemoryAttachmentStore(state_dir / "attachments"),
        memory.MemoryProcessEnvStore(),
        session,
        memory.MemoryProcessRegistry(),
        triggers,
    )
    return OpenState(state_dir, stores, Epoch(1), False)


def prepare_directory(state_dir: Path) -> None:
    """Create ``.hazui`` with mode 0700 and a ``.gitignore`` holding ``*``.

    Raises:
        HazuiRuntimeError: ``store_commit_failed``: it cannot be created or belongs to another.
    """
    try:
        state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner = state_dir.stat().st_uid
        if owner != os.geteuid():
            raise _refused(state.ForeignOwner(path=state_dir, owner_uid=owner))
        state_dir.chmod(0o700)
        ignore = state_dir / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n")
    except OSError as error:
        raise unusable(state_dir, error) from error


def unusable(state_dir: Path, error: OSError) -> HazuiRuntimeError:
    """The typed form of what the system refuses below the state directory."""
    path = Path(os.fsdecode(error.filename)) if error.filename else state_dir
    is_full = error.errno is not None and error.errno in _FULL_ERRNOS
    source = state.NoSpace(path=path) if is_full else state.ReadOnly(path=path)
    source.__cause__ = error
    return _refused(source)


def refuse_ephemeral(stores: Stores) -> None:
    """Refuse the first facet of a durable session that is not durable.

    Raises:
        HazuiRuntimeError: ``durable_store_required:<facet>``.
    """
    for name, tier in stores.tiers().items():
        if tier is not Tier.DURABLE:
            raise HazuiRuntimeError.durable_store_required(_facet(name))


def _facet(name: str) -> DurableStoreFacet:
    return next(f for f in DurableStoreFacet if f.as_code().endswith(f":{name}"))


def _durable_stores(
    state_dir: Path,
    connection: sqlite3.Connection,
    path: Path,
    lease: Lease,
    overrides: Mapping[str, Literal["durable", "memory"]],
) -> Stores:
    attachments = state_dir / "attachments"
    kept = {name for name, tier in overrides.items() if tier == "memory"}
    return Stores(
        memory.MemoryAttachmentStore(attachments)
        if "attachment_store" in kept
        else durable.DurableAttachmentStore(attachments, connection),
        memory.MemoryProcessEnvStore()
        if "process_env_store" in kept
        else durable.DurableProcessEnvStore(connection, path),
        memory.MemorySessionStore()
        if "session_store" in kept
        else durable.DurableSessionStore(connection, path, lease),
        memory.MemoryProcessRegistry()
        if "process_registry" in kept
        else durable.DurableProcessRegistry(connection, path),
        memory.MemoryTriggerStore()
        if "trigger_store" in kept
        else durable.DurableTriggerStore(connection, path),
    )


def _refused(source: state.StateError) -> HazuiRuntimeError:
    return HazuiRuntimeError(
        RuntimeErrorCode.STORE_COMMIT_FAILED,
        "the session's state directory cannot be used",
        data={"kind": "io"},
        source=source,
    )
