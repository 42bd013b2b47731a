"""How every file looks: its length, its name, its words, what it leaves behind."""

import ast
import re
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.support.repository import (
    PACKAGE,
    ROOT,
    package_files,
    parsed,
    python_files,
    room_of,
    shown,
    written_files,
)

LINES_MAX = 600
LINES_WITHOUT_REASON_MAX = 400
REASON = re.compile(r"\b[Oo]ne file (because|on purpose|so that)\b")
FUNCTION_LINES_MAX = 70
COLUMNS_MAX = 100
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}
LEFTOVERS = re.compile(r"\b(FIXME|TODO|XXX|HACK)\b")
FOREIGN = re.compile(r"(?<![\w.])/work\b|\bshared/(spec|research|seeds|hooks)|\bspec/\w+\.md\b")

DESCRIBED_ONCE = {
    "hazui/diagnosis/recognisers/": "find",  # Recogniser says what each one does
}
LOADED_BY_NAME = (
    "hazui/cli/main.py",  # the entry point of the installed command
    "hazui/cli/commands/",  # one module for each subcommand
    "hazui/errors/",  # the registry loads every family
    "hazui/diagnosis/recognisers/",  # the registry loads what the matchers name
    "hazui/execution/run.py",  # one task as a whole, for those who need no scheduler
)

type_of_function = (ast.FunctionDef, ast.AsyncFunctionDef)


def text_files() -> Iterator[tuple[Path, list[str]]]:
    for path in written_files():
        try:
            yield path, path.read_text("utf-8").splitlines()
        except UnicodeDecodeError:
            continue


def listed(found: Iterable[str] | Mapping[str, int]) -> str:
    """Everything that was found, one a line, for the message of a failure."""
    if isinstance(found, Mapping):
        found = [f"{name}: {count}" for name, count in found.items()]
    return "\n".join(["", *found])


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(parsed(path)) if isinstance(node, type_of_function))


def test_the_files_are_found() -> None:
    names = {shown(path) for path in written_files()}
    assert {"hazui/cli/main.py", "pyproject.toml", "README.md", ".ci/run"} <= names
    assert len(package_files()) > 150


def test_no_file_is_longer_than_the_limit() -> None:
    long = {shown(path): len(lines) for path, lines in text_files() if path.suffix == ".py"}
    found = {name: count for name, count in long.items() if count > LINES_MAX}
    assert not found, listed(found)


def test_a_long_module_says_why_it_is_one_file() -> None:
    unexplained = {}
    for path in package_files():
        count = len(path.read_text("utf-8").splitlines())
        docstring = " ".join((ast.get_docstring(parsed(path)) or "").split())
        if count > LINES_WITHOUT_REASON_MAX and not REASON.search(docstring):
            unexplained[shown(path)] = count
    assert not unexplained, "no 'One file because ...' in the docstring of " + listed(unexplained)


def test_no_function_of_the_package_is_longer_than_a_screen() -> None:
    long = {}
    for path in package_files():
        for node in functions(path):
            count = (node.end_lineno or node.lineno) - node.lineno + 1
            if count > FUNCTION_LINES_MAX:
                long[f"{shown(path, node.lineno)} {node.name}"] = count
    assert not long, listed(long)


def test_no_line_is_wider_than_the_limit() -> None:
    """For what ruff does not read; in Python it is ruff that says so."""
    wide = [
        shown(path, number)
        for path, lines in text_files()
        if path.suffix in (".tcss", ".toml") or path.parent.name == ".ci"
        for number, line in enumerate(lines, 1)
        if len(line) > COLUMNS_MAX
    ]
    assert not wide, listed(wide)


def test_no_line_ends_in_a_blank_and_every_file_in_one_newline() -> None:
    """For what ruff does not read, as above."""
    untidy = []
    for path in written_files():
        content = path.read_bytes()
        if path.suffix not in (".toml", ".tcss", ".md") or not content:
            continue
        untidy += [
            shown(path, number)
            for number, line in enumerate(content.splitlines(), 1)
            if line != line.rstrip() or b"\t" in line
        ]
        if not content.endswith(b"\n") or content.endswith(b"\n\n"):
            untidy.append(shown(path))
    assert not untidy, listed(untidy)


def test_a_name_says_what_a_module_is() -> None:
    vague = [
        shown(path)
        for path in python_files()
        if FORBIDDEN_NAMES & {*path.relative_to(ROOT).parent.parts, *path.stem.split("_")}
    ]
    assert not vague, listed(vague)


def test_test_files_have_names_of_their_own() -> None:
    seen: dict[str, Path] = {}
    for path in python_files():
        if path.name.startswith("test_") and "demo_files" not in path.parts:
            assert path.name not in seen, f"{shown(path)} and {shown(seen[path.name])}"
            seen[path.name] = path


def test_no_comment_leaves_something_for_later() -> None:
    found = []
    for path in python_files():
        with path.open("rb") as file:
            found += [
                f"{shown(path, token.start[0])} {token.string}"
                for token in tokenize.tokenize(file.readline)
                if token.type == tokenize.COMMENT and LEFTOVERS.search(token.string)
            ]
        found += [
            shown(path, node.lineno)
            for node in ast.walk(parsed(path))
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "breakpoint"
        ]
    assert not found, listed(found)


def test_nothing_points_outside_the_repository() -> None:
    found = [
        f"{shown(path, number)} {line.strip()[:60]}"
        for path, lines in text_files()
        if path != Path(__file__)
        for number, line in enumerate(lines, 1)
        if FOREIGN.search(line)
    ]
    assert not found, listed(found)


def test_every_module_has_a_user() -> None:
    """A module is imported somewhere in the package, or loaded by name for a reason."""
    imported = {"hazui.__main__"}
    for path in package_files():
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.ImportFrom) and node.module:
                imported |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
            elif isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
    dead = [
        shown(path)
        for path in package_files()
        if path.name != "__init__.py"
        and ".".join(path.relative_to(ROOT).with_suffix("").parts) not in imported
        and not shown(path).startswith(LOADED_BY_NAME)
    ]
    assert not dead, listed(dead)


def test_only_the_command_line_owns_the_standard_streams() -> None:
    printing = []
    for path in package_files():
        if room_of(path) == "cli":
            continue
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("print", "input"):
                printing.append(shown(path, node.lineno))
            if isinstance(node, ast.Attribute) and ast.unparse(node) in (
                "sys.stdout",
                "sys.stderr",
            ):
                printing.append(shown(path, node.lineno))
    assert not printing, listed(printing)


def test_every_asynchronous_task_has_an_owner() -> None:
    bare = [
        shown(path, node.lineno)
        for path in package_files()
        if room_of(path) != "tui"
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).split(".")[-1] in ("create_task", "ensure_future")
    ]
    assert not bare, listed(bare)


@pytest.mark.parametrize(
    "room", sorted(path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists())
)
def test_every_public_module_class_and_function_is_described(room: str) -> None:
    silent = []
    for path in package_files():
        if room_of(path) != room or path.name == "__init__.py":
            continue
        if not ast.get_docstring(parsed(path)):
            silent.append(shown(path))
        silent += [
            f"{shown(path, node.lineno)} {node.name}"
            for node in _public(parsed(path))
            if not ast.get_docstring(node)
            and (f"{path.parent.relative_to(ROOT)}/", node.name) not in DESCRIBED_ONCE.items()
        ]
    assert not silent, listed(silent)


def test_every_error_code_belongs_to_one_class() -> None:
    owners: dict[str, list[str]] = {}
    for path in sorted((PACKAGE / "errors").rglob("*.py")):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.ClassDef):
                for code in _codes(node):
                    owners.setdefault(code, []).append(f"{shown(path, node.lineno)} {node.name}")
    assert len(owners) > 60
    assert {code: names for code, names in owners.items() if len(names) > 1} == {}
    assert [code for code in owners if not re.fullmatch(r"[a-z_]+\.[a-z_]+", code)] == []


def _public(
    tree: ast.Module | ast.ClassDef,
) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    """Classes, classes in classes, and functions of the module; methods follow their class."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield node
            yield from _public(node)
        elif (
            isinstance(tree, ast.Module)
            and isinstance(node, type_of_function)
            and not node.name.startswith("_")
        ):
            yield node


def _codes(node: ast.ClassDef) -> Iterator[str]:
    for statement in node.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign) and isinstance(
            statement.value, ast.Constant
        ):
            target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
            if ast.unparse(target) == "CODE" and statement.value.value:
                yield str(statement.value.value)
