"""The root of every typed error.

A family is a subclass of ``HazuiError`` with a ``FAMILY``; a variant is a subclass of a family
with a ``CODE``, a ``KIND`` and keyword-only dataclass fields. Fields are plain values that JSON
can carry, paths are absolute ``pathlib.Path``, a cause is the field ``source``. Variants are never
frozen: a frozen exception cannot take a traceback, a note or a context manager.

Invariant: ``str(error)`` is one line made of the error's own fields. The text of a cause never
appears in it; the chain is walked instead.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

if TYPE_CHECKING:
    from hazui.errors.chain import Chain


class Kind(StrEnum):
    """Who can put it right."""

    USER = "user"
    """The user's tasks, commands or files."""
    CONFIG = "config"
    """What is written in hazui.toml."""
    ENVIRONMENT = "environment"
    """The machine: disks, permissions, limits, other processes."""
    INTERNAL = "internal"
    """A bug in hazui."""


class CodeClass(StrEnum):
    """What trying again without changing anything is good for."""

    RETRYABLE = "retryable"
    TERMINAL = "terminal"
    UNKNOWN = "unknown"


class HazuiError(Exception):
    """Something hazui was asked to do and could not."""

    FAMILY: ClassVar[str] = ""
    CODE: ClassVar[str] = ""
    KIND: ClassVar[Kind] = Kind.INTERNAL
    CLASS: ClassVar[CodeClass] = CodeClass.UNKNOWN
    HINT: ClassVar[str] = ""

    def __post_init__(self) -> None:
        # Lists become tuples, so that a value decoded from JSON equals the one that was raised.
        for name, value in vars(self).items():
            if isinstance(value, list):
                self.__dict__[name] = tuple(value)
        source = vars(self).get("source")
        if isinstance(source, BaseException):
            self.__cause__ = source

    @property
    def code(self) -> str:
        """The stable text that names this problem: ``family.variant``."""
        return self.CODE

    @property
    def kind(self) -> Kind:
        """Who can put it right."""
        return self.KIND

    @property
    def message(self) -> str:
        """One sentence from the fields, without a newline and without the cause's text."""
        return one_line(self.sentence())

    @property
    def hint(self) -> str | None:
        """What to try, or None when there is nothing useful to say."""
        return self.HINT or None

    @property
    def explain(self) -> str:
        """The long text of this code: what it means, when it happens, what to try."""
        from hazui.errors.explain import text_of

        return text_of(self.code)

    @property
    def place(self) -> tuple[str, int] | None:
        """File and line to look at: the deepest frame, unless a variant knows better."""
        return frame_of(self) or vars(self).get("_place")

    def sentence(self) -> str:
        """The message before it is made safe for one line; every variant writes its own."""
        return type(self).__name__

    def iter_chain(self) -> "Chain":
        """This error first, then every cause down to the root."""
        from hazui.errors.chain import Chain

        return Chain(self)

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:
        """Let copy, deepcopy and pickle keep fields, notes and causes; a traceback stays behind."""
        fields = dict(vars(self))
        if (place := frame_of(self)) is not None:
            fields["_place"] = place
        state = {"fields": fields, "args": self.args, "links": list(_links(self))}
        return (_blank, (type(self),), state)

    def __setstate__(self, state: dict[str, Any] | None) -> None:
        if state is None:
            return
        self.args = state["args"]
        vars(self).update(state["fields"])
        for error, cause, context, suppressed in state["links"]:
            target = self if error is None else error
            target.__cause__ = cause
            target.__context__ = context
            target.__suppress_context__ = suppressed

    def __copy__(self) -> Self:
        twin = _blank(type(self))
        twin.__setstate__(self.__reduce__()[2])
        return twin.with_traceback(self.__traceback__)


_Error = TypeVar("_Error", bound=HazuiError)


def _blank(kind: type[_Error]) -> _Error:
    return kind.__new__(kind)


def _links(
    error: BaseException,
) -> Iterator[tuple[BaseException | None, BaseException | None, BaseException | None, bool]]:
    """The links of ``error`` (named None) and of the foreign errors behind it.

    Foreign exceptions forget their causes when they are pickled, so the nearest typed error
    carries them; it stops at the next typed error, which carries its own.
    """
    seen = {id(error)}
    waiting: list[BaseException] = [error]
    while waiting:
        current = waiting.pop()
        cause, context = current.__cause__, current.__context__
        name = None if current is error else current
        yield (name, cause, context, current.__suppress_context__)
        members = current.exceptions if isinstance(current, BaseExceptionGroup) else ()
        for link in (cause, context, *members):
            if link is not None and id(link) not in seen and not isinstance(link, HazuiError):
                seen.add(id(link))
                waiting.append(link)


def frame_of(error: BaseException) -> tuple[str, int] | None:
    """File and line of the deepest frame of an error that was raised, else None."""
    trace = error.__traceback__
    if trace is None:
        return None
    while trace.tb_next is not None:
        trace = trace.tb_next
    return trace.tb_frame.f_code.co_filename, trace.tb_lineno


def numbered(values: Iterable[object]) -> str:
    """Values in a row with commas, or "none"."""
    return ", ".join(str(value) for value in values) or "none"


def did_you_mean(suggestion: str | None) -> str | None:
    """The hint for a mistyped name, or None without a suggestion."""
    return f'Did you mean "{suggestion}"?' if suggestion else None


def one_line(text: str) -> str:
    """Make text safe to show in one line: control characters and raw bytes become escapes.

    A byte that is not UTF-8 (a surrogate from ``os.fsdecode``) is written ``\\xff``.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    point = ord(character)
    if 0xDC80 <= point <= 0xDCFF:
        return f"\\x{point - 0xDC00:02x}"
    return character.encode("unicode_escape").decode("ascii")
