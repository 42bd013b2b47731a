"""A project that nobody here wrote: its own test-suite as a task, broken and repaired."""

import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.support.space import Json, Space, tasks_of
from tests.support.terminal import open_terminal

pytestmark = [pytest.mark.slow, pytest.mark.network, pytest.mark.timeout(300)]

PROJECT = "itsdangerous==2.2.0"
NEEDED_BY_ITS_TESTS = "freezegun==1.5.5"
ENCODING = "src/itsdangerous/encoding.py"
RIGHT = r'return _int_to_bytes(num).lstrip(b"\x00")'
WRONG = r'return _int_to_bytes(num).lstrip("\x00")'
CONFIG = """\
[workspace]
name = "itsdangerous"

[tasks.suite]
command = [{python}, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"]
inputs = ["src/**/*.py", "tests/**/*.py", "pyproject.toml"]
env = {{ PYTHONPATH = "src:{needed}" }}

[tasks.changes]
command = "head -n 20 CHANGES.rst"
inputs = ["CHANGES.rst"]
"""


def pip(*words: str) -> None:
    """Ask the package index; a test that cannot is skipped, and says what pip said."""
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", *words, "--quiet"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if done.returncode != 0:
        pytest.skip(f"the package index cannot be used: {done.stderr.strip()[-300:]}")


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The project as it was published, and what its tests need."""
    directory = tmp_path_factory.mktemp("downloaded")
    needed = directory / "needed"
    pip("download", "--no-binary", ":all:", "--no-deps", "--dest", str(directory), PROJECT)
    pip("install", "--target", str(needed), NEEDED_BY_ITS_TESTS)
    with tarfile.open(next(directory.glob("*.tar.gz"))) as archive:
        archive.extractall(directory, filter="data")
    return next(directory.glob("itsdangerous-*/")), needed


@pytest.fixture
def space(unpacked: tuple[Path, Path], tmp_path: Path) -> Space:
    project, needed = unpacked
    space = Space(tmp_path / "itsdangerous")
    shutil.copytree(project, space.root, dirs_exist_ok=True)
    space.config(CONFIG.format(python=f'"{sys.executable}"', needed=needed))
    return space


def replace(space: Space, before: str, after: str) -> int:
    """Save the file with a line changed, in one step; the line's number."""
    text = space.read(ENCODING)
    assert text.count(before) == 1
    new = space.root.parent / "encoding.py"
    new.write_text(text.replace(before, after))
    new.replace(space.root / ENCODING)
    return text[: text.index(before)].count("\n") + 1


def end_of(turn: list[Json], task: str) -> Json:
    ends = [e for e in turn if e["event"] == "task_finished" and e["task"].endswith(task)]
    assert len(ends) == 1, turn
    return ends[0]


def test_a_broken_line_is_the_root_in_the_events(space: Space) -> None:
    with space.watching() as watching:
        first = watching.turn()
        assert sorted(name.split(":")[-1] for name in tasks_of(first)) == ["changes", "suite"]
        assert end_of(first, "suite")["state"] == "succeeded"

        line = replace(space, RIGHT, WRONG)
        turn = watching.turn()
        assert [name.split(":")[-1] for name in tasks_of(turn)] == ["suite"]
        assert turn[0]["trigger"]["paths"] == [ENCODING]
        end = end_of(turn, "suite")
        assert (end["state"], end["exit_status"]["code"]) == ("failed", 1)
        root = end["diagnosis"]["chain"][-1]
        assert (root["type"], root["file"], root["line"]) == ("TypeError", ENCODING, line)
        log = b"".join(path.read_bytes() for path in space.root.glob(".hazui/attachments/*/*"))
        plain = re.sub(rb"\x1b\[[0-9;]*m", b"", log)
        assert b"FAILED tests/test_itsdangerous/test_encoding.py::test_int_bytes" in plain

        replace(space, WRONG, RIGHT)
        turn = watching.turn()
        end = end_of(turn, "suite")
        assert (end["state"], end["source"]) == ("succeeded", "cache_hit")


def test_a_broken_line_is_two_keys_away_on_the_screen(space: Space) -> None:
    with open_terminal(space.root) as terminal:
        terminal.run("hazui")
        terminal.wait_for("turn 1", "all good", deadline_s=60)
        line = replace(space, RIGHT, WRONG)
        terminal.wait_for("turn 2", "1 failed", "failed    suite", deadline_s=60)
        terminal.keys("]")
        terminal.wait_for("suite exit 1", "TypeError")
        terminal.keys(".")
        terminal.wait_for("TypeError", f"encoding.py:{line}", f"❱ {line}", "lstrip(")
        replace(space, WRONG, RIGHT)
        terminal.wait_for("turn 3", "all good", "cached    suite", "replayed")
        terminal.keys("q")
        assert terminal.exit_code() == 0
        terminal.has_nothing_left()
