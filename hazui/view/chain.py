"""The links of a chain of causes, whether they come from typed errors or were read from output.

A chain is bounded, and says how much it left out. Its root is the end of the causes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hazui.domain.links import Link
from hazui.errors.base import one_line
from hazui.errors.record import ErrorRecord

LINKS_MAX = 64
NO_FIELDS: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureLink:
    """One step of a chain; 0 is the task itself, the causes count from 1."""

    number: int
    message: str
    relation: str | None = None
    """How the preceding, outer link stands to this one."""
    type: str | None = None
    depth: int = 0
    """How deep in branches of groups; 0 on the trunk."""
    file: str | None = None
    line: int | None = None
    column: int | None = None
    stream: str | None = None
    byte_start: int | None = None
    byte_end: int | None = None
    record: ErrorRecord | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    hint: str | None = None
    code: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Type and message on one line."""
        message = one_line(self.message)
        return f"{one_line(self.type)}: {message}" if self.type else message

    @property
    def place(self) -> str | None:
        """``cart.py:88``, or None when no place is known."""
        if self.file is None:
            return None
        where = one_line(self.file)
        if self.line is None:
            return where
        return f"{where}:{self.line}" + (f":{self.column}" if self.column else "")


def relative_to(root: str, file: str) -> str:
    """A place within the workspace without the way to it."""
    return file.removeprefix(f"{root.rstrip('/')}/") if root else file


def links_of_record(record: ErrorRecord, root: str = "") -> tuple[list[FailureLink], int]:
    """The links of a typed error from the outermost to the root, and how many were left out."""
    links: list[FailureLink] = []
    left_out = record.truncated
    for relation, depth, each in _walk(record):
        if len(links) >= LINKS_MAX:
            left_out += 1
            continue
        links.append(_from_record(len(links) + 1, relation, depth, each, root))
    return links, left_out


def _walk(record: ErrorRecord) -> Iterator[tuple[str | None, int, ErrorRecord]]:
    waiting: list[tuple[str | None, int, ErrorRecord]] = [(None, 0, record)]
    while waiting:
        relation, depth, current = waiting.pop()
        yield relation, depth, current
        members = tuple(current.members)
        branch = depth + 1 if len(members) > 1 else depth
        # The trunk (the source) is walked last, so that the root stays the last link.
        if current.source is not None:
            waiting.append(("caused_by", depth, current.source))
        waiting.extend(("member", branch, member) for member in reversed(members))


def _from_record(
    number: int, relation: str | None, depth: int, record: ErrorRecord, root: str
) -> FailureLink:
    file, line = _place(record)
    fields = record.fields or NO_FIELDS
    is_foreign = record.family == "external"
    return FailureLink(
        number=number,
        relation=str(fields.get("relation") or relation) if relation else None,
        depth=depth,
        type=str(fields.get("class") or record.type) if is_foreign else record.type,
        message=record.message,
        file=relative_to(root, file) if file is not None else None,
        line=line,
        record=record,
        fields=fields,
        hint=record.hint,
        code=record.code,
        notes=tuple(record.notes),
    )


def _place(record: ErrorRecord) -> tuple[str | None, int | None]:
    """Where to look: the file the error is about; a raising frame only when it is foreign code."""
    fields = record.fields
    for name in ("file", "path", "filename"):
        if isinstance(fields.get(name), str) and fields[name]:
            line = fields.get("line")
            return fields[name], line if isinstance(line, int) else None
    if record.where is not None and record.family in ("external", "plugin"):
        return record.where.file, record.where.line
    return None, None


def link_from(number: int, link: Link, root: str) -> FailureLink:
    """The link of a diagnosis as the chain shows it; files below ``root`` become relative."""
    return FailureLink(
        number=number,
        relation=link.relation,
        type=link.type,
        message=link.message,
        file=relative_to(root, link.file) if link.file is not None else None,
        line=link.line,
        column=link.column,
        stream=link.stream,
        byte_start=link.byte_start,
        byte_end=link.byte_end,
    )


def root_index_of(chain: tuple[FailureLink, ...]) -> int:
    """Which link is the root: the end of the causes; in a group, of its first member's."""
    outermost = next((link.record for link in chain if link.record is not None), None)
    if outermost is not None:
        for index, link in enumerate(chain):
            if link.record is outermost.root:
                return index
    return len(chain) - 1
