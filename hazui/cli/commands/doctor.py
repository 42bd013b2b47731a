"""``hazui doctor``: what on this machine helps or hinders hazui, each with what to do."""

import argparse
import os
import platform
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from hazui.cli.console import Console
from hazui.cli.exit_codes import ExitCode

WATCHES_WANTED = 65_536
FILES_WANTED = 1_024
_CLIPBOARDS = ("wl-copy", "xclip", "xsel", "pbcopy", "clip.exe")


@dataclass(frozen=True, slots=True)
class Finding:
    """One check. ``advice`` says what to do when it is not ok."""

    check: str
    status: Literal["ok", "warning", "problem"]
    detail: str
    advice: str = ""


def execute(options: argparse.Namespace, console: Console) -> int:
    """Print every finding; exit 1 when one is a problem."""
    findings = [finding for check in _CHECKS for finding in check()]
    if options.json:
        console.out_json([asdict(finding) for finding in findings])
    else:
        width = max(len(finding.check) for finding in findings)
        glyphs = {"ok": "ok      ", "warning": "warning ", "problem": "PROBLEM "}
        for finding in findings:
            console.out(f"{glyphs[finding.status]} {finding.check:{width}}  {finding.detail}")
            if finding.advice:
                console.out(f"{'':9} {'':{width}}  -> {finding.advice}")
    is_bad = any(finding.status == "problem" for finding in findings)
    return ExitCode.TASK_FAILED if is_bad else ExitCode.SUCCESS


def _python() -> Iterator[Finding]:
    version = platform.python_version()
    yield Finding("python", "ok", f"{version} at {sys.executable}")


def _watch_limits() -> Iterator[Finding]:
    for name, wanted in (("max_user_watches", WATCHES_WANTED), ("max_user_instances", 128)):
        file = Path("/proc/sys/fs/inotify") / name
        try:
            found = int(file.read_text())
        except (OSError, ValueError):
            yield Finding(f"inotify {name}", "ok", "not a Linux with inotify; nothing to set")
            continue
        enough = found >= wanted
        advice = "" if enough else f"sudo sysctl fs.inotify.{name}={wanted}"
        yield Finding(f"inotify {name}", "ok" if enough else "warning", str(found), advice)


def _open_files() -> Iterator[Finding]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = soft >= FILES_WANTED
    advice = "" if enough else f"ulimit -n {FILES_WANTED}"
    yield Finding("open files", "ok" if enough else "warning", f"{soft} (hard {hard})", advice)


def _terminal() -> Iterator[Finding]:
    term = os.environ.get("TERM", "")
    if not sys.stdout.isatty():
        yield Finding("terminal", "warning", "stdout is not a terminal: `hazui` falls back to run")
    elif term in ("", "dumb"):
        yield Finding("terminal", "warning", f"TERM={term!r}: no screen", "set TERM")
    else:
        size = shutil.get_terminal_size()
        yield Finding("terminal", "ok", f"{term}, {size.columns}x{size.lines}")
    encoding = sys.stdout.encoding or ""
    is_utf8 = encoding.lower().replace("-", "") == "utf8"
    advice = "" if is_utf8 else "use a UTF-8 locale, for example LANG=C.UTF-8"
    yield Finding("encoding", "ok" if is_utf8 else "warning", encoding, advice)


def _git() -> Iterator[Finding]:
    git = shutil.which("git")
    if git is None:
        yield Finding("git", "warning", "not found", "install git for `run --affected`")
        return
    done = subprocess.run([git, "--version"], capture_output=True, text=True, check=False)
    yield Finding("git", "ok", done.stdout.strip() or git)


def _editor() -> Iterator[Finding]:
    for name in ("VISUAL", "EDITOR"):
        value = os.environ.get(name)
        if value:
            found = shutil.which(value.split()[0])
            advice = "" if found else f"{name} names a program that is not on PATH"
            yield Finding("editor", "ok" if found else "problem", f"{name}={value}", advice)
            return
    yield Finding("editor", "warning", "VISUAL and EDITOR are not set", "export EDITOR=vim")


def _clipboard() -> Iterator[Finding]:
    found = next((name for name in _CLIPBOARDS if shutil.which(name)), None)
    detail = found or "no clipboard tool: copying uses the terminal (OSC 52)"
    yield Finding("clipboard", "ok" if found else "warning", detail)


def _state() -> Iterator[Finding]:
    import sqlite3

    yield Finding("sqlite", "ok", sqlite3.sqlite_version)


def _children() -> Iterator[Finding]:
    has_pidfd = hasattr(os, "pidfd_open")
    detail = "pidfd" if has_pidfd else "polling (no pidfd on this system)"
    yield Finding("process tracking", "ok", detail)


_CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    _python,
    _watch_limits,
    _open_files,
    _terminal,
    _git,
    _editor,
    _clipboard,
    _state,
    _children,
)
