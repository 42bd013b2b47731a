"""The manifest of an action: everything that decides what a command produces, in one walk.

``visit`` is the only place that says what is in an action and in which order. One visitor hashes
what it is shown, the other writes it as text, so the explanation of a miss can never disagree with
the key. Who asks (task, tags, mutex, timeout) is not part of an action.

Invariant: every item is length-prefixed in the hash, so no two different walks give one byte
string. Values of variables and arguments enter the hash as they are and the text only as a keyed
fingerprint; bytes that are not UTF-8 are carried as surrogates in both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from hazui.domain.ids import ActionKey, Digest
from hazui.domain.paths import CanonicalPath
from hazui.files.digest import hash_bytes

FORMAT = 1
"""Revision of the walk; another number makes every key another one."""

FINGERPRINT_HEX = 8


class FileItem(NamedTuple):
    """A file as an action sees it: of the mode only the owner's execute bit counts."""

    path: CanonicalPath
    digest: Digest
    is_executable: bool


class StreamItem(NamedTuple):
    """The streams of a dependency that was declared with ``streams = true``."""

    task: str
    stdout: Digest
    stderr: Digest


class ServiceItem(NamedTuple):
    """A service that this action talks to, by the key of what it runs."""

    task: str
    key: ActionKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What is run, on what. Every sequence is sorted except the command and its arguments."""

    hash_name: str
    command: tuple[str, ...] | str
    shell: str = ""
    """Names the shell of a script; not part of the action of an argv."""
    arguments: tuple[str, ...] = ()
    """Extra words from the command line."""
    env: tuple[tuple[str, str | None], ...] = ()
    """None: the variable is wanted from the host and absent there."""
    cwd: CanonicalPath
    tty: bool = False
    output_patterns: tuple[str, ...] = ()
    """Workspace-relative, ``!`` in front of an exclusion."""
    platform: str
    inputs: tuple[FileItem, ...] = ()
    dependency_outputs: tuple[FileItem, ...] = ()
    dependency_streams: tuple[StreamItem, ...] = ()
    services: tuple[ServiceItem, ...] = ()


class Visitor(Protocol):
    """Is shown an action, item by item."""

    def item(self, kind: str, *parts: str) -> None: ...

    def files(self, kind: str, files: Sequence[FileItem]) -> None:
        """Many items of one kind: there may be thousands."""
        ...

    def secret(self, kind: str, name: str, value: str | None) -> None:
        """A named value that must not be written anywhere; None: absent."""
        ...


def visit(action: Action, visitor: Visitor) -> None:
    """Show ``visitor`` everything that the action consists of."""
    item = visitor.item
    item("format", str(FORMAT))
    item("hash", action.hash_name)
    if isinstance(action.command, str):
        item("shell", action.shell)
        item("script", action.command)
    else:
        item("argv", *action.command)
    for position, argument in enumerate(action.arguments):
        visitor.secret("argument", str(position), argument)
    item("cwd", action.cwd)
    item("tty", "yes" if action.tty else "no")
    item("platform", action.platform)
    for pattern in action.output_patterns:
        item("output", pattern)
    for name, value in action.env:
        visitor.secret("env", name, value)
    visitor.files("input", action.inputs)
    visitor.files("dependency", action.dependency_outputs)
    for task, stdout, stderr in action.dependency_streams:
        item("streams", task, stdout, stderr)
    for task, key in action.services:
        item("service", task, key)


class _Hashing:
    """Length-prefixed and canonical: kind, count of parts, each part with its length."""

    def __init__(self) -> None:
        self.pieces: list[str] = []

    def item(self, kind: str, *parts: str) -> None:
        if len(parts) == 1:
            part = parts[0]
            self.pieces.append(f"{kind}\0001\0{len(part)}:{part}")
        else:
            self.pieces.append(f"{kind}\0{len(parts)}\0")
            self.pieces.extend([f"{len(part)}:{part}" for part in parts])

    def files(self, kind: str, files: Sequence[FileItem]) -> None:
        self.pieces.append(f"{kind}\0{len(files)}\0")
        self.pieces.extend(
            [
                f"{len(path)}:{path}{len(digest)}:{digest}{'x' if is_executable else '-'}"
                for path, digest, is_executable in files
            ]
        )

    def secret(self, kind: str, name: str, value: str | None) -> None:
        if value is None:
            self.item(kind, name)
        else:
            self.item(kind, name, value)


class _Describing:
    """One item a line, its parts between tabs; values only as keyed fingerprints."""

    def __init__(self, secret_key: bytes) -> None:
        self.lines: list[str] = []
        self._secret_key = secret_key

    def item(self, kind: str, *parts: str) -> None:
        self.lines.append("\t".join([kind, *[escaped(part) for part in parts]]))

    def files(self, kind: str, files: Sequence[FileItem]) -> None:
        self.lines.extend(
            [
                f"{kind}\t{escaped(path)}\t{digest}\t{'x' if is_executable else '-'}"
                for path, digest, is_executable in files
            ]
        )

    def secret(self, kind: str, name: str, value: str | None) -> None:
        self.item(kind, name if value is None else masked(name, value, self._secret_key))


def escaped(text: str) -> str:
    """Printable ASCII without a tab or newline; different texts stay different."""
    if text.isascii() and text.isprintable() and "\\" not in text:
        return text
    return text.encode("unicode_escape").decode("ascii")


def unescaped(text: str) -> str:
    """The text that ``escaped`` was given."""
    return text.encode("ascii").decode("unicode_escape") if "\\" in text else text


def hash_action(action: Action) -> ActionKey:
    """The key under which the results of this action are kept."""
    visitor = _Hashing()
    visit(action, visitor)
    data = "".join(visitor.pieces).encode("utf-8", "surrogatepass")
    return ActionKey(hash_bytes(data, action.hash_name))


def describe(action: Action, secret_key: bytes) -> str:
    """The action as text, one item a line, without the value of any variable."""
    visitor = _Describing(secret_key)
    visit(action, visitor)
    return "\n".join(visitor.lines) + "\n"


def masked(name: str, value: str, secret_key: bytes) -> str:
    """``NAME=<8 hex>``: tells whether a value changed, and nothing about it."""
    import hmac

    data = f"{len(name)}:{name}{value}".encode("utf-8", "surrogatepass")
    return f"{name}={hmac.digest(secret_key, data, 'sha256').hex()[:FINGERPRINT_HEX]}"


def sorted_files(files: Sequence[FileItem]) -> tuple[FileItem, ...]:
    """In the order that an action wants, each once."""
    return tuple(sorted(set(files))) if files else ()
