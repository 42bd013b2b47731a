"""``hazui run`` on real workspaces: exit codes, bad input, services, and nothing left behind."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.support.poll import wait_until
from tests.support.space import Space

pytestmark = pytest.mark.slow


@pytest.fixture
def space(tmp_path: Path) -> Space:
    return Space(tmp_path / "w")


def marked(run_marker: str) -> list[int]:
    """Pids of processes whose environment carries this text."""
    found = []
    for process in psutil.process_iter():
        try:
            if run_marker in process.environ().get("MARKER", ""):
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


def test_the_second_run_is_all_hits_and_starts_nothing(space: Space) -> None:
    space.write("in.txt", "x")
    space.config(
        "[workspace]\nname='w'\n[tasks.a]\ncommand='cat in.txt > out.txt; echo made'\n"
        "inputs=['in.txt']\noutputs=['out.txt']\n"
    )
    assert space.run().code == 0
    (space.root / "out.txt").unlink()

    done = space.run()

    assert done.code == 0
    assert done.one("cache_lookup")["result"] == "hit"
    assert done.of("process_spawned") == []
    assert space.read("out.txt") == "x"


@pytest.mark.parametrize(
    ("command", "code", "event"),
    [
        ("'exit 3'", 1, {"exit_status": {"code": 3}, "state": "failed"}),
        ("'kill -9 $$'", 1, {"exit_status": {"signal": "SIGKILL"}, "state": "failed"}),
    ],
)
def test_a_command_that_ends_badly_is_a_record(
    space: Space, command: str, code: int, event: dict[str, object]
) -> None:
    space.config(f"[workspace]\nname='w'\n[tasks.a]\ncommand={command}\n")

    done = space.run()

    finished = done.one("task_finished")
    assert done.code == code
    assert {key: finished[key] for key in event} == event


@pytest.mark.parametrize(
    ("task", "code"),
    [
        ("command=['no-such-program-anywhere']", "run_task.spawn_failed"),
        ("command='true'\nshell='no-such-shell'", "run_task.spawn_failed"),
        ("command='true'\ncwd='missing'", "run_task.spawn_failed"),
        ("command='true'\ninputs=['missing.txt']", "run_task.build_key_failed"),
        ("command='true'\noutputs=['missing.txt']", "run_task.output_declared_but_not_produced"),
        ("command='mkdir -p out'\noutputs=['out']", "run_task.output_not_a_regular_file"),
    ],
)
def test_what_hazui_cannot_do_is_a_typed_error(space: Space, task: str, code: str) -> None:
    space.config(f"[workspace]\nname='w'\n[tasks.a]\n{task}\n")

    done = space.run()

    errored = done.one("task_errored")
    assert done.code == 1
    assert errored["error"]["code"] == code
    assert "Traceback" not in done.stderr


def test_the_exit_code_of_a_timeout_of_the_one_target_is_124(space: Space) -> None:
    space.config("[workspace]\nname='w'\n[tasks.a]\ncommand='sleep 60'\ntimeout_s=0.2\n")

    done = space.run("a")

    assert done.code == 124
    assert done.one("task_finished")["timed_out"] is True


def test_a_broken_configuration_is_the_only_line_and_exit_3(space: Space) -> None:
    space.config("[workspace]\nname='w'\njobs=0\n[tasks.a]\ncomand='true'\n")

    done = space.run()

    (event,) = done.events
    assert (done.code, event["event"]) == (3, "config_rejected")
    codes = [p["code"] for p in event["problems"]]
    assert codes == ["config.out_of_range", "config.missing_key", "config.unknown_key"]


def test_without_a_configuration_it_says_what_to_do(space: Space) -> None:
    done = space.hazui("run")

    assert done.code == 3
    assert "hazui init" in done.stderr


def test_a_mistyped_target_is_a_usage_error_with_a_suggestion(space: Space) -> None:
    space.config("[workspace]\nname='w'\n[tasks.build]\ncommand='true'\n")

    done = space.hazui("run", "biuld")

    assert done.code == 2
    assert "build" in done.stderr


def test_arguments_reach_the_one_target_and_are_in_its_key(space: Space) -> None:
    space.config("[workspace]\nname='w'\n[tasks.say]\ncommand=['echo', 'hello']\n")

    first = space.hazui("run", "say", "--", "you", "there")
    keys = {space.run("say", "--", word).one("cache_lookup")["key"] for word in ("a", "b")}

    assert "hello you there" in first.stdout
    assert len(keys) == 2


def test_a_busy_workspace_is_refused_with_the_holder(space: Space) -> None:
    space.config("[workspace]\nname='w'\n[tasks.a]\ncommand='sleep 60'\n")
    with space.watching() as watching:
        watching.wait_for("process_spawned")

        done = space.run()

        (event,) = done.events
        assert (done.code, event["event"]) == (4, "session_refused")
        assert event["error"]["code"] == "session_execution_busy"
        assert event["error"]["fields"]["pid"] == watching.process.pid


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_signal_stops_everything_and_is_the_exit_code(
    space: Space, number: int, code: int, tmp_path: Path
) -> None:
    marker = str(tmp_path)
    space.config(
        f"[workspace]\nname='w'\ngrace_period_s=0.3\n[tasks.a]\nenv={{MARKER='{marker}'}}\n"
        "command=\"trap '' TERM; (trap '' TERM; sleep 61) & sleep 62\"\n"
    )
    with space.watching() as watching:
        watching.wait_for("process_spawned")
        wait_until(lambda: len(marked(marker)) >= 2)

        assert watching.close(number=number) == code

    cancelled = [e for e in watching.events if e["event"] == "task_cancelled"]
    assert [e["shape"] for e in cancelled] == ["in_flight"]
    assert cancelled[0]["signals"] == ["SIGTERM", "SIGKILL"]
    assert marked(marker) == []


def test_a_service_is_ready_by_its_log_and_stopped_at_the_end(space: Space, tmp_path: Path) -> None:
    marker = str(tmp_path)
    space.write("serve.py", "import time\nprint('listening on 1', flush=True)\ntime.sleep(60)\n")
    space.config(
        "[workspace]\nname='w'\n"
        f"[tasks.web]\nkind='service'\ncommand=['{sys.executable}', 'serve.py']\n"
        f"ready={{ log='listening on \\d' }}\nenv={{MARKER='{marker}'}}\n"
        "[tasks.test]\ncommand='echo tested'\ndeps=['web']\n"
    )

    done = space.run("test")

    assert done.code == 0
    assert done.one("service_ready")["adopted"] is False
    kinds = [e["event"] for e in done.events]
    assert kinds.index("service_ready") < kinds.index("process_exited")
    assert marked(marker) == []


def test_a_service_that_is_never_ready_says_what_it_printed(space: Space) -> None:
    space.config(
        "[workspace]\nname='w'\n[tasks.web]\nkind='service'\n"
        "command='echo no such port >&2; exit 7'\nready={ log='listening' }\n"
        "[tasks.test]\ncommand='echo tested'\ndeps=['web']\n"
    )

    done = space.run()

    errored = done.one("task_errored")
    assert (errored["phase"], errored["error"]["code"]) == ("ready", "service.probe_timed_out")
    assert errored["exit_status"] == {"code": 7}
    assert "no such port" in "\n".join(errored["error"]["notes"])
    assert done.one("task_skipped")["cause"] == "upstream_errored"


def test_keys_that_are_not_available_yet_are_refused_as_such(space: Space) -> None:
    space.config(
        "[workspace]\nname='w'\n[tasks.web]\nkind='service'\ncommand='true'\n"
        "ready={ tcp=80 }\nmax_restarts=3\n"
    )

    done = space.run()

    codes = {p["code"] for p in done.one("config_rejected")["problems"]}
    assert (done.code, codes) == (3, {"feature.not_available"})


def test_after_a_kill_the_next_start_stops_what_was_left(space: Space, tmp_path: Path) -> None:
    marker = str(tmp_path)
    space.config(
        f"[workspace]\nname='w'\n[tasks.a]\nenv={{MARKER='{marker}'}}\n"
        "command='echo started; (setsid sleep 61 &) ; sleep 62'\n"
        "[tasks.b]\ncommand='true'\n"
    )
    with space.watching("--output", "events") as watching:
        watching.wait_for("output", task="w:a")
        wait_until(lambda: len(marked(marker)) >= 2)
        watching.process.kill()
        watching.close()
    assert marked(marker)

    done = space.run("b")

    assert done.code == 0
    assert marked(marker) == []
    opened = done.one("session_opened")
    assert (opened["epoch"], opened["recovered"]["abandoned"]) == (2, 1)
    assert opened["recovered"]["interrupted"] == 1
    with sqlite3.connect(space.root / ".hazui" / "state.db") as database:
        states = database.execute("SELECT state FROM processes ORDER BY epoch").fetchall()
        outcomes = database.execute("SELECT outcome FROM turns ORDER BY turn").fetchall()
    database.close()
    assert states == [("abandoned",), ("ended",)]
    assert outcomes == [("interrupted",), ("succeeded",)]


def test_scratch_leaves_nothing_in_the_workspace(space: Space) -> None:
    space.config("[workspace]\nname='w'\n[tasks.a]\ncommand='echo hi'\n")

    done = space.run("--scratch")

    assert done.code == 0
    assert done.one("session_opened")["durable"] is False
    assert not (space.root / ".hazui").exists()
    assert not Path(done.one("session_opened")["state_dir"]).exists()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--turn-id", "  "], "missing_execution_scope_id"),
        (["--turn-id", "99"], "execution_scope_turn_id_mismatch"),
        (["--ext", "key=1"], "protocol_turn_extension"),
    ],
)
def test_a_request_that_is_off_is_refused_with_its_code(
    space: Space, words: list[str], code: str
) -> None:
    space.config("[workspace]\nname='w'\n[tasks.a]\ncommand='touch ran'\n")

    done = space.run(*words)

    assert done.code == 4
    assert done.one("notice")["error"]["code"] == code
    assert not (space.root / "ran").exists()


def test_a_durable_session_with_a_memory_store_is_refused_before_any_work(space: Space) -> None:
    space.config(
        "[workspace]\nname='w'\n[workspace.stores]\nprocess_registry='memory'\n"
        "[tasks.a]\ncommand='touch ran'\n"
    )

    done = space.run()

    (event,) = done.events
    assert done.code == 4
    assert event["error"]["code"] == "durable_store_required:process_registry"
    assert not (space.root / "ran").exists()


def test_plain_output_keeps_streams_apart_and_ends_with_the_root_cause(space: Space) -> None:
    space.write("app.py", "print('out')\nraise ValueError('boom')\n")
    space.config(f"[workspace]\nname='w'\n[tasks.a]\ncommand=['{sys.executable}', 'app.py']\n")

    done = space.hazui("run")

    assert done.stdout == "[w:a] out\n"
    assert "[w:a] ValueError: boom" in done.stderr
    assert "app.py:2: ValueError: boom" in done.stderr
    assert "1 failed" in done.stderr.splitlines()[-1]


def test_buffered_output_is_each_stream_verbatim(space: Space) -> None:
    space.config("[workspace]\nname='w'\n[tasks.a]\ncommand='printf a; printf b >&2; printf c'\n")

    done = space.hazui("run", "-q", "--output", "buffered")

    assert (done.stdout, done.stderr) == ("ac", "b")


def test_a_closed_pipe_ends_quietly(space: Space) -> None:
    space.config("[workspace]\nname='w'\n[tasks.a]\ncommand='true'\n")
    command = " ".join(space.argv("explain")) + " | head -n 1"

    done = subprocess.run(
        ["sh", "-c", command],
        cwd=space.root,
        env=dict(space.environ),
        capture_output=True,
        text=True,
        check=False,
    )

    assert "Traceback" not in done.stderr


def test_a_dry_run_predicts_and_changes_nothing(space: Space) -> None:
    space.write("in.txt", "x")
    space.config(
        "[workspace]\nname='w'\n[tasks.a]\ncommand='cat in.txt > out.txt'\ninputs=['in.txt']\n"
        "outputs=['out.txt']\n[tasks.b]\ncommand='cat out.txt'\ndeps=['a']\n"
    )
    space.run()
    before = sorted(p for p in space.root.rglob("*") if p.is_file())

    hits = json.loads(space.hazui("run", "-n", "--json").stdout)
    space.write("in.txt", "y")
    misses = json.loads(space.hazui("run", "-n", "--json").stdout)

    assert [(one["task"], one["result"]) for one in hits] == [("w:a", "hit"), ("w:b", "hit")]
    assert [(one["task"], one["result"]) for one in misses] == [
        ("w:a", "no_entry"),
        ("w:b", "unknown"),
    ]
    assert misses[0]["differs"] == [{"kind": "file_changed", "name": "in.txt"}]
    assert sorted(p for p in space.root.rglob("*") if p.is_file()) == before


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_only_what_git_says_changed_runs_with_affected(space: Space) -> None:
    space.write("a.txt", "a")
    space.write("b.txt", "b")
    space.config(
        "[workspace]\nname='w'\n[tasks.a]\ncommand='cat a.txt'\ninputs=['a.txt']\n"
        "[tasks.b]\ncommand='cat b.txt'\ninputs=['b.txt']\n"
    )
    environ = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null"}
    for words in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=x", "-c", "user.email=x@y", "commit", "-qm", "all"],
    ):
        subprocess.run(["git", *words], cwd=space.root, env=environ, check=True)
    space.write("b.txt", "changed")

    done = space.run("--affected")

    assert [planned["task"] for planned in done.one("turn_started")["tasks"]] == ["w:b"]
