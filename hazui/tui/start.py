"""The door into the screen: what has to happen before Textual is imported, and running the app."""

import gc
import os
from collections.abc import Mapping
from pathlib import Path

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
    """Run the screen until the user leaves it; the exit code is 0 unless the app broke.

    The caller's task group owns the supervisor, which must be stopped by the caller afterwards.
    Cancelling it restores the terminal.
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
    return (app.return_code or 0) if result is None else result
