"""The checkers find nothing: lint, format, types, and the walls between rooms."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.repository import ROOT

BESIDE = Path(sys.executable).parent


def checked(*words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run a tool that was installed beside this interpreter, without colours."""
    return subprocess.run(
        [str(BESIDE / words[0]), *words[1:]],
        cwd=cwd,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "100"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_ruff_finds_nothing() -> None:
    done = checked("ruff", "check", "--output-format", "concise", ".")
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_file_is_formatted() -> None:
    done = checked("ruff", "format", "--check", ".")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_types_hold() -> None:
    done = checked("mypy")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_the_walls_between_rooms_stand() -> None:
    done = checked("lint-imports")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"Contracts: \d\d kept, 0 broken", done.stdout)


@pytest.mark.slow
def test_the_walls_notice_each_kind_of_breach(tmp_path: Path) -> None:
    """A copy with one breach for each contract: every contract is broken, so none is idle."""
    shutil.copytree(
        ROOT / "hazui", tmp_path / "hazui", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    breaches = {
        "cache/entry.py": "hazui.graph.graph",
        "config/parse.py": "psutil",
        "diagnosis/lines.py": "asyncio",
        "domain/ids.py": "anyio",
        "execution/left.py": "hazui.diagnosis.finding",
        "files/walk.py": "sqlite3",
        "graph/graph.py": "hazui.config.parse",
        "headless/logs.py": "hazui.files.walk",
        "process/stop.py": "hazui.protocol.values",
        "spool/format.py": "watchfiles",
        "state/lease.py": "hazui.spool.format",
        "view/models.py": "hazui.spool.format",
        "watch/settle.py": "hazui.config.parse",
        "headless/ndjson.py": "textual",
        "cli/console.py": "subprocess",
        "files/digest.py": "socket",
    }
    for name, module in breaches.items():
        with (tmp_path / "hazui" / name).open("a") as file:
            file.write(f"\nimport {module}\n")
    done = checked("lint-imports", "--no-cache", cwd=tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(r"Contracts: 0 kept, \d\d broken", done.stdout), done.stdout
