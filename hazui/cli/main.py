"""The ``hazui`` command: reads the words, calls one command, turns errors into exit codes.

Nothing is imported before it is known to be needed: ``--version`` loads no room at all.
"""

import gc
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from hazui.cli.console import Console
    from hazui.errors.base import HazuiError


ALLOCATIONS_PER_COLLECTION = 100_000
"""Start-up makes many objects that stay; the default of 700 looks at them again and again."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; never raises."""
    _open_standard_streams()
    gc.set_threshold(ALLOCATIONS_PER_COLLECTION, 20, 50)
    words = list(sys.argv[1:] if argv is None else argv)
    if words in (["--version"], ["-V"]):
        from hazui import __version__

        print(f"hazui {__version__}")
        return 0
    from hazui.cli.signals import SIGNAL_CODES, raise_on_signals, signal_of

    try:
        if argv is None:
            raise_on_signals()
        return _guarded(words)
    except KeyboardInterrupt as stop:
        return SIGNAL_CODES[signal_of(stop)]


def _guarded(words: list[str]) -> int:
    from hazui.cli.arguments import UsageError, parse
    from hazui.cli.console import Console
    from hazui.cli.exit_codes import ExitCode
    from hazui.cli.streams import OutputLostError
    from hazui.errors.base import HazuiError

    console = Console(environ=os.environ, without_color="--no-color" in words)
    try:
        options = parse(words)
    except UsageError as problem:
        console.complain(f"hazui: {problem}")
        return ExitCode.USAGE
    except SystemExit as stop:  # --help has printed what was asked for
        return int(stop.code or 0)
    console.is_quiet = options.quiet
    try:
        exit_code = _dispatch(options, console)
        console.flush()
    except UsageError as problem:
        console.complain(f"hazui: {problem}")
        return ExitCode.USAGE
    except HazuiError as error:
        return _report(console, error)
    except OutputLostError as lost:
        return console.give_up(lost)
    except Exception as error:  # noqa: BLE001 - the last boundary: a bug is told as one
        from hazui.errors import internal

        return _report(console, internal.Unexpected(where="the command line", source=error))
    return exit_code


def _dispatch(options: "argparse.Namespace", console: "Console") -> int:
    from importlib import import_module

    if options.command in LATER:
        from hazui.errors import feature

        raise feature.NotAvailable(
            feature=f"hazui {options.command}", detail=LATER[options.command]
        )
    if not options.command and options.version:
        from hazui import __version__

        console.out(f"hazui {__version__}")
        return 0
    name = options.command or "screen"
    module = import_module(f"hazui.cli.commands.{name}")
    exit_code: int = module.execute(options, console)
    return exit_code


def _report(console: "Console", error: "HazuiError") -> int:
    from hazui.cli.exit_codes import exit_code_of

    console.fail(error)
    if error.code == "graph.unknown_target":
        from hazui.cli.arguments import SUMMARY, suggestion

        near = suggestion(getattr(error, "target", ""), list(SUMMARY))
        if near:
            console.complain(f"Hint: did you mean the command `hazui {near}`?")
    return exit_code_of(error)


def _open_standard_streams() -> None:
    """Put /dev/null where a standard stream is closed, before a file of ours takes its number."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is not None:
            continue
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
        setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))


LATER = {
    "ps": "control of a running hazui from another terminal",
    "stop": "control of a running hazui from another terminal",
    "restart": "control of a running hazui from another terminal",
    "attach": "control of a running hazui from another terminal",
}
