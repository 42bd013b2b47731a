"""What a child is given: the exact rules."""

from pathlib import Path

import pytest

from hazui.domain.ids import RunId, Turn
from hazui.domain.paths import CanonicalPath
from hazui.execution.environment import (
    child_argv,
    child_cwd,
    child_environment,
    declared_variables,
    platform_fingerprint,
)
from tests.support.execution import Bench, task_spec

HOST = {
    "PATH": "/bin",
    "HOME": "/home/me",
    "USER": "me",
    "LOGNAME": "me",
    "SHELL": "/bin/zsh",
    "LANG": "C.UTF-8",
    "LC_TIME": "de_DE",
    "TZ": "UTC",
    "TMPDIR": "/var/tmp",
    "XDG_CACHE_HOME": "/c",
    "SSH_AUTH_SOCK": "/s",
    "VIRTUAL_ENV": "/venv",
    "SECRET": "hush",
    "COLUMNS": "200",
    "NO_COLOR": "1",
}
FIXED = {"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1", "COLUMNS": "120", "LINES": "40"}


def environment(bench: Bench, **options: object) -> dict[str, str]:
    task = task_spec("t", "true", **options)
    context = bench.context
    return child_environment(task, context.workspace, context.environ, Turn(3), RunId("r9"))


def test_the_base_is_passed_and_nothing_else(tmp_path: Path) -> None:
    base = {k: v for k, v in HOST.items() if k not in ("SECRET", "COLUMNS", "NO_COLOR")}
    assert environment(Bench(tmp_path, environ=HOST)) == {
        **base,
        **FIXED,
        "HAZUI_TASK": "app:t",
        "HAZUI_TURN": "3",
        "HAZUI_RUN": "r9",
    }


def test_literals_win_over_what_is_passed(tmp_path: Path) -> None:
    bench = Bench(tmp_path, environ=HOST)
    env = environment(bench, pass_env=("SECRET", "USER"), env=(("USER", "literal"),))
    assert (env["SECRET"], env["USER"]) == ("hush", "literal")


def test_env_files_supply_what_the_process_environment_lacks(tmp_path: Path) -> None:
    bench = Bench(tmp_path, environ=HOST, env_file_values={"SECRET": "file", "EXTRA": "file"})
    env = environment(bench, pass_env=("SECRET", "EXTRA"))
    assert (env["SECRET"], env["EXTRA"]) == ("hush", "file")


def test_an_absent_variable_differs_from_an_empty_one(tmp_path: Path) -> None:
    task = task_spec("t", "true", pass_env=("NOPE",))
    absent = Bench(tmp_path, environ={})
    empty = Bench(tmp_path, environ={"NOPE": ""})
    for bench in (absent, empty):
        bench.add(task)
    assert declared_variables(task, absent.context.workspace, {}) == (("NOPE", None),)
    assert "NOPE" not in environment(absent, pass_env=("NOPE",))
    assert environment(empty, pass_env=("NOPE",))["NOPE"] == ""
    assert absent.key(task).key != empty.key(task).key


def test_a_hazui_inside_a_hazui_carries_both_runs(tmp_path: Path) -> None:
    bench = Bench(tmp_path, environ={"HAZUI_RUN": "outer", "HAZUI_TASK": "x"})
    env = environment(bench, env=(("HAZUI_TASK", "forged"),))
    assert (env["HAZUI_RUN"], env["HAZUI_TASK"]) == ("outer/r9", "app:t")


def test_the_base_is_not_part_of_the_key(tmp_path: Path) -> None:
    task = task_spec("t", "true")
    one = Bench(tmp_path, task, environ=HOST)
    two = Bench(tmp_path, task, environ={"PATH": "/elsewhere"})
    assert one.key(task).key == two.key(task).key


@pytest.mark.parametrize(
    ("shell", "words"),
    [
        ("sh", ("sh", "-eu", "-c", "x")),
        ("/bin/dash", ("/bin/dash", "-eu", "-c", "x")),
        ("bash", ("bash", "-eu", "-o", "pipefail", "-c", "x")),
        ("fish", ("fish", "-c", "x")),
    ],
)
def test_a_script_is_given_to_its_shell(shell: str, words: tuple[str, ...]) -> None:
    task = task_spec("t", "x", shell=shell)
    assert child_argv(task) == words
    assert child_argv(task, ("a", "b")) == (*words, shell, "a", "b")


def test_an_argv_is_taken_as_it_is() -> None:
    assert child_argv(task_spec("t", ("make", "all")), ("-j2",)) == ("make", "all", "-j2")


def test_the_working_directory_is_absolute(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    assert child_cwd(task_spec("t", "x"), bench.context.workspace) == tmp_path
    inside = task_spec("t", "x", cwd=CanonicalPath("a/b"))
    assert child_cwd(inside, bench.context.workspace) == tmp_path / "a/b"


def test_the_platform_is_named() -> None:
    assert "linux" in platform_fingerprint() or "darwin" in platform_fingerprint()
