"""Reading a reference to other tasks: ``task``, ``project:task``, ``^:task`` or ``[tag]:task``.

Only the text is judged here. Whether such a task exists is for the graph to say.
"""

import re

from hazui.domain.ids import is_name
from hazui.domain.specs import Reference, ReferenceKind

_TAGGED = re.compile(r"\[([^\]]*)\]:(.*)", re.DOTALL)


def parse_reference(text: str, project: str, *, streams: bool = False) -> Reference:
    """Read one reference of a task of ``project``.

    Raises:
        ValueError: the text is none of the four forms, or one part is not a name; its text is a
            reason that can follow "because".
    """
    if is_name(text):
        return Reference(text, ReferenceKind.SAME_PROJECT, project, text, streams)
    if text.startswith("^:"):
        kind, scope, task = ReferenceKind.EVERY_PROJECT, "", text[2:]
    elif (tagged := _TAGGED.fullmatch(text)) is not None:
        kind, scope, task = ReferenceKind.TAG, tagged.group(1), tagged.group(2)
        if not is_name(scope):
            raise ValueError(f'"{scope}" is not a tag')
    else:
        scope, colon, task = text.partition(":")
        kind = ReferenceKind.PROJECT
        if not colon:
            raise ValueError(f'"{text}" is not a task name')
        if not is_name(scope):
            raise ValueError(f'"{scope}" is not a project name')
    if not is_name(task):
        raise ValueError(f'"{task}" is not a task name')
    return Reference(text, kind, scope, task, streams)
