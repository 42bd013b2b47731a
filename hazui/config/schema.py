"""Every key of the configuration: its kind, its default and what it is for, said once.

Validation, the JSON Schema and the test that ``config.example.toml`` documents every key all read
these tables, so they cannot disagree. Where a default is also that of a spec in ``domain``, a test
holds the two together.
"""

from hazui.config.kinds import (
    Boolean,
    Choice,
    Duration,
    Integer,
    Key,
    ListOf,
    MapOf,
    Size,
    Table,
    Text,
    WordOr,
)
from hazui.config.service_kinds import LivenessKind, ProbeKind, Signal
from hazui.config.task_kinds import (
    Command,
    IgnorePattern,
    MutexKind,
    Name,
    PathPattern,
    TaskReference,
    Variable,
    WorkspacePath,
)
from hazui.domain.specs import STORE_FACETS, Leftovers, OnChange, Restart, TaskKind

SETTINGS = Table(
    "",
    "How the screen looks and behaves: the user's own file.",
    (
        Key("theme", Text(), "The colours of the screen, by the theme's name."),
        Key("keymap", MapOf(Text(), Text(), "keys"), "Keys for actions, by the action's id.", "{}"),
        Key("editor", Text(), "The command that opens a file at a line; else VISUAL, EDITOR."),
        Key("bell", Boolean(), "Whether the terminal bell rings when a turn fails.", "false"),
    ),
)

STORES = Table(
    "workspace.stores",
    "Where each part of the session's memory is kept.",
    tuple(
        Key(facet, Choice(("durable", "memory")), f"Where {what} kept.", '"durable"')
        for facet, what in zip(
            STORE_FACETS,
            (
                "captured output is",
                "the environments that processes ran with are",
                "turns and their results are",
                "the processes that were started are",
                "pending changes and subscriptions are",
            ),
            strict=True,
        )
    ),
)

LEASE = Table(
    "workspace.lease",
    "How one supervisor holds the workspace against others.",
    (
        Key("ttl_s", Duration(above_zero=True), "How long a lease holds without renewal.", "30.0"),
        Key(
            "renew_s",
            Duration(above_zero=True),
            "How often it is renewed; ttl_s is at least three times this.",
            "10.0",
        ),
    ),
)

HISTORY = Table(
    "workspace.history",
    "How much of the past is kept.",
    (
        Key("keep_turns", Integer(1), "How many turns are kept.", "200"),
        Key("keep_bytes", Size(), "How much captured output is kept.", '"1GiB"'),
    ),
)

CACHE = Table(
    "workspace.cache",
    "How much the cache holds; the least recently used goes first.",
    (
        Key("max_bytes", Size(), "How large the cache may grow.", '"10GiB"'),
        Key("max_age_days", Duration(above_zero=True), "How long unused entries stay.", "30.0"),
    ),
)

LOG = Table(
    "workspace.log",
    "The logs of services, which never end by themselves.",
    (Key("rotate_bytes", Size(1), "A service's log is rotated at this size.", '"256MiB"'),),
)

ASSISTANT = Table(
    "workspace.assistant",
    "An assistant that explains a failure when asked; off unless this table is there.",
    (
        Key("endpoint", Text(), "The URL that is asked.", is_required=True),
        Key("model", Text(), "The model that is asked for.", is_required=True),
        Key("api_key_env", Variable(), "The variable that holds the key."),
        Key("max_bytes", Size(1), "The most that is ever sent.", '"64KiB"'),
    ),
)

WORKSPACE = Table(
    "workspace",
    "The workspace as a whole.",
    (
        Key("name", Name(), "What it is called, and its root project; else the directory's name."),
        Key("jobs", WordOr("auto", Integer(1)), "How many tasks run at once.", '"auto"'),
        Key("grace_period_s", Duration(), "How long a stopped task has before SIGKILL.", "5.0"),
        Key("hash", Choice(("blake3", "sha256")), "The function behind every key.", '"blake3"'),
        Key("ignore", ListOf(IgnorePattern(), "patterns"), "Paths that globs do not see.", "[]"),
        Key("env_file", ListOf(WorkspacePath(), "paths"), "Files of values for pass_env.", "[]"),
        Key("durable", Boolean(), "Whether the session survives a crash.", "true"),
        Key("fsync", Boolean(), "Whether files are forced to disk.", "false"),
        Key("settle_ms", Integer(0, 60_000), "Further quiet time after a change.", "0"),
        Key("default_task", Text(), "What runs when nothing is named."),
        Key(
            "tag_limits",
            MapOf(Name(), Integer(1), "limits"),
            "How many tasks with a tag run at once.",
            "{}",
        ),
        Key("plugins", ListOf(Text(), "entry points or files"), "What to load.", "[]"),
    ),
    (STORES, LEASE, HISTORY, CACHE, LOG, ASSISTANT),
)

PROJECT = Table(
    "projects.*",
    "A directory with tasks of its own in its hazui.toml.",
    (
        Key("path", WorkspacePath(), "Where it is.", is_required=True),
        Key("tags", ListOf(Name(), "tags"), "Tags that all of its tasks have.", "[]"),
    ),
)

SERVICE_KEYS = (
    Key("ready", ProbeKind(), "How one knows that it is up.", "{ delay_s = 0.5 }"),
    Key("ready_timeout_s", Duration(above_zero=True), "How long that may take.", "30.0"),
    Key("live", LivenessKind(), "How one knows that it is still up."),
    Key(
        "restart",
        Choice(("never", "on-failure", "always"), Restart),
        "When it is started again after it ended.",
        '"on-failure"',
    ),
    Key("backoff_s", Duration(above_zero=True), "The first pause; doubles to 30 s.", "0.5"),
    Key("max_restarts", Integer(0), "How many restarts without 60 s up.", "10"),
    Key("stop_signal", Signal(), "What it is stopped with.", '"SIGTERM"'),
)

TASK = Table(
    "tasks.*",
    "A command, what it reads and what it writes.",
    (
        Key("command", Command(), "An argv, or a script for the shell.", is_required=True),
        Key("shell", Text(), "The shell that reads a script.", '"sh"'),
        Key("inputs", ListOf(PathPattern(), "patterns"), "What it reads; ! excludes.", "[]"),
        Key("outputs", ListOf(PathPattern(), "patterns"), "What it writes.", "[]"),
        Key(
            "deps",
            ListOf(TaskReference(with_streams=True), "references"),
            "Tasks that must have succeeded.",
            "[]",
        ),
        Key(
            "weak_deps",
            ListOf(TaskReference(), "references"),
            "Tasks that go first when both run.",
            "[]",
        ),
        Key(
            "env",
            MapOf(Variable(), Text(may_be_empty=True), "strings"),
            "Variables and their values.",
            "{}",
        ),
        Key("pass_env", ListOf(Variable(), "names of variables"), "Variables let through.", "[]"),
        Key("cwd", WorkspacePath(), "Where it runs.", '"."'),
        Key("mutex", MutexKind(), "A lock that it holds while it runs."),
        Key("tags", ListOf(Name(), "tags"), "Its tags, beside those of its project.", "[]"),
        Key("display", Text(), "What lists show instead of its name."),
        Key("description", Text(may_be_empty=True), "What it is for.", '""'),
        Key("cache", Boolean(), "Whether its result is kept and used again.", "true"),
        Key("timeout_s", Duration(above_zero=True), "How long it may run."),
        Key("retries", Integer(0, 1000), "How often it is tried again after a failure.", "0"),
        Key(
            "on_change",
            Choice(("restart", "queue", "ignore"), OnChange),
            "What happens when an input changes while it runs.",
            '"restart"',
        ),
        Key("watch", Boolean(), "Whether changes and --all run it.", "true"),
        Key("tty", Boolean(), "Whether its streams are terminals.", "false"),
        Key(
            "leftovers",
            Choice(("stop", "keep"), Leftovers),
            "What becomes of processes that it leaves behind.",
            '"stop"',
        ),
        Key("matchers", ListOf(Name(), "recognisers"), "Which recognisers read its output."),
        Key("kind", Choice(("task", "service"), TaskKind), "Whether it ends.", '"task"'),
        *SERVICE_KEYS,
    ),
)

SERVICE_KEY_NAMES = frozenset(key.name for key in SERVICE_KEYS)

ROOT_TABLES = ("workspace", "projects", "tasks")
"""The tables of the workspace's own file; a project's file has only ``tasks``."""
