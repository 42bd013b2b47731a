"""``hazui demo [DIR]``: writes a small workspace that shows every state, and opens it."""

import argparse
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from hazui.cli.console import Console
from hazui.cli.exit_codes import ExitCode
from hazui.errors import fs

DEFAULT_DIRECTORY = "hazui-demo"


def execute(options: argparse.Namespace, console: Console) -> int:
    """Write the demo where nothing is yet, then open the screen on it.

    Raises:
        fs.FsError: the directory cannot be written.
    """
    target = Path(options.directory or ".", options.where or DEFAULT_DIRECTORY).absolute()
    if (target / "hazui.toml").is_file():
        console.say(f"hazui: {target} is there already and stays as it is")
    else:
        if target.is_dir() and any(target.iterdir()):
            console.complain(f"hazui: {target} is not empty; name another directory")
            return ExitCode.USAGE
        write(target)
        console.say(f"hazui: wrote the demo workspace to {target}")
    if options.write_only:
        return ExitCode.SUCCESS
    import hazui.cli.commands.screen as screen
    from hazui.cli.arguments import parse

    forwarded = parse(["-C", str(target), *(["--scratch"] if options.scratch else [])])
    return screen.execute(forwarded, console)


def write(target: Path) -> None:
    """Copy the demo's files into ``target``.

    Raises:
        fs.FsError: a directory or file cannot be written.
    """
    try:
        _copy(resources.files("hazui.cli") / "demo_files", target)
    except OSError as error:
        raise fs.from_os_error(target, "write the demo", error) from error


def _copy(source: Traversable, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for entry in source.iterdir():
        if entry.is_dir():
            if entry.name != "__pycache__":
                _copy(entry, target / entry.name)
        else:
            (target / entry.name).write_bytes(entry.read_bytes())
