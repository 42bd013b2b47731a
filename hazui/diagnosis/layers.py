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
_DAY = r"\d{4}-\d\d-\d\d"
_TIME = r"\d\d:\d\d:\d\d(?:[.,]\d{1,9})?"
_ZONE = r"(?:Z|[+-]\d\d:?\d\d)"
_MONTH = r"[A-Z][a-z]{2} [ \d]\d"
_SURE = (
    re.compile(r"([A-Za-z][\w.-]{0,60}[.-]\d{1,4}) {1,40}\|(?: |$)"),
    re.compile(r"(#\d{1,6}) \d{1,6}\.\d{1,6}(?: |$)"),
    re.compile(r"\d{1,5}\.\d{3}()(?: |$)"),
    re.compile(rf"{_DAY}T{_TIME}Z \d\d[OE](?:[ +]|$)"),
    re.compile(rf"([^\t\n]{{1,80}}\t[^\t\n]{{1,80}})\t{_DAY}T{_TIME}Z(?: |$)"),
    re.compile(rf"{_DAY}T{_TIME}{_ZONE}(?:[ \t]|$)"),
    re.compile(rf"\[{_DAY}[T ]{_TIME}{_ZONE}?\](?: |$)"),
    re.compile(rf"{_DAY} {_TIME}{_ZONE}?(?: |$)"),
    re.compile(rf"\d{{4}}/\d\d/\d\d {_TIME}(?: |$)"),
    re.compile(rf"\[{_TIME}\](?: |$)"),
    re.compile(rf"{_TIME} (?=[\w@./-]{{1,60}} *\| )"),
    re.compile(r"\d\d:\d\d:\d\d[.,]\d{3,9}(?: |$)"),
    re.compile(rf"{_MONTH} {_TIME} ([\w.-]{{1,60}} [\w./-]{{1,60}}(?:\[\d{{1,9}}\])?):(?: |$)"),
    re.compile(rf"{_MONTH} {_TIME}(?: |$)"),
    re.compile(r"([\w.-]{1,60} [\w./-]{1,60}\[\d{1,9}\]):(?: |$)"),
    re.compile(r"(INTERNALERROR)>(?: |$)"),
)
# Prefixes that need company; those after the mark also need lines plainly inside of something.
_REPEATED = (
    re.compile(r"([A-Za-z@][\w@./-]{0,60}) *\|(?: |$)"),
    re.compile(r"\[([\w@:./-]{1,60})\](?: |$)"),
    re.compile(r"([A-Za-z@][\w@./-]{0,60}:[A-Za-z][\w.-]{0,40}):(?: |$)"),
    re.compile(r"(@[\w.-]{1,60}/[\w.-]{1,60}):(?: |$)"),
)
_GUESSED = (
    re.compile(r"([A-Za-z@][\w@./-]{0,60} [a-z][\w:.-]{0,30}):(?: |$)"),
    re.compile(r"(ERROR|WARNING|WARN|INFO|DEBUG|CRITICAL|FATAL|error|stderr|stdout):?(?: |$)"),
    re.compile(r"([a-z0-9][a-z0-9-]{1,60}-[a-z0-9]{2,10} [a-z][\w-]{0,40})(?: |$)"),
    re.compile(r"([\w@./:-]{1,60})\t"),
    re.compile(r"( {0,4}[>#])(?: |$)"),
)
_INSIDE = ("Traceback (most recent call last):", '  File "', "    at ", "\tat ", "Caused by: ")
_SEVERITIES = {"[error]", "[info]", "[warn]", "[warning]", "[debug]", "[fatal]", "[trace]"}


def _any_of(patterns: Sequence[re.Pattern[str]]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern.pattern})" for pattern in patterns))


_ANY_SURE = _any_of(_SURE)
_ANY_OTHER = _any_of((*_REPEATED, *_GUESSED))


def pages(lines: Sequence[Line]) -> list[list[Line]]:
    """The lines grouped by who wrote them, each without its prefix, in order."""
    groups: dict[str, list[Line]] = {}
    peeled = [_peel_sure(line.text) for line in lines]
    trusted = _trusted([text for _, text in peeled])
    for line, (found, rest) in zip(lines, peeled, strict=True):
        key, text = _peel(found, rest, trusted) if trusted or found else (found, rest)
        cut = line
        if len(text) != len(line.text):
            cut = replace(line, text=text, lead=line.text[: len(line.text) - len(text)])
        if key not in groups and len(groups) >= _MAX_PAGES:
            key = ""
        groups.setdefault(key, []).append(cut)
    return list(groups.values())


def _trusted(texts: Sequence[str]) -> set[str]:
    counts: Counter[str] = Counter()
    starts: set[str] = set()
    for text in texts:
        if _ANY_OTHER.match(text) is None:
            continue
        match = _first(_REPEATED, text)
        if match is not None:
            counts[match[0].rstrip()] += 1
            starts.add(match[0].rstrip())
            continue
        match = _first(_GUESSED, text)
        if match is not None:
            counts[match[0].rstrip()] += 1
            if text[match.end() :].startswith(_INSIDE):
                starts.add(match[0].rstrip())
    return {
        mark
        for mark, count in counts.items()
        if count >= SURE_REPEATS and mark in starts and mark.lower() not in _SEVERITIES
    }


def _first(patterns: Sequence[re.Pattern[str]], text: str) -> re.Match[str] | None:
    for pattern in patterns:
        match = pattern.match(text)
        if match is not None:
            return match
    return None


def _peel_sure(text: str) -> tuple[str, str]:
    key = ""
    if _ANY_SURE.match(text) is None:
        return key, text
    for pattern in _SURE:
        match = pattern.match(text)
        if match is not None:
            text = text[match.end() :]
            key += "" if pattern.groups == 0 else match[1] or "summary"
    return key, text


def _peel(key: str, text: str, trusted: set[str]) -> tuple[str, str]:
    """Whose line it is and what remains of it, once all layers are off."""
    for _ in range(_MAX_DEPTH):
        before = text
        match = (_first(_REPEATED, text) or _first(_GUESSED, text)) if trusted else None
        if match is not None and match[0].rstrip() in trusted:
            key += match[1]
            text = text[match.end() :]
        found, text = _peel_sure(text)
        key += found
        if text == before:
            break
    return key, text
