"""Every key is read into the value that the program works with."""

import hashlib
import os
from pathlib import Path

from hazui.config.load import Loaded
from hazui.config.workspace import logical_cpus
from hazui.domain.ids import TaskId
from hazui.domain.specs import (
    AssistantSpec,
    CacheLimits,
    CommandProbe,
    DelayProbe,
    HistoryLimits,
    HttpProbe,
    LeaseTimes,
    Leftovers,
    Liveness,
    LogProbe,
    Mutex,
    OnChange,
    Reference,
    ReferenceKind,
    Restart,
    ServiceSpec,
    TaskKind,
    TcpProbe,
)
from tests.support.configs import load_text, loaded, write

ONE_TASK = '[tasks.build]\ncommand = ["make"]\n'


def test_a_table_of_tasks_is_enough(tmp_path: Path) -> None:
    root = tmp_path / "My Shop!"
    root.mkdir()
    workspace = loaded(root, ONE_TASK)

    assert workspace.name == "My-Shop-"
    assert workspace.jobs == logical_cpus() >= 1
    assert workspace.durable
    assert workspace.hash_name == "blake3"
    assert workspace.assistant is None
    task = workspace.tasks[TaskId("My-Shop-", "build")]
    assert task.command == ("make",)
    assert task.display == "build"
    assert task.cwd == task.root == ""
    assert task.cache
    assert task.watch
    assert task.service is None


def test_an_empty_file_is_a_workspace_without_tasks(tmp_path: Path) -> None:
    workspace = loaded(tmp_path, "")
    assert not workspace.tasks
    assert list(workspace.projects) == [workspace.name]


def test_a_directory_without_a_usable_name_is_called_workspace(tmp_path: Path) -> None:
    (tmp_path / "---").mkdir()
    assert loaded(tmp_path / "---", "").name == "workspace"


def test_every_key_of_the_workspace_is_read(tmp_path: Path) -> None:
    write(tmp_path, {"conf/.env": "export TOKEN='a b'\nUNUSED=1\n"})
    workspace = loaded(
        tmp_path,
        """
        [workspace]
        name = "shop"
        jobs = 3
        grace_period_s = 2
        hash = "sha256"
        ignore = ["*.log", "!keep.log", "/build/"]
        env_file = ["conf/.env"]
        durable = false
        fsync = true
        settle_ms = 20
        default_task = "build"
        plugins = ["notify", "./plugin.py"]
        [workspace.stores]
        session_store = "memory"
        [workspace.lease]
        ttl_s = 60
        renew_s = 20
        [workspace.tag_limits]
        heavy = 2
        [workspace.history]
        keep_turns = 10
        keep_bytes = "1.5GiB"
        [workspace.cache]
        max_bytes = "500MB"
        max_age_days = 7
        [workspace.log]
        rotate_bytes = 4096
        [workspace.assistant]
        endpoint = "https://ai.example/v1"
        model = "small"
        api_key_env = "AI_KEY"
        max_bytes = "16KiB"
        [tasks.build]
        command = ["make"]
        pass_env = ["TOKEN"]
        """,
    )
    assert workspace.name == "shop"
    assert workspace.jobs == 3
    assert workspace.grace_period_s == 2.0
    assert workspace.hash_name == "sha256"
    assert workspace.ignore == ("*.log", "!keep.log", "/build/")
    assert workspace.env_files == (tmp_path / "conf/.env",)
    assert workspace.env_file_values == {"TOKEN": "a b"}
    assert (workspace.durable, workspace.fsync, workspace.settle_ms) == (False, True, 20)
    assert workspace.default_task == "build"
    assert workspace.plugins == ("notify", "./plugin.py")
    assert workspace.stores == {"session_store": "memory"}
    assert workspace.lease == LeaseTimes(60.0, 20.0)
    assert workspace.tag_limits == {"heavy": 2}
    assert workspace.history == HistoryLimits(10, 3 << 29)
    assert workspace.cache == CacheLimits(500_000_000, 7.0)
    assert workspace.log_rotate_bytes == 4096
    assert workspace.assistant == AssistantSpec("https://ai.example/v1", "small", "AI_KEY", 16384)
    assert workspace.config_files == (tmp_path / "hazui.toml", tmp_path / "conf/.env")


def test_every_key_of_a_task_is_read(tmp_path: Path) -> None:
    workspace = loaded(
        tmp_path,
        """
        [workspace]
        name = "shop"
        [tasks.build]
        command = "make all"
        shell = "bash -e"
        inputs = ["src/**/*.c", "!src/gen/**", "/Makefile"]
        outputs = ["out/app", "out/*.o"]
        deps = ["gen", "^:codegen", "[lib]:build", "web:bundle", { task = "gen", streams = true }]
        weak_deps = ["lint"]
        env = { B = "2", A = "" }
        pass_env = ["CC"]
        cwd = "src"
        mutex = { name = "db", mode = "shared", scope = "project" }
        tags = ["heavy"]
        display = "Build it"
        description = "Compiles."
        cache = false
        timeout_s = 2.5
        retries = 2
        on_change = "queue"
        watch = false
        tty = true
        leftovers = "keep"
        matchers = ["gcc"]
        kind = "task"
        """,
    )
    task = workspace.tasks[TaskId("shop", "build")]
    assert task.command == "make all"
    assert task.shell == "bash -e"
    assert [(p.path, p.is_exclusion) for p in task.inputs] == [
        ("src/**/*.c", False),
        ("src/gen/**", True),
        ("Makefile", False),
    ]
    assert [p.text for p in task.outputs] == ["out/app", "out/*.o"]
    assert task.deps == (
        Reference("gen", ReferenceKind.SAME_PROJECT, "shop", "gen"),
        Reference("^:codegen", ReferenceKind.EVERY_PROJECT, "", "codegen"),
        Reference("[lib]:build", ReferenceKind.TAG, "lib", "build"),
        Reference("web:bundle", ReferenceKind.PROJECT, "web", "bundle"),
        Reference("gen", ReferenceKind.SAME_PROJECT, "shop", "gen", streams=True),
    )
    assert [r.task for r in task.weak_deps] == ["lint"]
    assert task.env == (("A", ""), ("B", "2"))
    assert task.pass_env == ("CC",)
    assert task.cwd == "src"
    assert task.mutex == Mutex("db", is_shared=True, scope="project")
    assert task.tags == {"heavy"}
    assert (task.display, task.description) == ("Build it", "Compiles.")
    assert (task.cache, task.watch, task.tty) == (False, False, True)
    assert (task.timeout_s, task.retries) == (2.5, 2)
    assert task.on_change is OnChange.QUEUE
    assert task.leftovers is Leftovers.KEEP
    assert task.matchers == ("gcc",)


def test_a_mutex_may_be_just_a_name(tmp_path: Path) -> None:
    workspace = loaded(tmp_path, ONE_TASK + 'mutex = "db"\n')
    assert next(iter(workspace.tasks.values())).mutex == Mutex("db")


def test_every_key_of_a_service_is_read(tmp_path: Path) -> None:
    workspace = loaded(
        tmp_path,
        """
        [tasks.web]
        kind = "service"
        command = ["serve"]
        ready = { http = "http://localhost:8000/health", status = 204 }
        ready_timeout_s = 5
        live = { probe = { command = ["curl", "localhost"] }, every_s = 2, failures = 5 }
        restart = "always"
        backoff_s = 1
        max_restarts = 0
        stop_signal = "INT"
        """,
    )
    (task,) = workspace.tasks.values()
    assert task.kind is TaskKind.SERVICE
    assert task.service == ServiceSpec(
        ready=HttpProbe("http://localhost:8000/health", 204),
        ready_timeout_s=5.0,
        live=Liveness(CommandProbe(("curl", "localhost")), 2.0, 5),
        restart=Restart.ALWAYS,
        backoff_s=1.0,
        max_restarts=0,
        stop_signal="SIGINT",
        keys_given=frozenset(
            {
                "ready",
                "ready_timeout_s",
                "live",
                "restart",
                "backoff_s",
                "max_restarts",
                "stop_signal",
            }
        ),
    )


def test_each_probe_has_its_form(tmp_path: Path) -> None:
    for text, probe in {
        "{ log = 'listening on \\d+' }": LogProbe("listening on \\d+"),
        "{ tcp = 80 }": TcpProbe(80),
        "{ http = 'https://x' }": HttpProbe("https://x", 200),
        "{ command = ['true'] }": CommandProbe(("true",)),
        "{ delay_s = 2 }": DelayProbe(2.0),
    }.items():
        workspace = loaded(tmp_path, f'{ONE_TASK}kind = "service"\nready = {text}\n')
        (task,) = workspace.tasks.values()
        assert task.service is not None
        assert task.service.ready == probe
        assert task.service.keys_given == {"ready"}


def test_a_service_without_service_keys_has_the_defaults(tmp_path: Path) -> None:
    (task,) = loaded(tmp_path, ONE_TASK + 'kind = "service"\n').tasks.values()
    assert task.service == ServiceSpec()


def test_projects_bring_their_own_tasks(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "apps/web/hazui.toml": """
                [tasks.bundle]
                command = ["npm", "run"]
                inputs = ["src/*.ts", "/shared.json"]
                tags = ["slow"]
                deps = ["types"]
                [tasks.types]
                command = ["tsc"]
                cwd = "/tools"
            """
        },
    )
    (tmp_path / "empty").mkdir()
    workspace = loaded(
        tmp_path,
        """
        [workspace]
        name = "shop"
        [projects.web]
        path = "apps/web"
        tags = ["front"]
        [projects.empty]
        path = "empty"
        [tasks.zip]
        command = ["zip"]
        """,
    )
    assert list(workspace.projects) == ["empty", "shop", "web"]
    assert workspace.projects["web"].config_file == tmp_path / "apps/web/hazui.toml"
    assert workspace.projects["empty"].config_file is None
    assert list(workspace.tasks) == [("shop", "zip"), ("web", "bundle"), ("web", "types")]
    bundle = workspace.tasks[TaskId("web", "bundle")]
    assert [p.path for p in bundle.inputs] == ["apps/web/src/*.ts", "shared.json"]
    assert bundle.root == bundle.cwd == "apps/web"
    assert bundle.tags == {"front", "slow"}
    assert bundle.deps[0].scope == "web"
    assert workspace.tasks[TaskId("web", "types")].cwd == "tools"


def test_tasks_come_in_canonical_order(tmp_path: Path) -> None:
    text = "".join(f'[tasks.{name}]\ncommand = ["x"]\n' for name in ("b", "a", "c"))
    assert [task.name for task in loaded(tmp_path, text).tasks] == ["a", "b", "c"]


def test_a_memory_store_in_a_durable_session_is_not_for_the_configuration_to_refuse(
    tmp_path: Path,
) -> None:
    workspace = loaded(tmp_path, '[workspace.stores]\ntrigger_store = "memory"\n')
    assert workspace.durable
    assert workspace.stores == {"trigger_store": "memory"}


def test_the_digest_follows_every_file(tmp_path: Path) -> None:
    files = {"p/hazui.toml": ONE_TASK, ".env": "A=1\n"}
    write(tmp_path, files)
    text = '[workspace]\nenv_file = [".env"]\n[projects.p]\npath = "p"\n'
    seen = {loaded(tmp_path, text).digest}
    assert seen == {loaded(tmp_path, text).digest}
    write(tmp_path, {"p/hazui.toml": ONE_TASK + "\n"})
    seen.add(loaded(tmp_path, text).digest)
    write(tmp_path, {".env": "A=2\n"})
    seen.add(loaded(tmp_path, text).digest)
    seen.add(loaded(tmp_path, text + "# changed\n").digest)
    assert len(seen) == 4
    assert all(len(digest) == hashlib.sha256().digest_size * 2 for digest in seen)


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(tmp_path: Path) -> None:
    text = "\ufeff" + ONE_TASK.replace("\n", "\r\n")
    assert len(loaded(tmp_path, text).tasks) == 1


def test_a_later_env_file_wins(tmp_path: Path) -> None:
    write(tmp_path, {"a.env": "X=1\nY=1\n", "b.env": "X=2\n"})
    workspace = loaded(
        tmp_path,
        '[workspace]\nenv_file = ["a.env", "b.env"]\n' + ONE_TASK + 'pass_env = ["X", "Y"]\n',
    )
    assert workspace.env_file_values == {"X": "2", "Y": "1"}


def test_a_good_configuration_is_never_scanned_for_positions(tmp_path: Path) -> None:
    result = load_text(tmp_path, ONE_TASK)
    assert isinstance(result, Loaded)
    (source,) = result.positions.sources.values()
    assert not source.is_scanned
    assert result.positions.locate(next(iter(result.workspace.tasks))) is not None
    assert source.is_scanned


def test_auto_means_the_cpus_that_may_be_used(tmp_path: Path) -> None:
    if not hasattr(os, "sched_getaffinity"):
        assert logical_cpus() == os.cpu_count()
        return
    allowed = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert loaded(tmp_path, '[workspace]\njobs = "auto"\n').jobs == 1
    finally:
        os.sched_setaffinity(0, allowed)
