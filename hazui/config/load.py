"""Loading the configuration of a workspace: every file, variable and flag, or every problem.

Precedence: defaults, then the user's file, then the workspace's, then ``HAZUI_<KEY>`` variables,
then flags. Nothing is raised for what a user may write: the answer is a ``Loaded`` or a
``Rejected`` with the problems of all files at once.
"""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from hazui.config import schema
from hazui.config.env_file import parse_env
from hazui.config.locate import CONFIG_NAME, Location
from hazui.config.overrides import read_overrides
from hazui.config.parse import parse, read_bytes
from hazui.config.parse_cache import ParseCache
from hazui.config.positions import KeyPath, SourceText, Spot, key_text
from hazui.config.problems import Problems, Rejected
from hazui.config.reading import Reading
from hazui.config.tasks import read_tasks
from hazui.config.user_file import read_user_file
from hazui.config.workspace import (
    check_assistant,
    check_default_task,
    check_lease,
    check_tables,
    default_name,
    merged,
    read_projects,
    read_workspace,
    workspace_spec,
)
from hazui.domain.ids import TaskId
from hazui.domain.paths import CanonicalPath
from hazui.domain.specs import ProjectSpec, TaskSpec, UserSettings, WorkspaceSpec

if TYPE_CHECKING:
    from hazui.errors.config import ConfigError
    from hazui.errors.graph import GraphError

NO_FLAGS: Mapping[str, Any] = MappingProxyType({})


class Positions(NamedTuple):
    """Where the keys of tasks stand; worked out when first asked for."""

    sources: Mapping[str, SourceText]
    """The file of each project that has one."""
    fallback: Path

    def locate(
        self, task: TaskId | None, key: str | None = None, index: int | None = None
    ) -> Spot | None:
        """Where a task (None: the workspace), one of its keys or an element of it is written.

        An element that is not found is placed at its key, a key at its task; None when not even
        that is known.
        """
        source = self.source_of(task)
        at = self.path(task, key, index)
        while source is not None and len(at) >= 2:
            if (spot := source.find(at)) is not None:
                return spot
            at = at[:-1]
        return None

    def file(self, task: TaskId | None) -> Path:
        """The file that declares a task, or the workspace's own."""
        source = self.source_of(task)
        return self.fallback if source is None else source.file

    def source_of(self, task: TaskId | None) -> SourceText | None:
        """The text of the file that declares a task, or of the workspace's own."""
        if task is not None:
            return self.sources.get(task.project)
        return next((s for s in self.sources.values() if s.file == self.fallback), None)

    @staticmethod
    def path(task: TaskId | None, key: str | None, index: int | None) -> KeyPath:
        """The key path of a task, of the workspace, one of its keys or an element of it."""
        at: KeyPath = ("workspace",) if task is None else ("tasks", task.name)
        if key:
            at = (*at, key) if index is None else (*at, key, index)
        return at


class Loaded(NamedTuple):
    """A configuration without problems."""

    workspace: WorkspaceSpec
    positions: Positions


class PlacedProblem(Protocol):
    """What the graph found: an error and the key of the task that it is about."""

    @property
    def error(self) -> "GraphError": ...
    @property
    def task(self) -> TaskId | None: ...
    @property
    def key(self) -> str | None: ...
    @property
    def index(self) -> int | None: ...


def wrap_graph_problems(
    loaded: Loaded, problems: Iterable[PlacedProblem]
) -> "tuple[ConfigError, ...]":
    """Say of each problem of the graph where in the files it is written."""
    from hazui.errors.config import GraphInvalid

    positions = loaded.positions
    wrapped = []
    for problem in problems:
        spot = positions.locate(problem.task, problem.key, problem.index)
        wrapped.append(
            GraphInvalid(
                file=positions.file(problem.task),
                line=spot.line if spot else None,
                column=spot.column if spot else None,
                excerpt=spot.excerpt if spot else None,
                key=key_text(positions.path(problem.task, problem.key, problem.index)),
                source=problem.error,
            )
        )
    return tuple(wrapped)


def load(
    location: Location,
    *,
    environ: Mapping[str, str],
    overrides: Mapping[str, Any] = NO_FLAGS,
    cache: ParseCache | None = None,
) -> Loaded | Rejected:
    """Load and validate everything that ``location`` leads to.

    ``overrides`` are the flags, by dotted key (``{"jobs": 4, "durable": False}``). With a
    ``cache`` (a directory in ``.hazui``) a large file that has not changed is not parsed again.

    Raises:
        KeyError: ``overrides`` has a key that no definition has; a mistake of the caller.
    """
    return _Loading(location, environ, cache).run(overrides)


class _Loading:
    """One load: what was read so far."""

    def __init__(
        self, location: Location, environ: Mapping[str, str], cache: ParseCache | None
    ) -> None:
        self.cache = cache
        self.location = location
        self.environ = environ
        self.problems = Problems()
        self.contents: dict[Path, bytes] = {}
        self.sources: dict[str, SourceText] = {}
        self.tasks: dict[TaskId, TaskSpec] = {}
        self.projects: dict[str, ProjectSpec] = {}

    def run(self, overrides: Mapping[str, Any]) -> Loaded | Rejected:
        file, root = self.location.file, self.location.root
        settings = read_user_file(self.environ, self.problems)
        above = read_overrides(self.environ, overrides, file, self.problems)
        parsed = self._parse(file)
        if parsed is None:
            return self.problems.rejected()
        source, data = parsed
        given = merged(read_workspace(data, Reading(source, self.problems)), above.workspace)
        name = given.get("name") or default_name(root)
        reading = Reading(source, self.problems, name)
        check_tables(data, schema.ROOT_TABLES, reading)
        check_lease(given, reading)
        check_assistant(given, reading)
        self.sources[name] = source
        self.projects[name] = ProjectSpec(name, CanonicalPath(""), config_file=file)
        read_tasks(data.get("tasks", {}), reading, frozenset(), self.tasks)
        for declared in read_projects(data, name, root, reading):
            self._project(declared.spec, declared.directory)
        self.tasks = {task: self.tasks[task] for task in sorted(self.tasks)}
        if not self.problems:
            check_default_task(given, name, self.tasks, reading)
        env_files = tuple(root / path for path in given.get("env_file", ()))
        values = self._env_values(env_files, reading)
        if self.problems:
            return self.problems.rejected()
        base = WorkspaceSpec(
            name=name,
            root=root,
            config_files=tuple(self.contents),
            projects=dict(sorted(self.projects.items())),
            tasks=self.tasks,
            env_files=env_files,
            env_file_values=values,
            user=UserSettings(**(settings | above.settings)),
            digest=self._digest(),
        )
        return Loaded(workspace_spec(base, given), Positions(self.sources, file))

    def _parse(self, file: Path) -> tuple[SourceText, dict[str, Any]] | None:
        data = read_bytes(file, self.problems)
        if data is None:
            return None
        self.contents[file] = data
        return parse(file, data, self.problems, self.cache)

    def _project(self, spec: ProjectSpec, directory: Path) -> None:
        file = directory / CONFIG_NAME
        try:
            file.lstat()
        except FileNotFoundError:
            self.projects[spec.name] = spec
            return
        except OSError:
            pass  # Reading it will say what is wrong.
        self.projects[spec.name] = ProjectSpec(spec.name, spec.root, spec.tags, file)
        parsed = self._parse(file)
        if parsed is None:
            return
        source, data = parsed
        self.sources[spec.name] = source
        reading = Reading(source, self.problems, spec.name, spec.root)
        check_tables(data, ("tasks",), reading)
        read_tasks(data.get("tasks", {}), reading, spec.tags, self.tasks)

    def _env_values(self, files: tuple[Path, ...], reading: Reading) -> dict[str, str]:
        """What the env files give for the names that tasks pass; a later file wins."""
        values: dict[str, str] = {}
        for index, file in enumerate(files):
            try:
                data = file.read_bytes()
            except OSError as error:
                at = ("workspace", "env_file", index)
                detail = error.strerror or type(error).__name__
                reading.note(at, "EnvFileInvalid", path=file, detail=detail)
                continue
            self.contents[file] = data
            found, problems = parse_env(data)
            values |= found
            for problem in problems:
                self.problems.place(
                    "EnvFileInvalid",
                    file,
                    line=problem.line,
                    key=key_text(("workspace", "env_file", index)),
                    path=file,
                    detail=problem.detail,
                )
        passed = {name for task in self.tasks.values() for name in task.pass_env}
        return {name: value for name, value in sorted(values.items()) if name in passed}

    def _digest(self) -> str:
        hasher = hashlib.sha256()
        for file, data in self.contents.items():
            name = str(file).encode("utf-8", "surrogateescape")
            hasher.update(b"%d %d " % (len(name), len(data)) + name + data)
        return hasher.hexdigest()
