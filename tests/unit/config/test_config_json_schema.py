"""An editor that checks by the JSON Schema agrees with what loading says."""

import re
from pathlib import Path
from typing import Any

import pytest
import tomli

from hazui.config.json_schema import json_schema, settings_schema
from hazui.config.load import Loaded
from tests.support.configs import load_text

EXAMPLE = Path(__file__).parents[3] / "config.example.toml"
TYPES: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
}


def accepts(schema: dict[str, Any], value: Any) -> bool:
    """The part of JSON Schema that hazui's own uses; an unknown word is a mistake."""
    return all(_accepts_word(word, schema, value) for word in schema)


def _accepts_word(word: str, schema: dict[str, Any], value: Any) -> bool:
    wanted = schema[word]
    match word:
        case "type":
            is_bool = isinstance(value, bool)
            return isinstance(value, TYPES[wanted]) and is_bool == (wanted == "boolean")
        case "enum":
            return bool(value in wanted)
        case "const":
            return bool(value == wanted)
        case "anyOf":
            return any(accepts(one, value) for one in wanted)
        case "oneOf":
            return sum(accepts(one, value) for one in wanted) == 1
        case "minimum":
            return bool(value >= wanted)
        case "maximum":
            return bool(value <= wanted)
        case "exclusiveMinimum":
            return bool(value > wanted)
        case "minLength" | "minItems":
            return bool(len(value) >= wanted)
        case "pattern":
            return re.search(wanted, value) is not None
        case "items":
            return all(accepts(wanted, item) for item in value)
        case "propertyNames":
            return all(accepts(wanted, name) for name in value)
        case "required":
            return all(name in value for name in wanted)
        case "properties":
            return all(accepts(wanted[name], value[name]) for name in wanted if name in value)
        case "additionalProperties":
            others = [value[name] for name in value if name not in schema.get("properties", {})]
            return not others if wanted is False else all(accepts(wanted, item) for item in others)
        case "$schema" | "title" | "description" | "default":
            return True
        case _:
            raise AssertionError(word)


def test_the_example_fits_the_schema() -> None:
    text = EXAMPLE.read_text("utf-8")
    assert accepts(json_schema(), tomli.loads(text))
    everything = re.sub(r'^#(?=[\[A-Za-z"])', "", text, flags=re.MULTILINE)
    assert accepts(json_schema(), tomli.loads(everything))


HEAD = "[tasks.x]\ncommand = ['x']\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        HEAD,
        "[tasks.x]\ncommand = 'x'\n",
        "[tasks.x]\n",
        "[tasks.'a b']\ncommand = 'x'\n",
        "[tasks.x]\ncommand = []\n",
        "[tasks.x]\ncommand = 3\n",
        "[task.x]\ncommand = 'x'\n",
        HEAD + "nope = 1\n",
        HEAD + "deps = ['a', { task = 'a', streams = true }]\n",
        HEAD + "deps = [{ streams = true }]\n",
        HEAD + "deps = 'a'\n",
        HEAD + "env = { A = '1' }\n",
        HEAD + "env = { 'A-B' = '1' }\n",
        HEAD + "env = { A = 1 }\n",
        HEAD + "mutex = 'a'\n",
        HEAD + "mutex = { name = 'a', mode = 'shared' }\n",
        HEAD + "mutex = { name = 'a', mode = 'both' }\n",
        HEAD + "timeout_s = 0\n",
        HEAD + "timeout_s = 1\n",
        HEAD + "retries = 1.5\n",
        HEAD + "cache = 'no'\n",
        HEAD + "kind = 'service'\nready = { tcp = 80 }\n",
        HEAD + "kind = 'service'\nready = { tcp = 0 }\n",
        HEAD + "kind = 'service'\nready = { tcp = 80, delay_s = 1 }\n",
        HEAD + "kind = 'service'\nready = {}\n",
        HEAD + "kind = 'service'\nlive = { probe = { tcp = 80 } }\n",
        HEAD + "kind = 'service'\nlive = { probe = { log = 'x' } }\n",
        HEAD + "kind = 'service'\nstop_signal = 'SIGTERM'\n",
        HEAD + "kind = 'service'\nstop_signal = 'INT'\n",
        HEAD + "kind = 'service'\nstop_signal = 'interrupt'\n",
        "[workspace]\njobs = 'auto'\n",
        "[workspace]\njobs = 'many'\n",
        "[workspace]\njobs = 0\n",
        "[workspace]\nsettle_ms = 60001\n",
        "[workspace.tag_limits]\na = 1\n",
        "[workspace.tag_limits]\na = 0\n",
        "[workspace.assistant]\nmodel = 'm'\n",
        "[workspace.cache]\nmax_bytes = '1 GiB'\n",
        "[workspace.cache]\nmax_bytes = '1 GIG'\n",
    ],
)
def test_the_schema_and_loading_agree(tmp_path: Path, text: str) -> None:
    is_loaded = isinstance(load_text(tmp_path, text), Loaded)
    assert accepts(json_schema(), tomli.loads(text)) == is_loaded


def test_the_users_file_has_a_schema_too() -> None:
    good = "theme = 'x'\nbell = true\n[keymap]\n'a.b' = 'ctrl+w'\n"
    assert accepts(settings_schema(), tomli.loads(good))
    assert not accepts(settings_schema(), tomli.loads("bell = 1"))
    assert not accepts(settings_schema(), tomli.loads("jobs = 1"))
