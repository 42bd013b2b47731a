"""The shape of a captured log on disk, shared by its writer and its readers.

A log is three files: the raw bytes of ``stdout`` and of ``stderr``, and a ``journal`` with one
fixed-size record for each captured chunk. The journal is the arrival order of both streams and the
chunk index of each: summing its records says which bytes and which lines a chunk holds.

Invariant: a record is written after the bytes it speaks of, so what the journal names is there.
This module knows nothing of processes or screens.
"""

import hashlib
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from hazui.errors.stream import CapturedStream

CHUNK_BYTES_MAX = 256 << 10
"""No record speaks of more, so that one chunk can always be read whole."""

RECORD = struct.Struct("<QIIBB6x")
"""Wall-clock nanoseconds, length, count of newlines, stream, flags."""

ENDS_LINE = 1
"""Flag: the last byte of the chunk is a newline."""

STREAMS = (CapturedStream.STDOUT, CapturedStream.STDERR)
"""By their number in a record."""

JOURNAL = "journal"


class ChunkRecord(NamedTuple):
    """One record of the journal."""

    at_ns: int
    length: int
    newlines: int
    stream: int
    flags: int


@dataclass(frozen=True, slots=True)
class LogFiles:
    """Where the three files of one log are; a log without a journal is read by scanning."""

    stdout: Path
    stderr: Path
    journal: Path | None

    def path(self, stream: CapturedStream) -> Path:
        return self.stdout if stream is CapturedStream.STDOUT else self.stderr


class Hasher(Protocol):
    """What this room needs of a hash function."""

    def update(self, data: bytes, /) -> object: ...

    def hexdigest(self) -> str: ...


def new_hasher(hash_name: str) -> Hasher:
    """A fresh hash of the workspace's kind: ``blake3``, or any name that hashlib knows."""
    if hash_name == "blake3":
        from blake3 import blake3

        hasher: Hasher = blake3()
        return hasher
    return hashlib.new(hash_name)


def files_in(run_dir: Path) -> LogFiles:
    """The files of a spool that is still in its run's directory."""
    return LogFiles(run_dir / STREAMS[0], run_dir / STREAMS[1], run_dir / JOURNAL)
