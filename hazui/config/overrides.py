"""What wins over the files: ``HAZUI_<KEY>`` variables, then flags.

A key of ``[workspace]`` is named as it is (``jobs``, HAZUI_JOBS), one of its tables with the table
in front (``cache.max_bytes``, HAZUI_CACHE_MAX_BYTES), a setting of the user's file as it is
(HAZUI_THEME). A variable is text: numbers and booleans are read from it, a list or a table is
written as TOML. A value is judged by the same definition as one in a file.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from hazui.config import schema
from hazui.config.kinds import Boolean, Key, Table
from hazui.config.positions import SourceText
from hazui.config.problems import Problems
from hazui.config.reading import INVALID, Reading

PREFIX = "HAZUI_"


class Overridable(NamedTuple):
    """A key that can be given outside of the files."""

    path: tuple[str, ...]
    """Within ``[workspace]``, or within the user's file."""
    key: Key
    is_setting: bool

    @property
    def variable(self) -> str:
        return PREFIX + "_".join(self.path).upper()

    @property
    def flag(self) -> str:
        return ".".join(self.path)


def overridables() -> Iterator[Overridable]:
    """Every key that a variable or a flag may give."""
    for key in schema.SETTINGS.keys:
        yield Overridable((key.name,), key, is_setting=True)
    yield from _within(schema.WORKSPACE, ())


def _within(table: Table, path: tuple[str, ...]) -> Iterator[Overridable]:
    for key in table.keys:
        yield Overridable((*path, key.name), key, is_setting=False)
    for inner in table.tables:
        yield from _within(inner, (*path, inner.name.rpartition(".")[2]))


class Overridden(NamedTuple):
    """Values to lay over those of the files, as nested tables."""

    workspace: dict[str, Any]
    settings: dict[str, Any]


def read_overrides(
    environ: Mapping[str, str], flags: Mapping[str, Any], file: Path, problems: Problems
) -> Overridden:
    """Read the variables and then the flags; ``file`` is what their problems are filed under."""
    result = Overridden({}, {})
    by_flag = {}
    for item in overridables():
        by_flag[item.flag] = item
        text = environ.get(item.variable)
        if text:
            value = _value_of(text, item.key)
            _take(item, value, item.variable, text, result, file, problems)
    for flag, value in flags.items():
        found = by_flag.get(flag)
        if found is None:
            raise KeyError(flag)
        _take(found, value, flag, str(value), result, file, problems)
    return result


def _take(
    item: Overridable,
    value: object,
    variable: str,
    text: str,
    result: Overridden,
    file: Path,
    problems: Problems,
) -> None:
    """Judge one value by its key and lay it over; what is wrong becomes ``InvalidOverride``."""
    own = Problems()
    at = item.path if item.is_setting else ("workspace", *item.path)
    read = item.key.kind.read(value, at, Reading(SourceText(file, ""), own))
    if read is INVALID:
        for problem in own.rejected().problems:
            problems.place(
                "InvalidOverride",
                file,
                key=problem.key,
                variable=variable,
                value=text,
                reason=problem.message,
            )
        return
    table = result.settings if item.is_setting else result.workspace
    for part in item.path[:-1]:
        table = table.setdefault(part, {})
    table[item.path[-1]] = read


def _value_of(text: str, key: Key) -> object:
    """The value that a text stands for: the text itself where the key takes it, else TOML."""
    import tomli

    probe = Problems()
    read = key.kind.read(text, (), Reading(SourceText(Path("/"), ""), probe))
    if read is not INVALID:
        return text
    if isinstance(key.kind, Boolean) and text in ("0", "1"):
        return text == "1"
    try:
        table = tomli.loads(f"x = {text}")
    except (ValueError, RecursionError):
        return text
    return table["x"] if len(table) == 1 else text
