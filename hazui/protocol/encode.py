"""Events as JSON and back, driven by the dataclass fields themselves.

Reading is lenient about fields it does not know (a newer version wrote them) and strict about the
ones it needs.
"""

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any

from hazui.domain.links import Diagnosis
from hazui.domain.records import ExitStatus
from hazui.errors.record import ErrorRecord
from hazui.protocol import events
from hazui.protocol.events import Event, Stamped

_OWN_CODEC = (ErrorRecord, ExitStatus, Diagnosis)


def event_to_json(event: Event) -> dict[str, Any]:
    """The fields of an event as plain JSON values."""
    return {f.name: _encode(getattr(event, f.name)) for f in fields(event)}


def _encode(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return value
    if isinstance(value, _OWN_CODEC):
        return value.to_json()
    if isinstance(value, (tuple, list)):
        return [_encode(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _encode(item) for key, item in value.items()}
    if is_dataclass(value):
        return {f.name: _encode(getattr(value, f.name)) for f in fields(value)}
    raise TypeError(f"not an event value: {type(value).__name__}")


@cache
def event_classes() -> dict[str, type[Event]]:
    """Wire name -> class."""
    classes: tuple[type[Event], ...] = typing.get_args(events.Event)
    return {cls.EVENT: cls for cls in classes}


def stamped_from_json(value: Mapping[str, Any]) -> Stamped | None:
    """Read one line of the stream; None for an event this version does not know.

    Raises:
        KeyError: a required field is missing.
        ValueError: a field has a value its type does not have.
    """
    cls = event_classes().get(value["event"])
    if cls is None:
        return None
    decode: Callable[[Any], Event] = _decoder(typing.cast("Any", cls))
    return Stamped(value["seq"], value["at"], decode(value))


@cache
def _decoder(cls: Any) -> Callable[[Any], Any]:
    """A function that builds a value of the annotated type from JSON."""
    origin = typing.get_origin(cls)
    arguments = typing.get_args(cls)
    if cls in _OWN_CODEC:
        decode: Callable[[Any], Any] = cls.from_json
        return decode
    if origin in (typing.Union, types.UnionType):
        inner: list[Any] = [a for a in arguments if a is not type(None)]
        if len(inner) != 1:
            return _same
        build = _decoder(inner[0])
        return lambda value: None if value is None else build(value)
    if origin is tuple:
        item = _decoder(arguments[0])
        return lambda value: tuple(item(part) for part in value)
    if isinstance(cls, type) and issubclass(cls, Enum):
        return cls
    if isinstance(cls, type) and is_dataclass(cls):
        return _dataclass_decoder(cls)
    return _same


def _dataclass_decoder(cls: type[Any]) -> Callable[[Any], Any]:
    hints = typing.get_type_hints(cls)
    decoders = {f.name: _decoder(hints[f.name]) for f in fields(cls)}

    def build(value: Any) -> Any:
        known = {name: decode(value[name]) for name, decode in decoders.items() if name in value}
        try:
            return cls(**known)
        except TypeError as error:
            raise KeyError(str(error)) from error

    return build


def _same(value: Any) -> Any:
    return value
