"""What the screen asks of the world outside it: one small object, handed to the screens.

Screens translate keys into these calls and know nothing deeper: no process, no file of the state.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hazui.protocol.commands import Command


@dataclass(frozen=True, slots=True)
class Settings:
    """How the screen behaves; from the user's file and the command line."""

    root: Path
    state_dir: Path
    theme: str | None = None
    keymap: tuple[tuple[str, str], ...] = ()
    """Binding id to keys."""
    editor: str | None = None
    """A command line; None is ``$VISUAL`` or ``$EDITOR``."""
    bell: bool = False
    """Ring when a turn turns from good to bad, or back."""
    is_colourful: bool = True


@dataclass(frozen=True, slots=True)
class Outside:
    """Doors out of the screens; every call returns at once."""

    post: Callable[[Command], None]
    copy: Callable[[str], None]
    edit: Callable[[Path, int | None, int | None], None]
