"""Folding events into the session view: pure, and total on any sequence of events.

A batch is folded into one draft, and an event costs what it changes, whatever the number of tasks.
An event about a task that was never loaded makes one, so that nothing that happened is hidden.
"""

from collections.abc import Iterable

from hazui.protocol.events import Stamped
from hazui.view.draft import Draft
from hazui.view.models import SessionView
from hazui.view.reduce_session import SESSION_RULES
from hazui.view.reduce_tasks import TASK_RULES


def reduce(state: SessionView, stamped: Stamped) -> SessionView:
    """The view after one event."""
    return reduce_batch(state, (stamped,))


def reduce_batch(state: SessionView, batch: Iterable[Stamped]) -> SessionView:
    """The view after a batch of events, in their order; ``state`` itself when it is empty."""
    draft = Draft(state)
    for stamped in batch:
        _apply(draft, stamped)
    return draft.frozen()


def _apply(draft: Draft, stamped: Stamped) -> None:
    draft.note(stamped)
    event = stamped.event
    rule = TASK_RULES.get(type(event))
    if rule is not None:
        before = draft.task(event.task)  # type: ignore[union-attr]
        after = rule(before, event, stamped)
        if after is not before:
            draft.put(after)
        return
    session_rule = SESSION_RULES.get(type(event))
    if session_rule is not None:
        session_rule(draft, event, stamped)
