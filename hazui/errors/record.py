"""Errors as values: what events carry, the state keeps and the screen shows.

``record_of`` turns any exception with everything behind it into a frozen ``ErrorRecord``;
``to_json`` and ``from_json`` are lossless both ways; ``to_exception`` builds the class again.
Records of types that this version does not know stay records and are written as they were read.
A coded error is never flattened into the text of another one: it is nested.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self, TypeVar

from hazui.errors import decode
from hazui.errors.base import HazuiError
from hazui.errors.chain import tree_of

EXTERNAL = "external"
RUNTIME = "HazuiRuntimeError"
DEPTH_MAX = 160
"""Levels of nesting that are read; deeper ones are cut and counted."""


@dataclass(frozen=True, slots=True)
class Where:
    """A place to look at."""

    file: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRecord:
    """One error and what is behind it, as plain values."""

    code: str
    message: str
    type: str = RUNTIME
    """The class name, ``HazuiRuntimeError``, or ``external`` for a foreign exception."""
    family: str = "runtime"
    kind: str = "environment"
    fields: Mapping[str, Any] = field(default_factory=dict)
    """JSON values only; the data of a runtime error; module, class, errno, frames if external."""
    hint: str | None = None
    notes: tuple[str, ...] = ()
    where: Where | None = None
    source: "ErrorRecord | None" = None
    members: tuple["ErrorRecord", ...] = ()
    truncated: int = 0
    """How many errors behind this one were left out."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Members that a newer version wrote; kept so that nothing is lost on the way through."""

    def __hash__(self) -> int:
        return hash((self.code, self.message, self.type))

    def iter_chain(self) -> Iterator["ErrorRecord"]:
        """This record, then its cause and that one's, then its members."""
        yield self
        if self.source is not None:
            yield from self.source.iter_chain()
        for member in self.members:
            yield from member.iter_chain()

    @property
    def root(self) -> "ErrorRecord":
        """The end of the line of causes; in a group without a cause, of its first member."""
        record = self
        while (below := record.source or next(iter(record.members), None)) is not None:
            record = below
        return record

    def to_json(self) -> dict[str, Any]:
        """A JSON object; code and message come first."""
        return {
            "code": self.code,
            "message": self.message,
            "type": self.type,
            "family": self.family,
            "kind": self.kind,
            "fields": dict(self.fields),
            "hint": self.hint,
            "notes": list(self.notes),
            "where": self.where and {"file": self.where.file, "line": self.where.line},
            "source": self.source and self.source.to_json(),
            "members": [member.to_json() for member in self.members],
            "truncated": self.truncated,
            **self.extra,
        }

    def to_json_text(self) -> str:
        """One line of ASCII; every character of the record survives in it."""
        return json.dumps(self.to_json(), separators=(",", ":"))

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Read a JSON object.

        Raises:
            decode.Invalid: it is not one, ``code`` or ``message`` is missing, or a member has the
                wrong type.
        """
        return _read(cls, value, "", 0)

    @classmethod
    def from_json_text(cls, text: str | bytes) -> Self:
        """Read JSON text.

        Raises:
            decode.Invalid: as ``from_json``, or it is not JSON.
        """
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise _invalid("", "is not JSON") from error
        return cls.from_json(value)


def _invalid(member: str, detail: str) -> decode.Invalid:
    return decode.Invalid(what="error record", field=member, detail=detail)


_Record = TypeVar("_Record", bound=ErrorRecord)
_KNOWN = frozenset(f.name for f in fields(ErrorRecord) if f.name != "extra")


def _read(cls: type[_Record], value: object, at: str, depth: int) -> _Record:
    """One record; ``at`` is the dotted path to it, ending in a dot unless empty."""
    if not isinstance(value, dict):
        raise _invalid(at.rstrip("."), "must be an object")
    code, message = (_text(value, name, at) for name in ("code", "message"))
    source, members = value.get("source"), _list(value, "members", at)
    truncated = value.get("truncated", 0)
    if type(truncated) is not int or truncated < 0:
        raise _invalid(f"{at}truncated", "must be a number that is not negative")
    if depth >= DEPTH_MAX:
        truncated += (source is not None) + len(members)
        source, members = None, []
    record = cls(
        code=code,
        message=message,
        fields=_object(value, "fields", at),
        notes=tuple(_list(value, "notes", at)),
        where=_where(value.get("where"), at),
        source=None if source is None else _read(cls, source, f"{at}source.", depth + 1),
        members=tuple(
            _read(cls, member, f"{at}members.{number}.", depth + 1)
            for number, member in enumerate(members)
        ),
        truncated=truncated,
        extra={name: item for name, item in value.items() if name not in _KNOWN},
        **_described(value, code, at),
    )
    if not all(isinstance(note, str) for note in record.notes):
        raise _invalid(f"{at}notes", "must be texts")
    return record


def _described(value: dict[str, Any], code: str, at: str) -> dict[str, Any]:
    """Type, family, kind and hint; without a type it is a runtime error, known by its code."""
    if value.get("type") is not None:
        known = {
            "type": _text(value, "type", at),
            "family": code.partition(".")[0],
            "kind": "environment",
            "hint": None,
        }
    else:
        from hazui.errors.explain import hint_of
        from hazui.errors.runtime import RuntimeErrorCode

        kind = RuntimeErrorCode(code).kind.value
        known = {"type": RUNTIME, "family": "runtime", "kind": kind, "hint": hint_of(code)}
    for name in ("family", "kind", "hint"):
        if value.get(name) is not None:
            known[name] = _text(value, name, at)
    return known


def _text(value: dict[str, Any], name: str, at: str) -> str:
    if name not in value:
        raise _invalid(f"{at}{name}", "is missing")
    if not isinstance(value[name], str):
        raise _invalid(f"{at}{name}", "must be a text")
    return str(value[name])


def _list(value: dict[str, Any], name: str, at: str) -> list[Any]:
    found = value.get(name)
    if found is not None and not isinstance(found, list):
        raise _invalid(f"{at}{name}", "must be a list")
    return found or []


def _object(value: dict[str, Any], name: str, at: str) -> dict[str, Any]:
    found = value.get(name)
    if found is not None and not isinstance(found, dict):
        raise _invalid(f"{at}{name}", "must be an object")
    return found or {}


def _where(value: object, at: str) -> Where | None:
    if value is None:
        return None
    match value:
        case {"file": str(file), "line": int(line)}:
            return Where(file, line)
    raise _invalid(f"{at}where", "must be an object with file and line")


def record_of(error: BaseException) -> ErrorRecord:
    """The record of an exception and everything behind it, within the limits of ``chain``."""
    from hazui.errors.recording import record_of_tree

    return record_of_tree(tree_of(error))


def to_exception(record: ErrorRecord) -> HazuiError:
    """The error that a record was made of, with the errors behind it.

    What this version has no class for comes back as ``recording.Recorded``, which holds the record
    and gives it back unchanged.
    """
    from hazui.errors.recording import rebuilt

    return rebuilt(record)
