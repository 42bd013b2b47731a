"""What a fresh interpreter has loaded after it did one thing."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.repository import ROOT

_PROGRAM = """
import json, sys
report, words = sys.argv[1], sys.argv[2:]
if words[0] == "import":
    exit_code = 0
    for name in words[1:]:
        __import__(name)
else:
    from hazui.cli.main import main
    exit_code = main(words[1:])
with open(report, "w") as file:
    json.dump([int(exit_code), sorted(sys.modules)], file)
"""
"""Imports nothing of its own that a room must not load."""


@dataclass(frozen=True, slots=True)
class Loaded:
    exit_code: int
    modules: frozenset[str]
    stdout: str
    stderr: str

    def of(self, *packages: str) -> list[str]:
        """The loaded modules that are one of ``packages`` or below it."""
        return sorted(
            name
            for name in self.modules
            if any(name == package or name.startswith(package + ".") for package in packages)
        )


def environment() -> Mapping[str, str]:
    """The environment for a child that uses this checkout and no user's files."""
    kept = {
        name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ
    }
    return {**kept, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color"}


def after_import(cwd: Path, *modules: str) -> Loaded:
    """Import modules in a clean interpreter."""
    return _run(cwd, "import", *modules)


def after_command(cwd: Path, *words: str) -> Loaded:
    """Run one command line to its end in a clean interpreter, off a terminal."""
    return _run(cwd, "hazui", *words)


def _run(cwd: Path, *words: str) -> Loaded:
    report = cwd / "modules.json"
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(report), *words],
        cwd=cwd,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert report.exists(), f"{words}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    exit_code, modules = json.loads(report.read_text())
    report.unlink()
    return Loaded(exit_code, frozenset(modules), done.stdout, done.stderr)
