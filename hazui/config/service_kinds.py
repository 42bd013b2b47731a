"""The kinds of values that only services have: signals, regular expressions, probes, liveness.

A probe is a table with exactly one of its ways. Liveness takes only those that can be asked again
and again. Whether this version runs a probe is not known here: what is well formed is read.
"""

import re
import signal
from typing import Any

from hazui.config.kinds import Duration, Integer, Key, Table
from hazui.config.positions import KeyPath, Point
from hazui.config.problems import suggestion
from hazui.config.reading import INVALID, Reading
from hazui.config.task_kinds import Command
from hazui.domain.specs import (
    CommandProbe,
    DelayProbe,
    HttpProbe,
    Liveness,
    LogProbe,
    Probe,
    TcpProbe,
)

ALL_WAYS = ("log", "tcp", "http", "command", "delay_s")


class Signal:
    """The name of a signal of this system, with or without ``SIG``."""

    expected = "the name of a signal"

    def read(self, value: object, at: KeyPath, reading: Reading) -> Any:
        if type(value) is not str:
            return reading.wrong_type(at, self.expected, value)
        known = signal.Signals.__members__
        for name in (value, f"SIG{value}"):
            if name in known:
                return name
        near = suggestion(value.upper(), known) or suggestion(f"SIG{value.upper()}", known)
        return reading.note(at, "InvalidSignal", value=value, suggestion=near)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^(SIG)?[A-Z][A-Z0-9+-]*$"}


class Regex:
    """A regular expression of Python."""

    expected = "a regular expression"

    def read(self, value: object, at: KeyPath, reading: Reading) -> Any:
        if type(value) is not str:
            return reading.wrong_type(at, self.expected, value)
        try:
            re.compile(value)
        except (re.error, RecursionError, OverflowError) as error:
            return reading.note(at, "InvalidRegex", value=value, detail=str(error))
        return value

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string"}


class HttpUrl:
    """A URL that a probe can ask."""

    expected = "a URL"

    def read(self, value: object, at: KeyPath, reading: Reading) -> Any:
        if type(value) is not str:
            return reading.wrong_type(at, self.expected, value)
        if _URL.fullmatch(value) is None:
            reason = "a probe asks a URL such as http://localhost:8000/health"
            return reading.note(at, "InvalidText", value=value, reason=reason)
        return value

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^https?://"}


class ProbeKind:
    """How one finds out that a service answers: a table with exactly one of the ways."""

    def __init__(self, ways: tuple[str, ...] = ALL_WAYS) -> None:
        self.ways = ways
        self.expected = f"a table with one of {', '.join(ways)}"

    def read(self, value: object, at: KeyPath, reading: Reading) -> Any:
        if type(value) is not dict:
            return reading.wrong_type(at, self.expected, value)
        given = self._table().read(value, at, reading)
        ways = [way for way in self.ways if way in value]
        if given is INVALID:
            return INVALID
        if len(ways) != 1:
            found = f"one with {' and '.join(ways)}" if ways else "an empty one"
            return reading.note(at, "WrongType", expected=self.expected, found=found)
        if "status" in given and "http" not in given:
            return reading.note((*at, "status"), "UnknownKey", Point.KEY, suggestion="http")
        return _probe(ways[0], given)

    def _table(self) -> Table:
        ways = [key for key in _PROBE_KEYS if key.name in self.ways or key.name == "status"]
        return Table("probe", "How one finds out that a service answers.", tuple(ways))

    def json_schema(self) -> dict[str, Any]:
        return self._table().json_schema() | {
            "oneOf": [{"required": [way]} for way in self.ways],
        }


def _probe(way: str, given: dict[str, Any]) -> Probe:
    match way:
        case "log":
            return LogProbe(given["log"])
        case "tcp":
            return TcpProbe(given["tcp"])
        case "http":
            return HttpProbe(given["http"], given.get("status", 200))
        case "command":
            return CommandProbe(given["command"])
        case _:
            return DelayProbe(given["delay_s"])


class LivenessKind:
    """A probe that is asked again and again."""

    expected = "a table { probe, every_s, failures }"

    def read(self, value: object, at: KeyPath, reading: Reading) -> Any:
        if type(value) is not dict:
            return reading.wrong_type(at, self.expected, value)
        given = _LIVE.read(value, at, reading)
        return INVALID if given is INVALID else Liveness(**given)

    def json_schema(self) -> dict[str, Any]:
        return _LIVE.json_schema()


_URL = re.compile(r"https?://[^\s/?#]+\S*")
_PROBE_KEYS = (
    Key("log", Regex(), "Ready when a line of its output matches."),
    Key("tcp", Integer(1, 65535), "Ready when this port of localhost takes a connection."),
    Key("http", HttpUrl(), "Ready when this URL answers with the status."),
    Key("status", Integer(100, 599), "The status that http waits for.", "200"),
    Key("command", Command(may_be_script=False), "Ready when this command exits with 0."),
    Key("delay_s", Duration(), "Ready after this time, in seconds.", "0.5"),
)
_LIVE = Table(
    "live",
    "How one finds out later that a service has stopped answering.",
    (
        Key(
            "probe",
            ProbeKind(("tcp", "http", "command")),
            "What is asked; a log or a delay cannot be asked again.",
            is_required=True,
        ),
        Key("every_s", Duration(above_zero=True), "How often, in seconds.", "10.0"),
        Key("failures", Integer(1), "How many failures in a row make it dead.", "3"),
    ),
)
