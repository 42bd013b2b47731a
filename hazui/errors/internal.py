"""A bug in hazui, contained at a boundary so that the rest can go on or end in order.

Invariant: the foreign exception is kept whole as the source, with its traceback, so that the
report names the line.
"""

from dataclasses import dataclass

from hazui.errors.base import HazuiError, Kind


class InternalError(HazuiError):
    """A bug."""

    FAMILY = "internal"


@dataclass(eq=False, kw_only=True)
class Unexpected(InternalError):
    """Code failed in a way that nothing in it expects."""

    CODE = "internal.unexpected"
    KIND = Kind.INTERNAL
    HINT = "This is a bug: please report it, with the whole chain."

    where: str
    """The part of hazui that was at work."""
    source: BaseException

    def sentence(self) -> str:
        return f"hazui failed unexpectedly in {self.where}"
