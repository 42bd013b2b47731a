"""What can be asked afterwards: history, errors, log, why, and the cache."""

import json
import sys
from pathlib import Path

import pytest

from tests.support.space import Space

pytestmark = pytest.mark.slow


@pytest.fixture
def space(tmp_path: Path) -> Space:
    space = Space(tmp_path / "w")
    space.write("in.txt", "one")
    space.write("app.py", "import sys\nprint('to out')\nraise ValueError('to err')\n")
    space.config(
        "[workspace]\nname='w'\n"
        "[tasks.good]\ncommand='cat in.txt > out.txt; echo done'\n"
        "inputs=['in.txt']\noutputs=['out.txt']\n"
        f"[tasks.bad]\ncommand=['{sys.executable}', 'app.py']\ninputs=['app.py']\n"
        "[tasks.after]\ncommand='true'\ndeps=['bad']\n"
    )
    return space


def test_before_the_first_run_there_is_nothing_to_tell(space: Space) -> None:
    assert json.loads(space.hazui("history", "--json").stdout) == []
    assert "nothing has run" in space.hazui("errors").stderr
    assert space.hazui("log", "good").code == 1
    assert "has not run yet" in space.hazui("why", "good").stdout
    assert not (space.root / ".hazui" / "state.db").exists()


def test_history_is_newest_first_with_counts(space: Space) -> None:
    space.run()
    space.run("good")

    rows = json.loads(space.hazui("history", "--json").stdout)

    assert [(row["turn"], row["outcome"]) for row in rows] == [(2, "succeeded"), (1, "failed")]
    assert rows[1]["counts"] == {
        "total": 3,
        "succeeded": 1,
        "cached": 0,
        "failed": 1,
        "errored": 0,
        "skipped": 1,
        "cancelled": 0,
    }
    assert space.hazui("history").stdout.splitlines()[0].split()[:1] == ["2"]


def test_errors_name_the_chain_of_a_turn(space: Space) -> None:
    space.run()
    space.run("good")

    assert "nothing failed in turn 2" in space.hazui("errors").stderr
    (failure,) = json.loads(space.hazui("errors", "1", "--json").stdout)
    assert (failure["task"], failure["skipped"]) == ("w:bad", ["w:after"])
    assert "to err" in failure["chain"][-1]["message"]


def test_a_log_is_read_back_whole_or_by_stream(space: Space) -> None:
    space.run()

    told = space.hazui("log", "bad").stdout
    assert "to out\n" in told
    assert "ValueError: to err\n" in told
    assert "to out" not in space.hazui("log", "bad", "--stream", "stderr").stdout
    assert space.hazui("log", "good", "--turn", "1").stdout == "done\n"
    assert "has no log in turn 7" in space.hazui("log", "good", "--turn", "7").stderr


def test_why_tells_the_past_and_the_present(space: Space) -> None:
    space.run()
    space.write("in.txt", "two")

    told = json.loads(space.hazui("why", "good", "--json").stdout)

    assert told["turn"] == 1
    assert told["lookup"]["result"] == "no_entry"
    assert told["now"]["result"] == "no_entry"
    assert told["now"]["differs"] == [{"kind": "file_changed", "name": "in.txt"}]
    assert "in.txt" in space.hazui("why", "good").stdout
    assert space.hazui("why", "goof").code == 2


def test_the_cache_is_counted_verified_and_cleared(space: Space) -> None:
    space.run("good")
    info = json.loads(space.hazui("cache", "info", "--json").stdout)
    assert info["entries"] == 1

    assert json.loads(space.hazui("cache", "verify", "--json").stdout)["is_sound"] is True
    blob = max((space.root / ".hazui" / "cache" / "cas").rglob("*"), key=lambda p: p.is_file())
    blob.chmod(0o600)
    blob.write_bytes(b"damaged")
    assert space.hazui("cache", "verify").code == 1

    assert space.hazui("cache", "clean").code == 0
    space.hazui("cache", "clear")
    assert json.loads(space.hazui("cache", "info", "--json").stdout)["entries"] == 0
    assert space.run("good").one("cache_lookup")["result"] == "no_entry"
