"""Patterns over canonical paths: ``*``, ``?``, ``[...]``, ``{a,b}`` inside a segment, ``**`` over.

A pattern without any of these is a literal. ``!`` in front excludes, whatever the order. Matching
is case-sensitive. Patterns are held workspace-relative, so one compiled pattern answers for any
path the watcher reports.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from hazui.domain.paths import CanonicalPath, is_plain, parse_segments

_WILD = re.compile(r"[*?\[{\\]")
_LITERAL_LINES = re.compile(
    r"[A-Za-z0-9_+=@%,-][A-Za-z0-9_+=@%,. -]*(?:[/\n][A-Za-z0-9_+=@%,-][A-Za-z0-9_+=@%,. -]*)*"
)


class Pattern(NamedTuple):
    """One pattern of a task's inputs or outputs."""

    text: str
    """As written in the configuration, ``!`` included."""
    path: str
    """Workspace-relative, without ``!`` and leading slash; may hold wildcards."""
    is_exclusion: bool = False

    @property
    def is_literal(self) -> bool:
        """True when it names exactly one path."""
        return _WILD.search(self.path) is None

    @property
    def fixed_root(self) -> str:
        """The directory that every match lies under: the segments before the first wildcard."""
        fixed: list[str] = []
        for part in self.path.split("/")[:-1]:
            if _WILD.search(part):
                break
            fixed.append(part)
        return "/".join(fixed)

    def matches(self, path: str) -> bool:
        """Whether the canonical ``path`` is one this pattern names (exclusion is not applied)."""
        if self.is_literal:
            return path == self.path
        return compiled(self.path).fullmatch(path) is not None


def parse_pattern(root: CanonicalPath, text: str) -> Pattern:
    """Read a pattern as written, relative to the project's ``root``.

    Raises:
        hazui.errors.path.PathError: a segment is empty, ``.``, ``..`` or has a forbidden character.
        re.error: a character class or brace is not closed.
    """
    is_exclusion = text.startswith("!")
    bare = text[1:] if is_exclusion else text
    path = bare if is_plain(bare) else "/".join(parse_segments(bare))
    if not bare.startswith("/") and root:
        path = f"{root}/{path}"
    if _WILD.search(path):
        compiled(path)
    return Pattern(text, path, is_exclusion)


def parse_patterns(root: CanonicalPath, texts: Sequence[str]) -> tuple[Pattern, ...]:
    """Read a list of patterns; plain literals, most of any list, are judged all in one go.

    Raises:
        TypeError: an element is not a text.
        hazui.errors.path.PathError: as for ``parse_pattern``.
        re.error: the same.
    """
    lines = "\n".join(texts)
    if lines.count("\n") == len(texts) - 1 and _LITERAL_LINES.fullmatch(lines) is not None:
        if root:
            return tuple([Pattern(text, f"{root}/{text}") for text in texts])
        return tuple([Pattern(text, text) for text in texts])
    return tuple([parse_pattern(root, text) for text in texts])


@lru_cache(maxsize=4096)
def compiled(path: str) -> re.Pattern[str]:
    """The regular expression of a workspace-relative pattern; linear on any input.

    Raises:
        re.error: a character class or brace is not closed.
    """
    parts = path.split("/")
    out: list[str] = []
    for position, part in enumerate(parts):
        is_last = position == len(parts) - 1
        if part == "**":
            if position and parts[position - 1] == "**":
                continue
            out.append(r"[\s\S]+" if is_last else r"(?:[^/]+/)*")
        else:
            out.append(_segment(part) + ("" if is_last else "/"))
    return re.compile("".join(out))


def _segment(text: str) -> str:
    out: list[str] = []
    depth = 0
    position = 0
    while position < len(text):
        character = text[position]
        position += 1
        if character == "*":
            if not out or out[-1] != "[^/]*":
                out.append("[^/]*")
        elif character == "?":
            out.append("[^/]")
        elif character == "[":
            end = text.find("]", position + (text[position : position + 1] in ("!", "^", "]")))
            if end < 0:
                raise re.error("'[' is not closed", text, position - 1)
            body = text[position:end]
            negated = body[:1] in ("!", "^")
            body = re.sub(r"([\\\[\]^&~|])", r"\\\1", body[1:] if negated else body)
            out.append(f"(?!/)[{'^' if negated else ''}{body}]")
            position = end + 1
        elif character == "{":
            depth += 1
            out.append("(?:")
        elif character == "}" and depth:
            depth -= 1
            out.append(")")
        elif character == "," and depth:
            out.append("|")
        elif character == "\\" and position < len(text):
            out.append(re.escape(text[position]))
            position += 1
        else:
            out.append(re.escape(character))
    if depth:
        raise re.error("'{' is not closed", text)
    return "".join(out)


def first_match(patterns: Sequence[Pattern], path: str) -> Pattern | None:
    """The first including pattern that matches ``path``, or None when none does or one excludes."""
    found = next((p for p in patterns if not p.is_exclusion and p.matches(path)), None)
    if found is None or any(p.is_exclusion and p.matches(path) for p in patterns):
        return None
    return found


def literals(patterns: Iterable[Pattern]) -> list[Pattern]:
    """The including literals, which must exist and are read and watched even when ignored."""
    return [p for p in patterns if p.is_literal and not p.is_exclusion]
