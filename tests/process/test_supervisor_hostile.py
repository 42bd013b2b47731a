"""Surroundings that are against it: never a traceback, never a hang, the code that was said."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.poll import wait_until
from tests.support.space import Space, Watching

pytestmark = pytest.mark.slow

TASKS = """
[workspace]
name = "w"

[tasks.a]
command = "echo hi; echo err >&2"
inputs = ["in.txt"]

[tasks.b]
command = "echo b"
deps = ["a"]
"""


@pytest.fixture
def space(tmp_path: Path) -> Space:
    space = Space(tmp_path / "w")
    space.write("in.txt", "1")
    space.config(TASKS)
    return space


def a_file(path: Path) -> None:
    shutil.rmtree(path, ignore_errors=True)
    path.unlink(missing_ok=True)
    path.write_text("in the way")


def a_directory(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.mkdir(parents=True)


@pytest.mark.parametrize(
    ("name", "spoil", "code"),
    [
        ("", a_file, 4),
        ("runs", a_file, 4),
        ("attachments", a_file, 1),
        ("cache", a_file, 1),
        ("workspace.key", a_directory, 4),
        ("file-index", a_directory, 0),
        ("state.db", a_directory, 4),
    ],
)
def test_what_is_in_the_way_of_the_state_is_told(
    space: Space, name: str, spoil: Callable[[Path], None], code: int
) -> None:
    state = space.root / ".hazui"
    assert space.hazui("run", "-q").code == 0
    for side in ("state.db-wal", "state.db-shm"):
        (state / side).unlink(missing_ok=True)
    spoil(state / name if name else state)
    done = space.hazui("run", "-f")
    assert "Traceback" not in done.stderr
    assert "internal.unexpected" not in done.stderr
    assert done.code == code, done.stderr


def test_a_state_that_is_no_database_is_told(space: Space) -> None:
    state = space.root / ".hazui"
    state.mkdir()
    (state / "state.db").write_text("no database " * 100)
    done = space.run()
    assert done.code == 4
    (refused,) = done.events
    assert refused["event"] == "session_refused"
    assert refused["error"]["source"]["code"] == "state.corrupt"


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_standard_streams_are_no_hindrance(space: Space, closed: str) -> None:
    words = f"exec {sys.executable} -m hazui run {closed}"
    done = subprocess.run(
        ["bash", "-c", words],
        cwd=space.root,
        env=dict(space.environ),
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (space.root / ".hazui/state.db").read_bytes().startswith(b"SQLite")


def test_an_ignored_sigchld_and_an_empty_environment_are_no_hindrance(space: Space) -> None:
    path = os.environ["PATH"]
    words = (
        f"trap '' CHLD; exec env -i PATH={path} PYTHONPATH={space.environ['PYTHONPATH']}"
        f" {sys.executable} -m hazui run --json"
    )
    done = subprocess.run(
        ["bash", "-c", words], cwd=space.root, capture_output=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
    assert b'"state":"succeeded"' in done.stdout


def test_a_workspace_that_is_deleted_under_it_is_told(space: Space) -> None:
    with space.watching() as watching:
        watching.turn()
        shutil.rmtree(space.root)
        told = watching.wait_for("watch_degraded")
        assert told["error"]["code"] == "watch.root_vanished"
        code = watching.close()
    assert "Traceback" not in watching.stderr
    assert "internal.unexpected" not in watching.stderr
    assert code in (130, 4)


def test_a_signal_before_the_loop_ends_the_open_turn(space: Space, tmp_path: Path) -> None:
    """Many hits: the turn is worked on without an event loop when the signal comes."""
    count = 60
    space.config(
        '[workspace]\nname = "w"\n'
        + "".join(f'[tasks.t{n}]\ncommand = "true"\ninputs = ["in.txt"]\n' for n in range(count))
    )
    assert space.run("-j", "8", deadline_s=120).code == 0
    process = subprocess.Popen(
        space.argv("run", "--json"),
        cwd=space.root,
        env=dict(space.environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    watching = Watching(process)
    end = space.root / ".hazui" / "state.db-wal"
    wait_until(lambda: end.exists() or process.poll() is not None)
    code = watching.close(number=signal.SIGTERM)
    assert code in (143, 0), watching.stderr
    assert "Traceback" not in watching.stderr
    events = [e["event"] for e in watching.events]
    assert events.count("turn_started") == events.count("turn_finished")
    rows = json.loads(space.hazui("history", "--json").stdout)
    assert all(row["outcome"] is not None for row in rows)


def test_a_database_that_is_removed_under_it_loses_the_session(space: Space) -> None:
    space.config(TASKS.replace("echo hi", "touch started; sleep 1; echo hi"))
    process = subprocess.Popen(
        space.argv("run", "--json"),
        cwd=space.root,
        env=dict(space.environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    watching = Watching(process)
    watching.wait_for("process_spawned")
    (space.root / ".hazui" / "state.db").unlink()
    end = watching.wait_for("turn_finished")
    assert watching.process.wait(30) == 4
    watching.close()
    assert end["outcome"] == "errored"
    assert end["error"]["code"] == "session_execution_lease_lost"
    assert space.run().code == 0
