"""Everything that can be wrong is said at once, with the place where it is written."""

from pathlib import Path

import pytest

from hazui.errors import config
from hazui.errors.config import ConfigError
from tests.support.configs import pointed_at, problem, problems, write

HEAD = '[tasks.build]\ncommand = ["make"]\n'
SERVICE = HEAD + 'kind = "service"\n'

CASES: list[tuple[str, type[ConfigError], str, str]] = [
    # text, class, key, what stands at the caret
    ("a = = 1", config.SyntaxInvalid, "", "= 1"),
    ("[workspace]\njbos = 1", config.UnknownKey, "workspace.jbos", "jbos = 1"),
    ("jobs = 1", config.UnknownKey, "jobs", "jobs = 1"),
    ("[workspase]", config.UnknownTable, "workspase", "[workspase]"),
    ("workspace = 3", config.WrongType, "workspace", "3"),
    ("tasks = []", config.WrongType, "tasks", "[]"),
    ("projects = 'x'", config.WrongType, "projects", "'x'"),
    ("[workspace]\njobs = 0", config.OutOfRange, "workspace.jobs", "0"),
    ("[workspace]\njobs = 1.5", config.WrongType, "workspace.jobs", "1.5"),
    ("[workspace]\njobs = true", config.WrongType, "workspace.jobs", "true"),
    ("[workspace]\njobs = 'many'", config.InvalidChoice, "workspace.jobs", "'many'"),
    ("[workspace]\nhash = 'md5'", config.InvalidChoice, "workspace.hash", "'md5'"),
    ("[workspace]\nname = 'a b'", config.InvalidName, "workspace.name", "'a b'"),
    ("[workspace]\ndurable = 1", config.WrongType, "workspace.durable", "1"),
    (
        "[workspace]\ngrace_period_s = inf",
        config.InvalidDuration,
        "workspace.grace_period_s",
        "inf",
    ),
    ("[workspace]\ngrace_period_s = -1", config.OutOfRange, "workspace.grace_period_s", "-1"),
    (
        "[workspace]\ngrace_period_s = 1979-05-27",
        config.WrongType,
        "workspace.grace_period_s",
        "19",
    ),
    ("[workspace]\nsettle_ms = 1.5", config.WrongType, "workspace.settle_ms", "1.5"),
    ("[workspace]\nignore = ['a', '']", config.InvalidPattern, "workspace.ignore[1]", "'']"),
    ("[workspace]\nenv_file = ['../x']", config.InvalidPath, "workspace.env_file[0]", "'../x']"),
    ("[workspace]\nenv_file = ['x']", config.EnvFileInvalid, "workspace.env_file[0]", "'x']"),
    ("[workspace]\ndefault_task = 'x'", config.InvalidReference, "workspace.default_task", "'x'"),
    ("[workspace.stores]\nx = 1", config.UnknownKey, "workspace.stores.x", "x = 1"),
    ("[workspace.lease]\nttl_s = 29", config.LeaseTooShort, "workspace.lease.ttl_s", "29"),
    ("[workspace.tag_limits]\nx = 0", config.OutOfRange, "workspace.tag_limits.x", "0"),
    (
        "[workspace.tag_limits]\n'a b' = 1",
        config.InvalidName,
        'workspace.tag_limits."a b"',
        "'a b'",
    ),
    (
        "[workspace.cache]\nmax_bytes = '1 XB'",
        config.InvalidSize,
        "workspace.cache.max_bytes",
        "'1",
    ),
    ("[workspace.cache]\nmax_bytes = -1", config.OutOfRange, "workspace.cache.max_bytes", "-1"),
    (
        "[workspace.assistant]\nmodel = 'm'",
        config.MissingKey,
        "workspace.assistant.endpoint",
        "[wo",
    ),
    ("[projects.'a b']\npath = 'x'", config.InvalidName, 'projects."a b"', "[projects"),
    ("[projects.gone]\npath = 'gone'", config.ProjectMissing, "projects.gone.path", "'gone'"),
    ("[projects.x]", config.MissingKey, "projects.x.path", "[projects.x]"),
    ("[projects.x]\npath = '.'", config.DuplicateProject, "projects.x", "[projects.x]"),
    ("[tasks.x]", config.MissingKey, "tasks.x.command", "[tasks.x]"),
    ("[tasks]\nx = 3", config.WrongType, "tasks.x", "3"),
    ("[tasks.'a b']\ncommand = 'x'", config.InvalidName, 'tasks."a b"', "[tasks"),
    ("[tasks.x]\ncommand = []", config.InvalidText, "tasks.x.command", "[]"),
    ("[tasks.x]\ncommand = ['', 'a']", config.InvalidText, "tasks.x.command", "[''"),
    ("[tasks.x]\ncommand = ' '", config.InvalidText, "tasks.x.command", "' '"),
    ('[tasks.x]\ncommand = ["a\\u0000"]', config.InvalidText, "tasks.x.command[0]", '"a'),
    ("[tasks.x]\ncommand = ['a', 1]", config.WrongType, "tasks.x.command[1]", "1]"),
    (HEAD + "inputs = 'a'", config.WrongType, "tasks.build.inputs", "'a'"),
    (HEAD + "inputs = ['a/../b']", config.InvalidPattern, "tasks.build.inputs[0]", "'a/../b']"),
    (HEAD + "inputs = ['a/']", config.InvalidPattern, "tasks.build.inputs[0]", "'a/']"),
    (HEAD + "inputs = ['a', '[a']", config.InvalidPattern, "tasks.build.inputs[1]", "'[a']"),
    (HEAD + "outputs = ['{a,b']", config.InvalidPattern, "tasks.build.outputs[0]", "'{a,b']"),
    (HEAD + "deps = ['a:b:c']", config.InvalidReference, "tasks.build.deps[0]", "'a:b:c']"),
    (
        HEAD + "deps = [{ task = ':a' }]",
        config.InvalidReference,
        "tasks.build.deps[0].task",
        "':a'",
    ),
    (HEAD + "deps = [{ streams = true }]", config.MissingKey, "tasks.build.deps[0].task", "{ str"),
    (HEAD + "weak_deps = [{ task = 'a' }]", config.WrongType, "tasks.build.weak_deps[0]", "{ task"),
    (HEAD + "env = { A = 1 }", config.WrongType, "tasks.build.env.A", "1 }"),
    (HEAD + "env = { HAZUI_RUN = '' }", config.ReservedName, "tasks.build.env.HAZUI_RUN", "HAZUI"),
    (HEAD + "env = { 'A-B' = '' }", config.InvalidText, "tasks.build.env.A-B", "'A-B'"),
    (HEAD + "pass_env = ['1A']", config.InvalidText, "tasks.build.pass_env[0]", "'1A']"),
    (HEAD + "pass_env = ['HAZUI_TASK']", config.ReservedName, "tasks.build.pass_env[0]", "'HA"),
    (HEAD + f"pass_env = ['{'A' * 257}']", config.InvalidText, "tasks.build.pass_env[0]", "'AA"),
    (HEAD + "cwd = 'a//b'", config.InvalidPath, "tasks.build.cwd", "'a//b'"),
    (HEAD + "mutex = 'a b'", config.InvalidName, "tasks.build.mutex", "'a b'"),
    (HEAD + "mutex = { mode = 'shared' }", config.MissingKey, "tasks.build.mutex.name", "mutex"),
    (HEAD + "tags = ['-x']", config.InvalidName, "tasks.build.tags[0]", "'-x']"),
    (HEAD + f"tags = ['{'a' * 65}']", config.InvalidName, "tasks.build.tags[0]", "'aaa"),
    (HEAD + "timeout_s = 0", config.OutOfRange, "tasks.build.timeout_s", "0"),
    (HEAD + "timeout_s = nan", config.InvalidDuration, "tasks.build.timeout_s", "nan"),
    (HEAD + "retries = -1", config.OutOfRange, "tasks.build.retries", "-1"),
    (HEAD + "on_change = 'qeue'", config.InvalidChoice, "tasks.build.on_change", "'qeue'"),
    (HEAD + "ready = { tcp = 1 }", config.ServiceKeyOnTask, "tasks.build.ready", "ready"),
    (SERVICE + "ready = { tcp = 0 }", config.OutOfRange, "tasks.build.ready.tcp", "0 }"),
    (SERVICE + "ready = {}", config.WrongType, "tasks.build.ready", "{}"),
    (SERVICE + "ready = { tcp = 1, delay_s = 1 }", config.WrongType, "tasks.build.ready", "{ tcp"),
    (
        SERVICE + "ready = { tcp = 1, status = 200 }",
        config.UnknownKey,
        "tasks.build.ready.status",
        "s",
    ),
    (SERVICE + "ready = { log = '(' }", config.InvalidRegex, "tasks.build.ready.log", "'('"),
    (SERVICE + "ready = { http = 'x' }", config.InvalidText, "tasks.build.ready.http", "'x'"),
    (
        SERVICE + "live = { probe = { log = 'x' } }",
        config.UnknownKey,
        "tasks.build.live.probe.log",
        "l",
    ),
    (SERVICE + "stop_signal = 'SIGTREM'", config.InvalidSignal, "tasks.build.stop_signal", "'SIG"),
    (SERVICE + "restart = 'on_failure'", config.InvalidChoice, "tasks.build.restart", "'on_f"),
    (SERVICE + "backoff_s = 0", config.OutOfRange, "tasks.build.backoff_s", "0"),
]


@pytest.mark.parametrize(("text", "kind", "key", "at_caret"), CASES, ids=str)
def test_each_mistake_is_named_and_placed(
    tmp_path: Path, text: str, kind: type[ConfigError], key: str, at_caret: str
) -> None:
    error = problem(tmp_path, text)
    assert type(error) is kind
    assert error.key == key
    assert error.file == tmp_path / "hazui.toml"
    assert pointed_at(error).startswith(at_caret)
    assert error.line is not None
    assert text.splitlines()[error.line - 1] == error.excerpt


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("[workspace]\njbos = 1", "jobs"),
        ("grace_period = 1", "workspace.grace_period_s"),
        ("[task.x]", "tasks"),
        ("[tasks.x]\ncomand = 'x'\ncommand = 'y'", None),
        ("[tasks.x]\ncommand = 'x'\ninput = []", "inputs"),
        ("[workspace]\nhash = 'sha265'", "sha256"),
        (HEAD + "deps = ['^build']", "^:build"),
        (HEAD + "deps = [' build ']", "build"),
        (SERVICE + "stop_signal = 'sigterm'", "SIGTERM"),
        (SERVICE + "restart = 'on_failure'", "on-failure"),
        (HEAD + "[workspace]\ndefault_task = 'biuld'", "build"),
    ],
)
def test_a_near_miss_is_followed_by_did_you_mean(
    tmp_path: Path, text: str, suggestion: str | None
) -> None:
    error = problem(tmp_path, text)
    assert vars(error)["suggestion"] == suggestion
    if suggestion is not None:
        assert error.hint is not None
        assert suggestion in error.hint


def test_all_problems_of_all_files_are_found_at_once(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "web/hazui.toml": "[workspace]\n[tasks.a]\ncommand = 3\nnope = 1\n",
            ".env": "A=1\nB C\nSECRET='x\n",
            "user/hazui/config.toml": "bell = 'loud'\n",
        },
    )
    found = problems(
        tmp_path,
        "[workspace]\njobs = 0\nenv_file = ['.env']\n[projects.web]\npath = 'web'\n"
        "[tasks.x]\nretries = 'x'\ncache = 1\n",
        {"XDG_CONFIG_HOME": str(tmp_path / "user"), "HAZUI_SETTLE_MS": "soon"},
    )
    places = {(e.file.relative_to(tmp_path).as_posix(), e.line, e.code) for e in found}
    assert places == {
        ("user/hazui/config.toml", 1, "config.wrong_type"),
        ("hazui.toml", None, "config.invalid_override"),
        ("hazui.toml", 2, "config.out_of_range"),
        ("hazui.toml", 6, "config.missing_key"),
        ("hazui.toml", 7, "config.wrong_type"),
        ("hazui.toml", 8, "config.wrong_type"),
        (".env", 2, "config.env_file_invalid"),
        (".env", 3, "config.env_file_invalid"),
        ("web/hazui.toml", 1, "config.unknown_table"),
        ("web/hazui.toml", 3, "config.wrong_type"),
        ("web/hazui.toml", 4, "config.unknown_key"),
    }


def test_problems_of_one_file_come_in_the_order_of_its_lines(tmp_path: Path) -> None:
    found = problems(tmp_path, "[tasks.x]\nretries = 1.5\n[workspace]\njobs = 0\n")
    lines = [error.line for error in found]
    assert lines == sorted(lines, key=lambda line: line or 0)


def test_the_line_of_an_env_file_is_never_shown(tmp_path: Path) -> None:
    write(tmp_path, {".env": "PASSWORD 'hunter2'\n"})
    error = problem(tmp_path, "[workspace]\nenv_file = ['.env']\n")
    assert (error.line, error.excerpt) == (1, None)
    assert "hunter2" not in error.message + repr(error)


def test_two_names_for_one_directory_are_refused(tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "link").symlink_to("web")
    text = "[projects.a]\npath = 'web'\n[projects.b]\npath = 'link'\n"
    error = problem(tmp_path, text)
    assert isinstance(error, config.DuplicateProject)
    assert error.line == 3


def test_a_project_named_as_the_workspace_is_refused(tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    error = problem(tmp_path, "[workspace]\nname = 'a'\n[projects.a]\npath = 'web'\n")
    assert isinstance(error, config.DuplicateProject)


def test_a_file_that_cannot_be_read_is_named_with_its_cause(tmp_path: Path) -> None:
    (tmp_path / "p" / "hazui.toml").mkdir(parents=True)
    error = problem(tmp_path, "[projects.p]\npath = 'p'\n")
    assert isinstance(error, config.FileUnreadable)
    assert error.file == tmp_path / "p/hazui.toml"
    assert isinstance(error.source, IsADirectoryError)


def test_a_link_that_leads_nowhere_is_not_an_absent_file(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p/hazui.toml").symlink_to("gone")
    error = problem(tmp_path, "[projects.p]\npath = 'p'\n")
    assert isinstance(error, config.FileUnreadable)
    assert isinstance(error.source, FileNotFoundError)


def test_bytes_that_are_not_text_are_placed(tmp_path: Path) -> None:
    write(tmp_path, {"p/x": ""})
    (tmp_path / "p/hazui.toml").write_bytes(b"# \xc3\xa9\n# \xff\n")
    error = problem(tmp_path, "[projects.p]\npath = 'p'\n")
    assert isinstance(error, config.SyntaxInvalid)
    assert (error.line, error.column) == (2, 3)


def test_nesting_and_numbers_beyond_all_reason_are_syntax_problems(tmp_path: Path) -> None:
    for text in ("x = " + "[" * 100_000, "x = " + "9" * 10_000):
        assert isinstance(problem(tmp_path, text), config.SyntaxInvalid)


def test_the_words_of_a_problem_do_not_repeat_the_place(tmp_path: Path) -> None:
    error = problem(tmp_path, "x = [1,\n2")
    assert "line" not in error.message


def test_a_problem_in_a_multi_line_list_is_placed_at_its_element(tmp_path: Path) -> None:
    text = HEAD + "inputs = [\n  'a', # first\n  'b',\n\n  '../c',\n]\n"
    error = problem(tmp_path, text)
    assert (error.line, error.column) == (7, 3)
    assert error.excerpt == "  '../c',"
