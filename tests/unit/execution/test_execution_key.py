"""The key: what changes it, what does not, and what keeps it from being built."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from hazui.domain.ids import ActionKey, Digest, TaskId
from hazui.domain.paths import CanonicalPath
from hazui.domain.records import StoredOutput, StreamDigests
from hazui.domain.specs import Mutex
from hazui.errors import build_key, fs, run_task
from hazui.execution.context import Predecessor
from hazui.execution.key import is_stale
from hazui.execution.left import phase_of
from tests.support.execution import Bench, task_spec


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    bench = Bench(tmp_path.resolve())
    bench.write("src/a.py", "a")
    bench.write("src/b.py", "b")
    return bench


GEN = TaskId("app", "gen")
OUTPUT = StoredOutput(CanonicalPath("gen/x"), 0o644, Digest("1" * 64), 3)
STREAMS = StreamDigests(Digest("2" * 64), Digest("3" * 64), Digest("4" * 64))


def test_the_same_state_has_the_same_key(bench: Bench) -> None:
    task = bench.add(task_spec("t", "x", inputs=["src/*.py"]))
    assert bench.key(task).key == bench.key(task).key
    assert [item.path for item in bench.key(task).inputs] == ["src/a.py", "src/b.py"]


def test_identity_tags_mutex_and_timeout_are_not_in_it(bench: Bench) -> None:
    task = bench.add(task_spec("t", "x", inputs=["src/*.py"]))
    other = bench.add(
        replace(
            task,
            id=TaskId("app", "other"),
            tags=frozenset({"slow"}),
            mutex=Mutex("db"),
            timeout_s=3.0,
            retries=2,
            display="Other",
        )
    )
    assert bench.key(task).key == bench.key(other).key


@pytest.mark.parametrize(
    "change",
    [
        {"command": "y"},
        {"command": ("x",)},
        {"shell": "bash"},
        {"env": (("A", "1"),)},
        {"cwd": CanonicalPath("src")},
        {"tty": True},
    ],
)
def test_what_decides_about_the_result_changes_it(bench: Bench, change: dict[str, object]) -> None:
    task = bench.add(task_spec("t", "x", inputs=["src/*.py"]))
    other = bench.add(replace(task, **change))  # type: ignore[arg-type]
    assert bench.key(task).key != bench.key(other).key


def test_output_patterns_change_it_whatever_their_order_does_not(bench: Bench) -> None:
    none, one, two, swapped = (
        bench.add(task_spec("t", "x", outputs=outputs))
        for outputs in ([], ["a"], ["a", "b"], ["b", "a"])
    )
    keys = [bench.key(task).key for task in (none, one, two)]
    assert len(set(keys)) == 3
    assert bench.key(two).key == bench.key(swapped).key


def test_a_changed_added_or_removed_input_changes_it(bench: Bench) -> None:
    task = bench.add(task_spec("t", "x", inputs=["src/*.py"]))
    keys = [bench.key(task).key]
    bench.write("src/a.py", "changed")
    keys.append(bench.key(task).key)
    bench.write("src/c.py", "new")
    keys.append(bench.key(task).key)
    bench.remove("src/b.py")
    keys.append(bench.key(task).key)
    assert len(set(keys)) == 4


def test_of_the_mode_only_the_exec_bit_counts(bench: Bench) -> None:
    task = bench.add(task_spec("t", "x", inputs=["src/a.py"]))
    key = bench.key(task).key
    (bench.root / "src/a.py").chmod(0o600)
    assert bench.key(task).key == key
    (bench.root / "src/a.py").chmod(0o700)
    assert bench.key(task).key != key


def test_outputs_of_a_dependency_are_in_it_and_its_name_is_not(bench: Bench) -> None:
    task = bench.add(task_spec("t", "x"))
    above = Predecessor(task=GEN, outputs=(OUTPUT,), streams=STREAMS)
    renamed = Predecessor(task=TaskId("app", "gen2"), outputs=(OUTPUT,))
    changed = Predecessor(task=GEN, outputs=(replace(OUTPUT, digest=Digest("9" * 64)),))
    assert bench.key(task, above).key == bench.key(task, renamed).key
    assert bench.key(task, above).key != bench.key(task, changed).key
    assert bench.key(task, above).key != bench.key(task).key


def test_streams_of_a_dependency_are_in_it_only_when_wanted(bench: Bench) -> None:
    task = bench.add(task_spec("t", "x"))
    other = replace(STREAMS, stdout=Digest("8" * 64))
    plain = {bench.key(task, Predecessor(task=GEN, streams=s)).key for s in (STREAMS, other)}
    wanted = {
        bench.key(task, Predecessor(task=GEN, streams=s, needs_streams=True)).key
        for s in (STREAMS, other)
    }
    assert (len(plain), len(wanted)) == (1, 2)


def test_arrival_times_of_streams_are_not_in_it(bench: Bench) -> None:
    task = bench.add(task_spec("t", "x"))
    later = replace(STREAMS, journal=Digest("7" * 64))
    keys = {
        bench.key(task, Predecessor(task=GEN, streams=s, needs_streams=True)).key
        for s in (STREAMS, later)
    }
    assert len(keys) == 1


def test_the_key_of_a_service_is_in_it(bench: Bench) -> None:
    task = bench.add(task_spec("t", "x"))
    keys = {bench.key(task, Predecessor(task=GEN, service_key=ActionKey(c * 64))).key for c in "12"}
    assert len(keys) == 2


def test_a_task_that_is_not_loaded_is_refused(bench: Bench) -> None:
    with pytest.raises(run_task.BuildKeyFailed) as caught:
        bench.key(task_spec("ghost", "x"))
    assert isinstance(caught.value.source, build_key.TaskNotInWorkspace)
    assert phase_of(caught.value) == "key"


def test_wanted_streams_that_are_missing_are_named(bench: Bench) -> None:
    task = bench.add(task_spec("t", "x"))
    with pytest.raises(run_task.BuildKeyFailed) as caught:
        bench.key(task, Predecessor(task=GEN, needs_streams=True))
    source = caught.value.source
    assert isinstance(source, build_key.PredecessorStreamsMissing)
    assert source.predecessor == "app:gen"


def test_a_missing_literal_input_cannot_be_resolved(bench: Bench) -> None:
    task = bench.add(task_spec("t", "x", inputs=["src/none.py"]))
    with pytest.raises(run_task.BuildKeyFailed) as caught:
        bench.key(task)
    source = caught.value.source
    assert isinstance(source, build_key.InputPatternResolutionFailed)
    assert isinstance(source.source, fs.NotFound)
    assert source.source.path == bench.root / "src/none.py"


def test_a_glob_may_match_nothing(bench: Bench) -> None:
    assert bench.key(bench.add(task_spec("t", "x", inputs=["none/**"]))).inputs == ()


def test_a_directory_or_fifo_named_literally_is_no_input(bench: Bench) -> None:
    os.mkfifo(bench.root / "src/pipe")
    for path in ("src", "src/pipe"):
        task = bench.add(task_spec("t", "x", inputs=[path]))
        with pytest.raises(run_task.BuildKeyFailed) as caught:
            bench.key(task)
        assert isinstance(caught.value.source, build_key.InputNotARegularFile)


def test_a_pattern_passes_over_what_is_no_file(bench: Bench) -> None:
    os.mkfifo(bench.root / "src/pipe.py")
    (bench.root / "src/dangling.py").symlink_to("nowhere")
    task = bench.add(task_spec("t", "x", inputs=["src/*.py"]))
    assert [item.path for item in bench.key(task).inputs] == ["src/a.py", "src/b.py"]


def test_an_input_that_leads_out_of_the_workspace_is_refused(
    bench: Bench, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret"
    outside.write_text("x")
    (bench.root / "src/link.py").symlink_to(outside)
    task = bench.add(task_spec("t", "x", inputs=["src/link.py"]))
    with pytest.raises(run_task.BuildKeyFailed) as caught:
        bench.key(task)
    source = caught.value.source
    assert isinstance(source, build_key.InputPatternResolutionFailed)
    assert isinstance(source.source, fs.PermissionDenied)
    assert str(outside) in source.source.__notes__[0]


def test_an_input_that_vanishes_between_listing_and_reading_cannot_be_read(bench: Bench) -> None:
    task = bench.add(task_spec("t", "x", inputs=["src/*.py"]))
    bench.key(task)
    (bench.root / "src/b.py").unlink()  # The file list has not heard of it yet.
    with pytest.raises(run_task.BuildKeyFailed) as caught:
        bench.key(task)
    source = caught.value.source
    assert isinstance(source, build_key.InputContentReadFailed)
    assert source.path == bench.root / "src/b.py"


def test_stale_means_that_an_input_is_another_one_now(bench: Bench) -> None:
    task = bench.add(task_spec("t", "x", inputs=["src/*.py"]))
    built = bench.key(task)
    assert not is_stale(bench.context, built)
    bench.write("src/a.py", "other")
    assert is_stale(bench.context, built)
    bench.write("src/a.py", "a")
    assert not is_stale(bench.context, built)
    (bench.root / "src/a.py").chmod(0o755)
    assert is_stale(bench.context, built)
    bench.remove("src/a.py")
    assert is_stale(bench.context, built)
