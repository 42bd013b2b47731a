"""Identities: what a task, a run, a turn and an epoch are called everywhere.

Ids are types of their own, so that a turn number is never passed where an epoch is wanted.
``TaskId`` sorts by project, then name: the canonical order of admission, listings and keys.
"""

import re
from typing import NamedTuple, NewType

RunId = NewType("RunId", str)
"""One execution of one task; also its execution id and the last part of ``HAZUI_RUN``."""

Turn = NewType("Turn", int)
"""One cycle of the session; grows and is never reused."""

Epoch = NewType("Epoch", int)
"""One running owner of the session; the fencing number."""

SessionId = NewType("SessionId", str)

Digest = NewType("Digest", str)
"""Lower-case hex of a content hash; the hash function is the workspace's."""

ActionKey = NewType("ActionKey", str)
"""Lower-case hex of the hash of an action's manifest."""

NAME_BYTES_MAX = 64
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


class TaskId(NamedTuple):
    """A task's full name, printed ``project:name``."""

    project: str
    name: str

    def __str__(self) -> str:
        return f"{self.project}:{self.name}"

    @classmethod
    def parse(cls, text: str) -> "TaskId":
        """Split ``project:name`` at its colon.

        Raises:
            ValueError: there is no colon, or one side is not a name.
        """
        project, colon, name = text.partition(":")
        if not colon or not is_name(project) or not is_name(name):
            raise ValueError(f"not a full task name: {text!r}")
        return cls(project, name)


def is_name(text: str) -> bool:
    """True for letters, digits, ``_`` and ``-``, the first alphanumeric, at most 64 bytes."""
    return len(text) <= NAME_BYTES_MAX and _NAME.fullmatch(text) is not None
