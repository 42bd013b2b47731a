"""The door into the screen: what has to happen before Textual is imported, and running the app."""

import gc
import os
from collections.abc import Mapping
from pathlib import Path

from hazui.errors import internal
from hazui.protocol.door import Door

FPS = "120"
"""Frames per second Textual may draw: a key waits for half a frame on average."""


async def run_screen(
    door: Door,
    *,
    root: Path,
    state_dir: Path,
    theme: str | None = None,
    keymap: Mapping[str, str] | None = None,
    editor: str | None = None,
    bell: bool = False,
) -> int:
    """Run the screen until the user leaves it; 0, or what the app returned.

    The caller's task group owns the supervisor, which must be stopped by the caller afterwards.
    Cancelling it restores the terminal.

    Raises:
        internal.Unexpected: the screen broke; the terminal is restored.
    """
    os.environ.setdefault("TEXTUAL_FPS", FPS)
    # Editors and clipboard tools inherit this, so that they are never taken for what a task left.
    os.environ["HAZUI_TOOL"] = "1"
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        from hazui.tui.app import HazuiApp
        from hazui.tui.intents import Settings
    finally:
        if was_enabled:
            gc.enable()
    gc.freeze()
    settings = Settings(
        root=root,
        state_dir=state_dir,
        theme=theme,
        keymap=tuple((keymap or {}).items()),
        editor=editor,
        bell=bell,
    )
    app = HazuiApp(door, settings=settings)
    result = await app.run_async()
    if app.broken_by is not None:
        raise internal.Unexpected(where="the screen", source=app.broken_by) from app.broken_by
    return (app.return_code or 0) if result is None else result
