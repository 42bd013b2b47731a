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
_ENDS = (ev.TaskFinished, ev.TaskErrored, ev.TaskCancelled)
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
                    self._write_output(stamped, event.task, CapturedStream(event.stream))
            elif isinstance(event, ev.ProcessSampled):
                if self._settings.has_samples:
                    self._write(stamped)
            elif not isinstance(event, ev.StopProgressed):
                self._follow_run(stamped)
                self._write(stamped)
        self._stdout.flush()

    def close(self) -> None:
        """Close what is open; idempotent."""
        for task in list(self._tails):
            self._forget(task)

    def _follow_run(self, stamped: Stamped) -> None:
        """Open the log of a run when it begins, and tell the rest of it when it ends."""
        event = stamped.event
        if isinstance(event, ev.TaskStarted):
            self._forget(event.task)
            self._runs[event.task] = event.run
        elif not self._settings.has_output:
            return
        elif isinstance(event, ev.ProcessSpawned):
            self._tail(event.task)
        elif isinstance(event, _ENDS) and event.run is not None:
            files = find(
                self._state_dir,
                event.run,
                event.stdout_hash,
                event.stderr_hash,
                event.journal_hash,
            )
            if event.task not in self._tails and files is not None:
                self._tails[event.task] = Tail(files)
            for stream in _STREAMS:
                self._write_output(stamped, event.task, stream, is_over=True)
            self._forget(event.task)

    def _write_output(
        self, stamped: Stamped, task: str, stream: CapturedStream, *, is_over: bool = False
    ) -> None:
        """Tell what has come since the last time; half a character waits for the other half."""
        tail = self._tail(task)
        if tail is None:
            return
        start = self._read.get((task, stream), 0)
        while data := tail.text(stream, start, start + _TEXT_BYTES_MAX):
            is_last = is_over and len(data) < _TEXT_BYTES_MAX
            data = data if is_last else _whole_characters(data)
            if not data:
                break
            start += len(data)
            text = data.decode("utf-8", "replace")
            turn: int = stamped.event.turn  # type: ignore[union-attr]
            appended = ev.OutputAppended(
                task=task, turn=turn, stream=stream.value, bytes_total=start, text=text
            )
            self._write(replace(stamped, event=appended))
        self._read[task, stream] = start

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
    for back in range(1, min(3, len(data)) + 1):
        byte = data[-back]
        if byte & 0xC0 != 0x80:
            needed = 4 if byte >= 0xF0 else 3 if byte >= 0xE0 else 2 if byte >= 0xC0 else 1
            return data[:-back] if needed > back else data
    return data
