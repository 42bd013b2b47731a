"""The words of the command line, and the commands that need no session."""

import argparse
import io
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from hazui.cli import streams
from hazui.cli.arguments import SUMMARY, UsageError, parse
from hazui.cli.commands import completions, doctor, explain, graph, init
from hazui.cli.console import Console
from hazui.cli.exit_codes import ExitCode, exit_code_of
from hazui.cli.main import main
from hazui.config.locate import Location
from hazui.errors import config, control, feature, fs, internal, state
from hazui.errors import graph as graph_errors
from hazui.errors.base import HazuiError
from hazui.errors.runtime import HazuiRuntimeError, RuntimeErrorCode
from hazui.supervisor.workspace import LoadedWorkspace, load_workspace


class Said(Console):
    """A console that keeps what it says."""

    def __init__(self) -> None:
        self.data, self.words = io.StringIO(), io.StringIO()
        super().__init__(environ={"NO_COLOR": "1"}, stdout=self.data, stderr=self.words)


@pytest.fixture
def said() -> Said:
    return Said()


def loaded(root: Path) -> LoadedWorkspace:
    found = load_workspace(Location(root / "hazui.toml", root), environ={}, overrides={})
    assert isinstance(found, LoadedWorkspace), found
    return found


# -- arguments ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "command", "targets"),
    [
        ([], "", []),
        (["build", "test"], "", ["build", "test"]),
        (["run", "build"], "run", ["build"]),
        (["-C", "run", "run", "build"], "run", ["build"]),
        (["-q", "run", "run"], "run", ["run"]),
        (["-j", "2", "build"], "", ["build"]),
        (["w:run"], "", ["w:run"]),
    ],
)
def test_the_first_word_that_is_a_subcommand_is_the_subcommand(
    words: list[str], command: str, targets: list[str]
) -> None:
    found = parse(words)
    assert (found.command, found.targets) == (command, targets)


@pytest.mark.parametrize("command", ["", *SUMMARY])
def test_common_options_stand_on_either_side(command: str) -> None:
    common = ["-C", "d", "--config", "f", "--scratch", "--no-color", "-q", "-v"]
    needed = {"cache": ["info"], "completions": ["bash"], "why": ["t"], "log": ["t"]}
    needed |= {"stop": ["t"], "restart": ["t"]}
    word = [command] if command else []
    rest = needed.get(command, [])
    before = parse([*common, *word, *rest])
    after = parse([*word, *rest, *common])
    assert before == after
    assert (before.directory, before.config, before.scratch, before.quiet) == ("d", "f", True, True)


def test_words_after_two_dashes_are_arguments_of_run_only() -> None:
    assert parse(["run", "t", "--", "-k", "x"]).arguments == ("-k", "x")
    with pytest.raises(UsageError):
        parse(["check", "--", "x"])


@pytest.mark.parametrize("words", [["run", "--nope"], ["run", "--output", "x"], ["completions"]])
def test_what_is_not_understood_is_a_usage_error_with_the_usage(words: list[str]) -> None:
    with pytest.raises(UsageError, match="usage: hazui"):
        parse(words)


def test_every_command_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    for command in SUMMARY:
        assert main([command, "--help"]) == 0
    assert main(["--help"]) == 0
    printed = capsys.readouterr().out
    assert all(text.capitalize()[:20] in printed for text in SUMMARY.values())


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (graph_errors.UnknownTarget(target="x", suggestion=None), ExitCode.USAGE),
        (config.ConfigNotFound(file=Path("hazui.toml"), start=Path("/x")), ExitCode.CONFIG),
        (HazuiRuntimeError(RuntimeErrorCode.SESSION_EXECUTION_BUSY, "busy"), ExitCode.SESSION),
        (state.Locked(path=Path("/x")), ExitCode.SESSION),
        (control.NotRunning(root=Path("/x")), ExitCode.SESSION),
        (internal.Unexpected(where="x", source=ValueError()), ExitCode.INTERNAL),
        (feature.NotAvailable(feature="x", detail="y"), ExitCode.USAGE),
        (fs.NotFound(path=Path("/x")), ExitCode.TASK_FAILED),
    ],
)
def test_each_family_of_errors_has_its_exit_code(error: HazuiError, code: int) -> None:
    assert exit_code_of(error) == code


# -- streams --------------------------------------------------------------------------------------


def test_a_reader_that_left_is_told_apart_from_a_full_disk(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        lost = lose(streams.own(full, is_line_buffered=True))
        assert not lost.is_reader_gone
    process = subprocess.Popen(["true"], stdin=subprocess.PIPE, text=True)
    process.wait()
    assert process.stdin is not None
    with process.stdin as pipe:
        assert isinstance(pipe, io.TextIOWrapper)
        lost = lose(streams.own(pipe, is_line_buffered=True))
    assert lost.is_reader_gone
    group = BaseExceptionGroup("two", [ValueError(), BaseExceptionGroup("one", [lost])])
    assert streams.find_lost(group) is lost
    assert streams.find_lost(ValueError()) is None


def lose(stream: object) -> streams.OutputLostError:
    assert isinstance(stream, io.TextIOWrapper)
    try:
        stream.write("x\n")
        stream.flush()
    except streams.OutputLostError as lost:
        streams.discard(stream)
        return lost
    raise AssertionError("it was written")


@pytest.mark.parametrize(
    ("environ", "without_color", "has_color"),
    [
        ({}, False, False),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"FORCE_COLOR": "0"}, False, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
        ({"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_colours_are_decided_in_one_place(
    environ: dict[str, str], without_color: bool, has_color: bool
) -> None:
    stream = io.StringIO()
    console = Console(environ=environ, without_color=without_color, stdout=stream, stderr=stream)
    assert console.has_color(stream) is has_color


# -- completions ----------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_completion_script_is_valid_and_knows_every_command(shell: str, said: Said) -> None:
    completions.execute(argparse.Namespace(shell=shell), said)
    script = said.data.getvalue()
    assert all(name in script for name in SUMMARY)
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    check = ["fish", "--no-execute"] if shell == "fish" else [shell, "-n"]
    done = subprocess.run(check, input=script, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_no_shell_takes_a_summary_for_code(said: Said) -> None:
    for shell in ("zsh", "fish"):
        completions.execute(argparse.Namespace(shell=shell), said)
    quoted = [line for line in said.data.getvalue().splitlines() if "'" in line]
    assert all(line.count("'") % 2 == 0 for line in quoted)


def test_bash_completes_commands_and_flags() -> None:
    bash = shutil.which("bash")
    assert bash is not None
    said = Said()
    completions.execute(argparse.Namespace(shell="bash"), said)
    words = (
        f"{said.data.getvalue()}\nhazui() {{ echo task-a; }}\n"
        "COMP_WORDS=(hazui run --wa); COMP_CWORD=2; _hazui; echo ${COMPREPLY[@]}\n"
        "COMP_WORDS=(hazui dem); COMP_CWORD=1; _hazui; echo ${COMPREPLY[@]}\n"
        "COMP_WORDS=(hazui run task); COMP_CWORD=2; _hazui; echo ${COMPREPLY[@]}\n"
    )
    done = subprocess.run([bash, "-c", words], capture_output=True, text=True, check=False)
    assert done.stdout.split("\n")[:3] == ["--watch", "demo", "task-a"]


# -- init -----------------------------------------------------------------------------------------

PROJECTS = {
    "package.json": json.dumps(
        {"scripts": {"build": "x", "dev": "y", "test:unit": 'z "q"', "deploy": "d", "-": "no"}}
    ),
    "pyproject.toml": "[tool.ruff]\n[tool.mypy]\n[tool.pytest.ini_options]\n",
    "Makefile": "VERSION := 1\nall: build\nbuild:\n\tcc x.c\nclean:\n\trm x\n.PHONY: all\n",
    "Cargo.toml": "[package]\nname = 'x'\n",
    "go.mod": "module x\n",
}
EXPECTED = {
    "package.json": {"build", "dev", "test-unit", "deploy"},
    "pyproject.toml": {"lint", "types", "test"},
    "Makefile": {"all", "build", "clean"},
    "Cargo.toml": {"build", "test"},
    "go.mod": {"vet", "test"},
}


@pytest.mark.parametrize("name", PROJECTS)
def test_init_writes_what_check_accepts(name: str, tmp_path: Path, said: Said) -> None:
    (tmp_path / name).write_text(PROJECTS[name])
    assert init.execute(argparse.Namespace(directory=str(tmp_path)), said) == 0
    found = loaded(tmp_path)
    assert {task.name for task in found.spec.tasks} == EXPECTED[name]


def test_init_takes_each_name_once_and_never_overwrites(tmp_path: Path, said: Said) -> None:
    for name, text in PROJECTS.items():
        (tmp_path / name).write_text(text)
    options = argparse.Namespace(directory=str(tmp_path))
    assert init.execute(options, said) == 0
    loaded(tmp_path)
    written = (tmp_path / "hazui.toml").read_text()
    assert init.execute(options, said) == ExitCode.USAGE
    assert (tmp_path / "hazui.toml").read_text() == written


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("package.json", "[1, 2]"),
        ("package.json", '{"scripts": ["a"]}'),
        ("package.json", '{"scripts": null}'),
        ("package.json", "{"),
        ("package.json", "\xff"),
        ("pyproject.toml", "= broken"),
        ("pyproject.toml", "tool = 3"),
        ("Makefile", ""),
    ],
)
def test_init_looks_past_what_it_cannot_read(
    name: str, text: str, tmp_path: Path, said: Said
) -> None:
    (tmp_path / name).write_bytes(text.encode("latin-1"))
    assert init.execute(argparse.Namespace(directory=str(tmp_path)), said) == 0
    loaded(tmp_path)


def test_init_in_a_directory_with_an_odd_name_writes_a_valid_file(
    tmp_path: Path, said: Said
) -> None:
    root = tmp_path / 'it\'s "odd" $(x) é'
    root.mkdir()
    assert init.execute(argparse.Namespace(directory=str(root)), said) == 0
    loaded(root)


# -- demo, graph, explain, doctor -----------------------------------------------------------------


def test_the_demo_is_valid_and_is_not_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "demo"
    assert main(["demo", "--write-only", str(target)]) == 0
    assert loaded(target).spec.tasks
    assert main(["demo", "--write-only", str(target)]) == 0
    other = tmp_path / "other"
    other.mkdir()
    (other / "mine").write_text("mine")
    assert main(["demo", "--write-only", str(other)]) == ExitCode.USAGE
    assert "not empty" in capsys.readouterr().err


GRAPH = """
[workspace]
name = "w"
[tasks.a]
command = "true"
[tasks.b]
command = "true"
deps = ["a"]
[tasks.s]
kind = "service"
command = "true"
weak_deps = ["b"]
[tasks.deploy]
command = "true"
watch = false
"""


def drawn(root: Path, form: str) -> str:
    (root / "hazui.toml").write_text(GRAPH)
    said = Said()
    options = argparse.Namespace(
        directory=str(root), config=None, scratch=False, json=form == "json", format=form
    )
    assert graph.execute(options, said) == 0
    return said.data.getvalue()


def test_the_graph_is_drawn_in_every_form(tmp_path: Path) -> None:
    assert drawn(tmp_path, "text").splitlines() == [
        "w:a",
        "w:b  <- w:a",
        "w:deploy  [only by name]",
        "w:s  [service]  (after w:b)",
    ]
    assert drawn(tmp_path, "names").split() == ["a", "b", "deploy", "s"]
    assert '  "w:a" -> "w:b";' in drawn(tmp_path, "dot")
    assert '  "w:b" -> "w:s" [style=dashed];' in drawn(tmp_path, "dot")
    assert "  t0 --> t1" in drawn(tmp_path, "mermaid")
    found = json.loads(drawn(tmp_path, "json"))
    assert [task["task"] for task in found["tasks"]] == ["w:a", "w:b", "w:deploy", "w:s"]
    assert found["order"].index("w:a") < found["order"].index("w:b")


def test_every_code_is_explained_and_a_mistyped_one_is_guessed(said: Said) -> None:
    assert explain.execute(argparse.Namespace(code=None, json=True), said) == 0
    codes = json.loads(said.data.getvalue())
    assert {"code", "family", "kind", "class", "text"} <= set(codes[0])
    assert len({entry["code"] for entry in codes}) == len(codes)
    for entry in codes:
        assert explain.execute(argparse.Namespace(code=entry["code"], json=False), Said()) == 0
    wrong = argparse.Namespace(code="run_task.spawn_faild", json=False)
    assert explain.execute(wrong, said) == ExitCode.USAGE
    assert "did you mean run_task.spawn_failed?" in said.words.getvalue()


def test_the_doctor_says_what_to_do_about_what_it_finds(
    said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL", "no-such-editor --wait")
    assert doctor.execute(argparse.Namespace(json=True), said) == ExitCode.TASK_FAILED
    findings = {finding["check"]: finding for finding in json.loads(said.data.getvalue())}
    assert findings["editor"]["status"] == "problem"
    assert "not on PATH" in findings["editor"]["advice"]
    assert {"python", "terminal", "git", "sqlite", "process tracking"} <= set(findings)
    monkeypatch.setenv("VISUAL", "true")
    assert doctor.execute(argparse.Namespace(json=False), said) == ExitCode.SUCCESS
