"""The second phase and its good end: ask the cache, put a hit in place.

A look-up stages a hit as well, so that a bad blob is found before anything was touched and is a
miss like any other (CACHE-016); only what is wrong with the workspace is an error, and that comes
from ``restore`` (CACHE-019).
"""

from dataclasses import dataclass

from hazui.cache.entry import Entry
from hazui.cache.explain import Fact, differences
from hazui.cache.manifest import describe
from hazui.cache.restoring import Staged
from hazui.cache.store import LookupStatus
from hazui.domain.patterns import first_match
from hazui.domain.records import CompletedRecord, RunState, Source, StoredOutput
from hazui.domain.specs import TaskSpec
from hazui.errors import restore as restore_errors
from hazui.errors import run_task
from hazui.errors.base import HazuiError
from hazui.execution.context import Context
from hazui.execution.key import BuiltKey

DISABLED = "disabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What the cache said; a value, whatever that was."""

    built: BuiltKey
    result: str
    """``hit``, ``no_entry``, ``schema_mismatch``, ``corrupt_entry`` or ``disabled``."""
    differs: tuple[Fact, ...] = ()
    """Kind and name of what differs from the task's last manifest."""
    omitted: int = 0
    error: HazuiError | None = None
    """What is wrong with the entry, when that is why it is a miss."""
    entry: Entry | None = None
    staged: Staged | None = None
    failure: restore_errors.RestoreError | None = None
    """A hit that cannot be put in place; ``restore`` raises it."""

    @property
    def is_hit(self) -> bool:
        return self.result == "hit"


def look_up(
    context: Context, task: TaskSpec, built: BuiltKey, *, is_disabled: bool = False
) -> Looked:
    """Look for a result of the action and get it ready; never raises for a miss (CACHE-016).

    ``is_disabled`` for a task that must not be looked up now; one with ``cache = false`` never is.
    """
    cache = context.cache
    last = cache.last
    last_key = last.key_of(task.id)
    looked: Looked | None = None
    if is_disabled or not task.cache:
        looked = Looked(built=built, result=DISABLED)
    else:
        found = cache.lookup(built.key)
        if found.entry is not None:
            looked = _staged(context, task, built, found.entry)
        else:
            looked = Looked(built=built, result=found.result.value, error=found.error)
    if last_key == built.key:
        return looked
    text = describe(built.action, context.secret_key)
    differs: list[Fact] = []
    omitted = 0
    if not looked.is_hit and last_key is not None and (old := last.text_of(task.id)) is not None:
        differs, omitted = differences(old, text)
    last.remember(task.id, built.key, text)
    return Looked(
        built=built,
        result=looked.result,
        differs=tuple(differs),
        omitted=omitted,
        error=looked.error,
        entry=looked.entry,
        staged=looked.staged,
        failure=looked.failure,
    )


def restore(context: Context, task: TaskSpec, looked: Looked) -> CompletedRecord:
    """Put the outputs of a hit in place; the record's streams lie among the attachments.

    Raises:
        run_task.RestoreFailed: the workspace is in the way, or changed under our hands; it is as
            it was (CACHE-019).
    """
    if looked.failure is not None:
        raise run_task.RestoreFailed(source=looked.failure) from looked.failure
    assert looked.entry is not None
    assert looked.staged is not None
    started_ns = context.clock.monotonic_ns()
    try:
        outputs = looked.staged.commit()
    except restore_errors.RestoreError as error:
        raise run_task.RestoreFailed(source=error) from error
    if looked.staged.placed or looked.staged.removed:
        context.resolver.note_changes(looked.staged.placed, looked.staged.removed)
    context.cache.last.settle(task.id, looked.built.key)
    at = context.clock.utc()
    return CompletedRecord(
        task=task.id,
        source=Source.CACHE_HIT,
        state=RunState.SUCCEEDED,
        exit_status=None,
        run=None,
        streams_digests=looked.entry.streams,
        outputs=outputs,
        started_at=at,
        ended_at=at,
        duration_s=(context.clock.monotonic_ns() - started_ns) / 1e9,
    )


def _staged(context: Context, task: TaskSpec, built: BuiltKey, entry: Entry) -> Looked:
    cache = context.cache
    try:
        staged = cache.stage(
            entry, context.workspace.root, context.index, _previous(context, task, built)
        )
    except (restore_errors.BlobMissing, restore_errors.BlobCorrupt) as error:
        cache.quarantine(built.key, error)
        return Looked(built=built, result=LookupStatus.CORRUPT_ENTRY.value, error=error)
    except restore_errors.RestoreError as error:
        return Looked(built=built, result="hit", entry=entry, failure=error)
    return Looked(built=built, result="hit", entry=entry, staged=staged)


def _previous(context: Context, task: TaskSpec, built: BuiltKey) -> tuple[StoredOutput, ...]:
    """What the task's last good result put into the workspace, if a pattern may have more in it."""
    settled = context.cache.last.settled_of(task.id)
    if settled is None or settled == built.key:
        return ()
    if all(pattern.is_literal for pattern in task.outputs):
        return ()
    found = context.cache.lookup(settled)
    if found.entry is None:
        return ()
    return tuple(o for o in found.entry.outputs if first_match(task.outputs, o.path) is not None)
