"""Diagnosis values: the links of a failure chain read out of captured output."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Relation = Literal["caused_by", "while_handling", "member", "reported_by"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One cause. ``file`` is as printed unless it resolved to a workspace file.

    Lines and columns count from 1; ``byte_start`` and ``byte_end`` bound the bytes of ``stream``
    that the link was read from.
    """

    type: str | None
    message: str
    file: str | None = None
    line: int | None = None
    column: int | None = None
    relation: Relation | None = None
    """How the preceding, outer link stands to this one; None on the first."""
    stream: Literal["stdout", "stderr"] | None = None
    byte_start: int | None = None
    byte_end: int | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Link":
        return cls(**{name: value.get(name) for name in cls.__slots__})  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """``chain`` goes from the outermost link to the root; ``errors`` are the distinct failures."""

    chain: tuple[Link, ...] = ()
    errors: tuple[Link, ...] = ()

    @property
    def root(self) -> Link | None:
        return self.chain[-1] if self.chain else None

    def to_json(self) -> dict[str, Any]:
        return {
            "chain": [link.to_json() for link in self.chain],
            "errors": [link.to_json() for link in self.errors],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Diagnosis":
        return cls(
            tuple(Link.from_json(link) for link in value.get("chain", ())),
            tuple(Link.from_json(link) for link in value.get("errors", ())),
        )
