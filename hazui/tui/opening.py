"""The app's hands: the clipboard and the editor, without ever blocking the event loop.

The supervisor runs on the same loop, so even an editor that owns the terminal is waited for in a
thread, while tasks go on being captured and reaped.
"""

import asyncio
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hazui.tui.clipboard import copy_natively, native_tool
from hazui.tui.editor import chosen_editor, editor_argv, is_windowed
from hazui.view import wording

if TYPE_CHECKING:
    from hazui.tui.intents import Settings


class Opening:
    """Mixed into the app."""

    settings: "Settings"

    if TYPE_CHECKING:
        run_worker: Any
        notify: Any
        suspend: Any
        batch_update: Any
        copy_to_clipboard: Any
        refresh: Any

    def copy_text(self, text: str) -> None:
        """Put text on the clipboard by OSC 52 and by a native tool, and say so."""
        self.copy_to_clipboard(text)
        lines = wording.plural(text.count("\n") + 1, "line")
        self.notify(f"Copied {lines}.", timeout=2)
        tool = native_tool(os.environ)
        if tool is not None:
            self.run_worker(
                asyncio.to_thread(copy_natively, tool, text),
                name="copy",
                group="copy",
                exclusive=True,
                exit_on_error=False,
            )

    def open_editor(self, file: Path, line: int | None, column: int | None) -> None:
        """Open the user's editor at a place."""
        command = chosen_editor(self.settings.editor, os.environ)
        if not command:
            self.notify("No editor: set $VISUAL or $EDITOR.", severity="warning")
            return
        argv = editor_argv(command, file, line, column)
        open_it = self._in_window(argv) if is_windowed(command) else self._in_terminal(argv)
        self.run_worker(open_it, name="editor", group="editor", exit_on_error=False)

    async def _in_window(self, argv: list[str]) -> None:
        process = self._start(argv, start_new_session=True)
        if process is not None:
            await self._wait(process, argv)

    async def _in_terminal(self, argv: list[str]) -> None:
        from textual.app import SuspendNotSupported

        try:
            with self.batch_update(), self.suspend():
                process = self._start(argv, start_new_session=False)
                if process is not None:
                    await self._wait(process, argv)
        except SuspendNotSupported:
            self.notify("This terminal cannot be lent to an editor.", severity="warning")
            return
        self.refresh(layout=True)

    def _start(
        self, argv: list[str], *, start_new_session: bool
    ) -> "subprocess.Popen[bytes] | None":
        quiet = subprocess.DEVNULL if start_new_session else None
        try:
            return subprocess.Popen(
                argv,
                cwd=self.settings.root,
                stdin=quiet,
                stdout=quiet,
                stderr=quiet,
                start_new_session=start_new_session,
            )
        except OSError as error:
            self.notify(f"Cannot start {argv[0]}: {error.strerror}", severity="error")
            return None

    async def _wait(self, process: "subprocess.Popen[bytes]", argv: list[str]) -> None:
        code = await asyncio.to_thread(process.wait)
        if code != 0:
            self.notify(f"{argv[0]} ended with {code}", severity="warning")
