"""What a recogniser hands over: one failure it is sure to have read, and how much it weighs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum

from hazui.diagnosis.lines import Line, StreamName
from hazui.domain.links import Link, Relation

MESSAGE_CHARS = 1_500


class Weight(IntEnum):
    """How good a candidate for the root a finding is; compared first."""

    WRAPPER = 0
    """A program reporting that another one failed: an outer link, never the root of more."""
    LAST_WORDS = 1
    """The last line of a program that told of no error in any known way."""
    LOG_LINE = 2
    """A line of a log that tells of an error."""
    LOGGED = 3
    """An exception that was caught, logged and survived."""
    VAGUE = 4
    """An error line of a program that says little about itself."""
    FIRM = 5
    """An uncaught exception, a panic, a diagnostic of a compiler or linter."""
    REPORT = 6
    """A failed test, in the report of the program that ran it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A chain from its outermost link to its root, and the distinct failures it stands for."""

    chain: tuple[Link, ...]
    weight: Weight
    order: int
    errors: tuple[Link, ...] = ()
    """Empty: the root alone."""
    program: str = ""
    """Names the process that ended with it, where the output tells."""
    is_last_word: bool = False
    """Whether its process cannot have gone on after it."""

    @property
    def root(self) -> Link:
        return self.chain[-1]

    @property
    def distinct(self) -> tuple[Link, ...]:
        return self.errors or (self.root,)


@dataclass(slots=True)
class Page:
    """The lines one program wrote to one stream, and which of them were understood already."""

    lines: Sequence[Line]
    others: Sequence[Line] = ()
    """The other stream, for context such as the directory that make entered."""
    argv: Sequence[str] = ()
    claimed: bytearray = field(init=False)

    def __post_init__(self) -> None:
        self.claimed = bytearray(len(self.lines))

    def claim(self, start: int, stop: int) -> None:
        """Keep later recognisers from reading the lines ``start`` to ``stop`` (exclusive) again."""
        stop = min(stop, len(self.lines))
        self.claimed[start:stop] = b"\1" * max(0, stop - start)

    def unclaimed(self) -> Iterable[tuple[int, str]]:
        """Index and text of what nobody understood yet; lines claimed on the way are left out."""
        claimed = self.claimed
        for index, line in enumerate(self.lines):
            if not claimed[index]:
                yield index, line.text

    @property
    def stream(self) -> StreamName:
        return self.lines[0].stream if self.lines else "stderr"

    def text(self, index: int) -> str:
        """The line, or nothing outside the page."""
        return self.lines[index].text if 0 <= index < len(self.lines) else ""

    def link(
        self,
        start: int,
        stop: int,
        *,
        type: str | None,  # noqa: A002 - the name that the event has
        message: str,
        file: str | None = None,
        line: int | None = None,
        column: int | None = None,
        relation: Relation | None = None,
    ) -> Link:
        """A link that was read from the lines ``start`` to ``stop`` (exclusive)."""
        first = self.lines[start]
        last = self.lines[max(start, min(stop, len(self.lines)) - 1)]
        return Link(
            type=type,
            message=shorten(message),
            file=file,
            line=line,
            column=column,
            relation=relation,
            stream=first.stream,
            byte_start=first.byte_start,
            byte_end=last.byte_end,
        )

    def finding(
        self, start: int, chain: Sequence[Link], weight: Weight, errors: Sequence[Link] = ()
    ) -> Finding:
        return Finding(tuple(chain), weight, self.lines[start].order, tuple(errors))


def shorten(message: str) -> str:
    """A message without blanks around it, at most MESSAGE_CHARS long."""
    message = message.strip()
    return message if len(message) <= MESSAGE_CHARS else message[: MESSAGE_CHARS - 1] + "…"


def related(link: Link, relation: Relation | None) -> Link:
    """The link with this relation to the one before it."""
    return link if link.relation == relation else replace(link, relation=relation)


def number(text: str | None) -> int | None:
    """A line or column as printed; None when absent or absurd."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 9:
        return None
    return int(text)
