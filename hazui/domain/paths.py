"""Canonical paths: where a file lies in the workspace, as text.

A canonical path is relative to the workspace root, has ``/`` between its segments and no
leading slash. A segment is never empty, ``.`` or ``..`` and holds no ``/`` and no control,
format, unassigned, private-use or line-separator character. Two equal canonical paths are the
same location. Bytes that are not UTF-8 are carried as surrogates (``os.fsdecode``).
"""

import unicodedata
from typing import NewType

from hazui.errors import parse_absolute, path, segment

CanonicalPath = NewType("CanonicalPath", str)

FORBIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Zl", "Zp"})
_NOT_PLAIN_STARTS = frozenset({"", ".", "/"})


def is_plain(text: str) -> bool:
    """Whether a relative path is seen at a glance to be right, as nearly every one is.

    False says nothing; it is for ``parse_segments`` to judge.
    """
    return (
        text.isascii()
        and text.isprintable()
        and "/." not in text
        and "//" not in text
        and text[:1] not in _NOT_PLAIN_STARTS
        and text[-1] != "/"
    )


def check_segment(text: str) -> None:
    """Raise the first thing that is wrong with one segment.

    Raises:
        segment.SegmentError: the text cannot be a path segment.
    """
    if not text:
        raise segment.Empty
    if text == ".":
        raise segment.Dot
    if text == "..":
        raise segment.DotDot
    if "/" in text:
        raise segment.ContainsSeparator
    if text.isascii() and text.isprintable():
        return
    for character in text:
        category = unicodedata.category(character)
        if category in FORBIDDEN_CATEGORIES:
            raise segment.ContainsForbidden(character=character, category=category)


def parse_segments(text: str) -> tuple[str, ...]:
    """Split a path without its leading slash into checked segments.

    Raises:
        path.PathError: the path is empty, has an empty or a forbidden segment.
    """
    if not text:
        raise path.Empty
    if text == "/":
        raise path.OnlySlash
    if text.endswith("/"):
        raise path.TrailingSlash
    segments = tuple(text.removeprefix("/").split("/"))
    for position, part in enumerate(segments):
        if not part:
            raise path.EmptySegment
        try:
            check_segment(part)
        except segment.SegmentError as error:
            raise path.InvalidSegment(segment=part, position=position, source=error) from error
    return segments


def parse_workspace_absolute(text: str) -> CanonicalPath:
    """Read a workspace-absolute path (``/src/a.py``: the leading slash is the workspace root).

    Raises:
        parse_absolute.NotAbsolute: there is no leading slash.
        parse_absolute.Invalid: the path cannot name a place in the workspace.
    """
    if not text.startswith("/"):
        raise parse_absolute.NotAbsolute(path=text)
    try:
        return CanonicalPath("/".join(parse_segments(text)))
    except path.PathError as error:
        raise parse_absolute.Invalid(path=text, source=error) from error


def resolve(root: CanonicalPath, text: str) -> CanonicalPath:
    """Resolve a path as written in a configuration against its project's ``root`` ("" = workspace).

    A leading ``/`` means the workspace root. ``.`` alone means the project root itself.

    Raises:
        path.PathError: the path cannot name a place in the workspace.
    """
    if text == ".":
        return root
    relative = text if is_plain(text) else "/".join(parse_segments(text))
    if text.startswith("/") or not root:
        return CanonicalPath(relative)
    return CanonicalPath(f"{root}/{relative}")
