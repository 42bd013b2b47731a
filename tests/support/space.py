"""A workspace on disk and the real command against it: run once, or watch and wait for events."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEADLINE_S = 30.0
Json = dict[str, Any]


@dataclass(frozen=True)
class Done:
    """One finished ``hazui`` command."""

    code: int
    stdout: str
    stderr: str

    @property
    def events(self) -> list[Json]:
        return [json.loads(line) for line in self.stdout.splitlines()]

    def of(self, event: str) -> list[Json]:
        """The events of one kind, in order."""
        return [e for e in self.events if e["event"] == event]

    def one(self, event: str, **fields: Any) -> Json:
        """The only event of a kind with these fields."""
        found = [e for e in self.of(event) if all(e.get(k) == v for k, v in fields.items())]
        assert len(found) == 1, (event, fields, self.stdout, self.stderr)
        return found[0]


class Space:
    """Files of a workspace, and how to supervise them."""

    def __init__(self, root: Path, **environ: str) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("HAZUI_", "XDG_"))}
        kept.pop("CI", None)
        self.environ: Mapping[str, str] = {
            **kept,
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "NO_COLOR": "1",
            "XDG_CONFIG_HOME": str(root.parent / "user-config"),
            **environ,
        }

    def write(self, path: str, text: str, *, mode: int | None = None) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        if mode is not None:
            file.chmod(mode)
        return file

    def read(self, path: str) -> str:
        return (self.root / path).read_text()

    def config(self, text: str) -> None:
        self.write("hazui.toml", text)

    def argv(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "hazui", *words]

    def hazui(self, *words: str, deadline_s: float = DEADLINE_S) -> Done:
        """Run a command to its end."""
        done = subprocess.run(
            self.argv(*words),
            cwd=self.root,
            env=dict(self.environ),
            capture_output=True,
            text=True,
            timeout=deadline_s,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def run(self, *words: str, deadline_s: float = DEADLINE_S) -> Done:
        """``hazui run --json`` to its end."""
        return self.hazui("run", "--json", *words, deadline_s=deadline_s)

    @contextmanager
    def watching(self, *words: str) -> Iterator["Watching"]:
        """``hazui run --watch --json`` for the length of the block; quit by SIGINT at its end."""
        process = subprocess.Popen(
            self.argv("run", "--watch", "--json", *words),
            cwd=self.root,
            env=dict(self.environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
        )
        watching = Watching(process)
        try:
            yield watching
        finally:
            watching.close()


class Watching:
    """A hazui that watches, and the events it has printed."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.events: list[Json] = []
        self.stderr = ""
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._seen = 0
        self._threads = [
            threading.Thread(target=self._read_events),
            threading.Thread(target=self._read_words),
        ]
        for thread in self._threads:
            thread.start()

    def wait_for(
        self, event: str, condition: Callable[[Json], bool] = lambda _: True, **fields: Any
    ) -> Json:
        """The next event of a kind that was not waited past yet."""
        end = time.monotonic() + DEADLINE_S
        while True:
            while self._seen < len(self.events):
                found = self.events[self._seen]
                self._seen += 1
                is_wanted = all(found.get(k) == v for k, v in fields.items())
                if found["event"] == event and is_wanted and condition(found):
                    return found
            try:
                line = self._lines.get(timeout=max(end - time.monotonic(), 0.01))
            except queue.Empty:
                raise AssertionError(f"no {event} {fields}: {self.events} {self.stderr}") from None
            assert line is not None, f"hazui ended before {event}: {self.stderr}"
            self.events.append(json.loads(line))

    def turn(self) -> list[Json]:
        """The events of the next turn, from its start to its end."""
        started = self.wait_for("turn_started")
        first = self._seen - 1
        self.wait_for("turn_finished", turn=started["turn"])
        return self.events[first : self._seen]

    def send(self, number: int) -> None:
        self.process.send_signal(number)

    def close(self, *, number: int = signal.SIGINT) -> int:
        """Quit and collect the rest; the exit code. Idempotent."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            self.process.wait(DEADLINE_S)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            for thread in self._threads:
                thread.join()
            for stream in (self.process.stdout, self.process.stderr):
                if stream is not None:
                    stream.close()
        while not self._lines.empty():
            line = self._lines.get()
            if line is not None:
                self.events.append(json.loads(line))
        return self.process.returncode

    def _read_events(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def _read_words(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.stderr += line


def tasks_of(turn: list[Json]) -> list[str]:
    """The tasks that a turn planned."""
    return [planned["task"] for planned in turn[0]["tasks"]]
