"""From exceptions to records and back.

Foreign exceptions are described (module, class, errno, frames) and never imported again: what
comes back for them is a ``Recorded``. Invariant: describing an error never raises, whatever
foreign code does when it is asked for its text.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from traceback import StackSummary, walk_tb
from typing import Any

from hazui.errors import jsonable, registry
from hazui.errors.base import HazuiError, Kind, frame_of
from hazui.errors.chain import Node, Relation
from hazui.errors.record import EXTERNAL, RUNTIME, ErrorRecord, Where
from hazui.errors.runtime import HazuiRuntimeError

MESSAGE_CHARS_MAX = 20_000
"""Of a foreign exception; the text of a typed one is short by construction."""
FRAMES_MAX = 60
"""Of one foreign exception: the ones nearest to where it was raised."""


class Recorded(HazuiError):
    """An error that is known only by its record: foreign, or of another version."""

    def __init__(self, record: ErrorRecord) -> None:
        super().__init__(record.code, record.message)
        self.record = record
        if record.source is not None:
            self.__cause__ = rebuilt(record.source)
        self.exceptions = tuple(rebuilt(member) for member in record.members)

    @property
    def code(self) -> str:
        return self.record.code

    @property
    def kind(self) -> Kind:
        try:
            return Kind(self.record.kind)
        except ValueError:
            return Kind.ENVIRONMENT

    @property
    def message(self) -> str:
        return self.record.message

    @property
    def hint(self) -> str | None:
        return self.record.hint

    @property
    def errno(self) -> int | None:
        """The errno of a foreign operating system error."""
        number = self.record.fields.get("errno") if self.record.type == EXTERNAL else None
        return number if isinstance(number, int) else None

    def __repr__(self) -> str:
        return f"Recorded({self.record.type}, code={self.code!r}, message={self.message!r})"


def record_of_tree(node: Node) -> ErrorRecord:
    """The record of an error whose causes have been found."""
    error = node.error
    if isinstance(error, Recorded):
        return error.record
    source = None if node.source is None else record_of_tree(node.source)
    behind: dict[str, Any] = {
        "source": source,
        "members": tuple(record_of_tree(member) for member in node.members),
        "notes": _notes(error),
        "truncated": node.omitted,
    }
    if isinstance(error, HazuiError):
        behind["truncated"] += vars(error).get("_truncated", 0)
        return _typed(error, behind)
    return _external(error, node.relation, behind)


def _typed(error: HazuiError, behind: Mapping[str, Any]) -> ErrorRecord:
    place = error.place
    if isinstance(error, HazuiRuntimeError):
        found = jsonable.to_jsonable(error.data)
    else:
        found = _fields(error)
    return ErrorRecord(
        code=str(error.code),
        message=error.message,
        type=type(error).__name__,
        family=error.FAMILY,
        kind=error.kind.value,
        fields=found,
        hint=error.hint,
        where=None if place is None else Where(*place),
        **behind,
    )


def _fields(error: HazuiError) -> dict[str, Any]:
    """The fields of a variant; of a plugin's own class that is no dataclass, its attributes."""
    if is_dataclass(error):
        names = [f.name for f in fields(error)]
    else:
        names = [name for name in vars(error) if not name.startswith("_")]
    return {
        name: jsonable.to_jsonable(getattr(error, name, None)) for name in names if name != "source"
    }


def _external(
    error: BaseException, relation: Relation | None, behind: Mapping[str, Any]
) -> ErrorRecord:
    found: dict[str, Any] = {
        "module": jsonable.to_jsonable(type(error).__module__),
        "class": type(error).__qualname__,
    }
    if isinstance(error, OSError):
        found["errno"] = jsonable.to_jsonable(error.errno)
        for name in ("filename", "filename2"):
            if getattr(error, name, None) is not None:
                found[name] = jsonable.to_jsonable(getattr(error, name))
    if relation is Relation.WHILE_HANDLING:
        found["relation"] = relation.value
    frames = [
        {"file": frame.filename, "line": frame.lineno, "function": frame.name}
        for frame in StackSummary.extract(walk_tb(error.__traceback__), lookup_lines=False)
    ]
    found["frames"] = frames[-FRAMES_MAX:]
    if len(frames) > FRAMES_MAX:
        found["frames_omitted"] = len(frames) - FRAMES_MAX
    message = jsonable.safe_text(str, error)
    if len(message) > MESSAGE_CHARS_MAX:
        left_out = len(message) - MESSAGE_CHARS_MAX
        message = f"{message[:MESSAGE_CHARS_MAX]}... ({left_out} more characters)"
    return ErrorRecord(
        code=EXTERNAL,
        message=message,
        type=EXTERNAL,
        family=EXTERNAL,
        kind=Kind.ENVIRONMENT.value,
        fields=found,
        where=_place_of_foreign(error),
        **behind,
    )


def _place_of_foreign(error: BaseException) -> Where | None:
    if isinstance(error, SyntaxError) and isinstance(error.filename, str) and error.lineno:
        return Where(error.filename, error.lineno)
    place = frame_of(error)
    return None if place is None else Where(*place)


def _notes(error: BaseException) -> tuple[str, ...]:
    # As an attribute of the instance: a class may define it as anything.
    notes = vars(error).get("__notes__", ())
    if not isinstance(notes, list | tuple):
        return ()
    return tuple(jsonable.safe_text(str, note) for note in notes)


def rebuilt(record: ErrorRecord) -> HazuiError:
    """The typed error of a record, or a ``Recorded`` where there is no class that fits."""
    if record.type == EXTERNAL or record.members or record.extra:
        return Recorded(record)
    if record.type == RUNTIME:
        error: HazuiError | None = HazuiRuntimeError(
            record.code,
            record.message,
            data=record.fields,
            source=None if record.source is None else rebuilt(record.source),
        )
    else:
        error = _variant(record)
    if error is None:
        return Recorded(record)
    for note in record.notes:
        error.add_note(note)
    if record.where is not None:
        vars(error)["_place"] = (record.where.file, record.where.line)
    if record.truncated:
        vars(error)["_truncated"] = record.truncated
    return error


def _variant(record: ErrorRecord) -> HazuiError | None:
    """An instance of the registered class, or None when the record does not fit it."""
    cls: Any = registry.find(record.code)
    if cls is None or cls.__name__ != record.type:
        return None
    annotations = jsonable.annotations_of(cls)
    if not record.fields.keys() <= annotations.keys():
        return None
    try:
        values = {
            name: jsonable.from_jsonable(annotations[name], value)
            for name, value in record.fields.items()
        }
        source = None if record.source is None else rebuilt(record.source)
        if jsonable.has_source(cls) and source is not None:
            values["source"] = source
        error: HazuiError = cls(**values)
    except (TypeError, jsonable.NotThisTypeError):
        return None
    if source is not None:
        error.__cause__ = source
    return error
