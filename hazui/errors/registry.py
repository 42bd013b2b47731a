"""Which class a code belongs to.

Families are imported when they are asked for, so that raising an error of one family loads no
other. Invariant: no two classes share a code, and no class has a runtime code.
"""

from collections.abc import Iterable
from functools import cache
from importlib import import_module

from hazui.errors.base import HazuiError

FAMILIES = (
    "run_task",
    "build_key",
    "process",
    "store",
    "restore",
    "fs",
    "parse_absolute",
    "path",
    "segment",
    "config",
    "graph",
    "watch",
    "state",
    "service",
    "plugin",
    "control",
    "feature",
    "internal",
    "decode",
)
"""Families of classes, in the order of the table of codes; runtime codes come after them."""


def collect(classes: Iterable[type[HazuiError]]) -> dict[str, type[HazuiError]]:
    """Code -> class.

    Raises:
        ValueError: two classes have one code, or a class has none.
    """
    found: dict[str, type[HazuiError]] = {}
    for cls in classes:
        if not cls.CODE:
            raise ValueError(f"{cls.__qualname__} has no code")
        if cls.CODE in found:
            other = found[cls.CODE].__qualname__
            raise ValueError(f"{cls.__qualname__} has the code {cls.CODE} of {other}")
        found[cls.CODE] = cls
    return found


@cache
def classes_of(family: str) -> dict[str, type[HazuiError]]:
    """Code -> class of one family, in the order they are written; empty for an unknown family."""
    if family not in FAMILIES:
        return {}
    module = import_module(f"hazui.errors.{family}")
    return collect(
        cls
        for cls in vars(module).values()
        if isinstance(cls, type)
        and issubclass(cls, HazuiError)
        and cls.__module__ == module.__name__
        and "CODE" in vars(cls)
    )


@cache
def all_classes() -> dict[str, type[HazuiError]]:
    """Code -> class of every family."""
    return collect(cls for family in FAMILIES for cls in classes_of(family).values())


@cache
def all_codes() -> tuple[str, ...]:
    """Every code there is: those of the classes, then the runtime codes, facets one by one.

    Raises:
        ValueError: a code stands for two things.
    """
    from hazui.errors.runtime import RuntimeErrorCode

    codes = (*all_classes(), *(code.as_str() for code in RuntimeErrorCode.known()))
    if len(set(codes)) != len(codes):
        raise ValueError("a class has the code of a runtime error")
    return codes


def find(code: str) -> type[HazuiError] | None:
    """The class that ``code`` belongs to; None for one that this version does not know."""
    family, dot, _ = code.partition(".")
    if dot:
        return classes_of(family).get(code)
    from hazui.errors.runtime import HazuiRuntimeError, RuntimeErrorCode

    return HazuiRuntimeError if RuntimeErrorCode(code).is_known else None
