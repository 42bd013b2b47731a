"""From the bytes of one line to what may be shown: styled runs of harmless text.

Child output is never trusted with the terminal. SGR colours and OSC 8 links to the web or into the
workspace survive; every other control sequence, control character and direction override is
dropped, whatever is cut or malformed. Tabs become spaces, a carriage return starts the line over
(so a progress bar shows its last state), bytes that are not UTF-8 become U+FFFD.

Pure, and linear in the length of the line. Every line starts plain: a colour that a program left
on does not reach the next line, because lines are read in any order.
"""

import re
import unicodedata
from dataclasses import replace
from functools import lru_cache
from pathlib import PurePosixPath
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from hazui.spool.style import PLAIN, SgrStyle, apply_sgr

TAB_CELLS = 8
_URI_CHARS_MAX = 2048

_SPECIAL_BYTE = re.compile(rb"[\x00-\x1f\x7f-\xff]")

# The bodies exclude ESC, so a sequence that is not closed costs no second look at what follows it.
_SEQUENCE = re.compile(
    r"""
    \x1b\[ (?P<csi> [0-?]*+ ) [ -/]*+ (?P<final> [@-~] )
  | \x1b\] (?P<osc> [^\x07\x1b\x9c]*+ ) (?: \x07 | \x1b\\ | \x9c )
  | \x1b [PX^_] [^\x1b\x9c]*+ (?: \x1b\\ | \x9c )
  | \x1b [ -/]*+ [0-OQ-WYZ`-~]
  | (?P<tab> \t ) | (?P<back> \x08 ) | (?P<return> \r )
  | [\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]
    """,
    re.VERBOSE,
)


class Run(NamedTuple):
    """Neighbouring characters of one style."""

    text: str
    style: SgrStyle


def clean(data: bytes) -> str:
    """The text of a line without any styling."""
    return "".join(run.text for run in parse_runs(data))


def parse_runs(data: bytes, workspace: str | None = None) -> list[Run]:
    """The runs of one line (without its newline); neighbours differ in style, none is empty.

    Args:
        workspace: absolute path of the workspace; links to files outside it are dropped.
    """
    if _SPECIAL_BYTE.search(data) is None:
        return [Run(data.decode("ascii"), PLAIN)] if data else []
    text = data.decode("utf-8", "replace")
    writer = _Line()
    position = 0
    for match in _SEQUENCE.finditer(text):
        if match.start() > position:
            writer.write(text[position : match.start()])
        position = match.end()
        if match["final"] is not None:
            if match["final"] == "m" and not match["csi"].startswith(("<", "=", ">", "?")):
                writer.style = apply_sgr(writer.style, match["csi"])
        elif match["osc"] is not None:
            if match["osc"].startswith("8;"):
                uri = match["osc"][2:].partition(";")[2]
                writer.style = replace(writer.style, link=safe_link(uri, workspace))
        elif match["tab"]:
            writer.write_tab()
        elif match["back"]:
            writer.erase_one()
        elif match["return"]:
            writer.is_returned = True
    if position < len(text):
        writer.write(text[position:])
    return writer.runs()


class _Line:
    """The line as it is written, from left to right."""

    def __init__(self) -> None:
        self.style = PLAIN
        self.is_returned = False
        """A carriage return came last: what comes next replaces the line."""
        self._pieces: list[tuple[str, SgrStyle]] = []
        self._cells = 0

    def write(self, text: str) -> None:
        if self.is_returned:
            self.is_returned = False
            self._pieces.clear()
            self._cells = 0
        self._pieces.append((text, self.style))
        self._cells += cell_width(text)

    def write_tab(self) -> None:
        cells = 0 if self.is_returned else self._cells
        self.write(" " * (TAB_CELLS - cells % TAB_CELLS))

    def erase_one(self) -> None:
        if self._pieces and not self.is_returned:
            text, style = self._pieces.pop()
            self._cells -= cell_width(text[-1])
            if len(text) > 1:
                self._pieces.append((text[:-1], style))

    def runs(self) -> list[Run]:
        runs: list[Run] = []
        start = 0
        pieces = self._pieces
        for end in range(1, len(pieces) + 1):
            if end == len(pieces) or pieces[end][1] != pieces[start][1]:
                runs.append(Run("".join(text for text, _ in pieces[start:end]), pieces[start][1]))
                start = end
        return runs


@lru_cache(maxsize=256)
def safe_link(uri: str, workspace: str | None) -> str | None:
    """The URI when a click on it can do no harm, else None."""
    if not uri or len(uri) > _URI_CHARS_MAX or not uri.isascii() or not uri.isprintable():
        return None
    if " " in uri:
        return None
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if parts.scheme in {"http", "https"}:
        return uri if parts.netloc else None
    if parts.scheme != "file" or workspace is None:
        return None
    path = PurePosixPath(unquote(parts.path))
    if ".." in path.parts or not path.is_absolute() or "\0" in str(path):
        return None
    return uri if path.is_relative_to(workspace) else None


def cell_width(text: str) -> int:
    """Columns that the text takes on a terminal: wide characters two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(map(_character_cells, text))


@lru_cache(maxsize=4096)
def _character_cells(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
