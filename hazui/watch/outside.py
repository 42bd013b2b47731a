"""Watched files that are not part of the file list: where their directories are, what is new.

Configuration and env files may lie outside the workspace; literal inputs may lie in ignored
directories, or in directories that do not exist yet. For each, the nearest directory that exists
is watched, without what lies below it.
"""

import os
from collections.abc import Iterable
from pathlib import Path

Signature = tuple[int, int, int, int] | None


class OutsideFiles:
    """Files outside the workspace, compared by their stat alone."""

    def __init__(self, files: Iterable[Path]) -> None:
        self._signatures: dict[str, Signature] = {
            str(file): _signature(str(file)) for file in files
        }

    def directories(self) -> set[str]:
        return {nearest_directory(file) for file in self._signatures}

    def news(self) -> set[Path]:
        """The files that differ from when this was last asked."""
        found: set[Path] = set()
        for file, before in self._signatures.items():
            now = _signature(file)
            if now != before:
                self._signatures[file] = now
                found.add(Path(file))
        return found


def nearest_directory(path: str) -> str:
    """The directory that holds ``path``, or the nearest one above it that exists."""
    directory = os.path.dirname(path)
    while not os.path.isdir(directory) and directory != os.path.dirname(directory):
        directory = os.path.dirname(directory)
    return directory


def _signature(file: str) -> Signature:
    try:
        found = os.stat(file)
    except OSError:
        return None
    return (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
