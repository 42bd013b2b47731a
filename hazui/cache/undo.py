"""Renames that can be taken back, newest first.

Everything that a step replaces or removes is kept under a temporary name until ``keep`` says that
the whole succeeded. A step is noted before it is done, so that an interruption between the two
is taken back as well.
"""

import contextlib
import errno
import os
from collections.abc import Callable
from typing import NamedTuple


class _Step(NamedTuple):
    kind: str
    target: str
    saved: str


class Undo:
    """The steps of one commit. ``temporary`` gives unused names outside the workspace's files."""

    def __init__(self, temporary: Callable[[], str]) -> None:
        self._temporary = temporary
        self._steps: list[_Step] = []
        self._known_directories: set[str] = set()

    def make_directories(self, directory: str) -> None:
        """Make ``directory`` and what is missing above it.

        Raises:
            OSError: something that is no directory is in the way, or it is not permitted.
        """
        if directory in self._known_directories:
            return
        if not os.path.isdir(directory):
            self.make_directories(os.path.dirname(directory))
            self._steps.append(_Step("made", directory, ""))
            try:
                os.mkdir(directory)
            except OSError:
                self._steps.pop()
                raise
        self._known_directories.add(directory)

    def replace(self, staged: str, target: str) -> None:
        """Rename ``staged`` over ``target``, which is missing, a file or a link.

        Raises:
            OSError: it is not done.
        """
        if os.path.lexists(target):
            self._save(target, is_kept=True)
        else:
            self._steps.append(_Step("placed", target, staged))
        try:
            os.rename(staged, target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            self._replace_across(staged, target)

    def remove(self, target: str) -> None:
        """Take ``target`` out of the way.

        Raises:
            OSError: it is not done.
        """
        self._save(target, is_kept=False)

    def keep(self) -> None:
        """The whole succeeded: drop what was saved."""
        for step in self._steps:
            if step.kind == "saved":
                with contextlib.suppress(OSError):
                    os.unlink(step.saved)
        self._steps.clear()

    def back(self) -> list[str]:
        """Take every step back; a sentence for each that could not be."""
        notes: list[str] = []
        for step in reversed(self._steps):
            try:
                self._take_back(step)
            except OSError as error:
                kept = f", kept as {step.saved}" if step.kind == "saved" else ""
                notes.append(f"could not be undone: {step.target} ({error.strerror}){kept}")
        self._steps.clear()
        return notes

    def _take_back(self, step: _Step) -> None:
        if step.kind == "made":
            with contextlib.suppress(FileNotFoundError):
                os.rmdir(step.target)
        elif step.kind == "placed":
            # The staged file still under its own name means that the rename was never done.
            if not os.path.lexists(step.saved):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(step.target)
        elif os.path.lexists(step.saved):
            os.rename(step.saved, step.target)
            # Renaming between two names of one file does nothing; then both are still there.
            with contextlib.suppress(FileNotFoundError):
                os.unlink(step.saved)

    def _save(self, target: str, *, is_kept: bool) -> None:
        """Give what is at ``target`` a second name, or that name only."""
        saved = self._temporary()
        self._steps.append(_Step("saved", target, saved))
        try:
            if is_kept:
                os.link(target, saved, follow_symlinks=False)
            else:
                os.rename(target, saved)
        except OSError as error:
            self._steps.pop()
            if error.errno not in (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP):
                raise
            saved = beside(target)
            self._steps.append(_Step("saved", target, saved))
            try:
                os.rename(target, saved)
            except OSError:
                self._steps.pop()
                raise

    def _replace_across(self, staged: str, target: str) -> None:
        """The target lies on another file system: copy beside it first."""
        import shutil

        copy = beside(target)
        try:
            shutil.copy2(staged, copy)
            os.rename(copy, target)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(copy)
            raise
        os.unlink(staged)


def beside(target: str) -> str:
    """An unused name in the same directory, hidden and recognisable."""
    import secrets

    directory, name = os.path.split(target)
    return os.path.join(directory, f".{name[:64]}.{secrets.token_hex(4)}.hazui")
