"""From an error to everything behind it.

One walk serves all readers: the flat chain, the JSON record and the screen. It follows ``source``
(which wins over ``__cause__``), then ``__cause__``, then a context that is not suppressed, then
the members of a group. Invariant: it ends on any input, shows each exception once, and says how
many it left out.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from hazui.errors.base import HazuiError

DEPTH_MAX = 64
"""Links from the error to the deepest one shown."""
WIDTH_MAX = 64
"""Members shown of one group."""
TOTAL_MAX = 512
"""Exceptions shown in all."""
_COUNT_MAX = 10_000
"""Where counting what is left out ends; a larger number would not be read differently."""


class Relation(StrEnum):
    """How an error stands to the one before it."""

    CAUSED_BY = "caused_by"
    WHILE_HANDLING = "while_handling"
    MEMBER = "member"


@dataclass(frozen=True, slots=True)
class Node:
    """One exception with what is behind it."""

    error: BaseException
    relation: Relation | None
    """None for the first."""
    depth: int
    source: "Node | None"
    members: tuple["Node", ...]
    omitted: int
    """How many exceptions directly or indirectly behind this one are not shown."""

    def walk(self) -> Iterator["Node"]:
        """This node, then its cause and that one's, then its members."""
        yield self
        if self.source is not None:
            yield from self.source.walk()
        for member in self.members:
            yield from member.walk()


class Chain(Iterator[BaseException]):
    """The exceptions from an error down to the root, outermost first.

    ``nodes`` has them with their relations; ``omitted`` is how many were left out.
    """

    def __init__(self, error: BaseException) -> None:
        self.tree = tree_of(error)
        self.nodes = tuple(self.tree.walk())
        self.omitted = sum(node.omitted for node in self.nodes)
        self._rest = iter(self.nodes)

    @property
    def root(self) -> BaseException:
        """The end of the line of causes; in a group that has no cause, of its first member."""
        node = self.tree
        while (below := node.source or next(iter(node.members), None)) is not None:
            node = below
        return node.error

    def __next__(self) -> BaseException:
        return next(self._rest).error


def cause_of(error: BaseException) -> tuple[BaseException, Relation] | None:
    """The one exception that ``error`` goes back to, and how."""
    source = vars(error).get("source") if isinstance(error, HazuiError) else None
    if isinstance(source, BaseException):
        return source, Relation.CAUSED_BY
    if error.__cause__ is not None:
        return error.__cause__, Relation.CAUSED_BY
    if error.__context__ is not None and not error.__suppress_context__:
        return error.__context__, Relation.WHILE_HANDLING
    return None


def members_of(error: BaseException) -> tuple[BaseException, ...]:
    """What a group holds; a record of a group keeps its members under the same name."""
    if isinstance(error, BaseExceptionGroup):
        return error.exceptions
    members = vars(error).get("exceptions", ()) if isinstance(error, HazuiError) else ()
    return tuple(member for member in members if isinstance(member, BaseException))


def tree_of(error: BaseException) -> Node:
    """Everything behind ``error``, within the limits of this module."""
    return _Walk().node(error, None, 0)


class _Walk:
    """What has been seen so far; keeps the exceptions alive so that their ids stay theirs."""

    def __init__(self) -> None:
        self.seen: dict[int, BaseException] = {}

    def node(self, error: BaseException, relation: Relation | None, depth: int) -> Node:
        self.seen[id(error)] = error
        source: Node | None = None
        omitted = 0
        members = members_of(error)
        found = cause_of(error)
        # A group raised while one of its own members is handled shows it as a member.
        if found is not None and any(member is found[0] for member in members):
            found = None
        if found is not None and id(found[0]) not in self.seen:
            if self.is_full(depth):
                omitted += self.count([found[0]])
            else:
                source = self.node(*found, depth + 1)
        shown: list[Node] = []
        for member in members:
            if id(member) in self.seen:
                continue
            if len(shown) == WIDTH_MAX or self.is_full(depth):
                omitted += self.count([member])
            else:
                shown.append(self.node(member, Relation.MEMBER, depth + 1))
        return Node(error, relation, depth, source, tuple(shown), omitted)

    def is_full(self, depth: int) -> bool:
        return depth >= DEPTH_MAX or len(self.seen) >= TOTAL_MAX

    def count(self, errors: Iterable[BaseException]) -> int:
        """How many unseen exceptions there are from here on; they count as seen afterwards."""
        waiting = list(errors)
        number = 0
        while waiting and len(self.seen) < _COUNT_MAX:
            error = waiting.pop()
            if id(error) in self.seen:
                continue
            self.seen[id(error)] = error
            number += 1
            if (found := cause_of(error)) is not None:
                waiting.append(found[0])
            waiting.extend(members_of(error))
        return number
