"""``hazui diagnose``: the error chain in captured output."""

import argparse
import shlex
from pathlib import Path

from hazui.cli.console import Console
from hazui.cli.exit_codes import ExitCode
from hazui.domain.records import ExitStatus
from hazui.errors import fs

_SIGNAL_BASE = 128


def execute(options: argparse.Namespace, console: Console) -> int:
    """Print the chain from the outermost link to the root, and the distinct errors.

    Raises:
        fs.FsError: a file cannot be read.
    """
    from hazui.diagnosis.diagnose import diagnose

    found = diagnose(
        _read(options.stdout),
        _read(options.stderr),
        _status(options.exit_code),
        shlex.split(options.argv),
    )
    if options.json:
        console.out_json(found.to_json())
        return ExitCode.SUCCESS
    for number, link in enumerate(found.chain, start=1):
        place = ":".join(str(part) for part in (link.file, link.line, link.column) if part)
        console.out(
            f"{number}. {link.type or 'error'}: {link.message}" + (f"  {place}" * bool(place))
        )
    if not found.chain:
        console.say("hazui: no failure was found in this output")
    return ExitCode.SUCCESS


def _read(path: str | None) -> bytes:
    if path is None:
        return b""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise fs.from_os_error(Path(path).absolute(), "read", error) from error


def _status(code: int) -> ExitStatus:
    if code > _SIGNAL_BASE:
        return ExitStatus.from_wait(_SIGNAL_BASE - code)
    return ExitStatus.from_wait(code)
