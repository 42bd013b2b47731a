"""What each command and each room loads, seen in clean interpreters.

The import contracts say what may be imported; these tests say what is in ``sys.modules``.
"""

import ast
import re
import sys
from pathlib import Path

import pytest

from tests.support.clean_interpreter import after_command, after_import
from tests.support.repository import PACKAGE, ROOT, package_files, parsed, room_of, shown

HEAVY = ("textual", "rich", "psutil", "watchfiles", "asyncio", "anyio")
ENGINE = tuple(
    f"hazui.{room}" for room in ("state", "process", "execution", "supervisor", "cache", "watch")
)

PURE = ("errors", "domain", "protocol", "graph", "diagnosis", "view")

TASKS = """
[tasks.greet]
command = "cat name.txt > greeting.txt; echo hello"
inputs = ["name.txt"]
outputs = ["greeting.txt"]
"""


@pytest.fixture
def greeter(workspace: Path) -> Path:
    (workspace / "hazui.toml").write_text(TASKS)
    (workspace / "name.txt").write_text("ada\n")
    return workspace


def test_the_version_loads_no_room_but_the_command_line(tmp_path: Path) -> None:
    loaded = after_command(tmp_path, "--version")
    assert re.fullmatch(r"hazui \d+\.\d+\.\d+\n", loaded.stdout)
    assert loaded.of(*HEAVY, "sqlite3", "argparse") == []
    assert loaded.of("hazui") == ["hazui", "hazui.cli", "hazui.cli.main"]


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["check"],
        ["check", "--json"],
        ["graph"],
        ["schema"],
        ["explain"],
        ["explain", "run_task.output_declared_but_not_produced"],
        ["completions", "bash"],
        ["diagnose", "--stderr", "name.txt", "--json"],
    ],
    ids=" ".join,
)
def test_commands_that_run_nothing_load_nothing_heavy(greeter: Path, words: list[str]) -> None:
    loaded = after_command(greeter, *words)
    assert loaded.exit_code == 0, loaded.stderr
    assert loaded.stdout
    assert loaded.of(*HEAVY, "sqlite3") == []


def test_check_loads_nothing_heavy_when_there_are_problems(workspace: Path) -> None:
    (workspace / "hazui.toml").write_text("[tasks.greet]\ncomand = 'x'\n")
    loaded = after_command(workspace, "check")
    assert loaded.exit_code == 3
    assert "comand" in loaded.stderr
    assert loaded.of(*HEAVY, "sqlite3") == []


@pytest.mark.parametrize(
    "words",
    [["history"], ["why", "greet"], ["log", "greet"], ["cache", "info"], ["run", "--dry-run"]],
    ids=" ".join,
)
def test_commands_that_read_the_past_start_no_event_loop(greeter: Path, words: list[str]) -> None:
    assert after_command(greeter, "run").exit_code == 0
    loaded = after_command(greeter, *words)
    assert loaded.exit_code == 0, loaded.stderr
    assert loaded.stdout
    assert loaded.of(*HEAVY, "hazui.tui", "hazui.watch") == []


def test_a_run_with_work_loads_no_screen(greeter: Path) -> None:
    loaded = after_command(greeter, "run")
    assert loaded.exit_code == 0, loaded.stderr
    assert (greeter / "greeting.txt").read_text() == "ada\n"
    assert loaded.of("textual", "rich", "watchfiles", "hazui.tui", "hazui.watch") == []


def test_a_run_of_nothing_but_hits_starts_no_event_loop(greeter: Path) -> None:
    assert after_command(greeter, "run").exit_code == 0
    (greeter / "greeting.txt").unlink()
    loaded = after_command(greeter, "run")
    assert loaded.exit_code == 0, loaded.stderr
    assert (greeter / "greeting.txt").read_text() == "ada\n"
    assert loaded.of(*HEAVY, "hazui.tui", "hazui.watch", "multiprocessing") == []


def test_the_screen_loads_nothing_of_the_engine(tmp_path: Path) -> None:
    loaded = after_import(tmp_path, "hazui.tui.app")
    assert loaded.of("textual")
    assert loaded.of(*ENGINE, "psutil", "watchfiles", "sqlite3") == []


def test_the_plain_front_end_loads_nothing_of_the_engine_or_the_screen(tmp_path: Path) -> None:
    for module in ("hazui.headless.plain", "hazui.headless.ndjson"):
        loaded = after_import(tmp_path, module)
        assert loaded.of(*ENGINE, *HEAVY, "hazui.tui", "sqlite3") == []


@pytest.mark.parametrize("room", PURE)
def test_a_pure_room_loads_no_loop_no_process_and_no_dependency(room: str, tmp_path: Path) -> None:
    modules = [_module_name(path) for path in package_files() if room_of(path) == room]
    loaded = after_import(tmp_path, *modules)
    assert loaded.of(*modules)
    assert loaded.of(*_declared(), "rich", "asyncio", "subprocess", "socket", "sqlite3") == []
    assert {name.split(".")[1] for name in loaded.of("hazui") if "." in name} <= {
        room,
        "domain",
        "errors",
        "protocol",
    }


def test_pure_rooms_import_the_standard_library_only() -> None:
    foreign = []
    for room in PURE:
        for path in sorted((PACKAGE / room).rglob("*.py")):
            for line, name in _imports(path):
                top = name.partition(".")[0]
                if top != "hazui" and top not in sys.stdlib_module_names:
                    foreign.append(f"{shown(path, line)} {name}")
    assert foreign == []


def test_every_third_party_import_is_a_declared_dependency() -> None:
    declared = _declared()
    undeclared = {}
    for path in package_files():
        for line, name in _imports(path):
            top = name.partition(".")[0]
            if top not in {"hazui", *sys.stdlib_module_names, *declared}:
                undeclared[top] = shown(path, line)
    # rich is Textual's own text type and is pinned by it.
    assert set(undeclared) <= {"rich"}, undeclared


def test_every_declared_dependency_is_imported_somewhere() -> None:
    used = {name.partition(".")[0] for path in package_files() for _, name in _imports(path)}
    assert _declared() <= used


def test_imports_are_absolute_and_package_files_import_nothing() -> None:
    for path in package_files():
        for node in ast.walk(parsed(path)):
            assert not (isinstance(node, ast.ImportFrom) and node.level), shown(path, node.lineno)
        if path.name != "__init__.py":
            continue
        if path.parent == PACKAGE:
            assigned = [node for node in parsed(path).body if not isinstance(node, ast.Expr)]
            assert [ast.unparse(node).split(" = ")[0] for node in assigned] == ["__version__"]
        else:
            assert path.read_bytes() == b"", shown(path)


def _module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def _imports(path: Path) -> list[tuple[int, str]]:
    found = []
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.append((node.lineno, node.module))
        elif isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
    return found


def _declared() -> set[str]:
    import tomli

    project = tomli.loads((ROOT / "pyproject.toml").read_text())["project"]
    return {re.split(r"[^A-Za-z0-9_-]", text)[0] for text in project["dependencies"]}
