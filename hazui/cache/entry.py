"""The entry of the action cache: what an action produced, as one small checked text.

Two lines: the entry as JSON, then a hash of that line. A torn, damaged or swapped entry is told
apart from a good one before any of it is believed. Paths are checked when an entry is read, so a
forged one cannot name a place outside the workspace.
"""

import json
from dataclasses import dataclass
from typing import Any, NamedTuple

from hazui.domain.ids import ActionKey, Digest
from hazui.domain.paths import CanonicalPath, check_segment
from hazui.domain.records import StoredOutput, StreamDigests
from hazui.errors.segment import SegmentError
from hazui.files.digest import hash_bytes

SCHEMA = 1
"""Revision of the JSON; an entry of another one is a miss, not an error (CACHE-016)."""

_CHECK_HEX = 16
_DIGEST_HEX_MIN = 32


class Produced(NamedTuple):
    """An output as the executor found it, before its bytes are read."""

    path: CanonicalPath
    mode: int
    """``st_mode & 0o7777``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What one action produced; it belongs to no task."""

    key: ActionKey
    outputs: tuple[StoredOutput, ...]
    """Sorted by path."""
    streams: StreamDigests
    streams_bytes: int = 0
    """Sizes of both streams and the journal, together."""
    created_at: str = ""

    @property
    def size_bytes(self) -> int:
        return self.streams_bytes + sum(output.size_bytes for output in self.outputs)

    @property
    def digests(self) -> frozenset[Digest]:
        """Every blob that the entry needs."""
        streams = self.streams
        return frozenset(
            [output.digest for output in self.outputs]
            + [streams.stdout, streams.stderr, streams.journal]
        )


class SchemaMismatch(Exception):  # noqa: N818
    """The entry is whole and of another revision, or of another hash function."""


class DamagedEntry(Exception):  # noqa: N818
    """The bytes are not an entry: torn, altered, or of another key."""

    def __init__(self, expected: str, actual: str) -> None:
        super().__init__(expected, actual)
        self.expected = expected
        self.actual = actual


def encode(entry: Entry, hash_name: str) -> bytes:
    """The bytes of the entry's file."""
    body = json.dumps(
        {
            "schema": SCHEMA,
            "hash": hash_name,
            "key": entry.key,
            "created_at": entry.created_at,
            "outputs": [[o.path, o.mode, o.digest, o.size_bytes] for o in entry.outputs],
            "streams": [entry.streams.stdout, entry.streams.stderr, entry.streams.journal],
            "streams_bytes": entry.streams_bytes,
        },
        separators=(",", ":"),
    ).encode("ascii")
    check = hash_bytes(body, hash_name)[:_CHECK_HEX].encode("ascii")
    return body + b"\n" + check + b"\n"


def decode(data: bytes, key: ActionKey, hash_name: str) -> Entry:
    """Read the bytes of an entry's file.

    Raises:
        SchemaMismatch: another revision of the format, or another hash function.
        DamagedEntry: anything else that is not a whole entry for ``key``.
    """
    body, _, check = data.partition(b"\n")
    actual = hash_bytes(body, hash_name)[:_CHECK_HEX]
    is_whole = check == actual.encode("ascii") + b"\n"
    try:
        value = json.loads(body.decode("ascii"))
        if value["schema"] != SCHEMA or value["hash"] != hash_name:
            raise SchemaMismatch
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedEntry(_text(check), actual) from error
    if not is_whole:
        raise DamagedEntry(_text(check), actual)
    if value["key"] != key:
        raise DamagedEntry(key, str(value["key"]))
    try:
        return _read(value, key)
    except (ValueError, KeyError, TypeError, AttributeError, SegmentError) as error:
        raise DamagedEntry("an entry", type(error).__name__) from error


def _read(value: dict[str, Any], key: ActionKey) -> Entry:
    stdout, stderr, journal = map(_digest, value["streams"])
    return Entry(
        key=key,
        outputs=tuple(
            [
                StoredOutput(_path(path), mode & 0o7777, _digest(digest), size)
                for path, mode, digest, size in value["outputs"]
            ]
        ),
        streams=StreamDigests(stdout, stderr, journal),
        streams_bytes=value["streams_bytes"],
        created_at=value["created_at"],
    )


def _path(text: str) -> CanonicalPath:
    probe = f"/{text}/"
    is_plain = "//" not in probe and "./" not in probe and probe.isascii() and probe.isprintable()
    if not is_plain:
        for part in text.split("/"):
            check_segment(part)
    return CanonicalPath(text)


def _digest(text: str) -> Digest:
    # It becomes the name of a file, so nothing but letters and digits may be in it.
    if not (text.isalnum() and len(text) >= _DIGEST_HEX_MIN):
        raise ValueError(text)
    return Digest(text)


def _text(data: bytes) -> str:
    return data.strip().decode("ascii", "replace")[:64]
