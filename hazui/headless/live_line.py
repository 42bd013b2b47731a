"""The one line at the bottom of a terminal: how far the turn is, what runs, how long it may take.

Pure text from the view; ``LivePainter`` owns the line on the terminal and takes it away before
anything else is written.
"""

from typing import TextIO

from hazui.view import durations
from hazui.view.models import SessionView, TaskState

NAMES_MAX = 3


def live_text(state: SessionView, now_s: float, columns: int) -> str:
    """``[12/40] test 3.2 s, lint 0.4 s  about 8 s left``, cut to the width of the terminal."""
    turn = state.turn
    if turn is None or not turn.is_open:
        return ""
    running = [v for v in state.tasks.values() if v.state is TaskState.RUNNING]
    names = []
    for view in running[:NAMES_MAX]:
        spent = durations.elapsed(view.started_at, now_s)
        names.append(view.task + (f" {durations.duration(spent)}" if spent is not None else ""))
    if len(running) > NAMES_MAX:
        names.append(f"and {len(running) - NAMES_MAX} more")
    text = f"[{turn.done}/{len(turn.tasks)}] {', '.join(names) or 'looking what is needed'}"
    left = estimate_s(state, now_s)
    if left is not None and left >= 1:
        text += f"  about {durations.duration(round(left))} left"
    return text[: max(columns - 1, 10)]


def estimate_s(state: SessionView, now_s: float) -> float | None:
    """Seconds that are left by the usual durations; None while one of them is not known.

    At least the longest that is left, at most all of it one after the other; parallel work in
    between is taken as it ran so far: by the number of tasks running now.
    """
    left: list[float] = []
    running = 0
    for view in state.tasks.values():
        if view.state not in (TaskState.RUNNING, TaskState.WAITING):
            continue
        if view.is_service:
            continue
        if view.usual_s is None:
            return None
        spent = 0.0
        if view.state is TaskState.RUNNING:
            running += 1
            spent = durations.elapsed(view.started_at, now_s) or 0.0
        left.append(max(view.usual_s - spent, 0.0))
    if not left:
        return None
    return max(*left, sum(left) / max(running, 1))


class LivePainter:
    """Draws the line on a terminal and removes it again. Does nothing on anything else."""

    def __init__(self, stream: TextIO, *, is_enabled: bool) -> None:
        self._stream = stream
        self._is_enabled = is_enabled
        self._shown = ""

    def show(self, text: str) -> None:
        """Replace the line."""
        if not self._is_enabled or text == self._shown:
            return
        self._stream.write(f"\r\x1b[2K{text}")
        self._stream.flush()
        self._shown = text

    def clear(self) -> None:
        """Take the line away, so that ordinary lines can be written."""
        if self._shown:
            self._stream.write("\r\x1b[2K")
            self._stream.flush()
            self._shown = ""
