"""The NDJSON front end: one event a line on stdout, nothing else.

``output`` events carry their text here only: it is read from the spool, so that log bytes never
ride on the event stream.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

import hazui.protocol.events as ev
from hazui.errors.stream import CapturedStream
from hazui.headless.logs import Tail, find
from hazui.protocol.door import Door, Subscription
from hazui.protocol.events import Stamped

_TEXT_BYTES_MAX = 256 << 10
_STREAMS = (CapturedStream.STDOUT, CapturedStream.STDERR)


@dataclass(frozen=True, slots=True)
class JsonSettings:
    """Which of the frequent events are wanted."""

    has_output: bool = False
    has_samples: bool = False


class JsonFrontEnd:
    """Writes the stream as it comes."""

    def __init__(
        self, door: Door, *, state_dir: Path, stdout: TextIO, settings: JsonSettings
    ) -> None:
        self._door = door
        self._state_dir = state_dir
        self._stdout = stdout
        self._settings = settings
        self._runs: dict[str, str] = {}
        self._tails: dict[str, Tail] = {}
        self._read: dict[tuple[str, CapturedStream], int] = {}

    async def follow(self, subscription: Subscription) -> None:
        """Write until the session ends. Cancellation is safe."""
        while batch := await subscription.next_batch():
            self.consume(batch)

    def consume(self, batch: Sequence[Stamped]) -> None:
        """Write a batch of events."""
        for stamped in batch:
            event = stamped.event
            if isinstance(event, ev.Lagged):
                self._write(stamped)
                self.consume(self._door.read_events(event.from_seq, event.to_seq))
            elif isinstance(event, ev.OutputAppended):
                if self._settings.has_output:
                    self._write_output(stamped, event)
            elif isinstance(event, ev.ProcessSampled):
                if self._settings.has_samples:
                    self._write(stamped)
            elif not isinstance(event, ev.StopProgressed):
                if isinstance(event, ev.TaskStarted):
                    self._forget(event.task)
                    self._runs[event.task] = event.run
                self._write(stamped)
        self._stdout.flush()

    def close(self) -> None:
        """Close what is open; idempotent."""
        for task in list(self._tails):
            self._forget(task)

    def _write_output(self, stamped: Stamped, event: ev.OutputAppended) -> None:
        tail = self._tail(event.task)
        if tail is None:
            return
        stream = CapturedStream(event.stream)
        start = self._read.get((event.task, stream), 0)
        while start < event.bytes_total:
            end = min(start + _TEXT_BYTES_MAX, event.bytes_total)
            data = tail.text(stream, start, end)
            if not data:
                return
            data = _whole_characters(data) if start + len(data) < event.bytes_total else data
            start += len(data)
            self._read[event.task, stream] = start
            text = data.decode("utf-8", "replace")
            self._write(replace(stamped, event=replace(event, bytes_total=start, text=text)))

    def _tail(self, task: str) -> Tail | None:
        if task not in self._tails and task in self._runs:
            files = find(self._state_dir, self._runs[task], None, None, None)
            if files is not None:
                self._tails[task] = Tail(files)
        return self._tails.get(task)

    def _forget(self, task: str) -> None:
        tail = self._tails.pop(task, None)
        if tail is not None:
            tail.close()
        for stream in _STREAMS:
            self._read.pop((task, stream), None)

    def _write(self, stamped: Stamped) -> None:
        self._stdout.write(json.dumps(stamped.to_json(), separators=(",", ":")) + "\n")


def _whole_characters(data: bytes) -> bytes:
    """Without a UTF-8 character that is cut at the end."""
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte & 0xC0 != 0x80:
            needed = 4 if byte >= 0xF0 else 3 if byte >= 0xE0 else 2 if byte >= 0xC0 else 1
            return data[:-back] if needed > back and len(data) > back else data
    return data
