"""Watching real workspaces: what a save does, and what it does not do."""

import sys
from pathlib import Path

import pytest

from tests.support.space import Space, tasks_of

pytestmark = pytest.mark.slow

CHAIN = """
[workspace]
name = "w"

[tasks.upper]
command = "tr a-z A-Z < in.txt > out/upper.txt"
inputs = ["in.txt"]
outputs = ["out/upper.txt"]

[tasks.count]
command = "wc -c < out/upper.txt"
deps = ["upper"]

[tasks.other]
command = "cat other.txt"
inputs = ["other.txt"]

[tasks.deploy]
command = "echo deployed"
inputs = ["in.txt"]
watch = false
"""


@pytest.fixture
def space(tmp_path: Path) -> Space:
    space = Space(tmp_path / "w")
    space.write("in.txt", "hello\n")
    space.write("other.txt", "other\n")
    (space.root / "out").mkdir()
    space.config(CHAIN)
    return space


def test_an_edit_runs_only_what_it_affects_and_says_why(space: Space) -> None:
    with space.watching() as watching:
        first = watching.turn()
        assert tasks_of(first) == ["w:count", "w:other", "w:upper"]

        space.write("in.txt", "goodbye\n")
        change = watching.wait_for("change_set")
        turn = watching.turn()

        assert change["paths"] == ["in.txt"]
        assert change["not_run"] == ["w:deploy"]
        assert turn[0]["trigger"] == {"kind": "change", "paths": ["in.txt"]}
        reasons = {planned["task"]: planned["reason"] for planned in turn[0]["tasks"]}
        assert set(reasons) == {"w:count", "w:upper"}
        assert (reasons["w:upper"]["kind"], reasons["w:upper"]["path"]) == (
            "input_changed",
            "in.txt",
        )
        assert (reasons["w:count"]["kind"], reasons["w:count"]["upstream"]) == (
            "upstream",
            "w:upper",
        )
    assert space.read("out/upper.txt") == "GOODBYE\n"


def test_own_outputs_and_touches_start_no_turn(space: Space) -> None:
    with space.watching() as watching:
        watching.turn()

        (space.root / "in.txt").touch()
        space.write("other.txt", "changed\n")
        turn = watching.turn()

        assert tasks_of(turn) == ["w:other"]
        space.write("other.txt", "once more\n")
        assert tasks_of(watching.turn()) == ["w:other"]
    assert len([e for e in watching.events if e["event"] == "turn_started"]) == 3


def test_going_back_to_old_content_is_restored_from_the_cache(space: Space) -> None:
    with space.watching() as watching:
        watching.turn()
        space.write("in.txt", "goodbye\n")
        watching.turn()

        space.write("in.txt", "hello\n")
        turn = watching.turn()

    sources = {e["task"]: e["source"] for e in turn if e["event"] == "task_finished"}
    assert sources == {"w:upper": "cache_hit", "w:count": "cache_hit"}
    assert space.read("out/upper.txt") == "HELLO\n"


def test_a_broken_reload_keeps_what_runs_and_a_good_one_affects_what_it_changes(
    space: Space,
) -> None:
    with space.watching() as watching:
        watching.turn()

        space.config(CHAIN.replace('inputs = ["other.txt"]', 'imputs = ["other.txt"]'))
        rejected = watching.wait_for("config_rejected")
        (problem,) = rejected["problems"]
        assert problem["code"] == "config.unknown_key"
        assert problem["hint"] == 'Did you mean "inputs"?'
        space.write("in.txt", "goodbye\n")
        assert tasks_of(watching.turn()) == ["w:count", "w:upper"]

        space.config(CHAIN.replace("cat other.txt", "cat other.txt other.txt"))
        turn = watching.turn()
        assert [(p["task"], p["reason"]["kind"]) for p in turn[0]["tasks"]] == [
            ("w:other", "config_changed")
        ]


def test_a_change_to_the_input_of_a_running_task_restarts_it(tmp_path: Path) -> None:
    space = Space(tmp_path / "w")
    space.write("in.txt", "1")
    space.write(
        "slow.py",
        "import time, pathlib, sys\n"
        "text = pathlib.Path('in.txt').read_text()\n"
        "print('saw', text, flush=True)\n"
        "time.sleep(0 if text == '2' else 60)\n",
    )
    space.config(
        "[workspace]\nname = 'w'\n"
        f"[tasks.slow]\ncommand = ['{sys.executable}', 'slow.py']\ninputs = ['in.txt']\n"
        "[tasks.quick]\ncommand = 'cat quick.txt'\ninputs = ['quick.txt']\n"
    )
    space.write("quick.txt", "quick")
    with space.watching("--output", "events") as watching:
        watching.wait_for("output", task="w:slow")

        space.write("quick.txt", "quicker")  # while the slow one runs, without waiting for it
        watching.wait_for("turn_extended")
        watching.wait_for("task_finished", task="w:quick")

        space.write("in.txt", "2")
        watching.wait_for("task_cancelled", task="w:slow", shape="in_flight")
        finished = watching.wait_for("task_finished", task="w:slow")
        assert finished["state"] == "succeeded"
        watching.wait_for("turn_finished", outcome="succeeded")


def test_a_failing_task_names_the_root_cause_of_its_program(tmp_path: Path) -> None:
    space = Space(tmp_path / "w")
    space.write(
        "app.py",
        "def load():\n"
        "    return {}['price']\n"
        "try:\n"
        "    load()\n"
        "except KeyError as error:\n"
        "    raise RuntimeError('cannot check out') from error\n",
    )
    space.config(
        "[workspace]\nname = 'w'\n"
        f"[tasks.test]\ncommand = ['{sys.executable}', 'app.py']\ninputs = ['app.py']\n"
        "[tasks.report]\ncommand = 'echo never'\ndeps = ['test']\n"
    )

    done = space.run()

    assert done.code == 1
    chain = done.one("task_finished", task="w:test")["diagnosis"]["chain"]
    assert [link["type"] for link in chain] == ["RuntimeError", "KeyError"]
    assert (chain[-1]["file"], chain[-1]["line"]) == ("app.py", 2)
    skipped = done.one("task_skipped", task="w:report")
    assert (skipped["cause"], skipped["root"]) == ("upstream_failed", "w:test")
    assert done.one("turn_finished")["outcome"] == "failed"


def test_retries_present_the_same_execution_id(tmp_path: Path) -> None:
    space = Space(tmp_path / "w")
    space.config(
        "[workspace]\nname = 'w'\n[tasks.flaky]\nretries = 2\ncache = false\n"
        "command = 'echo x >> tries; test $(wc -l < tries) -ge 3'\n"
    )

    done = space.run()

    assert done.code == 0
    runs = {e["run"] for e in done.of("task_started")}
    assert (len(runs), [e["attempt"] for e in done.of("task_started")]) == (1, [1, 2, 3])
    assert [(e["attempt"], e["of"]) for e in done.of("task_attempt_failed")] == [(1, 3), (2, 3)]
    assert done.one("task_finished")["attempt"] == 3


def test_saving_the_configuration_without_a_change_disturbs_nothing(space: Space) -> None:
    with space.watching() as watching:
        watching.turn()

        space.config("# a comment\n" + CHAIN)
        space.write("other.txt", "changed\n")
        watching.turn()

    kinds = [e["event"] for e in watching.events]
    assert kinds.count("watch_ready") == 1
    assert kinds.count("workspace_loaded") == 1


def test_a_reload_takes_up_what_it_interrupted(tmp_path: Path) -> None:
    space = Space(tmp_path / "w")
    text = "[workspace]\nname='w'\n[tasks.slow]\ncommand='test -e go || sleep 60'\n"
    space.config(text)
    with space.watching() as watching:
        watching.wait_for("process_spawned")
        space.write("go", "")

        space.config(text + "[tasks.new]\ncommand='true'\n")
        watching.wait_for("task_cancelled", task="w:slow")
        turn = watching.turn()

    assert tasks_of(turn) == ["w:new", "w:slow"]
    assert {e["state"] for e in turn if e["event"] == "task_finished"} == {"succeeded"}


def test_a_workspace_that_goes_away_and_comes_back_is_told_and_taken_up(space: Space) -> None:
    with space.watching() as watching:
        watching.turn()
        moved = space.root.rename(space.root.parent / "moved")
        degraded = watching.wait_for("watch_degraded")
        assert degraded["error"]["code"] == "watch.root_vanished"

        moved.rename(space.root)
        watching.wait_for("watch_recovered")
        space.write("other.txt", "changed\n")
        watching.wait_for("task_finished", task="w:other", state="succeeded")
