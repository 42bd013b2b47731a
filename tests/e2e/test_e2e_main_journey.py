"""The main job on a real terminal: run, save, fail, go down to the root, edit, repair, leave."""

from pathlib import Path

import pytest

from tests.support.journey import BROKEN_PRICES, PRICES, Project
from tests.support.terminal import RESTORED

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


def test_from_the_first_run_to_the_repaired_root_and_out(tmp_path: Path) -> None:
    project = Project(tmp_path)
    with project.terminal(environ=project.editor()) as terminal:
        before = terminal.stty()
        terminal.run("hazui")
        terminal.wait_for("turn 1", "all good")
        assert terminal.modes() != RESTORED
        ran = project.ran()
        assert sorted(ran) == ["docs", "gen", "report", "test"]
        assert ran.index("gen") < ran.index("test") < ran.index("report")

        # A save runs what it affects, and says which file it was.
        project.write("docs/index.md", "# The shop\n")
        terminal.wait_for("turn 2", "all good")
        assert project.ran() == ["docs"]
        terminal.keys("6")
        terminal.wait_for("docs/index.md changed")
        terminal.keys("1")

        # The same content again is no change; the turn after it has the next number.
        project.write("docs/index.md", "# The shop\n")
        project.write("src/prices.py", BROKEN_PRICES)
        terminal.wait_for("turn 3", "1 failed", "failed    test", "skipped   report")
        assert project.ran() == ["test"]

        # From the failure to its root: two keys.
        terminal.keys("]")
        terminal.wait_for("Errors (1 +1 skipped)", "2 KeyError: 'pear'")
        terminal.keys(".")
        terminal.wait_for("src/prices.py:5", "return PRICES")
        terminal.keys("e")
        assert project.edited(terminal) == ["+5", str(project.root / "src/prices.py")]
        terminal.wait_for("Errors")

        # The old content again: from the cache, nothing runs.
        project.write("src/prices.py", PRICES)
        terminal.wait_for("turn 4", "all good", "cached    test", "cached    report", "replayed")
        assert project.ran() == []

        terminal.keys("q")
        assert terminal.exit_code() == 0
        terminal.until(lambda: terminal.modes() == RESTORED, "the terminal to be as it was")
        assert "Tasks" not in terminal.screen()
        assert terminal.stty() == before
        terminal.has_nothing_left()
    assert not list((project.root / ".hazui/runs").iterdir())


def test_stdout_and_stderr_stream_live_in_their_own_panes(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("gate", "")
    project.configure(
        """
[tasks.a-talker]
command = '''
echo "a word on stdout"; echo "a word on stderr" >&2
while [ -e gate ]; do sleep 0.02; done
echo "the last word"
'''
cache = false
"""
    )
    with project.terminal() as terminal:
        terminal.run("hazui a-talker")
        shown = terminal.wait_for("running", "a word on stdout", "a word on stderr")
        assert "the last word" not in shown
        rows = shown.splitlines()
        titles = [row for row, text in enumerate(rows) if "stdout" in text or "stderr" in text]
        assert len(titles) >= 4, "two titles and two words, stdout above stderr"
        (project.root / "gate").unlink()
        terminal.wait_for("the last word")
        terminal.wait_for("all good")
        terminal.keys("q")
        assert terminal.exit_code() == 0
        terminal.has_nothing_left()
