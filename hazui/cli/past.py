"""The recorded past for reading commands: a turn's events folded into the view they once made."""

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from hazui.cli.arguments import UsageError
from hazui.cli.console import Console
from hazui.cli.workspace import load, tell_rejected
from hazui.domain.ids import TaskId, Turn
from hazui.protocol.encode import stamped_from_json
from hazui.protocol.events import Stamped
from hazui.state.history import History, reading
from hazui.state.opening import DATABASE
from hazui.supervisor.workspace import LoadedWorkspace, RejectedWorkspace
from hazui.view.models import SessionView
from hazui.view.reduce import reduce_batch


@dataclass(frozen=True, slots=True)
class Past:
    """The workspace and what is recorded of it."""

    found: LoadedWorkspace
    history: History | None

    def task(self, text: str) -> TaskId:
        """The one task that a word of the command line means.

        Raises:
            graph.UnknownTarget: none.
            UsageError: several.
        """
        tasks = self.found.graph.resolve_target(text)
        if len(tasks) != 1:
            names = ", ".join(str(task) for task in tasks)
            raise UsageError(f"{text!r} means several tasks: {names}")
        return tasks[0]

    def events(self, turn: Turn) -> list[Stamped]:
        """The journaled events of a turn."""
        if self.history is None:
            return []
        found = (stamped_from_json(json.loads(text)) for text in self.history.turn_events(turn))
        return [stamped for stamped in found if stamped is not None]

    def view(self, turn: Turn) -> SessionView:
        """The state of the session as that turn left it."""
        return reduce_batch(SessionView(root=str(self.found.spec.root)), self.events(turn))


@contextmanager
def opened(options: argparse.Namespace, console: Console) -> Iterator[Past | int]:
    """The past of the workspace, or the exit code when there is no valid workspace."""
    found = load(options)
    if isinstance(found, RejectedWorkspace):
        yield tell_rejected(console, found)
        return
    with reading(found.spec.state_dir / DATABASE) as history:
        yield Past(found, history)


def turn_number(text: str | None) -> Turn | None:
    """The number in ``--turn N``.

    Raises:
        UsageError: it is none.
    """
    if text is None:
        return None
    if not text.isdigit():
        raise UsageError(f"a turn is a number, not {text!r}")
    return Turn(int(text))
