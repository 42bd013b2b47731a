"""Diagnostics that a tool was told to print as JSON: one object a line, or one array.

Covers mypy, ruff, eslint, pylint and rustc. Only what says that it is an error counts, and only
documents small enough to be read whole; a cut one is left alone.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from hazui.diagnosis.finding import Finding, Page, Weight
from hazui.diagnosis.recogniser import Recogniser

_MILD = ("warning", "note", "info", "help", "failure-note", "information", "convention")
_OPENS = re.compile(r"[\[{](?:$|[\s\"{\[])")
_DOCUMENT_LINES = 4_000
_DOCUMENT_CHARS = 400_000
_MAX_ITEMS = 500
_TEXT_CHARS = 4_000


def find(page: Page) -> list[Finding]:
    findings: list[Finding] = []
    stop = 0
    for index, text in page.unclaimed():
        if index < stop or _OPENS.match(text) is None:
            continue
        document, stop = _document(page, index)
        for item in _items(document):
            found = _diagnostic(page, index, stop, item)
            if found is not None:
                findings.append(found)
        if document is not None:
            page.claim(index, stop)
    return findings


def _document(page: Page, index: int) -> tuple[Any, int]:
    """The document that begins on the line, and the line behind it."""
    text = page.text(index)
    stop = index + 1
    if text in ("[", "{"):
        end = "]" if text == "[" else "}"
        limit = min(len(page.lines), index + _DOCUMENT_LINES)
        while stop < limit and page.text(stop) != end:
            stop += 1
        stop += 1
        text = "\n".join(page.text(at) for at in range(index, min(stop, len(page.lines))))
    try:
        return (json.loads(text) if len(text) <= _DOCUMENT_CHARS else None), stop
    except (ValueError, RecursionError):
        return None, stop


def _items(document: Any) -> Iterator[dict[str, Any]]:
    """The objects that may be diagnostics; eslint lists them by file."""
    items = document if isinstance(document, list) else [document]
    for item in items[:_MAX_ITEMS]:
        if not isinstance(item, dict):
            continue
        messages = item.get("messages")
        if not isinstance(messages, list):
            yield item
            continue
        for message in messages[:_MAX_ITEMS]:
            if isinstance(message, dict):
                yield {**message, "filename": item.get("filePath")}


def _diagnostic(page: Page, start: int, stop: int, item: dict[str, Any]) -> Finding | None:
    message = item.get("message") or item.get("description")
    severity = item.get("severity", item.get("level", item.get("type", "error")))
    if isinstance(message, dict):
        return _diagnostic(page, start, stop, message)
    if not isinstance(message, str) or severity in _MILD or severity == 1:
        return None
    spans = item.get("spans")
    spans = spans if isinstance(spans, list) else []
    primary = next((s for s in spans if isinstance(s, dict) and s.get("is_primary")), {})
    place = item.get("location")
    place = place if isinstance(place, dict) else primary or item
    positions = place.get("positions")
    if isinstance(positions, dict) and isinstance(positions.get("begin"), dict):
        place = {**place, **positions["begin"]}
    file = _first(item, "filename", "file", "path") or _first(place, "file_name", "path")
    line = _first(place, "line", "row", "line_start")
    column = _first(place, "column", "column_start")
    if not isinstance(file, str) or not _is_position(line):
        return None
    code = _first(item, "code", "ruleId", "message-id", "check_name")
    code = code.get("code") if isinstance(code, dict) else code
    link = page.link(
        start,
        stop,
        type=_plain(code) if isinstance(code, str) else None,
        message=_plain(message),
        file=_plain(file),
        line=line,
        column=column if _is_position(column) else None,
    )
    return page.finding(start, [link], Weight.FIRM)


def _is_position(value: Any) -> bool:
    return type(value) is int and 0 < value < 1_000_000_000


def _plain(text: str) -> str:
    """Text that JSON's escapes may have brought control characters and half characters into."""
    text = text[:_TEXT_CHARS].encode("utf-8", "replace").decode("utf-8")
    return "".join(char for char in text if char.isprintable() or char in "\n\t").strip()


def _first(item: dict[str, Any], *names: str) -> Any:
    return next((item[name] for name in names if item.get(name) is not None), None)


RECOGNISER = Recogniser(
    name="json-report",
    tools=("mypy", "ruff", "eslint", "pylint", "rustc"),
    example=(
        '{"file": "src/pot.py", "line": 4, "column": 7, "message": "Name \\"tea\\" is unknown", '
        '"code": "name-defined", "severity": "error"}\n'
    ),
    find=find,
    needs=('"message"', '"description"'),
)
