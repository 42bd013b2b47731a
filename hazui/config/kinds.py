"""The plain kinds of values: booleans, numbers, texts, choices, sizes, lists and tables of them.

A kind judges a value by itself; it knows neither other keys nor the disk. It reads on after a
problem, so that one look at a file tells all that is wrong with it. Reading a good list or table
makes no more objects than the result has: a thousand tasks are read at every start.
"""

import math
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from hazui.config.positions import KeyPath, Point
from hazui.config.problems import suggestion
from hazui.config.reading import INVALID, Kind, Reading

INTEGER_MAX = 2**63 - 1
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)(?: ?([A-Za-z]+))?")
_UNITS = {"": 1, "b": 1} | {
    name: base**power
    for base, suffix in ((1000, "b"), (1024, "ib"))
    for power, prefix in enumerate("kmgt", 1)
    for name in (prefix + suffix,)
}


class Boolean:
    """True or false."""

    expected = "a boolean"

    def read(self, value: object, at: KeyPath, reading: Reading) -> Any:
        if value is True or value is False:
            return value
        return reading.wrong_type(at, self.expected, value)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


class Integer:
    """A whole number between two bounds, both included."""

    expected = "an integer"

    def __init__(self, minimum: int = 0, maximum: int = INTEGER_MAX) -> None:
        self.minimum = minimum
        self.maximum = maximum

    def read(self, value: object, at: KeyPath, reading: Reading) -> Any:
        if type(value) is not int:
            return reading.wrong_type(at, self.expected, value)
        if self.minimum <= value <= self.maximum:
            return value
        return reading.note(at, "OutOfRange", value=brief(value), allowed=self._allowed())

    def _allowed(self) -> str:
        if self.maximum == INTEGER_MAX:
            return f"at least {self.minimum}"
        return f"from {self.minimum} to {self.maximum}"

    def json_schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "integer", "minimum": self.minimum}
        if self.maximum != INTEGER_MAX:
            schema["maximum"] = self.maximum
        return schema


class Duration:
    """A finite number, in the unit that the key's name says."""

    expected = "a number"

    def __init__(self, *, above_zero: bool = False) -> None:
        self.above_zero = above_zero

    def read(self, value: object, at: KeyPath, reading: Reading) -> Any:
        if type(value) is not float and type(value) is not int:
            return reading.wrong_type(at, self.expected, value)
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            return reading.note(at, "InvalidDuration", value=brief(value))
        if number < 0 or (self.above_zero and number == 0):
            allowed = "above 0" if self.above_zero else "at least 0"
            return reading.note(at, "OutOfRange", value=brief(value), allowed=allowed)
        return number

    def json_schema(self) -> dict[str, Any]:
        return {"type": "number", "exclusiveMinimum" if self.above_zero else "minimum": 0}


class Text:
    """A string that can be handed to the system: without a NUL character."""

    expected = "a string"

    def __init__(self, *, may_be_empty: bool = False) -> None:
        self.may_be_empty = may_be_empty

    def read(self, value: object, at: KeyPath, reading: Reading) -> Any:
        if type(value) is not str:
            return reading.wrong_type(at, self.expected, value)
        if not value.strip() and not self.may_be_empty:
            return reading.note(at, "InvalidText", value=value, reason="it is empty")
        if "\0" in value:
            return reading.note(at, "InvalidText", value=value, reason="it has a NUL")
        return value

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string"} if self.may_be_empty else {"type": "string", "minLength": 1}


class Choice:
    """One of a few words; ``make`` turns the word into the program's value."""

    expected = "a string"

    def __init__(self, choices: tuple[str, ...], make: Callable[[str], Any] = str) -> None:
        self.choices = choices
        self.make = make

    def read(self, value: object, at: KeyPath, reading: Reading) -> Any:
        if type(value) is not str:
            return reading.wrong_type(at, self.expected, value)
        if value in self.choices:
            return self.make(value)
        near = suggestion(value, self.choices)
        return reading.note(at, "InvalidChoice", value=value, choices=self.choices, suggestion=near)

    def json_schema(self) -> dict[str, Any]:
        return {"enum": [*self.choices]}


class Size:
    """A number of bytes, or a text such as ``"10GiB"`` or ``"500MB"``."""

    expected = 'a size such as "256MiB"'

    def __init__(self, minimum: int = 0) -> None:
        self.minimum = minimum

    def read(self, value: object, at: KeyPath, reading: Reading) -> Any:
        if type(value) is int:
            size = value
        elif type(value) is not str:
            return reading.wrong_type(at, self.expected, value)
        else:
            found = _SIZE.fullmatch(value)
            factor = _UNITS.get((found.group(2) or "").lower()) if found else None
            if found is None or factor is None or len(found.group(1)) > 40:
                return reading.note(at, "InvalidSize", value=value)
            number = found.group(1)
            size = int(float(number) * factor) if "." in number else int(number) * factor
        if self.minimum <= size <= INTEGER_MAX:
            return size
        allowed = f"from {self.minimum} to {INTEGER_MAX} bytes"
        return reading.note(at, "OutOfRange", value=brief(value), allowed=allowed)

    def json_schema(self) -> dict[str, Any]:
        pattern = r"^[0-9]+(\.[0-9]+)?( ?([kKmMgGtT][iI]?)?[bB])?$"
        return {
            "anyOf": [
                {"type": "integer", "minimum": self.minimum},
                {"type": "string", "pattern": pattern},
            ]
        }


class WordOr:
    """One fixed word, or what another kind takes."""

    def __init__(self, word: str, other: Kind) -> None:
        self.word = word
        self.other = other

    @property
    def expected(self) -> str:
        return f'"{self.word}" or {self.other.expected}'

    def read(self, value: object, at: KeyPath, reading: Reading) -> Any:
        if value == self.word:
            return value
        if type(value) is str:
            near = suggestion(value, (self.word,))
            return reading.note(
                at, "InvalidChoice", value=value, choices=(self.expected,), suggestion=near
            )
        return self.other.read(value, at, reading)

    def json_schema(self) -> dict[str, Any]:
        return {"anyOf": [{"const": self.word}, self.other.json_schema()]}


class ListOf:
    """A list; every item that is wrong is noted."""

    def __init__(self, item: Kind, plural: str) -> None:
        self.item = item
        self.expected = f"a list of {plural}"

    def read(self, value: object, at: KeyPath, reading: Reading) -> Any:
        if type(value) is not list:
            return reading.wrong_type(at, self.expected, value)
        quick = getattr(self.item, "read_quickly", None)
        if quick is not None and (items := quick(value, reading)) is not None:
            return items
        read = self.item.read
        noted = reading.problems.noted
        before = len(noted)
        items = tuple([read(item, (*at, index), reading) for index, item in enumerate(value)])
        return items if len(noted) == before else INVALID

    def json_schema(self) -> dict[str, Any]:
        return {"type": "array", "items": self.item.json_schema()}


class MapOf:
    """A table whose keys are the user's; gives a dict."""

    def __init__(self, name: Kind, item: Kind, plural: str) -> None:
        self.name = name
        self.item = item
        self.expected = f"a table of {plural}"

    def read(self, value: object, at: KeyPath, reading: Reading) -> Any:
        if type(value) is not dict:
            return reading.wrong_type(at, self.expected, value)
        noted = reading.problems.noted
        before = len(noted)
        of_keys = reading.of_keys()
        entries = {}
        for name, item in value.items():
            inner = (*at, name)
            self.name.read(name, inner, of_keys)
            entries[name] = self.item.read(item, inner, reading)
        return entries if len(noted) == before else INVALID

    def json_schema(self) -> dict[str, Any]:
        return {
            "type": "object",
            "propertyNames": self.name.json_schema(),
            "additionalProperties": self.item.json_schema(),
        }


class Key(NamedTuple):
    """One key of a table.

    ``default`` is the default as TOML text ("" when there is none), ``doc`` one sentence.
    """

    name: str
    kind: Kind
    doc: str
    default: str = ""
    is_required: bool = False


class Table:
    """A table with keys of its own; reading gives a dict of the keys that were given.

    ``name`` is the dotted header, ``*`` standing for a name of the user's.
    """

    expected = "a table"

    def __init__(
        self, name: str, doc: str, keys: tuple[Key, ...], tables: tuple["Table", ...] = ()
    ) -> None:
        self.name = name
        self.doc = doc
        self.keys = keys
        self.tables = tables
        inner = (Key(table.name.rpartition(".")[2], table, table.doc) for table in tables)
        self.by_name = {key.name: key for key in (*keys, *inner)}
        self.required = tuple(key.name for key in keys if key.is_required)

    def read(self, value: object, at: KeyPath, reading: Reading) -> Any:
        noted = reading.problems.noted
        before = len(noted)
        given = self.read_valid(value, at, reading)
        return given if len(noted) == before else INVALID

    def read_valid(self, value: object, at: KeyPath, reading: Reading) -> dict[str, Any]:
        """The keys that were given and are valid; problems of the others are noted."""
        if type(value) is not dict:
            reading.wrong_type(at, "a table", value)
            return {}
        by_name = self.by_name
        given = {}
        for name, item in value.items():
            key = by_name.get(name)
            if key is None:
                near = suggestion(name, [k for k in by_name if k not in value])
                reading.note((*at, name), "UnknownKey", Point.KEY, suggestion=near)
                continue
            read = key.kind.read(item, (*at, name), reading)
            if read is not INVALID:
                given[name] = read
        for name in self.required:
            if name not in value:
                reading.note((*at, name), "MissingKey", Point.TABLE)
        return given

    def json_schema(self) -> dict[str, Any]:
        properties = {}
        for key in self.by_name.values():
            entry = key.kind.json_schema()
            entry["description"] = key.doc
            if key.default:
                entry["default"] = toml_value(key.default)
            properties[key.name] = entry
        schema: dict[str, Any] = {
            "type": "object",
            "description": self.doc,
            "properties": properties,
            "additionalProperties": False,
        }
        if self.required:
            schema["required"] = [*self.required]
        return schema


def toml_value(text: str) -> Any:
    """The value of a default written as TOML."""
    import tomli

    return tomli.loads(f"x = {text}")["x"]


def brief(value: object) -> str:
    """A number as text for a message; a very long one is cut."""
    try:
        text = str(value)
    except ValueError:
        return "a number of more digits than can be shown"
    return text if len(text) <= 40 else f"{text[:37]}..."
