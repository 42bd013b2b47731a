"""Opening an editor at a place: what each editor calls a line and a column.

Editors that draw in a window are started apart from the screen; editors of the terminal need the
terminal for themselves, so the screen is suspended while they run. An editor that is not known is
taken for one of the terminal and is given the file alone.
"""

import shlex
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path, PurePath

_PLUS = frozenset({"emacs", "emacsclient", "micro"})
_VI = frozenset({"vi", "vim", "nvim", "view", "gvim", "mvim", "neovide"})
_COLON = frozenset({"hx", "helix", "zed", "zeditor", "subl", "sublime_text"})
_GOTO = frozenset({"code", "code-insiders", "codium", "vscodium", "cursor", "windsurf"})
_DASHES = frozenset(
    {"idea", "pycharm", "goland", "webstorm", "rustrover", "clion", "phpstorm", "rubymine", "rider"}
)
_WINDOWED = (
    _GOTO
    | _DASHES
    | {"zed", "zeditor", "subl", "sublime_text", "gvim", "mvim", "neovide", "kate", "gedit", "mate"}
)
_FALLBACKS = ("nvim", "vim", "nano", "micro", "hx", "vi")


def chosen_editor(
    setting: str | None,
    environ: Mapping[str, str],
    which: Callable[[str], str | None] = shutil.which,
) -> list[str]:
    """The editor's command: the setting, ``$VISUAL``, ``$EDITOR``, else one that is installed.

    Empty when there is none.
    """
    for text in (setting, environ.get("VISUAL"), environ.get("EDITOR")):
        if text and text.strip():
            try:
                return shlex.split(text)
            except ValueError:
                return [text]
    return next(([name] for name in _FALLBACKS if which(name) is not None), [])


def is_windowed(command: list[str]) -> bool:
    """Whether the editor has a window of its own and leaves the terminal alone."""
    name = _name(command)
    if name == "emacsclient":
        return not {"-t", "-nw", "--tty"} & set(command)
    return name in _WINDOWED


def editor_argv(
    command: list[str], file: Path, line: int | None, column: int | None = None
) -> list[str]:
    """The argv that opens ``file`` at a line and column, both from 1."""
    name = _name(command)
    path = str(file)
    if line is None:
        return [*command, path]
    place = f"{line}:{column}" if column else f"{line}"
    if name in _VI:
        at = f"+call cursor({line},{column})" if column else f"+{line}"
        return [*command, at, path]
    if name in _PLUS:
        return [*command, f"+{place}", path]
    if name == "nano":
        return [*command, f"+{line},{column}" if column else f"+{line}", path]
    if name in _COLON:
        return [*command, f"{path}:{place}"]
    if name in _GOTO:
        return [*command, "--goto", f"{path}:{place}"]
    if name in _DASHES:
        at_column = ["--column", str(column)] if column else []
        return [*command, "--line", str(line), *at_column, path]
    if name == "kate":
        at_column = ["-c", str(column)] if column else []
        return [*command, "-l", str(line), *at_column, path]
    if name == "gedit":
        return [*command, f"+{place}", path]
    if name == "mate":
        return [*command, "-l", str(line), path]
    return [*command, path]


def _name(command: list[str]) -> str:
    return PurePath(command[0]).name.removesuffix(".exe") if command else ""
