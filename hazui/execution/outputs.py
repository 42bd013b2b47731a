"""What a successful run left: resolved, checked, with modes, as canonical paths.

The bytes are not read here; storing does that. Only regular files are outputs (CACHE-013).
"""

import os
from collections.abc import Sequence
from pathlib import Path

from hazui.cache.entry import Produced
from hazui.domain.paths import CanonicalPath, parse_workspace_absolute
from hazui.domain.records import StoredOutput
from hazui.domain.specs import TaskSpec
from hazui.errors import fs, parse_absolute, run_task, store
from hazui.execution.context import Context


def find_outputs(context: Context, task: TaskSpec) -> tuple[Produced, ...]:
    """The declared outputs as they are on the disk now, sorted by path.

    Raises:
        run_task.OutputPatternResolutionFailed: the walk failed, or a link leads out of the
            workspace.
        run_task.OutputDeclaredButNotProduced: a literal is not there.
        run_task.OutputNotARegularFile: a match is a directory, socket, FIFO, device or bad link
            (CACHE-013).
        run_task.OutputModeReadFailed: the permission bits of one cannot be read.
        run_task.MaterialisedOutputPathInvalid: a name that no canonical path can hold.
    """
    if not task.outputs:
        return ()
    root = context.workspace.root
    try:
        found = context.resolver.expand_outputs(task.outputs)
    except fs.FsError as error:
        place = root / task.root
        raise run_task.OutputPatternResolutionFailed(root=place, source=error) from error
    for path in found.missing:
        raise run_task.OutputDeclaredButNotProduced(path=root / path)
    for path in found.not_regular:
        raise run_task.OutputNotARegularFile(path=root / path)
    modes = [_mode(root / path) for path in found.files]
    for text in found.unrepresentable:
        _canonical(text)
    return tuple(
        Produced(_canonical(path), mode) for path, mode in zip(found.files, modes, strict=True)
    )


def digest_outputs(context: Context, outputs: Sequence[Produced]) -> tuple[StoredOutput, ...]:
    """The outputs of a run that is not stored, with digests: keys of dependants need them.

    Raises:
        store.Io: one cannot be read.
    """
    stored: list[StoredOutput] = []
    for path, mode in outputs:
        context.index.record_own_write(path)
        try:
            state = context.index.state(path)
        except fs.FsError as error:
            raise store.Io(phase="digest", source=error) from error
        assert state.digest is not None
        stored.append(StoredOutput(path, mode, state.digest, state.size_bytes))
    return tuple(stored)


def learn_outputs(context: Context, task: TaskSpec) -> None:
    """After a run without a result: what it wrote of its outputs is its doing, not a change."""
    if not task.outputs:
        return
    try:
        found = context.resolver.expand_outputs(task.outputs)
    except fs.FsError:
        return
    for path in (*found.files, *found.missing):
        context.index.record_own_write(path)
    context.resolver.note_changes(found.files, found.missing)


def _mode(path: Path) -> int:
    try:
        return os.stat(path).st_mode & 0o7777
    except OSError as error:
        source = fs.from_os_error(path, "look at", error)
        raise run_task.OutputModeReadFailed(path=path, source=source) from error


def _canonical(path: str) -> CanonicalPath:
    try:
        return parse_workspace_absolute(f"/{path}")
    except parse_absolute.ParseAbsoluteError as error:
        raise run_task.MaterialisedOutputPathInvalid(path=f"/{path}", source=error) from error
