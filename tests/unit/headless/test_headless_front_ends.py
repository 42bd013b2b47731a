"""The two headless front ends over a spool on disk and a stream of events made by hand."""

import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

import hazui.protocol.events as ev
from hazui.domain.ids import Digest
from hazui.domain.records import ExitStatus
from hazui.errors.stream import CapturedStream
from hazui.headless.live_line import LivePainter, estimate_s, live_text
from hazui.headless.ndjson import JsonFrontEnd, JsonSettings
from hazui.headless.painting import paint
from hazui.headless.plain import PlainFrontEnd, PlainSettings
from hazui.protocol.events import Event, Stamped
from hazui.protocol.values import (
    Counts,
    LoadedTask,
    PlannedTask,
    Reason,
    ReasonKind,
    Trigger,
    TriggerKind,
    TurnOutcome,
)
from hazui.spool.attachments import attach
from hazui.spool.writer import RunSpool
from hazui.view.models import SessionView
from hazui.view.reduce import reduce_batch

AT = "2026-01-01T00:00:00.000Z"
NOW_S = 1_767_225_600.0
OUT, ERR = CapturedStream.STDOUT, CapturedStream.STDERR


class Text(io.TextIOWrapper):
    """A stream that remembers what was written to it."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", errors="replace", newline="")

    @property
    def value(self) -> str:
        self.flush()
        assert isinstance(self.buffer, io.BytesIO)
        return self.buffer.getvalue().decode()


class Session:
    """A state directory, a growing log in it, and the events that tell of it."""

    def __init__(self, root: Path) -> None:
        self.state_dir = root / ".hazui"
        self.stdout, self.stderr = Text(), Text()
        self.journal: list[Stamped] = []
        self.front: PlainFrontEnd | JsonFrontEnd | None = None
        self.spool: RunSpool | None = None
        self.run = ""

    # -- the door ------------------------------------------------------------------------------

    def post(self, command: object) -> None:
        raise AssertionError(f"a headless front end asks for nothing: {command}")

    def subscribe(self) -> Any:
        raise AssertionError("events are handed over by the test")

    def read_events(self, from_seq: int, to_seq: int) -> list[Stamped]:
        return [stamped for stamped in self.journal if from_seq <= stamped.seq <= to_seq]

    # -- the script ----------------------------------------------------------------------------

    def plain(self, **settings: Any) -> None:
        self.front = PlainFrontEnd(
            self,
            state_dir=self.state_dir,
            stdout=self.stdout,
            stderr=self.stderr,
            settings=PlainSettings(**settings),
            now_s=lambda: NOW_S + 2.0,
        )

    def json(self, **settings: bool) -> None:
        self.front = JsonFrontEnd(
            self, state_dir=self.state_dir, stdout=self.stdout, settings=JsonSettings(**settings)
        )

    def tell(self, *events: Event) -> None:
        assert self.front is not None
        batch = []
        for event in events:
            stamped = Stamped(len(self.journal) + 1, AT, event)
            self.journal.append(stamped)
            batch.append(stamped)
        self.front.consume(batch)

    def start(self, run: str = "r1") -> None:
        self.run = run
        self.spool = RunSpool(self.state_dir / "runs" / run, "sha256")
        self.tell(
            ev.TaskStarted(task="w:a", turn=1, run=run, attempt=1),
            ev.ProcessSpawned(
                task="w:a", turn=1, pid=1, pgid=1, argv=("a",), cwd="/", execution_id=run
            ),
        )

    def write(self, stream: CapturedStream, data: bytes) -> ev.OutputAppended:
        assert self.spool is not None
        self.spool.append(stream, data, 1)
        self.spool.flush()
        total = self.spool.sizes[stream]
        return ev.OutputAppended(task="w:a", turn=1, stream=stream.value, bytes_total=total)

    def end(self, code: int = 0) -> ev.TaskFinished:
        """The run ends and its log is kept, as it is before its end is told."""
        assert self.spool is not None
        digests = self.spool.finish()
        attach(self.state_dir / "runs" / self.run, self.state_dir / "attachments", digests)
        return finished(code, digests.stdout, digests.stderr, digests.journal, self.run)


def finished(
    code: int, stdout: Digest, stderr: Digest, journal: Digest, run: str
) -> ev.TaskFinished:
    return ev.TaskFinished(
        task="w:a",
        turn=1,
        source="fresh_run",
        state="failed" if code else "succeeded",
        exit_status=ExitStatus(code=code),
        duration_s=1.0,
        stdout_hash=stdout,
        stderr_hash=stderr,
        journal_hash=journal,
        run=run,
    )


def loaded(*tasks: str, usual_s: float | None = None) -> ev.WorkspaceLoaded:
    return ev.WorkspaceLoaded(
        revision="1",
        tasks=tuple(
            LoadedTask(t, "task", t, (), (), (), (), (), watch=True, usual_s=usual_s) for t in tasks
        ),
    )


def turn_started(*tasks: str) -> ev.TurnStarted:
    reason = Reason(ReasonKind.REQUESTED)
    return ev.TurnStarted(
        turn=1,
        trigger=Trigger(TriggerKind.REQUEST),
        tasks=tuple(PlannedTask(task, reason) for task in tasks),
    )


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    session = Session(tmp_path)
    yield session
    if session.front is not None:
        session.front.close()
    if session.spool is not None:
        session.spool.abandon()


def lines(session: Session) -> list[dict[str, Any]]:
    return [json.loads(line) for line in session.stdout.value.splitlines()]


def output_of(found: Sequence[dict[str, Any]], stream: str) -> str:
    return "".join(e["text"] for e in found if e["event"] == "output" and e["stream"] == stream)


def test_lines_carry_their_task_and_keep_their_stream(session: Session) -> None:
    session.plain()
    session.tell(loaded("w:a"), turn_started("w:a"))
    session.start()
    session.tell(
        session.write(OUT, b"one\ntw"), session.write(ERR, b"\x1b[31mbad\x1b[0m\x1b]0;x\x07\n")
    )
    assert session.stdout.value == "[w:a] one\n"
    session.tell(session.write(OUT, b"o"), session.end())
    assert session.stdout.value == "[w:a] one\n[w:a] two\n"
    assert session.stderr.value.startswith("[w:a] bad\n")


def test_every_attempt_is_printed(session: Session) -> None:
    session.plain()
    session.tell(loaded("w:a"), turn_started("w:a"))
    session.start()
    session.write(OUT, b"first\n")
    end = session.end(1)
    session.tell(
        ev.TaskAttemptFailed(
            task="w:a", turn=1, attempt=1, of=2, exit_status=end.exit_status or ExitStatus(code=1)
        )
    )
    session.start()
    session.write(OUT, b"second\n")
    session.tell(session.end())
    assert session.stdout.value == "[w:a] first\n[w:a] second\n"
    assert "attempt 1 of 2 ended with exit 1" in session.stderr.value


def test_colours_go_to_the_stream_that_can_show_them(session: Session) -> None:
    session.plain(has_color=True)
    session.tell(loaded("w:a"), turn_started("w:a"))
    session.start()
    session.write(OUT, b"\x1b[31mred\x1b[0m\n")
    session.write(ERR, b"\x1b[31mred\x1b[0m\n")
    session.tell(session.end())
    assert session.stdout.value == "[w:a] red\n"
    assert "\x1b[31mred\x1b[0m" in session.stderr.value or "\x1b[38;5;1mred" in session.stderr.value


def test_buffered_streams_come_whole_at_the_end(session: Session) -> None:
    session.plain(output="buffered")
    session.tell(loaded("w:a"), turn_started("w:a"))
    session.start()
    session.tell(session.write(OUT, b"\xff\x00raw"))
    assert session.stdout.value == ""
    session.tell(session.end())
    session.stdout.flush()
    assert isinstance(session.stdout.buffer, io.BytesIO)
    assert session.stdout.buffer.getvalue() == b"\xff\x00raw"


def test_what_was_missed_is_read_again(session: Session) -> None:
    session.plain()
    missed: list[Event] = [loaded("w:a"), turn_started("w:a")]
    session.journal = [Stamped(n, AT, event) for n, event in enumerate(missed, start=1)]
    session.tell(ev.Lagged(from_seq=1, to_seq=2))
    session.start()
    session.write(OUT, b"seen\n")
    session.tell(session.end())
    assert session.stdout.value == "[w:a] seen\n"


def test_quiet_says_nothing_of_success_and_everything_of_failure(session: Session) -> None:
    session.plain(is_quiet=True)
    session.tell(loaded("w:a"), turn_started("w:a"))
    session.start()
    end = session.end(3)
    session.tell(
        end,
        ev.TurnFinished(
            turn=1,
            outcome=TurnOutcome.FAILED,
            counts=Counts(total=1, failed=1),
            duration_s=1.0,
        ),
    )
    assert "exit 3" in session.stderr.value


def test_output_events_tell_every_byte_of_a_run_that_is_over_already(session: Session) -> None:
    session.json(has_output=True)
    spool = session.spool = RunSpool(session.state_dir / "runs" / "r1", "sha256")
    session.run = "r1"
    spool.append(OUT, b"quick", 1)
    appended = ev.OutputAppended(task="w:a", turn=1, stream="stdout", bytes_total=5)
    end = session.end()
    session.tell(ev.TaskStarted(task="w:a", turn=1, run="r1", attempt=1), appended, end)
    found = lines(session)
    assert output_of(found, "stdout") == "quick"
    assert [e["event"] for e in found] == ["task_started", "output", "task_finished"]
    assert [e["seq"] for e in found] == sorted(e["seq"] for e in found)


def test_a_character_that_comes_in_halves_is_told_whole(session: Session) -> None:
    session.json(has_output=True)
    session.start()
    session.tell(session.write(OUT, b"caf" + "é".encode()[:1]))
    session.tell(session.write(OUT, "é".encode()[1:] + b"\xe2\x82"))
    session.tell(session.end())
    assert output_of(lines(session), "stdout") == "café�"


def test_without_output_events_there_is_none(session: Session) -> None:
    session.json()
    session.start()
    session.tell(
        session.write(OUT, b"x"),
        ev.StopProgressed(waiting_for=(), signal="SIGTERM", seconds_left=1.0),
    )
    session.tell(
        ev.ProcessSampled(task="w:a", turn=1, pids=(1,), cpu_percent=0.0, rss_bytes=0),
        session.end(),
    )
    assert {e["event"] for e in lines(session)} == {
        "task_started",
        "process_spawned",
        "task_finished",
    }


@pytest.mark.parametrize(
    ("data", "plain"),
    [
        (b"a\x1b[2Jb", "ab"),
        (b"\x1b]52;c;AAAA\x07x", "x"),
        (b"10%\r50%\r100%", "100%"),
        (b"\xff", "�"),
    ],
)
def test_nothing_but_our_own_styles_reaches_the_terminal(data: bytes, plain: str) -> None:
    assert paint(data, has_color=False) == plain
    painted = paint(data, has_color=True)
    assert "\x1b" not in painted.replace("\x1b[", "")
    assert "\x1b[2J" not in painted


def test_a_style_is_switched_off_at_its_end() -> None:
    assert paint(b"\x1b[1;4mx", has_color=True) == "\x1b[1;4mx\x1b[0m"
    assert paint(b"\x1b[38;2;1;2;3mx", has_color=True) == "\x1b[38;2;1;2;3mx\x1b[0m"


def view(*events: Event) -> SessionView:
    batch = [Stamped(n, AT, event) for n, event in enumerate(events, start=1)]
    return reduce_batch(SessionView(), batch)


def started(task: str) -> ev.TaskStarted:
    return ev.TaskStarted(task=task, turn=1, run="r", attempt=1)


def test_the_live_line_says_how_far_it_is_and_what_runs() -> None:
    names = [f"w:{n}" for n in range(5)]
    state = view(
        loaded(*names, usual_s=10.0), turn_started(*names), *(started(name) for name in names)
    )
    text = live_text(state, NOW_S + 2.0, 200)
    assert text.startswith("[0/5] w:0 2.0 s, w:1 2.0 s, w:2 2.0 s, and 2 more")
    assert "about 8" in text
    assert len(live_text(state, NOW_S + 2.0, 30)) == 29
    assert live_text(SessionView(), NOW_S, 80) == ""


def test_there_is_no_estimate_while_a_duration_is_unknown() -> None:
    state = view(loaded("w:a"), turn_started("w:a"), started("w:a"))
    assert estimate_s(state, NOW_S) is None
    assert "about" not in live_text(state, NOW_S, 80)


def test_the_live_line_is_taken_away_before_anything_else_is_written() -> None:
    stream = io.StringIO()
    painter = LivePainter(stream, is_enabled=True)
    painter.show("[0/1]")
    painter.show("[0/1]")
    painter.clear()
    painter.clear()
    assert stream.getvalue() == "\r\x1b[2K[0/1]\r\x1b[2K"
    off = io.StringIO()
    LivePainter(off, is_enabled=False).show("x")
    assert off.getvalue() == ""
