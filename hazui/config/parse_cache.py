"""The tables of a file that was parsed before, so that an unchanged one is not parsed again.

Parsing TOML costs more than everything else that loading does. What is kept is the plain data, as
JSON under the hash of the file's bytes; it is validated like fresh data, so a damaged or foreign
entry can do no more than a damaged configuration. Nothing here ever fails: an entry that cannot be
used is not there, one that cannot be written is not kept.
"""

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

FORMAT = "1"
ENTRIES_MAX = 64
SIZE_BYTES_MIN = 16 << 10
"""Below this parsing is as fast as reading another file."""


class ParseCache(NamedTuple):
    """A directory of parsed files; it is made when first needed, its parent must exist."""

    directory: Path

    def read(self, data: bytes) -> dict[str, Any] | None:
        """The tables of a file with these bytes, or None."""
        if len(data) < SIZE_BYTES_MIN:
            return None
        try:
            tables = json.loads(self._entry(data).read_bytes())
        except (OSError, ValueError, RecursionError):
            return None
        return tables if type(tables) is dict else None

    def keep(self, data: bytes, tables: dict[str, Any]) -> None:
        """Keep the tables of a file with these bytes, if JSON can hold them exactly."""
        if len(data) < SIZE_BYTES_MIN:
            return
        entry = self._entry(data)
        fresh = entry.with_suffix(f".{os.getpid()}")
        try:
            # A date, nan or inf has no JSON; such a file is parsed each time.
            text = json.dumps(tables, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
            self.directory.mkdir(mode=0o700, exist_ok=True)
            self._make_room()
            fresh.write_text(text, "utf-8")
            fresh.replace(entry)
        except (OSError, ValueError, TypeError, RecursionError):
            with suppress(OSError):
                fresh.unlink(missing_ok=True)

    def _entry(self, data: bytes) -> Path:
        digest = hashlib.blake2b(data, digest_size=20, key=FORMAT.encode()).hexdigest()
        return self.directory / f"{digest}.json"

    def _make_room(self) -> None:
        entries = sorted(self.directory.iterdir(), key=lambda entry: entry.stat().st_mtime_ns)
        for entry in entries[: max(0, len(entries) - ENTRIES_MAX + 1)]:
            entry.unlink(missing_ok=True)
