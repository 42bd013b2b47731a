"""Searching while the log grows, in every view; selecting text without what surrounds it."""

import os
import time
from pathlib import Path

import pytest
from textual.geometry import Offset
from textual.selection import SELECT_ALL, Selection

from hazui.spool.reader import LogView
from tests.support.log_stage import ERR, OUT, LogStage, add, numbered, spool, with_panes


def test_matches_are_gone_through_and_begin_anew(tmp_path: Path) -> None:
    log = spool(tmp_path / "r", numbered(100), b"Line 7 again\n", numbered(100, 200))

    async def act(stage: LogStage) -> None:
        pane = stage.pane
        pane.show(log.files, LogView.STDOUT)
        await stage.press("g")
        pane.search("line 7")
        await stage.until(lambda: not pane.is_searching)
        assert pane.match_count == 12
        assert stage.matched_line == 7
        lines = []
        for _ in range(12):
            pane.next_match()
            await stage.until(lambda: not pane.is_searching)
            lines.append(stage.matched_line)
        assert lines == [*range(70, 80), 100, 7]
        pane.previous_match()
        await stage.until(lambda: not pane.is_searching)
        assert stage.matched_line == 100
        assert "12/12" in stage.title
        pane.search("Line 7")
        await stage.until(lambda: not pane.is_searching)
        assert pane.match_count == 1, "capital letters make it exact"
        pane.search("nowhere to be found")
        await stage.until(lambda: not pane.is_searching)
        await stage.pilot.pause()
        assert "no match" in stage.title
        pane.search("")
        await stage.pilot.pause()
        assert "no match" not in stage.title

    with_panes(act)


def test_a_search_while_following_goes_to_the_last_match_and_goes_on(tmp_path: Path) -> None:
    log = spool(tmp_path / "r", numbered(300))

    async def act(stage: LogStage) -> None:
        pane = stage.pane
        pane.show(log.files, LogView.STDOUT)
        pane.search("line 12")
        await stage.until(lambda: not pane.is_searching)
        assert stage.matched_line == 129
        assert not pane.follow
        add(log, b"line 12 new\n", b"lin")
        stage.tick()
        await stage.until(lambda: not pane.is_searching)
        assert pane.match_count == 12
        add(log, b"e 12 in two parts\n")
        stage.tick()
        await stage.until(lambda: not pane.is_searching)
        assert pane.match_count == 13
        pane.next_match()
        await stage.until(lambda: not pane.is_searching)
        assert stage.matched_line == 300

    with_panes(act)


def test_the_merged_view_is_searched_in_its_order(tmp_path: Path) -> None:
    log = spool(
        tmp_path / "r",
        *(piece for n in range(50) for piece in ((ERR, b"x e%d\n" % n), (OUT, b"x o%d\n" % n))),
    )

    async def act(stage: LogStage) -> None:
        pane = stage.pane
        pane.show(log.files, LogView.MERGED)
        await stage.press("g")
        pane.search("x ")
        await stage.until(lambda: not pane.is_searching)
        lines = [stage.matched_line]
        for _ in range(100):
            pane.next_match()
            await stage.until(lambda: not pane.is_searching)
            lines.append(stage.matched_line)
        assert lines == [*range(100), 0]
        assert pane.match_count == 100

    with_panes(act)


def test_matches_are_painted_and_the_current_one_differs(tmp_path: Path) -> None:
    log = spool(tmp_path / "r", b"a needle, a needle\n\x1b[32mgreen needle\x1b[0m\n")

    async def act(stage: LogStage) -> None:
        stage.pane.show(log.files, LogView.STDOUT)
        stage.pane.search("needle")
        await stage.until(lambda: not stage.pane.is_searching)
        await stage.pilot.pause()
        strips = stage.app.screen._compositor.render_strips()
        styles = [
            s.style.bgcolor for row in strips[1:3] for s in row if s.text == "needle" and s.style
        ]
        assert len(styles) == 3
        assert styles[0] == styles[1] != styles[2]

    with_panes(act)


def test_a_log_that_cannot_be_read_any_more_stays_as_it_is(tmp_path: Path) -> None:
    log = spool(tmp_path / "r", numbered(50))

    async def act(stage: LogStage) -> None:
        stage.pane.show(log.files, LogView.STDOUT)
        await stage.pilot.pause()
        # A directory's descriptor refuses to be read, as a dying disk would.
        directory = os.open(tmp_path, os.O_RDONLY)
        assert stage.pane.port is not None
        for fd in stage.pane.port.reader._fds:
            os.dup2(directory, fd)
        os.close(directory)
        stage.pane.search("line")
        stage.pane.next_match()
        for wrap in (False, True):
            stage.pane.wrap = wrap
            stage.tick()
            await stage.press("k", "pageup", "g", "G")
        assert stage.pane.get_selection(SELECT_ALL) == ("", "\n")
        assert stage.pane.jump_to_byte(OUT, 100) is False
        assert stage.app.is_running
        assert "cannot be read" in stage.title

    with_panes(act)


SELECTIONS = [
    (Selection(Offset(2, 0), Offset(3, 0)), "n"),
    (Selection(Offset(5, 1), Offset(4, 3)), "1\nline 2\nline"),
    (Selection(None, Offset(4, 1)), "line 0\nline"),
    (Selection(Offset(0, 48), None), "line 48\nline 49"),
    (SELECT_ALL, numbered(50).decode().rstrip("\n")),
    (Selection(Offset(0, 60), Offset(3, 70)), ""),
]


@pytest.mark.parametrize("wrap", [False, True])
def test_a_selection_is_the_text_of_the_log(tmp_path: Path, wrap: bool) -> None:
    log = spool(tmp_path / "r", numbered(50))

    async def act(stage: LogStage) -> None:
        pane = stage.pane
        pane.show(log.files, LogView.MERGED)
        pane.wrap = wrap
        await stage.pilot.pause()
        for selection, text in SELECTIONS:
            assert pane.get_selection(selection) == (text, "\n")

    with_panes(act, size=(12, 11))


def test_dragging_copies_without_the_marks_in_front(tmp_path: Path) -> None:
    log = spool(tmp_path / "r", b"first line\n\x1b[31msecond\x1b[0m line\n", (ERR, b"third line\n"))

    async def act(stage: LogStage) -> None:
        pane = stage.pane
        pane.show(log.files, LogView.MERGED)
        await stage.pilot.pause()
        await stage.pilot.mouse_down(pane, offset=(9, 1))
        await stage.pilot.hover(pane, offset=(8, 3))
        await stage.pilot.mouse_up(pane, offset=(8, 3))
        await stage.pilot.pause()
        text = stage.app.screen.get_selected_text()
        assert text is not None
        assert text.startswith("line\nsecond line\nthird")
        assert "o " not in text
        strips = stage.app.screen._compositor.render_strips()
        looks = {
            segment.style.bgcolor for segment in strips[2] if segment.text.strip() and segment.style
        }
        assert len(looks) > 1, "the selected text looks different from the mark in front"
        pane.show(None, LogView.STDOUT)
        assert stage.app.screen.get_selected_text() is None

    with_panes(act)


@pytest.mark.slow
def test_a_million_lines_scroll_like_ten(tmp_path: Path) -> None:
    block = b"".join(b"%099d\n" % n for n in range(2500))
    log = spool(tmp_path / "r", *[block] * 400)

    async def act(stage: LogStage) -> None:
        pane = stage.pane
        began = time.process_time()
        pane.show(log.files, LogView.STDOUT)
        await stage.pilot.pause()
        assert pane.known_lines == 1_000_000
        assert pane.follow
        assert stage.texts[-1] == f"{2499:099d}"[:58]
        for key in ("g", "G", "k", "pageup", "j"):
            await stage.press(key)
        pane.scroll_to(y=500_000, animate=False)
        await stage.pilot.pause()
        assert pane.top_line == 500_000
        assert time.process_time() - began < 5
        longest = 0.0
        pane.search("2499x nowhere")
        while pane.is_searching:
            before = time.thread_time()
            pane._search_step()
            longest = max(longest, time.thread_time() - before)
        assert longest < 0.1, "a step of the search never holds up a key"

    with_panes(act)


def test_more_matches_than_anyone_counts_are_still_gone_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hazui.tui.widgets.log_search.MATCHES_MAX", 10)
    log = spool(tmp_path / "r", numbered(5000))

    async def act(stage: LogStage) -> None:
        pane = stage.pane
        pane.show(log.files, LogView.STDOUT)
        pane.search("line")
        await stage.until(lambda: not pane.is_searching)
        await stage.pilot.pause()
        assert stage.matched_line == 4999
        assert "+" in stage.title
        pane.previous_match()
        await stage.until(lambda: not pane.is_searching)
        assert stage.matched_line == 4998
        pane.next_match()
        pane.next_match()
        await stage.until(lambda: not pane.is_searching)
        assert stage.matched_line in (4999, 0)

    with_panes(act)
