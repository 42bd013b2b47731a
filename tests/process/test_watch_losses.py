"""What the kernel refuses or silently drops is told, and made good."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parents[2]
CHILD = HERE / "tests/support/children/watching.py"
DEADLINE_S = 40.0
LIMIT_FILE = "/proc/sys/user/max_inotify_watches"

pytestmark = pytest.mark.slow


class Child:
    """The watching child and the lines it has printed so far."""

    def __init__(self, argv: list[str]) -> None:
        self.lines: list[dict[str, Any]] = []
        self.process = subprocess.Popen(
            argv, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(HERE)}, text=True
        )
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(json.loads(line))

    def until(self, holds: Callable[[], bool]) -> None:
        deadline_s = time.monotonic() + DEADLINE_S
        while not holds():
            assert self.process.poll() is None, "the child ended"
            assert time.monotonic() < deadline_s, self.lines[-5:]
            time.sleep(0.005)

    def until_said(self, **what: object) -> dict[str, Any]:
        self.until(lambda: any(what.items() <= line.items() for line in list(self.lines)))
        return next(line for line in self.lines if what.items() <= line.items())

    def until_seen(self, *paths: str) -> None:
        wanted = set(paths)
        self.until(lambda: wanted <= self.paths())

    def paths(self) -> set[str]:
        return {path for line in list(self.lines) for path in line.get("paths", ())}

    def end(self) -> None:
        self.process.send_signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait()
        self.reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path.resolve() / "workspace"
    for number in range(20):
        (root / f"d{number}").mkdir(parents=True)
        (root / f"d{number}/f.txt").write_text("x")
    return root


@pytest.fixture
def start() -> Iterator[Callable[..., Child]]:
    children: list[Child] = []

    def start(*argv: str) -> Child:
        children.append(Child([*argv]))
        children[-1].until(lambda: bool(children[-1].lines))
        return children[-1]

    yield start
    for child in children:
        child.end()


def test_changes_while_the_process_was_stopped_are_found(
    root: Path, start: Callable[..., Child]
) -> None:
    child = start(sys.executable, str(CHILD), str(root))
    (root / "d1/f.txt").write_text("before")
    child.until_seen("d1/f.txt")
    child.process.send_signal(signal.SIGSTOP)
    stopped_s = time.monotonic()
    # More than the kernel keeps (16,384 events), so that the last ones are surely dropped.
    for number in range(9_000):
        (root / f"d2/n{number}").write_bytes(b"x")
    (root / "d3/f.txt").write_text("changed after the overflow")
    (root / "d4/f.txt").unlink()
    while time.monotonic() < stopped_s + 0.5:
        time.sleep(0.05)
    child.process.send_signal(signal.SIGCONT)
    child.until_seen("d3/f.txt", "d4/f.txt", *(f"d2/n{number}" for number in range(9_000)))
    child.until_said(degraded="watch.overflowed")
    child.until_said(recovered="watch.overflowed")
    (root / "d5/f.txt").write_text("and it goes on")
    child.until_seen("d5/f.txt")


def in_namespace(limit: int, root: Path) -> list[str]:
    script = f'echo {limit} > {LIMIT_FILE} && exec "$0" "$@"'
    return [
        *("unshare", "--user", "--map-root-user", "sh", "-c", script),
        *(sys.executable, str(CHILD), str(root)),
    ]


def can_limit() -> bool:
    if shutil.which("unshare") is None or not os.path.exists(LIMIT_FILE):
        return False
    script = f"echo 5 > {LIMIT_FILE}"
    argv = ["unshare", "--user", "--map-root-user", "sh", "-c", script]
    return subprocess.run(argv, check=False, capture_output=True).returncode == 0


@pytest.mark.skipif(not can_limit(), reason="needs a user namespace of its own")
def test_at_the_limit_it_polls_says_how_to_raise_it_and_recovers(
    root: Path, start: Callable[..., Child]
) -> None:
    child = start(*in_namespace(10, root))
    assert child.lines[0] == {"ready": 20, "backend": "polling"}
    told = child.until_said(degraded="watch.limit_reached")
    assert "user.max_inotify_watches=" in told["hint"]
    assert "10" in told["text"]
    for number in range(3):
        (root / "d7/f.txt").write_text(f"same size {number}")
        child.until_seen("d7/f.txt")
        child.lines.clear()
    (root / "d7/new/deep").mkdir(parents=True)
    (root / "d7/new/deep/g.txt").write_text("g")
    (root / "d8/f.txt").unlink()
    child.until_seen("d7/new/deep/g.txt", "d8/f.txt")
    enter = ["nsenter", "--user", "--preserve-credentials", "-t", str(child.process.pid)]
    raised = subprocess.run(
        [*enter, "sh", "-c", f"echo 10000 > {LIMIT_FILE}"], check=False, capture_output=True
    )
    if raised.returncode:
        pytest.skip(f"cannot enter the namespace again: {raised.stderr!r}")
    child.until_said(recovered="watch.limit_reached")
    child.lines.clear()
    (root / "d9/f.txt").write_text("native again")
    child.until_seen("d9/f.txt")


@pytest.mark.skipif(not can_limit(), reason="needs a user namespace of its own")
def test_a_limit_that_is_met_later_is_told_and_nothing_is_lost(
    root: Path, start: Callable[..., Child]
) -> None:
    child = start(*in_namespace(30, root))
    assert child.lines[0]["backend"] == "native"
    for number in range(30):
        (root / f"more{number}").mkdir()
        (root / f"more{number}/f.txt").write_text("x")
    child.until_said(degraded="watch.limit_reached")
    child.until_seen(*(f"more{number}/f.txt" for number in range(30)))
    child.lines.clear()
    (root / "more29/f.txt").write_text("polled")
    (root / "d0/f.txt").write_text("polled")
    child.until_seen("more29/f.txt", "d0/f.txt")
