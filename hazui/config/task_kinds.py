"""The kinds of values that tasks have: names, paths, patterns, references, commands, locks.

Texts are judged by the parsers of ``domain``, so that a configuration takes exactly what the rest
of the program can work with. Whether a path exists or a task is there is not known here.
"""

import re
from typing import Any

from hazui.config.kinds import Boolean, Choice, Key, ListOf, Table, Text
from hazui.config.positions import KeyPath
from hazui.config.reading import INVALID, Reading
from hazui.config.references import parse_reference
from hazui.domain.ids import NAME_BYTES_MAX, is_name
from hazui.domain.paths import resolve
from hazui.domain.patterns import parse_pattern, parse_patterns
from hazui.domain.specs import Mutex
from hazui.errors.path import PathError

VARIABLE_BYTES_MAX = 256
RESERVED_VARIABLES = frozenset({"HAZUI_TASK", "HAZUI_TURN", "HAZUI_RUN"})
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NAME_SCHEMA = {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"}


class Name:
    """A name of a task, project, tag, lock or recogniser."""

    expected = "a name"

    def read(self, value: object, at: KeyPath, reading: Reading) -> Any:
        if type(value) is not str:
            return reading.wrong_type(at, self.expected, value)
        if is_name(value):
            return value
        return reading.note(at, "InvalidName", value=value, reason=name_reason(value))

    def json_schema(self) -> dict[str, Any]:
        return dict(_NAME_SCHEMA)


def name_reason(text: str) -> str:
    """Why a text is not a name."""
    if not text:
        return "it is empty"
    if len(text.encode("utf-8", "replace")) > NAME_BYTES_MAX:
        return f"it is longer than {NAME_BYTES_MAX} bytes"
    if not (text[0].isascii() and text[0].isalnum()):
        return "it does not begin with a letter or digit"
    wrong = next(c for c in text if not (c.isascii() and (c.isalnum() or c in "_-")))
    return f"it has a {wrong!r}"


class Variable:
    """The name of an environment variable that the user may set or pass."""

    expected = "the name of a variable"

    def read(self, value: object, at: KeyPath, reading: Reading) -> Any:
        if type(value) is not str:
            return reading.wrong_type(at, self.expected, value)
        if value in RESERVED_VARIABLES:
            return reading.note(at, "ReservedName", value=value)
        if _VARIABLE.fullmatch(value) is None:
            reason = "a variable has letters, digits and _, and does not begin with a digit"
        elif len(value) > VARIABLE_BYTES_MAX:
            reason = f"it is longer than {VARIABLE_BYTES_MAX} bytes"
        else:
            return value
        return reading.note(at, "InvalidText", value=value, reason=reason)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]{0,255}$"}


class WorkspacePath:
    """A path as written, resolved against the project's root."""

    expected = "a path"

    def read(self, value: object, at: KeyPath, reading: Reading) -> Any:
        if type(value) is not str:
            return reading.wrong_type(at, self.expected, value)
        try:
            return resolve(reading.root, value)
        except PathError as error:
            return reading.note(at, "InvalidPath", value=value, source=error)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1}


class PathPattern:
    """A pattern, or a literal path, of inputs or outputs."""

    expected = "a pattern"

    def read_quickly(self, values: list[Any], reading: Reading) -> Any:
        """A whole list at once, or None when something in it is wrong: then each is read alone."""
        try:
            return parse_patterns(reading.root, values)
        except (PathError, re.error, TypeError):
            return None

    def read(self, value: object, at: KeyPath, reading: Reading) -> Any:
        if type(value) is not str:
            return reading.wrong_type(at, self.expected, value)
        try:
            return parse_pattern(reading.root, value)
        except PathError as error:
            return reading.note(at, "InvalidPattern", value=value, source=error)
        except re.error as error:
            return reading.note(at, "InvalidPattern", value=value, reason=error.msg)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1}


class IgnorePattern:
    """A line as in a .gitignore; only what no line can hold is refused."""

    expected = "a pattern"

    def read(self, value: object, at: KeyPath, reading: Reading) -> Any:
        if type(value) is not str:
            return reading.wrong_type(at, self.expected, value)
        if not value.strip():
            return reading.note(at, "InvalidPattern", value=value, reason="it is empty")
        if any(c in value for c in "\0\n\r"):
            return reading.note(
                at, "InvalidPattern", value=value, reason="it has a line break or a NUL"
            )
        return value

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1}


class TaskReference:
    """A reference to tasks; ``with_streams`` also takes ``{ task, streams }``."""

    def __init__(self, *, with_streams: bool = False) -> None:
        self.with_streams = with_streams
        self.expected = "a reference or { task, streams }" if with_streams else "a reference"

    def read(self, value: object, at: KeyPath, reading: Reading) -> Any:
        streams = False
        if type(value) is dict and self.with_streams:
            given = _STREAMED.read(value, at, reading)
            if given is INVALID:
                return INVALID
            value, streams = given["task"], given.get("streams", False)
            at = (*at, "task")
        if type(value) is not str:
            return reading.wrong_type(at, self.expected, value)
        try:
            return parse_reference(value, reading.project, streams=streams)
        except ValueError:
            near = nearest_reference(value)
            return reading.note(at, "InvalidReference", value=value, suggestion=near)

    def json_schema(self) -> dict[str, Any]:
        if not self.with_streams:
            return {"type": "string", "minLength": 1}
        return {"anyOf": [{"type": "string", "minLength": 1}, _STREAMED.json_schema()]}


def nearest_reference(text: str) -> str | None:
    """A reference that a text of another tool, or one with blanks, may have meant."""
    for changed in (text.strip(), text.strip().removeprefix("^").lstrip(":")):
        candidate = f"^:{changed}" if text.strip().startswith("^") else changed
        try:
            parse_reference(candidate, "")
        except ValueError:
            continue
        return candidate
    return None


class Command:
    """A list is an argv, a string a script for the task's shell."""

    def __init__(self, *, may_be_script: bool = True) -> None:
        self.may_be_script = may_be_script
        self.expected = "a list of strings or a string" if may_be_script else "a list of strings"

    def read(self, value: object, at: KeyPath, reading: Reading) -> Any:
        if type(value) is str and self.may_be_script:
            return _SCRIPT.read(value, at, reading)
        if type(value) is not list:
            return reading.wrong_type(at, self.expected, value)
        argv = _ARGV.read(value, at, reading)
        if argv is INVALID:
            return INVALID
        if not argv or not argv[0].strip():
            return reading.note(at, "InvalidText", value="", reason="it names no program")
        return argv

    def json_schema(self) -> dict[str, Any]:
        argv = {"type": "array", "items": {"type": "string"}, "minItems": 1}
        if not self.may_be_script:
            return argv
        return {"anyOf": [argv, {"type": "string", "minLength": 1}]}


class MutexKind:
    """A lock: its name, or a table that also says how it is held."""

    expected = "a name or { name, mode, scope }"

    def read(self, value: object, at: KeyPath, reading: Reading) -> Any:
        if type(value) is str:
            name = Name().read(value, at, reading)
            return INVALID if name is INVALID else Mutex(name)
        if type(value) is not dict:
            return reading.wrong_type(at, self.expected, value)
        given = _MUTEX.read(value, at, reading)
        if given is INVALID:
            return INVALID
        is_shared = given.get("mode") == "shared"
        return Mutex(given["name"], is_shared, given.get("scope", "workspace"))

    def json_schema(self) -> dict[str, Any]:
        return {"anyOf": [dict(_NAME_SCHEMA), _MUTEX.json_schema()]}


_SCRIPT = Text()
_ARGV = ListOf(Text(may_be_empty=True), "strings")
_STREAMED = Table(
    "dependency",
    "A dependency whose captured streams enter the action key as well.",
    (
        Key("task", Text(), "The reference.", is_required=True),
        Key("streams", Boolean(), "Whether its streams enter the key.", "false"),
    ),
)
_MUTEX = Table(
    "mutex",
    "A lock that tasks hold while they run.",
    (
        Key("name", Name(), "What the lock is called.", is_required=True),
        Key(
            "mode",
            Choice(("exclusive", "shared")),
            "Shared holders run together, an exclusive one runs alone.",
            '"exclusive"',
        ),
        Key(
            "scope",
            Choice(("workspace", "project")),
            "Whether projects share the lock of that name.",
            '"workspace"',
        ),
    ),
)
