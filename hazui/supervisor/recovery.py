"""After a crash: what the last owner left is stopped, made whole and marked, before anything runs.

Runs under the lease. Processes of dead epochs are found by the identity and the run id that were
persisted before they started; their spools are sealed, so that output up to the crash is readable.
"""

import contextlib
import shutil

from hazui.domain.ids import RunId
from hazui.protocol.values import Recovered
from hazui.spool.attachments import attach, seal
from hazui.state.opening import OpenState
from hazui.state.stores import ProcessRow

SWEEP_GRACE_S = 2.0


def recover(
    state: OpenState, *, hash_name: str, ended_at: str, grace_s: float
) -> tuple[Recovered, tuple[str, ...]]:
    """Clean up after dead owners.

    Returns what was found, and ``pid command`` of processes that could not be stopped.

    Raises:
        HazuiRuntimeError: the store refuses.
    """
    stores = state.stores
    rows = stores.process_registry.unfinished(state.epoch)
    survivors: tuple[str, ...] = ()
    if rows:
        survivors = _sweep(rows, min(grace_s, SWEEP_GRACE_S))
        stores.process_registry.abandon([row.execution_id for row in rows])
    interrupted = stores.session_store.close_open_turns("interrupted", ended_at)
    _seal_spools(state, hash_name)
    pending = len(stores.trigger_store.pending())
    return Recovered(len(rows), interrupted, pending), survivors


def _sweep(rows: list[ProcessRow], grace_s: float) -> tuple[str, ...]:
    import os

    from hazui.process.platform import detect
    from hazui.process.spawn import ProcessSpawner
    from hazui.process.sweep import DeadRun, Sweeper
    from hazui.process.table import ProcessIdentity

    sweeper = Sweeper(ProcessSpawner(detect(os.environ)))
    dead = [
        DeadRun(
            RunId(row.execution_id),
            None
            if row.pid is None
            else ProcessIdentity(row.pid, row.start_ticks or 0, row.boot_id or ""),
        )
        for row in rows
    ]
    return tuple(str(leftover) for leftover in sweeper.sweep_dead_epoch(dead, grace_s))


def _seal_spools(state: OpenState, hash_name: str) -> None:
    """Spools in flight of dead runs become attachments; one that is beyond repair is dropped."""
    runs = state.state_dir / "runs"
    with contextlib.suppress(FileNotFoundError):
        for run_dir in runs.iterdir():
            try:
                digests = seal(run_dir, hash_name)
                attach(run_dir, state.stores.attachment_store.directory, digests)
            except (OSError, ValueError):
                shutil.rmtree(run_dir, ignore_errors=True)
