"""Takes off what the layers between a program and us put in front of each line.

Container builds, process multiplexers, CI logs and loggers prefix lines, often those of several
programs in turn. A page is what one of them wrote, so a traceback stays in one piece although
another service's lines stood in between. A shape that ordinary output could have too (a name in
brackets) counts as a layer only when enough lines carry the very same one.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from hazui.diagnosis.lines import Line

SURE_REPEATS = 3
_MAX_DEPTH = 3
_MAX_PAGES = 64

# Prefixes that hardly anything else looks like. A first group names whose line it is; a bare time
# stamp does not part the lines of one program from each other.
_SURE = (
    re.compile(r"([A-Za-z][\w.-]{0,60}[.-]\d{1,4}) {1,40}\|(?: |$)"),
    re.compile(r"(#\d{1,6}) \d{1,6}\.\d{1,6}(?: |$)"),
    re.compile(r"\d{1,5}\.\d{3}()(?: |$)"),
    re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)(?:[ \t]|$)"),
    re.compile(r"\[\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?Z?\](?: |$)"),
    re.compile(r"\[?\d\d:\d\d:\d\d(?:[.,]\d{1,6})?\]? (?=[\w@./-]{1,60} *\| )"),
)
# Prefixes that need company; the last also needs lines that are plainly the inside of something.
_REPEATED = (
    re.compile(r"([A-Za-z@][\w@./-]{0,60}) *\|(?: |$)"),
    re.compile(r"\[([\w@:./-]{1,60})\](?: |$)"),
    re.compile(r"([A-Za-z@][\w@./-]{0,60}:[A-Za-z][\w.-]{0,40}):(?: |$)"),
    re.compile(r"(@[\w.-]{1,60}/[\w.-]{1,60}):(?: |$)"),
    re.compile(r"([A-Za-z@][\w@./-]{0,60} [a-z][\w:.-]{0,30}):(?: |$)"),
)
_SEVERITIES = {"[error]", "[info]", "[warn]", "[warning]", "[debug]", "[fatal]", "[trace]"}


def pages(lines: Sequence[Line]) -> list[list[Line]]:
    """The lines grouped by who wrote them, each without its prefix, in order."""
    groups: dict[str, list[Line]] = {}
    trusted = _trusted(lines)
    for line in lines:
        key, cut = _peel(line, trusted)
        if key not in groups and len(groups) >= _MAX_PAGES:
            key = ""
        groups.setdefault(key, []).append(cut)
    return list(groups.values())


def _trusted(lines: Sequence[Line]) -> set[str]:
    counts: Counter[str] = Counter()
    starts: set[str] = set()
    for line in lines:
        text = _peel_sure(line.text)[1]
        for pattern in _REPEATED:
            match = pattern.match(text)
            if match is not None:
                counts[match[0].rstrip()] += 1
                rest = text[match.end() :]
                if pattern is not _REPEATED[-1] or rest.startswith((" ", "\t", "Traceback (")):
                    starts.add(match[0].rstrip())
                break
    return {
        mark
        for mark, count in counts.items()
        if count >= SURE_REPEATS and mark in starts and mark.lower() not in _SEVERITIES
    }


def _peel_sure(text: str) -> tuple[str, str]:
    key = ""
    for pattern in _SURE:
        match = pattern.match(text)
        if match is not None:
            text = text[match.end() :]
            key += "" if pattern.groups == 0 else match[1] or "summary"
    return key, text


def _peel(line: Line, trusted: set[str]) -> tuple[str, Line]:
    text = line.text
    key = ""
    for _ in range(_MAX_DEPTH):
        before = text
        found, text = _peel_sure(text)
        key += found
        for pattern in _REPEATED if trusted else ():
            match = pattern.match(text)
            if match is not None and match[0].rstrip() in trusted:
                key += match[1]
                text = text[match.end() :]
                break
        if text == before:
            break
    if text == line.text:
        return "", line
    return key, replace(line, text=text, lead=line.text[: len(line.text) - len(text)])
