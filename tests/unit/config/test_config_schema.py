"""One definition of every key: its defaults, its JSON Schema and its classes of problems agree."""

import dataclasses
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import tomli

from hazui.config import schema
from hazui.config.json_schema import json_schema, settings_schema
from hazui.config.kinds import Key, Table, toml_value
from hazui.config.positions import SourceText
from hazui.config.problems import ProblemName, Problems
from hazui.config.reading import INVALID, Reading
from hazui.domain import specs
from hazui.domain.ids import TaskId
from hazui.domain.paths import CanonicalPath
from hazui.errors import config
from tests.support.configs import loaded

TABLES = (
    schema.SETTINGS,
    schema.STORES,
    schema.LEASE,
    schema.HISTORY,
    schema.CACHE,
    schema.LOG,
    schema.ASSISTANT,
    schema.WORKSPACE,
    schema.PROJECT,
    schema.TASK,
)


def keys() -> Iterator[tuple[Table, Key]]:
    for table in TABLES:
        for key in table.keys:
            yield table, key


@pytest.mark.parametrize(("table", "key"), keys(), ids=lambda item: item.name)
def test_every_key_has_a_sentence_and_a_default_that_it_takes(table: Table, key: Key) -> None:
    assert key.doc[0].isupper()
    assert key.doc.endswith(".")
    assert table.doc.endswith(".")
    if key.default:
        problems = Problems()
        read = key.kind.read(
            toml_value(key.default), (key.name,), Reading(SourceText(Path("/x"), ""), problems)
        )
        assert read is not INVALID
        assert not problems


@pytest.mark.parametrize(
    ("table", "spec"),
    [
        (schema.LEASE, specs.LeaseTimes()),
        (schema.HISTORY, specs.HistoryLimits()),
        (schema.CACHE, specs.CacheLimits()),
        (schema.SETTINGS, specs.UserSettings()),
        (schema.TASK, specs.ServiceSpec()),
        (
            schema.TASK,
            specs.TaskSpec(
                id=TaskId("a", "b"),
                root=CanonicalPath(""),
                command=("x",),
                cwd=CanonicalPath(""),
            ),
        ),
    ],
    ids=lambda item: type(item).__name__,
)
def test_a_default_in_the_schema_is_the_default_of_the_value(table: Table, spec: Any) -> None:
    compared = 0
    for field in dataclasses.fields(spec):
        key = table.by_name.get(field.name)
        if key is None or not key.default or field.name in ("tags", "env", "display"):
            continue
        read = key.kind.read(
            toml_value(key.default), (), Reading(SourceText(Path("/x"), ""), Problems())
        )
        assert read == getattr(spec, field.name), field.name
        compared += 1
    assert compared


def test_the_defaults_of_the_workspace_are_those_of_the_schema(tmp_path: Path) -> None:
    lines = [f"{key.name} = {key.default}" for key in schema.WORKSPACE.keys if key.default]
    for table in schema.WORKSPACE.tables:
        given = [f"{key.name} = {key.default}" for key in table.keys if key.default]
        if table is not schema.ASSISTANT:
            lines += [f"[{table.name}]", *given]
    written = loaded(tmp_path, "[workspace]\n" + "\n".join(lines))
    bare = loaded(tmp_path, "")
    assert dataclasses.replace(written, digest="", stores={}) == dataclasses.replace(
        bare, digest="", stores={}
    )
    assert written.stores == dict.fromkeys(specs.STORE_FACETS, "durable")


def test_every_field_of_a_task_and_a_service_has_a_key() -> None:
    given = {field.name for field in dataclasses.fields(specs.TaskSpec)}
    assert given - {"id", "root", "service"} <= set(schema.TASK.by_name)
    service = {field.name for field in dataclasses.fields(specs.ServiceSpec)} - {"keys_given"}
    assert service == schema.SERVICE_KEY_NAMES


def test_every_name_of_a_problem_is_a_class() -> None:
    for name in get_args(ProblemName):
        assert issubclass(getattr(config, name), config.ConfigError)


def test_the_json_schema_has_every_key() -> None:
    made = json_schema()
    assert json.loads(json.dumps(made)) == made
    properties = made["properties"]
    task = properties["tasks"]["additionalProperties"]
    assert set(task["properties"]) == set(schema.TASK.by_name)
    assert task["required"] == ["command"]
    assert task["additionalProperties"] is False
    workspace = properties["workspace"]["properties"]
    assert set(workspace) == set(schema.WORKSPACE.by_name)
    assert workspace["lease"]["properties"]["ttl_s"]["default"] == 30.0
    assert set(settings_schema()["properties"]) == {key.name for key in schema.SETTINGS.keys}


def test_every_entry_of_the_json_schema_is_described() -> None:
    def walk(value: Any) -> Iterator[dict[str, Any]]:
        if isinstance(value, dict):
            yield from (entry for entry in value.get("properties", {}).values())
            for inner in value.values():
                yield from walk(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from walk(inner)

    entries = list(walk(json_schema()))
    assert len(entries) > 60
    assert all(entry["description"] for entry in entries)


def test_patterns_of_the_json_schema_agree_with_validation() -> None:
    size = json_schema()["properties"]["workspace"]["properties"]["cache"]["properties"]
    pattern = re.compile(size["max_bytes"]["anyOf"][1]["pattern"])
    for text in ("1", "1B", "10GiB", "1.5 MiB", "500mb", "3k", "1 ", "x", "1X", "-1", "1iB", ""):
        reading = Reading(SourceText(Path("/x"), ""), Problems())
        read = schema.CACHE.by_name["max_bytes"].kind.read(text, (), reading)
        assert (read is not INVALID) == (pattern.fullmatch(text) is not None), text


def test_tomli_gives_no_type_that_has_no_word() -> None:
    from hazui.config.reading import found_text

    data = tomli.loads("a=1\nb=1.0\nc='x'\nd=true\ne=[]\nf={}\ng=07:32:00\nh=1979-05-27")
    assert [found_text(value) for value in data.values()] == [
        "an integer",
        "a number",
        "a string",
        "a boolean",
        "a list",
        "a table",
        "a date or time",
        "a date or time",
    ]
