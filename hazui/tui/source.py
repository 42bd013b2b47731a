"""A few lines of a source file around a place, bounded whatever the file is."""

import itertools
import os
import stat
from dataclasses import dataclass
from pathlib import Path

READ_BYTES_MAX = 4 << 20
LINE_CHARS_MAX = 400


@dataclass(frozen=True, slots=True)
class Snippet:
    """Some lines of a source file."""

    path: Path
    lines: tuple[tuple[int, str], ...]
    """Line numbers from 1, and the text without its newline."""


def resolved(file: str, *, root: Path, cwd: str = "") -> Path | None:
    """The existing regular file that a place names: absolute, of the workspace, or of ``cwd``."""
    for base in (root, root / cwd):
        path = base / file
        try:
            if stat.S_ISREG(path.stat().st_mode):
                return path
        except (OSError, ValueError):
            continue
    return None


def snippet(path: Path, line: int, *, context: int = 3) -> Snippet | None:
    """The lines around ``line``; None when the file cannot be read or is shorter."""
    first = max(line - context, 1)
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(fd, encoding="utf-8", errors="replace", newline=None) as file:
            read = 0
            found: list[tuple[int, str]] = []
            for number, text in zip(itertools.count(1), file, strict=False):
                read += len(text)
                if read > READ_BYTES_MAX or number > line + context:
                    break
                if number >= first:
                    found.append((number, text.rstrip("\n").expandtabs(4)[:LINE_CHARS_MAX]))
    except OSError:
        return None
    if not found or found[-1][0] < line:
        return None
    return Snippet(path, tuple(found))
