"""Reading one file: bytes, text, TOML.

Nothing is judged here but that it is TOML. Whatever is wrong with the bytes is noted with its
place where there is one: an unreadable file, text that is not UTF-8, nesting or numbers beyond
what Python reads. tomli counts lines and columns from 1, in characters, as this room does.
"""

import re
from pathlib import Path
from typing import Any

from hazui.config.parse_cache import ParseCache
from hazui.config.positions import SourceText
from hazui.config.problems import Problems

_WHERE = re.compile(r" \(at (?:line \d+, column \d+|end of document)\)$")


def read_bytes(file: Path, problems: Problems) -> bytes | None:
    """The bytes of a file; None when it cannot be read, which is noted."""
    try:
        return file.read_bytes()
    except (OSError, ValueError) as error:
        problems.place("FileUnreadable", file, source=error)
        return None


def parse(
    file: Path, data: bytes, problems: Problems, cache: ParseCache | None = None
) -> tuple[SourceText, dict[str, Any]] | None:
    """The text and the tables of one file; None when it is not TOML, which is noted."""
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        spot = SourceText(file, data.decode("utf-8", "replace")).spot(len(before))
        problems.place(
            "SyntaxInvalid",
            file,
            line=spot.line,
            column=spot.column,
            excerpt=spot.excerpt,
            detail="it is not UTF-8 text",
        )
        return None
    source = SourceText(file, text)
    if cache is not None and (known := cache.read(data)) is not None:
        return source, known

    import tomli

    try:
        tables = tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        found = source.spot_of_line(error.lineno, error.colno)
        problems.place(
            "SyntaxInvalid",
            file,
            line=error.lineno,
            column=error.colno,
            excerpt=found.excerpt if found else None,
            detail=_WHERE.sub("", str(error)),
        )
    except RecursionError:
        problems.place("SyntaxInvalid", file, detail="it is nested too deeply")
    except ValueError as error:
        # A number of thousands of digits is TOML, but Python does not read it.
        problems.place("SyntaxInvalid", file, detail=str(error))
    else:
        if cache is not None:
            cache.keep(data, tables)
        return source, tables
    return None
