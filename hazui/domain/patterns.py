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
        # The constructor of a named tuple is a call of its own, which every input would pay for.
        new = tuple.__new__
        if root:
            return tuple([new(Pattern, (text, f"{root}/{text}", False)) for text in texts])
        return tuple([new(Pattern, (text, text, False)) for text in texts])
    return tuple([parse_pattern(root, text) for text in texts])


@lru_cache(maxsize=4096)
def compiled(path: str) -> re.Pattern[str]:
    """The regular expression of a workspace-relative pattern.

    What a star or ``**`` may match is decided as early as possible and never again (the first place
    where the rest fits leaves the most room for what follows), so that a path takes time in
    proportion to its length; only stars next to braces may be tried more than once.

    Raises:
        re.error: a character class or brace is not closed, or a range is the wrong way round.
    """
    runs: list[list[str]] = [[]]
    parts = path.split("/")
    for part in parts:
        if part == "**":
            runs.append([])
        else:
            runs[-1].append(_segment(part))
    # Several ** in a row are one; only the runs at both ends may be empty.
    inner = [run for run in runs[1:-1] if run]
    out = "".join(f"{part}/" for part in runs[0]) if len(runs) > 1 else "/".join(runs[0])
    for run in inner:
        out += f"(?>(?:[^/]+/)*?{'/'.join(run)}/)"
    if len(runs) > 1:
        out += "(?:[^/]+/)*" + "/".join(runs[-1]) if runs[-1] else r"[\s\S]+"
    return re.compile(out)


def _segment(text: str) -> str:
    """One segment; every star but the last takes the first place where what follows it fits."""
    chunks = [""]
    depth = 0
    has_braces = "{" in text
    position = 0
    while position < len(text):
        character = text[position]
        position += 1
        if character == "*":
            if not depth and not has_braces:
                chunks.append("")
            else:
                chunks[-1] += "[^/]*"
            position += len(text) - position - len(text[position:].lstrip("*"))
        elif character == "?":
            chunks[-1] += "[^/]"
        elif character == "[":
            expression, position = _class(text, position)
            chunks[-1] += expression
        elif character == "{":
            depth += 1
            chunks[-1] += "(?:"
        elif character == "}" and depth:
            depth -= 1
            chunks[-1] += ")"
        elif character == "," and depth:
            chunks[-1] += "|"
        elif character == "\\" and position < len(text):
            chunks[-1] += re.escape(text[position])
            position += 1
        else:
            chunks[-1] += re.escape(character)
    if depth:
        raise re.error("'{' is not closed", text)
    first, *between = chunks
    if not between:
        return first
    return first + "".join(f"(?>[^/]*?{chunk})" for chunk in between[:-1]) + f"[^/]*{between[-1]}"


def _class(text: str, start: int) -> tuple[str, int]:
    """The character class that begins after the ``[`` before ``start``, and where it ends."""
    is_negated = text[start : start + 1] in ("!", "^")
    first = start + is_negated
    end = text.find("]", first + 1)
    if end < 0:
        raise re.error("'[' is not closed", text, start - 1)
    items = []
    position = first
    while position < end:
        low = high = text[position]
        position += 1
        if position + 1 < end and text[position] == "-":
            high = text[position + 1]
            position += 2
            if high < low:
                raise re.error(f"the range {low}-{high} is the wrong way round", text, position)
        items.append(re.escape(low) if low == high else f"{re.escape(low)}-{re.escape(high)}")
    return f"(?!/)[{'^' if is_negated else ''}{''.join(items)}]", end + 1


def first_match(patterns: Sequence[Pattern], path: str) -> Pattern | None:
    """The first including pattern that matches ``path``, or None when none does or one excludes."""
    found = next((p for p in patterns if not p.is_exclusion and p.matches(path)), None)
    if found is None or any(p.is_exclusion and p.matches(path) for p in patterns):
        return None
    return found


def literals(patterns: Iterable[Pattern]) -> list[Pattern]:
    """The including literals, which must exist and are read and watched even when ignored."""
    return [p for p in patterns if p.is_literal and not p.is_exclusion]
