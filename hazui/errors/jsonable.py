"""Values of error fields as JSON, and back by the annotation of the field.

Encoding never fails: what JSON cannot carry becomes text. Bytes that are not UTF-8 are lone
surrogates in memory (``os.fsdecode``) and escapes in JSON text, which reads back as the same.
"""

import math
import os
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import fields
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

_DEPTH_MAX = 32
_BITS_MAX = 10_000
"""Python refuses to write longer numbers in decimal."""


class NotThisTypeError(ValueError):
    """A JSON value does not fit the field it is for."""


def to_jsonable(value: object, above: tuple[int, ...] = ()) -> Any:
    """The value as JSON has it; text instead of what JSON does not have.

    ``above`` are the ids of the containers that the value is in: one in itself becomes ``...``.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return to_jsonable(value.value, above)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value) if value.bit_length() <= _BITS_MAX else hex(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else repr(float(value))
    if isinstance(value, bytes | os.PathLike):
        return _text_of_path(value)
    if len(above) >= _DEPTH_MAX or id(value) in above:
        return "..."
    try:
        return _container(value, (*above, id(value)))
    except Exception:  # noqa: BLE001 - a container of a plugin may do anything when it is read
        return safe_text(repr, value)


def _container(value: object, above: tuple[int, ...]) -> Any:
    if isinstance(value, Mapping):
        return {_key(key): to_jsonable(item, above) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((to_jsonable(item, above) for item in value), key=repr)
    if isinstance(value, Sequence) and not isinstance(value, bytearray | memoryview):
        return [to_jsonable(item, above) for item in value]
    return safe_text(repr, value)


def _key(key: object) -> str:
    return str.__str__(key) if isinstance(key, str) else safe_text(str, key)


def _text_of_path(value: "bytes | os.PathLike[Any]") -> str:
    try:
        return os.fsdecode(value)
    except (TypeError, ValueError, AttributeError):
        return safe_text(repr, value)


def safe_text(show: Any, value: object) -> str:
    """``show(value)``, where foreign code may do anything but answer."""
    try:
        text = show(value)
        return str.__str__(text) if isinstance(text, str) else type(value).__name__
    except Exception:  # noqa: BLE001 - an exception while an exception is described
        return f"<{type(value).__name__} that cannot be shown>"


@cache
def annotations_of(cls: type[Any]) -> dict[str, Any]:
    """Field -> annotation of a variant, ``source`` left out."""
    hints = typing.get_type_hints(cls)
    return {f.name: hints[f.name] for f in fields(cls) if f.name != "source"}


@cache
def has_source(cls: type[Any]) -> bool:
    """Whether the cause is a field of this variant."""
    return any(f.name == "source" for f in fields(cls))


def from_jsonable(annotation: Any, value: Any) -> Any:
    """A field's value from JSON.

    Raises:
        NotThisTypeError: the value is not what the annotation says.
    """
    origin = typing.get_origin(annotation)
    arguments = typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in arguments:
            return None
        return from_jsonable(next(a for a in arguments if a is not type(None)), value)
    if origin is not None and issubclass(origin, Sequence):
        if not isinstance(value, list):
            raise NotThisTypeError
        return tuple(from_jsonable(arguments[0], item) for item in value)
    if annotation is float and type(value) in (int, float):
        return value
    if annotation in (int, str, bool) and type(value) is annotation:
        return value
    if annotation is Path and isinstance(value, str):
        return Path(value)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        try:
            return annotation(value)
        except ValueError:
            raise NotThisTypeError from None
    raise NotThisTypeError
