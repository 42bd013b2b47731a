"""The plain-text front end: what ``hazui run`` prints.

A child's stdout goes to stdout and its stderr to stderr, each line with its task's name in front
(``live``) or each stream whole when the task has ended (``buffered``). What hazui itself says goes
to stderr. It sees events and the spool and nothing else, and works without an event loop:
``consume`` takes a batch whenever there is one.
"""

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TextIO

import hazui.protocol.events as ev
from hazui.errors.stream import CapturedStream
from hazui.headless.live_line import LivePainter, live_text
from hazui.headless.logs import Tail, find, last_lines, whole
from hazui.headless.painting import paint
from hazui.protocol.door import Door, Subscription
from hazui.protocol.events import Stamped
from hazui.spool.format import LogFiles
from hazui.spool.reader import LogLine
from hazui.view import durations, wording
from hazui.view.failures import Failure
from hazui.view.models import SessionView, TaskState, TaskView
from hazui.view.reduce import reduce_batch
from hazui.view.summary import LAST_LINES_MAX, summary

LIVE_LINE_EVERY_S = 0.1
_TASK_COLORS = (36, 35, 34, 33, 32, 96, 95, 94)
_STATE_COLORS = {
    TaskState.SUCCEEDED: 32,
    TaskState.CACHED: 36,
    TaskState.READY: 32,
    TaskState.FAILED: 31,
    TaskState.ERRORED: 31,
    TaskState.SKIPPED: 33,
    TaskState.CANCELLED: 33,
}


@dataclass(frozen=True, slots=True)
class PlainSettings:
    """How the front end prints."""

    output: Literal["live", "buffered"] = "live"
    has_color: bool = False
    """Colours on stderr; without them escape sequences are dropped."""
    has_color_on_stdout: bool = False
    has_live_line: bool = False
    is_quiet: bool = False
    is_verbose: bool = False
    is_watching: bool = False


class PlainFrontEnd:
    """Prints events and output as they come, and a bounded summary at the end of each turn."""

    def __init__(
        self,
        door: Door,
        *,
        state_dir: Path,
        stdout: TextIO,
        stderr: TextIO,
        settings: PlainSettings,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self.state = SessionView()
        self._door = door
        self._state_dir = state_dir
        self._stdout = stdout
        self._stderr = stderr
        self._settings = settings
        self._now_s = now_s
        self._tails: dict[str, Tail] = {}
        self._painter = LivePainter(stderr, is_enabled=settings.has_live_line)

    async def follow(self, subscription: Subscription) -> None:
        """Print until the session ends; keeps the live line going. Cancellation is safe."""
        import anyio

        async with anyio.create_task_group() as group:
            if self._settings.has_live_line:
                group.start_soon(self._keep_live_line)
            while batch := await subscription.next_batch():
                self.consume(batch)
            group.cancel_scope.cancel()

    def consume(self, batch: Sequence[Stamped]) -> None:
        """Fold a batch into the view and print what it says."""
        self._painter.clear()
        for stamped in batch:
            if isinstance(stamped.event, ev.Lagged):
                missed = self._door.read_events(stamped.event.from_seq, stamped.event.to_seq)
                self.consume(missed)
                continue
            self.state = reduce_batch(self.state, [stamped])
            self._print(stamped.event)
        self._stdout.flush()
        self._repaint()

    def close(self) -> None:
        """Remove the live line and close what is open; idempotent."""
        self._painter.clear()
        for tail in self._tails.values():
            tail.close()
        self._tails.clear()

    async def _keep_live_line(self) -> None:
        import anyio

        while True:
            self._repaint()
            await anyio.sleep(LIVE_LINE_EVERY_S)

    def _repaint(self) -> None:
        if self._settings.has_live_line:
            columns = shutil.get_terminal_size().columns
            self._painter.show(live_text(self.state, self._now_s(), columns))

    def _print(self, event: ev.Event) -> None:
        match event:
            case ev.ProcessSpawned() | ev.OutputAppended():
                self._print_new_lines(event.task, is_over=False)
            case ev.TaskFinished() | ev.TaskErrored() | ev.TaskCancelled():
                self._print_end(event)
            case ev.TaskSkipped():
                self._print_status(event.task)
            case ev.ServiceBecameReady() | ev.ServiceWentDown():
                self._print_new_lines(event.task, is_over=False)
                self._print_status(event.task)
            case ev.TaskAttemptFailed():
                self._print_rest(event.task)
                status = wording.exit_status(event.exit_status)
                self._say(
                    f"{event.task}: attempt {event.attempt} of {event.of} ended with {status}"
                )
            case _:
                self._print_of_session(event)

    def _print_of_session(self, event: ev.Event) -> None:
        match event:
            case ev.TurnStarted():
                if self._settings.is_watching or self._settings.is_verbose:
                    count = wording.plural(len(event.tasks), "task")
                    self._say(f"turn {event.turn}: {count}, {wording.trigger(event.trigger)}")
            case ev.TurnFinished():
                self._print_summary()
            case ev.WatchReady():
                self._say(f"watching {wording.plural(event.files, 'file')}")
            case ev.WatchDegraded():
                self._say(f"watching is degraded: {event.error.message}")
            case ev.WatchRecovered():
                self._say("watching as before")
            case ev.ConfigRejected():
                self._print_problems(event)
            case ev.Noticed():
                self._print_notice(event)
            case ev.ChangeSetSeen() if event.not_run:
                self._say(f"changed, not run: {', '.join(event.not_run)}")
            case _:
                pass

    def _print_new_lines(self, task: str, *, is_over: bool) -> None:
        view = self.state.tasks.get(task)
        if self._settings.output != "live" or view is None:
            return
        tail = self._tails.get(task)
        if tail is None:
            files = self._files(view)
            if files is None:
                return
            tail = self._tails[task] = Tail(files)
        for line in tail.lines(is_over=is_over):
            self._print_line(task, line)

    def _print_rest(self, task: str) -> None:
        """What an ended process has written last; the next one has a log of its own."""
        self._print_new_lines(task, is_over=True)
        tail = self._tails.pop(task, None)
        if tail is not None:
            tail.close()

    def _print_line(self, task: str, line: LogLine) -> None:
        is_stdout = line.stream is CapturedStream.STDOUT
        target = self._stdout if is_stdout else self._stderr
        prefix = f"[{task}]"
        settings = self._settings
        has_color = settings.has_color_on_stdout if is_stdout else settings.has_color
        if has_color:
            color = _TASK_COLORS[sum(task.encode()) % len(_TASK_COLORS)]
            prefix = f"\x1b[{color}m{prefix}\x1b[0m"
        text = paint(line.data, has_color=has_color)
        target.write(f"{prefix} {text}\n")

    def _print_end(self, event: ev.TaskFinished | ev.TaskErrored | ev.TaskCancelled) -> None:
        view = self.state.tasks.get(event.task)
        if view is None:
            return
        is_hit = isinstance(event, ev.TaskFinished) and event.source == "cache_hit"
        if self._settings.output == "buffered":
            self._copy_streams(view)
        elif not is_hit:
            self._print_rest(event.task)
        if not is_hit or self._settings.is_verbose:
            self._print_status(event.task)

    def _copy_streams(self, view: TaskView) -> None:
        files = self._files(view)
        if files is None:
            return
        for stream, target in (
            (CapturedStream.STDOUT, self._stdout),
            (CapturedStream.STDERR, self._stderr),
        ):
            target.flush()
            for piece in whole(files, stream):
                target.buffer.write(piece)
            target.buffer.flush()

    def _print_status(self, task: str) -> None:
        view = self.state.tasks.get(task)
        if view is None or self._settings.is_quiet:
            return
        words = [wording.glyph(view.state), wording.word(view.state), task, wording.status(view)]
        if view.duration_s is not None and not view.state.is_live:
            words.append(durations.duration(view.duration_s))
        text = " ".join(word for word in words if word)
        if self._settings.has_color and view.state in _STATE_COLORS:
            text = f"\x1b[{_STATE_COLORS[view.state]}m{text}\x1b[0m"
        self._stderr.write(f"{text}\n")

    def _print_problems(self, event: ev.ConfigRejected) -> None:
        from hazui.errors.render import render_problem

        for problem in event.problems:
            self._stderr.write(f"{render_problem(problem)}\n")
        self._say("the configuration has problems; the one before it stays in force")

    def _print_notice(self, event: ev.Noticed) -> None:
        if event.level == "info" and self._settings.is_quiet:
            return
        self._stderr.write(f"hazui: {event.text}\n")
        if event.error is not None:
            from hazui.errors.render import render

            self._stderr.write(f"{render(event.error, width=100)}\n")

    def _print_summary(self) -> None:
        if self._settings.is_quiet and not any(v.state.is_bad for v in self.state.tasks.values()):
            return
        for line in summary(self.state, self._last_lines):
            self._stderr.write(f"{line}\n")
        if self._settings.is_watching:
            self._stderr.write("\n")
        self._stderr.flush()

    def _last_lines(self, failure: Failure) -> tuple[list[str], str | None]:
        log = failure.log
        files = log and find(
            self._state_dir, log.run, log.stdout_hash, log.stderr_hash, log.journal_hash
        )
        if not files:
            return [], None
        lines = last_lines(files, LAST_LINES_MAX)
        path = files.stderr if files.stderr.stat().st_size else files.stdout
        return [paint(line.data, has_color=False) for line in lines], str(path)

    def _files(self, view: TaskView) -> LogFiles | None:
        log = view.log
        run = view.run if log is None else log.run
        if log is None:
            return find(self._state_dir, run, None, None, None)
        return find(self._state_dir, run, log.stdout_hash, log.stderr_hash, log.journal_hash)

    def _say(self, text: str) -> None:
        if not self._settings.is_quiet:
            self._stderr.write(f"hazui: {text}\n")
