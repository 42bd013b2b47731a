"""What the README tells a new user is so: commands, keys, exit codes, links, how to test."""

import re
import stat
import textwrap
from pathlib import Path

import pytest
import tomli

from hazui import __version__
from hazui.cli.arguments import SUMMARY
from hazui.cli.exit_codes import ExitCode
from hazui.cli.main import LATER
from hazui.config.json_schema import json_schema, settings_schema
from hazui.domain.specs import WorkspaceSpec
from hazui.tui.bindings import PLACES
from hazui.tui.keymap import checked
from tests.support.configs import loaded
from tests.support.repository import ROOT

README = (ROOT / "README.md").read_text("utf-8")
TRY = "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/hazui demo"
TEST = "python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/pytest"
SIGNS = {
    "colon": ":",
    "full_stop": ".",
    "left_square_bracket": "[",
    "question_mark": "?",
    "right_square_bracket": "]",
    "slash": "/",
}
WORDS = {
    "pagedown": "PageDown",
    "pageup": "PageUp",
}


def section(title: str) -> str:
    """The text below a heading, up to the next one of its level or above."""
    level, text = re.split(rf"^(##+) {re.escape(title)}\n", README, flags=re.MULTILINE)[1:3]
    return re.split(rf"^#{{2,{len(level)}}} ", text, flags=re.MULTILINE)[0]


def first_column(text: str) -> list[str]:
    """The first cells of a table's rows."""
    rows = [
        line.split(" | ")[0].removeprefix("| ") for line in text.splitlines() if line[:2] == "| "
    ]
    return rows[1:]


def written(key: str) -> str:
    """How the README writes a key that Textual calls ``key``."""
    *held, name = key.split("+")
    modifiers = [part.capitalize() for part in held]
    if len(name) == 1:
        name = name.upper() if modifiers else name
    else:
        name = SIGNS.get(name) or WORDS.get(name) or name.capitalize()
    return "-".join([*modifiers, name])


def test_the_two_commands_are_there_each_on_one_line() -> None:
    assert {TRY, TEST} <= set(README.splitlines())


def test_ci_runs_literally_the_second_command() -> None:
    run = ROOT / ".ci" / "run"
    lines = run.read_text().splitlines()
    assert lines[0] == "#!/usr/bin/env bash"
    assert "set -eu" in lines
    assert lines[-1] == TEST
    assert run.stat().st_mode & stat.S_IXUSR
    (change,) = [line for line in lines if line.startswith("cd ")]
    assert change == 'cd "$(dirname "$0")/.."'


def test_every_command_is_in_the_table_or_said_to_be_missing() -> None:
    told = {re.match(r"`hazui (\w+)", cell) for cell in first_column(section("Commands"))}
    named = {match[1] for match in told if match}
    assert named == set(SUMMARY) - set(LATER)
    missing = section("What this version does not have").split("\n- ")[1].split(":")[0]
    assert set(re.findall(r"`(?:hazui )?(\w+)`", missing)) == set(LATER)


def test_every_exit_code_is_told() -> None:
    told = [int(code) for cell in first_column(section("Exit codes")) for code in cell.split(", ")]
    assert sorted(told) == sorted(map(int, ExitCode))


def test_every_key_is_told_and_every_key_told_exists() -> None:
    real = {written(part) for place in PLACES for key in place.keys for part in key.keys.split(",")}
    told = {key for cell in first_column(section("Keys")) for key in re.findall(r"`([^`]+)`", cell)}
    assert told == real


def test_every_link_and_picture_leads_to_a_file() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", README)
    assert len(targets) >= 3
    missing = [target for target in targets if "://" not in target and not (ROOT / target).exists()]
    assert missing == []


def test_the_configuration_of_the_tour_is_valid(workspace: Path) -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", README, flags=re.DOTALL)
    spec: WorkspaceSpec = loaded(workspace, textwrap.dedent(text))
    assert [task.name for task in spec.tasks] == ["lint", "test"]


def test_every_key_of_a_task_that_is_told_exists() -> None:
    known = set(json_schema()["properties"]["tasks"]["additionalProperties"]["properties"])
    table = section("Configuration")
    told = {name for cell in first_column(table) for name in re.findall(r"`(\w+)", cell)}
    assert told <= known
    assert "command" in told


def test_the_users_file_in_the_example_is_valid() -> None:
    example = (ROOT / "config.example.toml").read_text("utf-8")
    lines = re.findall(r"^#     (\w+ = .*)$", example, flags=re.MULTILINE)
    settings = tomli.loads("\n".join(lines))
    assert set(settings) == set(settings_schema()["properties"])
    usable, problems = checked(settings["keymap"])
    assert problems == []
    assert usable == settings["keymap"]


def test_the_changes_are_those_of_this_version() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    newest = re.findall(r"^## (\S+)", changes, flags=re.MULTILINE)[0]
    assert newest == __version__


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md"])
def test_a_line_of_prose_fits_a_screen(name: str) -> None:
    lines = (ROOT / name).read_text("utf-8").splitlines()
    wide = [line for line in lines if len(line) > 110 and line[:1] not in "|!"]
    assert wide == []
