"""Following, scrolling, wrapping, and what a title says about it."""

from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip

from hazui.spool.attachments import attach
from hazui.spool.reader import LogView
from hazui.tui.widgets.log_pane import LogPane
from tests.support.log_stage import ERR, OUT, LogStage, add, numbered, spool, with_panes


def test_the_end_stays_in_view_until_someone_scrolls_up(tmp_path: Path) -> None:
    log = spool(tmp_path / "r", numbered(30))

    async def act(stage: LogStage) -> None:
        stage.pane.show(log.files, LogView.STDOUT, title="stdout")
        await stage.pilot.pause()
        assert stage.texts == [f"line {n}" for n in range(20, 30)]
        add(log, numbered(5, 30))
        stage.tick()
        await stage.pilot.pause()
        assert stage.texts[-1] == "line 34"
        await stage.press("k")
        assert not stage.pane.follow
        assert stage.texts == [f"line {n}" for n in range(24, 34)]
        add(log, numbered(1000, 35))
        stage.tick()
        await stage.pilot.pause()
        assert stage.texts[0] == "line 24"
        assert stage.pane.unseen_lines == 1000
        assert "1,000 new" in stage.title
        await stage.press("G")
        assert stage.pane.follow
        assert stage.texts[-1] == "line 1034"
        assert stage.pane.unseen_lines == 0

    with_panes(act)


def test_keys_go_to_both_ends_and_by_pages(tmp_path: Path) -> None:
    log = spool(tmp_path / "r", numbered(100))

    async def act(stage: LogStage) -> None:
        stage.pane.show(log.files, LogView.STDOUT)
        await stage.press("g")
        assert stage.texts[0] == "line 0"
        await stage.press("pagedown")
        assert stage.texts[0] == "line 9"
        await stage.press("j", "down")
        assert stage.texts[0] == "line 11"
        await stage.press("pageup", "k")
        assert stage.texts[0] == "line 1"
        for _ in range(12):
            await stage.press("pagedown")
        assert stage.pane.follow
        assert stage.texts[-1] == "line 99"

    with_panes(act)


def test_the_wheel_and_the_scroll_bar_leave_and_enter_following(tmp_path: Path) -> None:
    log = spool(tmp_path / "r", numbered(100))

    async def act(stage: LogStage) -> None:
        pane = stage.pane
        pane.show(log.files, LogView.STDOUT)
        await stage.pilot.pause()
        await stage.pilot._post_mouse_events([events.MouseScrollUp], pane)
        await stage.pilot.pause()
        assert not pane.follow
        assert pane.top_line < 90
        pane.scroll_to(y=40, animate=False)
        await stage.pilot.pause()
        assert stage.texts[0] == "line 40"
        pane.scroll_to(y=pane.max_scroll_y, animate=False)
        await stage.pilot.pause()
        assert pane.follow
        assert stage.texts[-1] == "line 99"

    with_panes(act)


def test_a_short_log_stands_at_the_top_and_follows(tmp_path: Path) -> None:
    log = spool(tmp_path / "r", b"only\nthis")

    async def act(stage: LogStage) -> None:
        stage.pane.show(log.files, LogView.STDOUT)
        await stage.press("k", "j")
        assert stage.texts[:3] == ["only", "this", ""]
        assert stage.pane.follow
        add(log, b" grows\r\n")
        stage.tick()
        await stage.pilot.pause()
        assert stage.texts[:3] == ["only", "this grows", ""]
        assert "2 lines" in stage.title

    with_panes(act)


def test_nothing_is_painted_when_nothing_in_view_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = spool(tmp_path / "r", numbered(100))
    painted: list[Region] = []
    laid_out: list[Screen[object]] = []
    paint, lay_out = LogPane.render_lines, Screen._refresh_layout

    def painting(self: LogPane, crop: Region) -> list[Strip]:
        painted.append(crop)
        return paint(self, crop)

    def laying_out(self: Screen[object], *args: Any, **named: Any) -> None:
        laid_out.append(self)
        lay_out(self, *args, **named)

    monkeypatch.setattr(LogPane, "render_lines", painting)
    monkeypatch.setattr(Screen, "_refresh_layout", laying_out)

    async def act(stage: LogStage) -> None:
        pane = stage.pane
        pane.show(log.files, LogView.STDOUT)
        await stage.press("g")
        painted.clear()
        laid_out.clear()
        stage.tick()
        await stage.pilot.pause()
        assert painted == []
        add(log, numbered(5000))
        stage.tick()
        await stage.pilot.pause()
        assert painted, "the title says how many there are now"
        strips = pane.render_lines(pane.size.region)[1:]
        again = pane.render_lines(pane.size.region)[1:]
        assert [id(strip) for strip in strips] == [id(strip) for strip in again]
        await stage.press("G")
        assert stage.texts[-1] == "line 4999"
        assert laid_out == []

    with_panes(act)


def test_long_lines_wrap_and_are_walked_row_by_row(tmp_path: Path) -> None:
    long = b"".join(b"%02d........" % n for n in range(30)) + b"\n"
    log = spool(tmp_path / "r", b"first\n", long, "漢字".encode() * 40 + b"\n", b"last\n")

    async def act(stage: LogStage) -> None:
        pane = stage.pane
        pane.show(log.files, LogView.STDOUT)
        pane.wrap = True
        await stage.pilot.pause()
        assert stage.texts[-1] == "last"
        await stage.press("g")
        assert stage.texts[0] == "first"
        assert stage.texts[1].startswith("00........01")
        seen = ["".join(stage.texts)]
        await stage.press("j", "j")
        assert stage.texts[0].startswith("02........"[8:]) or stage.texts[0][:2].isdigit()
        for _ in range(30):
            await stage.press("j")
        assert pane.follow
        assert stage.texts[-1] == "last"
        joined = "".join(stage.texts)
        assert joined.count("漢") == 40
        assert "29........" in seen[0] + joined
        for _ in range(40):
            await stage.press("k")
        assert stage.texts[0] == "first"

    with_panes(act, size=(30, 11))


def test_without_wrapping_long_lines_are_shifted_into_view(tmp_path: Path) -> None:
    log = spool(tmp_path / "r", b"0123456789" * 20 + b"\n", "漢字".encode() * 40 + b"\n")

    async def act(stage: LogStage) -> None:
        stage.pane.show(log.files, LogView.STDOUT)
        await stage.press("right")
        assert stage.texts[0].startswith("8901234")
        assert stage.texts[1].startswith("漢字漢")
        await stage.press("left", "left")
        assert stage.texts[0].startswith("0123")

    with_panes(act, size=(30, 11))


def test_colours_progress_bars_and_dangerous_sequences(tmp_path: Path) -> None:
    log = spool(
        tmp_path / "r",
        b"\x1b[1;31mred\x1b[0m plain\n10%\r50%\r100%\n[bold]no markup[/]\x1b[2J\x1b]0;title\x07\n",
        b"x" * 100_000 + b"\n",
    )

    async def act(stage: LogStage) -> None:
        stage.pane.show(log.files, LogView.STDOUT)
        await stage.pilot.pause()
        assert stage.texts[:3] == ["red plain", "100%", "[bold]no markup[/]"]
        strip = stage.app.screen._compositor.render_strips()[1]
        red = next(segment for segment in strip if segment.text.startswith("red"))
        plain = next(segment for segment in strip if "plain" in segment.text)
        assert red.style is not None
        assert plain.style is not None
        assert red.style.bold
        assert red.style.color != plain.style.color
        await stage.press("G")
        for _ in range(600):
            stage.pane.action_scroll_right()
        await stage.pilot.pause()
        assert "100,000 bytes" in stage.texts[3] or stage.texts[3] == ""

    with_panes(act)


def test_merged_lines_say_their_stream_and_time(tmp_path: Path) -> None:
    log = spool(tmp_path / "r", (OUT, b"one\n"), (ERR, b"two\n"), (OUT, b"three\n"))

    async def act(stage: LogStage) -> None:
        stage.pane.show(log.files, LogView.MERGED)
        await stage.pilot.pause()
        assert stage.texts[:3] == ["o one", "e two", "o three"]
        stage.pane.times = True
        await stage.pilot.pause()
        assert stage.texts[0].endswith("o one")
        assert stage.texts[0][2] == ":"

    with_panes(act)


def test_a_jump_marks_the_line_of_a_byte(tmp_path: Path) -> None:
    log = spool(tmp_path / "r", numbered(500), (ERR, b"bad\nworse\n"), numbered(500, 500))
    at = numbered(500).index(b"line 250")

    async def act(stage: LogStage) -> None:
        pane, merged = stage.panes
        pane.show(log.files, LogView.STDOUT)
        merged.show(log.files, LogView.MERGED)
        await stage.pilot.pause()
        assert pane.jump_to_byte(OUT, at)
        assert not pane.jump_to_byte(ERR, 0)
        assert merged.jump_to_byte(ERR, 5)
        await stage.pilot.pause()
        marked = [row for row in stage.rows(0)[1:] if row.startswith(">")]
        assert marked == [">line 250"]
        assert [row for row in stage.rows(1)[1:] if row.startswith(">")] == [">e worse"]
        assert not pane.follow

    with_panes(act, panes=2)


def test_the_previous_run_stays_until_the_new_one_prints(tmp_path: Path) -> None:
    first = spool(tmp_path / "first", b"old text\n")
    second = spool(tmp_path / "second")

    async def act(stage: LogStage) -> None:
        pane = stage.pane
        pane.show(first.files, LogView.STDOUT, owner="a")
        pane.show(second.files, LogView.STDOUT, owner="a")
        stage.tick()
        await stage.pilot.pause()
        assert stage.texts[0] == "old text"
        assert "previous run" in stage.title
        add(second, (ERR, b"only stderr\n"))
        stage.tick()
        await stage.pilot.pause()
        assert stage.texts[0] == ""
        assert "previous run" not in stage.title
        other = spool(tmp_path / "other")
        pane.show(other.files, LogView.STDOUT, owner="b")
        await stage.pilot.pause()
        assert "previous run" not in stage.title

    with_panes(act)


def test_a_run_that_ends_in_silence_empties_the_pane(tmp_path: Path) -> None:
    first = spool(tmp_path / "first", b"old text\n")
    second = spool(tmp_path / "second")

    async def act(stage: LogStage) -> None:
        stage.pane.show(first.files, LogView.STDOUT, owner="a")
        stage.pane.show(second.files, LogView.STDOUT, owner="a")
        attach(second.directory, tmp_path / "attachments", second.finish())
        stage.tick()
        await stage.pilot.pause()
        assert stage.texts[0] == ""

    with_panes(act)


def test_a_log_that_is_gone_and_no_log_are_said(tmp_path: Path) -> None:
    log = spool(tmp_path / "r", b"text\n")
    files = log.files
    attach(log.directory, tmp_path / "attachments", log.finish())

    async def act(stage: LogStage) -> None:
        stage.pane.show(files, LogView.STDERR, title="stderr", is_replayed=True)
        await stage.pilot.pause()
        assert "gone" in stage.title
        assert "replayed" in stage.title
        stage.pane.show(None, LogView.STDERR, title="stderr")
        await stage.press("k", "G", "n")
        assert "gone" not in stage.title
        assert "0 lines" in stage.title

    with_panes(act)


def test_a_pane_of_any_size_is_painted(tmp_path: Path) -> None:
    log = spool(tmp_path / "r", numbered(50), "漢字".encode() * 50)

    async def act(stage: LogStage) -> None:
        stage.pane.show(log.files, LogView.MERGED)
        stage.pane.times = True
        for width, height in ((1, 1), (2, 2), (3, 40), (200, 1), (16, 3)):
            await stage.pilot.resize_terminal(width, height)
            for wrap in (True, False):
                stage.pane.wrap = wrap
                await stage.press("k", "G")
                assert len(stage.rows()) == height

    with_panes(act)
