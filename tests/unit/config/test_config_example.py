"""config.example.toml documents every key, loads, and fits hazui's own repository."""

import re
from pathlib import Path
from typing import Any

import pytest

from hazui.config import schema
from hazui.config.kinds import Table
from hazui.config.load import Loaded, load
from hazui.config.locate import Location
from hazui.domain.patterns import first_match
from hazui.domain.specs import TaskKind, WorkspaceSpec
from tests.support.configs import loaded

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "config.example.toml"
_COMMENTED = re.compile(r'^#(?=[\[A-Za-z"])', re.MULTILINE)


def example() -> WorkspaceSpec:
    result = load(Location(EXAMPLE, ROOT), environ={})
    assert isinstance(result, Loaded), result
    return result.workspace


def everything() -> str:
    """The example with every key that is commented out put in force."""
    return _COMMENTED.sub("", EXAMPLE.read_text("utf-8"))


def given_keys(data: dict[str, Any], name: str) -> set[str]:
    """The keys that are given in the tables of a dotted name, ``*`` standing for any."""
    tables = [data]
    for part in name.split("."):
        if part == "*":
            tables = [inner for table in tables for inner in table.values()]
        else:
            tables = [table[part] for table in tables if part in table]
    return {key for table in tables for key in table}


def test_the_example_loads() -> None:
    workspace = example()
    assert {task.name for task in workspace.tasks} >= {"lint", "format", "types", "tests"}
    services = [task for task in workspace.tasks.values() if task.kind is TaskKind.SERVICE]
    assert services
    assert not any(task.watch for task in services)


def test_the_example_with_everything_in_force_loads_too(tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / ".env").write_text("")
    workspace = loaded(tmp_path, everything())
    assert workspace.assistant is not None
    assert "web" in workspace.projects


@pytest.mark.parametrize(
    "table",
    [schema.WORKSPACE, *schema.WORKSPACE.tables, schema.PROJECT, schema.TASK],
    ids=lambda table: table.name,
)
def test_every_key_is_in_the_example(table: Table) -> None:
    import tomli

    missing = set(table.by_name) - given_keys(tomli.loads(everything()), table.name)
    assert not missing


def test_every_key_of_the_users_file_is_mentioned() -> None:
    text = EXAMPLE.read_text("utf-8")
    for key in schema.SETTINGS.keys:
        assert re.search(rf"^#     {key.name} = ", text, re.MULTILINE)


def test_every_key_is_explained_where_it_comes_first() -> None:
    lines = everything().splitlines()
    names = set(schema.PROJECT.by_name) | set(schema.TASK.by_name)
    for table in (schema.WORKSPACE, *schema.WORKSPACE.tables):
        names |= {key.name for key in table.keys}
    unexplained = []
    for name in names:
        first = next(
            n for n, line in enumerate(lines) if re.match(rf"\[?.*\b{name}\b( =|\])", line)
        )
        if not lines[first - 1].startswith("# "):
            unexplained.append(name)
    # A service begins with its kind, which was explained before, as were tags of a project.
    assert not unexplained


def test_a_default_that_is_shown_is_the_default() -> None:
    import tomli

    data = tomli.loads(everything())
    for table in schema.WORKSPACE.tables:
        shown = data
        for part in table.name.split("."):
            shown = shown[part]
        for key in table.keys:
            if key.default and table is not schema.ASSISTANT:
                assert shown[key.name] == tomli.loads(f"x = {key.default}")["x"], key.name


def test_every_input_pattern_of_the_example_names_something_here() -> None:
    files = [
        path.relative_to(ROOT).as_posix()
        for top in ("hazui", "tests", "bench", "screenshots")
        for path in (ROOT / top).rglob("*")
        if path.is_file()
    ] + [path.name for path in ROOT.iterdir() if path.is_file()]
    for task in example().tasks.values():
        for pattern in task.inputs:
            if not pattern.is_exclusion:
                assert any(first_match([pattern], file) for file in files), (task.id, pattern.text)
