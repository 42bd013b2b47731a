"""Reading files of variables: ``NAME=value`` lines, as other tools write them.

``export`` in front is allowed, ``#`` begins a comment, a value may stand in single quotes (taken
as it is) or double quotes (with ``\\n``, ``\\t``, ``\\r``, ``\\"``, ``\\\\`` and ``\\$``); both may
go over several lines. Nothing is expanded: a ``$`` is a ``$``. A later line wins over an earlier.

Values are secrets: no problem ever holds one, nor the text of its line.
"""

import re
from typing import NamedTuple

from hazui.config.task_kinds import VARIABLE_BYTES_MAX

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LINE = re.compile(r"[ \t]*(?:export[ \t]+)?([^\s=#'\"]+)[ \t]*=[ \t]*")
_IGNORED = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\n|\Z)")
_SINGLE = re.compile(r"'([^']*)'")
_DOUBLE = re.compile(r'"((?:[^"\\]|\\[\s\S])*)"')
_REST = re.compile(r"[^\n]*")
_COMMENT = re.compile(r"(?:^|[ \t])#.*$")
_ESCAPE = re.compile(r"\\([\s\S])")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "$": "$", "\n": ""}


class LineProblem(NamedTuple):
    """What is wrong in one line; ``line`` counts from 1."""

    line: int
    detail: str


def parse_env(data: bytes) -> tuple[dict[str, str], list[LineProblem]]:
    """The variables of a file, and every line that is not one."""
    try:
        text = data.decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        return {}, [LineProblem(data.count(b"\n", 0, error.start) + 1, "it is not UTF-8 text")]
    values: dict[str, str] = {}
    problems: list[LineProblem] = []
    at = 0
    line = 1
    while at < len(text):
        end, detail = _entry(text, at, values)
        if detail is not None:
            problems.append(LineProblem(line, detail))
        line += text.count("\n", at, end)
        at = end
    return values, problems


def _entry(text: str, at: int, values: dict[str, str]) -> tuple[int, str | None]:
    """Read the entry at ``at``: where the next one begins, and what is wrong with this one."""
    blank = _IGNORED.match(text, at)
    if blank is not None:
        return max(blank.end(), at + 1), None
    next_line = _next_line(text, at)
    found = _LINE.match(text, at)
    if found is None or found.end() > next_line:
        return next_line, "it is not NAME=value"
    name = found.group(1)
    at = found.end()
    quote = text[at : at + 1]
    if quote in ("'", '"') and quote:
        quoted = (_SINGLE if quote == "'" else _DOUBLE).match(text, at)
        if quoted is None:
            return next_line, "a quote is not closed"
        rest = _IGNORED.match(text, quoted.end())
        if rest is None:
            return _next_line(text, quoted.end()), "there is text after the closing quote"
        value = quoted.group(1)
        if quote == '"':
            value = _ESCAPE.sub(lambda e: _ESCAPED.get(e.group(1), e.group(0)), value)
        after = rest.end()
    else:
        raw = _REST.match(text, at)
        value = _COMMENT.sub("", raw.group() if raw else "").strip()
        after = next_line
    if _NAME.fullmatch(name) is None or len(name) > VARIABLE_BYTES_MAX:
        return after, "the name has other characters than letters, digits and _"
    if "\0" in value:
        return after, "the value has a NUL"
    values[name] = value
    return after, None


def _next_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1
