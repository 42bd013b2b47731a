"""The first phase: what a task depends on, as an action and its key.

Input digests are those of this moment; ``is_stale`` tells later whether one of them changed.
"""

import errno
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hazui.cache.manifest import (
    Action,
    FileItem,
    ServiceItem,
    StreamItem,
    hash_action,
    sorted_files,
)
from hazui.domain.ids import ActionKey
from hazui.domain.paths import CanonicalPath
from hazui.domain.patterns import literals
from hazui.domain.specs import TaskSpec
from hazui.errors import build_key as build_key_errors
from hazui.errors import fs, run_task
from hazui.execution.context import Context, Predecessor
from hazui.execution.environment import declared_variables, platform_fingerprint


@dataclass(frozen=True, slots=True)
class BuiltKey:
    """The action of a task at one moment."""

    action: Action
    key: ActionKey
    inputs: tuple[FileItem, ...]
    """Sorted by path."""

    @property
    def arguments(self) -> tuple[str, ...]:
        """Extra words from the command line."""
        return self.action.arguments


def build_key(
    context: Context,
    task: TaskSpec,
    predecessors: Sequence[Predecessor] = (),
    arguments: tuple[str, ...] = (),
) -> BuiltKey:
    """Resolve and digest the inputs of ``task`` and hash its action.

    Raises:
        run_task.BuildKeyFailed: its source says what could not be resolved or read.
    """
    try:
        return _build(context, task, predecessors, arguments)
    except build_key_errors.BuildKeyError as error:
        raise run_task.BuildKeyFailed(source=error) from error


def is_stale(context: Context, built: BuiltKey) -> bool:
    """Whether a file that the key was made of is another one now."""
    for path, digest, is_executable in (*built.inputs, *built.action.dependency_outputs):
        try:
            state = context.index.state(path)
        except fs.FsError:
            return True
        if state.digest != digest or state.is_executable != is_executable:
            return True
    return False


def _build(
    context: Context,
    task: TaskSpec,
    predecessors: Sequence[Predecessor],
    arguments: tuple[str, ...],
) -> BuiltKey:
    workspace = context.workspace
    if task.id not in workspace.tasks:
        raise build_key_errors.TaskNotInWorkspace(task=str(task.id))
    inputs = _digested(context, _resolved(context, task))
    streams: list[StreamItem] = []
    for above in predecessors:
        if above.needs_streams:
            if above.streams is None:
                raise build_key_errors.PredecessorStreamsMissing(predecessor=str(above.task))
            item = StreamItem(str(above.task), above.streams.stdout, above.streams.stderr)
            streams.append(item)
    is_script = isinstance(task.command, str)
    action = Action(
        hash_name=workspace.hash_name,
        command=task.command,
        shell=task.shell if is_script else "",
        arguments=arguments,
        env=declared_variables(task, workspace, context.environ),
        cwd=task.cwd,
        tty=task.tty,
        output_patterns=_pattern_texts(task),
        platform=platform_fingerprint(),
        inputs=inputs,
        dependency_outputs=sorted_files(
            [
                FileItem(output.path, output.digest, bool(output.mode & stat.S_IXUSR))
                for above in predecessors
                for output in above.outputs
            ]
        ),
        dependency_streams=tuple(sorted(streams)),
        services=tuple(
            sorted(
                [
                    ServiceItem(str(above.task), above.service_key)
                    for above in predecessors
                    if above.service_key is not None
                ]
            )
        ),
    )
    return BuiltKey(action, hash_action(action), inputs)


def _resolved(context: Context, task: TaskSpec) -> tuple[CanonicalPath, ...]:
    if not task.inputs:
        return ()
    try:
        found = context.resolver.expand(task.inputs)
    except fs.FsError as error:
        root = context.workspace.root / task.root
        raise build_key_errors.InputPatternResolutionFailed(root=root, source=error) from error
    if found.not_regular:
        # A pattern passes over a socket or a dangling link; a literal asks for exactly that.
        named = {pattern.path for pattern in literals(task.inputs)}
        for path in found.not_regular:
            if path in named:
                raise build_key_errors.InputNotARegularFile(path=context.workspace.root / path)
    return found.files


def _digested(context: Context, paths: tuple[CanonicalPath, ...]) -> tuple[FileItem, ...]:
    state_of = context.index.state
    items: list[FileItem] = []
    for path in paths:
        try:
            state = state_of(path)
        except fs.FsError as error:
            raise _read_error(context.workspace.root / path, error) from error
        assert state.digest is not None
        items.append(FileItem(path, state.digest, bool(state.mode & stat.S_IXUSR)))
    return tuple(items)


def _read_error(path: Path, error: fs.FsError) -> build_key_errors.BuildKeyError:
    if isinstance(error, fs.Io) and error.errno == errno.EINVAL:
        return build_key_errors.InputNotARegularFile(path=path)
    return build_key_errors.InputContentReadFailed(path=path, source=error)


def _pattern_texts(task: TaskSpec) -> tuple[str, ...]:
    if not task.outputs:
        return ()
    return tuple(sorted({f"{'!' * p.is_exclusion}{p.path}" for p in task.outputs}))
