"""What the user declared: the workspace, its projects and tasks, as frozen values.

Built by ``config`` after validation; every other room reads them and none changes them. A
reference is still text with its parsed form here; ``graph`` resolves it against all tasks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Literal

from hazui.domain.ids import TaskId
from hazui.domain.paths import CanonicalPath
from hazui.domain.patterns import Pattern


class TaskKind(StrEnum):
    """Whether a task ends by itself."""

    TASK = "task"
    SERVICE = "service"


class OnChange(StrEnum):
    """What a change to the inputs of a running task does."""

    RESTART = "restart"
    QUEUE = "queue"
    IGNORE = "ignore"


class Leftovers(StrEnum):
    """What becomes of processes that a successful task leaves behind."""

    STOP = "stop"
    KEEP = "keep"


class ReferenceKind(StrEnum):
    """The four ways to name a dependency."""

    SAME_PROJECT = "same_project"  # task
    PROJECT = "project"  # project:task
    EVERY_PROJECT = "every_project"  # ^:task
    TAG = "tag"  # [tag]:task


@dataclass(frozen=True, slots=True)
class Reference:
    """A dependency as written: ``task``, ``project:task``, ``^:task`` or ``[tag]:task``."""

    text: str
    kind: ReferenceKind
    scope: str
    """The project (SAME_PROJECT: the bearing one; PROJECT), the tag (TAG), or "" ."""
    task: str
    streams: bool = False
    """The predecessor's streams enter the action key as well."""


@dataclass(frozen=True, slots=True)
class Mutex:
    """A lock that a task holds while it runs."""

    name: str
    is_shared: bool = False
    scope: Literal["workspace", "project"] = "workspace"


@dataclass(frozen=True, slots=True)
class LogProbe:
    """Ready when a line of either stream matches."""

    regex: str


@dataclass(frozen=True, slots=True)
class TcpProbe:
    """Ready when a connection to this port of the own machine is accepted."""

    port: int


@dataclass(frozen=True, slots=True)
class HttpProbe:
    """Ready when the URL answers with this status."""

    url: str
    status: int = 200


@dataclass(frozen=True, slots=True)
class CommandProbe:
    """Ready when the program exits with 0."""

    argv: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DelayProbe:
    """Ready when it has been up for this long."""

    delay_s: float = 0.5


Probe = LogProbe | TcpProbe | HttpProbe | CommandProbe | DelayProbe


@dataclass(frozen=True, slots=True)
class Liveness:
    """How a ready service is asked whether it still works."""

    probe: Probe
    every_s: float = 10.0
    failures: int = 3


class Restart(StrEnum):
    """When a service that ended is started again."""

    NEVER = "never"
    ON_FAILURE = "on-failure"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class ServiceSpec:
    """What only services have."""

    ready: Probe = field(default_factory=DelayProbe)
    ready_timeout_s: float = 30.0
    live: Liveness | None = None
    restart: Restart = Restart.ON_FAILURE
    backoff_s: float = 0.5
    max_restarts: int = 10
    stop_signal: str = "SIGTERM"
    keys_given: frozenset[str] = frozenset()
    """Names of the service keys that the user wrote, to refuse what is not available yet."""


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """One task. ``command`` is an argv, or a script for ``shell`` when it is a string."""

    id: TaskId
    root: CanonicalPath
    """The project's root; "" is the workspace root."""
    command: tuple[str, ...] | str
    cwd: CanonicalPath
    """The working directory; the project's root when not given."""
    shell: str = "sh"
    inputs: tuple[Pattern, ...] = ()
    outputs: tuple[Pattern, ...] = ()
    deps: tuple[Reference, ...] = ()
    weak_deps: tuple[Reference, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    """Literal variables, sorted by name; they win over ``pass_env``."""
    pass_env: tuple[str, ...] = ()
    mutex: Mutex | None = None
    tags: frozenset[str] = frozenset()
    """The task's own tags and those of its project."""
    display: str = ""
    """What lists show; the name when not given."""
    description: str = ""
    cache: bool = True
    timeout_s: float | None = None
    retries: int = 0
    on_change: OnChange = OnChange.RESTART
    watch: bool = True
    tty: bool = False
    leftovers: Leftovers = Leftovers.STOP
    matchers: tuple[str, ...] | None = None
    kind: TaskKind = TaskKind.TASK
    service: ServiceSpec | None = None

    @property
    def is_service(self) -> bool:
        return self.kind is TaskKind.SERVICE


@dataclass(frozen=True, slots=True)
class ProjectSpec:
    """A directory of the workspace with tasks of its own."""

    name: str
    root: CanonicalPath
    tags: frozenset[str] = frozenset()
    config_file: Path | None = None


@dataclass(frozen=True, slots=True)
class HistoryLimits:
    """How much of the past is kept."""

    keep_turns: int = 200
    keep_bytes: int = 1 << 30


@dataclass(frozen=True, slots=True)
class CacheLimits:
    """How much the cache may hold, and for how long unused."""

    max_bytes: int = 10 << 30
    max_age_days: float = 30.0


@dataclass(frozen=True, slots=True)
class LeaseTimes:
    """How long a lease holds, and how often it is renewed."""

    ttl_s: float = 30.0
    renew_s: float = 10.0


@dataclass(frozen=True, slots=True)
class AssistantSpec:
    """Who may be asked about a failure, and how much is sent at most."""

    endpoint: str
    model: str
    api_key_env: str | None = None
    max_bytes: int = 64 << 10


STORE_FACETS = (
    "attachment_store",
    "process_env_store",
    "session_store",
    "process_registry",
    "trigger_store",
)


@dataclass(frozen=True, slots=True)
class UserSettings:
    """From the user's own file: how the screen looks and behaves."""

    theme: str | None = None
    keymap: Mapping[str, str] = field(default_factory=dict)
    editor: str | None = None
    bell: bool = False


@dataclass(frozen=True, slots=True)
class WorkspaceSpec:
    """The validated configuration of one workspace."""

    name: str
    root: Path
    """Absolute and resolved."""
    config_files: tuple[Path, ...]
    """Every file that was read; a change to one reloads the configuration."""
    projects: Mapping[str, ProjectSpec]
    tasks: Mapping[TaskId, TaskSpec]
    """In canonical order."""
    jobs: int = 1
    grace_period_s: float = 5.0
    hash_name: Literal["blake3", "sha256"] = "blake3"
    ignore: tuple[str, ...] = ()
    env_files: tuple[Path, ...] = ()
    env_file_values: Mapping[str, str] = field(default_factory=dict)
    """What the env files give for names in ``pass_env``; the process environment wins."""
    durable: bool = True
    fsync: bool = False
    settle_ms: int = 0
    default_task: str | None = None
    stores: Mapping[str, Literal["durable", "memory"]] = field(default_factory=dict)
    lease: LeaseTimes = field(default_factory=LeaseTimes)
    tag_limits: Mapping[str, int] = field(default_factory=dict)
    history: HistoryLimits = field(default_factory=HistoryLimits)
    cache: CacheLimits = field(default_factory=CacheLimits)
    log_rotate_bytes: int = 256 << 20
    plugins: tuple[str, ...] = ()
    assistant: AssistantSpec | None = None
    user: UserSettings = field(default_factory=UserSettings)
    digest: str = ""
    """A hash of the bytes of all configuration files: the revision of the workspace."""

    @property
    def state_dir(self) -> Path:
        return self.root / ".hazui"
