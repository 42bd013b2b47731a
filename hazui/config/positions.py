"""Where a key stands in a TOML text: line, column and the line itself.

tomli gives values without positions, so this scans the text a second time, only when a position is
asked for. The text is known to be valid TOML by then; should the scan ever get out of step it stops
and what it has not seen has no position. It never guesses.

The grammar is that of TOML 1.0: bare, quoted and dotted keys, tables, arrays of tables, inline
tables, arrays and the four kinds of strings.
"""

import re
from enum import Enum
from pathlib import Path
from typing import NamedTuple

KeyPath = tuple[str | int, ...]
"""Keys from the outermost in; an array element is its index."""

EXCERPT_CHARACTERS_MAX = 400
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BLANK = re.compile(r"[ \t]*")
_BLANK_LINES = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_LINE_END = re.compile(r"[ \t]*(?:#[^\n]*)?\r?(?:\n|\Z)")
_SCALAR = re.compile(r"[^,\]}\n#='\"]+")
_BASIC = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_LITERAL = re.compile(r"'[^'\n]*'")
_BASIC_LONG = re.compile(r'"""(?:[^"\\]|\\[\s\S]|"{1,2}(?!"))*"{3,5}')
_LITERAL_LONG = re.compile(r"'''(?:[^']|'{1,2}(?!'))*'{3,5}")


class Point(Enum):
    """Which part of an entry a problem is about."""

    KEY = "key"
    VALUE = "value"
    TABLE = "table"
    """The table that a missing key should stand in."""


class Spot(NamedTuple):
    """A place in a file. Line and column count from 1; columns count characters."""

    file: Path
    line: int
    column: int
    excerpt: str
    """The whole line, cut when it is very long."""


class SourceText:
    """One configuration file as it was read."""

    __slots__ = ("_offsets", "file", "text")

    def __init__(self, file: Path, text: str) -> None:
        self.file = file
        self.text = text
        self._offsets: dict[KeyPath, tuple[int, int]] | None = None

    @property
    def is_scanned(self) -> bool:
        """Whether positions have been asked for."""
        return self._offsets is not None

    def find(self, at: KeyPath, point: Point = Point.VALUE) -> Spot | None:
        """Where the key ``at`` (or its value) stands; None when that is not known."""
        if self._offsets is None:
            self._offsets = scan(self.text)
        found = self._offsets.get(at[:-1] if point is Point.TABLE else at)
        if found is None:
            return None
        return self.spot(found[1] if point is Point.VALUE else found[0])

    def spot(self, offset: int) -> Spot:
        """The place of a character offset."""
        start = self.text.rfind("\n", 0, offset) + 1
        line = self.text.count("\n", 0, offset) + 1
        return Spot(self.file, line, offset - start + 1, self._line(start))

    def spot_of_line(self, line: int, column: int) -> Spot | None:
        """The place of a line and column; None when the text has no such line."""
        start = 0
        for _ in range(line - 1):
            start = self.text.find("\n", start) + 1
            if not start:
                return None
        return Spot(self.file, line, column, self._line(start))

    def _line(self, start: int) -> str:
        end = self.text.find("\n", start)
        line = self.text[start : end if end >= 0 else len(self.text)]
        return line.rstrip("\r")[:EXCERPT_CHARACTERS_MAX]


def key_text(at: KeyPath) -> str:
    """A key path as one would write it: ``tasks.build.inputs[2]``."""
    out = ""
    for part in at:
        if isinstance(part, int):
            out += f"[{part}]"
        else:
            name = part if _BARE_KEY.fullmatch(part) else f'"{part}"'
            out += f".{name}" if out else name
    return out


class _OutOfStepError(Exception):
    """The text is not what the scanner takes it for."""


def scan(text: str) -> dict[KeyPath, tuple[int, int]]:
    """Offsets of every key and of its value, by key path.

    A table's header counts as its key and value. What was read before the scan got out of step is
    kept, the rest is left out.
    """
    scanner = _Scanner(text)
    try:
        scanner.document()
    except (_OutOfStepError, RecursionError):
        pass
    return scanner.found


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: dict[KeyPath, tuple[int, int]] = {}
        self.array_lengths: dict[KeyPath, int] = {}

    def document(self) -> None:
        table: KeyPath = ()
        while True:
            self._skip(_BLANK_LINES)
            if self.at >= len(self.text):
                return
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._entry(table)
            self._take(_LINE_END)

    def _header(self) -> KeyPath:
        start = self.at
        is_array = self.text.startswith("[[", start)
        self.at += 2 if is_array else 1
        path: KeyPath = ()
        keys = self._dotted_key()
        for position, (name, _) in enumerate(keys):
            path = (*path, name)
            if is_array and position == len(keys) - 1:
                length = self.array_lengths.get(path, 0)
                self.array_lengths[path] = length + 1
                self.found.setdefault(path, (start, start))
                path = (*path, length)
            elif path in self.array_lengths:
                path = (*path, self.array_lengths[path] - 1)
        self._expect("]]" if is_array else "]")
        # A table may first have been met as the parent of another one; its own header is better.
        self.found[path] = (start, start)
        for length in range(1, len(path)):
            self.found.setdefault(path[:length], (start, start))
        return path

    def _entry(self, table: KeyPath) -> None:
        path = table
        offsets: list[tuple[KeyPath, int]] = []
        for name, offset in self._dotted_key():
            path = (*path, name)
            offsets.append((path, offset))
        self._expect("=")
        self._skip(_BLANK)
        for prefix, offset in offsets[:-1]:
            self.found.setdefault(prefix, (offset, offset))
        self.found[path] = (offsets[-1][1], self.at)
        self._value(path)

    def _dotted_key(self) -> list[tuple[str, int]]:
        keys = []
        while True:
            self._skip(_BLANK)
            keys.append((self._key(), self.at))
            keys[-1] = (keys[-1][0], self._key_start)
            self._skip(_BLANK)
            if not self.text.startswith(".", self.at):
                return keys
            self.at += 1

    def _key(self) -> str:
        self._key_start = self.at
        match self.text[self.at : self.at + 1]:
            case '"':
                return _unescaped(self._take(_BASIC)[1:-1])
            case "'":
                return self._take(_LITERAL)[1:-1]
            case _:
                return self._take(_BARE_KEY)

    def _value(self, path: KeyPath) -> None:
        match self.text[self.at : self.at + 1]:
            case '"':
                self._take(_BASIC_LONG if self.text.startswith('"""', self.at) else _BASIC)
            case "'":
                self._take(_LITERAL_LONG if self.text.startswith("'''", self.at) else _LITERAL)
            case "[":
                self._array(path)
            case "{":
                self._inline_table(path)
            case _:
                self._take(_SCALAR)

    def _array(self, path: KeyPath) -> None:
        self.at += 1
        index = 0
        while True:
            self._skip(_BLANK_LINES)
            if self.text.startswith("]", self.at):
                self.at += 1
                return
            self.found[(*path, index)] = (self.at, self.at)
            self._value((*path, index))
            index += 1
            self._skip(_BLANK_LINES)
            if self.text.startswith(",", self.at):
                self.at += 1
            elif not self.text.startswith("]", self.at):
                raise _OutOfStepError

    def _inline_table(self, path: KeyPath) -> None:
        self.at += 1
        while True:
            self._skip(_BLANK_LINES)
            if self.text.startswith("}", self.at):
                self.at += 1
                return
            self._entry(path)
            self._skip(_BLANK_LINES)
            if self.text.startswith(",", self.at):
                self.at += 1
            elif not self.text.startswith("}", self.at):
                raise _OutOfStepError

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self.text, self.at)
        if found is not None:
            self.at = found.end()

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        if found is None:
            raise _OutOfStepError
        self.at = found.end()
        return found.group()

    def _expect(self, text: str) -> None:
        self._skip(_BLANK)
        if not self.text.startswith(text, self.at):
            raise _OutOfStepError
        self.at += len(text)


_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|(.))")


def _unescaped(text: str) -> str:
    def one(found: re.Match[str]) -> str:
        number = found.group(1) or found.group(2) or found.group(3)
        if number is not None:
            point = int(number, 16)
            if point > 0x10FFFF:
                raise _OutOfStepError
            return chr(point)
        return _ESCAPES.get(found.group(4), found.group(4))

    return _ESCAPE.sub(one, text)
