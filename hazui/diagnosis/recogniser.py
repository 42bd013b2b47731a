"""One way of reading failures, and a text it must be able to read."""

from collections.abc import Callable
from dataclasses import dataclass

from hazui.diagnosis.finding import Finding, Page


@dataclass(frozen=True, slots=True)
class Recogniser:
    """``find`` reads the unclaimed lines of a page and claims what it understood."""

    name: str
    tools: tuple[str, ...]
    example: str
    find: Callable[[Page], list[Finding]]
    needs: tuple[str, ...] = ()
    """One of these stands in whatever it can read, so that other pages need no look; empty: any."""
