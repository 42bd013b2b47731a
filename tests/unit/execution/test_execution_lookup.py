"""Look-ups that hit and miss, why they miss, and hits that cannot be put in place."""

from pathlib import Path

import pytest

from hazui.cache.entry import Entry
from hazui.domain.paths import CanonicalPath
from hazui.domain.records import RunState, Source
from hazui.domain.specs import TaskSpec
from hazui.errors import fs, restore, run_task
from hazui.execution.lookup import look_up
from hazui.execution.lookup import restore as put_back
from hazui.execution.outputs import find_outputs
from hazui.spool.attachments import attach
from hazui.spool.writer import RunSpool
from tests.support.execution import Bench, task_spec


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path.resolve())


def settle(bench: Bench, task: TaskSpec) -> Entry:
    """Store what lies in the workspace as if ``task`` had just run."""
    context = bench.context
    built = bench.key(task)
    look_up(context, task, built, is_disabled=True)
    spool = RunSpool(context.runs_dir / "r", context.workspace.hash_name)
    digests = spool.finish()
    attach(spool.directory, context.cache.attachments_dir, digests)
    found = find_outputs(context, task)
    entry = context.cache.store(built.key, found, digests, bench.root)
    context.cache.last.settle(task.id, built.key)
    return entry


def generator(bench: Bench, **options: object) -> TaskSpec:
    bench.write("in", "1")
    return bench.add(
        task_spec("gen", "make", inputs=["in", "src/*"], outputs=["gen/**"], **options)
    )


def test_the_first_look_up_finds_no_entry_and_knows_no_reason(bench: Bench) -> None:
    looked = bench.look(generator(bench))
    assert (looked.result, looked.differs, looked.omitted) == ("no_entry", (), 0)


def test_a_hit_restores_without_a_run(bench: Bench) -> None:
    task = generator(bench)
    bench.write("gen/a", "made")
    settle(bench, task)
    bench.remove("gen/a")
    looked = bench.look(task)
    assert looked.is_hit
    record = put_back(bench.context, task, looked)
    assert (record.source, record.state, record.exit_status, record.run) == (
        Source.CACHE_HIT,
        RunState.SUCCEEDED,
        None,
        None,
    )
    assert (bench.root / "gen/a").read_text() == "made"


def test_restored_files_are_known_to_later_inputs(bench: Bench) -> None:
    task = generator(bench)
    user = bench.add(task_spec("user", "use", inputs=["gen/*"]))
    bench.write("gen/a", "made")
    settle(bench, task)
    bench.remove("gen/a")
    assert bench.key(user).inputs == ()
    bench.hit(task)
    assert [item.path for item in bench.key(user).inputs] == ["gen/a"]


def test_a_miss_says_what_differs(bench: Bench) -> None:
    task = generator(bench, env=(("MODE", "a"),))
    bench.write("src/old", "1")
    bench.look(task)
    bench.write("in", "2")
    bench.write("src/new", "1")
    bench.remove("src/old")
    changed = bench.add(
        task_spec(
            "gen", "make all", inputs=["in", "src/*"], outputs=["gen/**"], env=(("MODE", "b"),)
        )
    )
    looked = bench.look(changed)
    assert looked.differs == (
        ("command", "command"),
        ("env", "MODE"),
        ("file_changed", "in"),
        ("file_added", "src/new"),
        ("file_removed", "src/old"),
    )
    assert looked.omitted == 0


def test_only_five_differences_are_shown(bench: Bench) -> None:
    task = generator(bench)
    bench.look(task)
    for number in range(8):
        bench.write(f"src/{number}", "1")
    looked = bench.look(task)
    assert (len(looked.differs), looked.omitted) == (5, 3)


def test_the_last_manifest_survives_a_restart(bench: Bench) -> None:
    task = generator(bench)
    bench.look(task)
    bench.context.cache.last.flush()
    again = Bench(bench.root, task)
    again.write("in", "2")
    assert again.look(task).differs == (("file_changed", "in"),)


def test_no_value_of_a_variable_is_written(bench: Bench) -> None:
    task = generator(bench, env=(("TOKEN", "hush-hush"),))
    bench.look(task)
    bench.context.cache.last.flush()
    text = (bench.root / ".hazui/cache/manifests").read_text()
    assert "TOKEN=" in text
    assert "hush" not in text


def test_a_disabled_task_is_not_looked_up(bench: Bench) -> None:
    task = generator(bench, cache=False)
    assert bench.look(task).result == "disabled"


@pytest.mark.parametrize("damage", ["change", "remove"])
def test_a_bad_blob_is_a_miss_before_anything_is_touched_cache_016(
    bench: Bench, damage: str
) -> None:
    task = generator(bench)
    bench.write("gen/a", "made")
    bench.write("gen/b", "made too")
    entry = settle(bench, task)
    blob = Path(bench.context.cache.blobs.path(entry.outputs[1].digest))
    blob.unlink()
    if damage == "change":
        blob.write_text("spoilt")
    bench.remove("gen/a")
    bench.remove("gen/b")
    looked = bench.look(task)
    assert looked.result == "corrupt_entry"
    assert isinstance(looked.error, restore.BlobCorrupt | restore.BlobMissing)
    assert not (bench.root / "gen/a").exists()
    assert bench.look(task).result == "no_entry"


def test_a_hit_that_is_blocked_is_an_error_of_the_restore_cache_019(bench: Bench) -> None:
    task = generator(bench)
    bench.write("gen/a", "made")
    settle(bench, task)
    bench.remove("gen/a")
    bench.write("gen/a/mine", "precious")
    looked = bench.look(task)
    assert looked.is_hit
    with pytest.raises(run_task.RestoreFailed) as caught:
        put_back(bench.context, task, looked)
    assert isinstance(caught.value.source, restore.TargetBlocked)
    assert caught.value.source.path == bench.root / "gen/a"
    assert (bench.root / "gen/a/mine").read_text() == "precious"


def test_what_appears_in_the_way_after_the_look_up_blocks_too_cache_019(bench: Bench) -> None:
    task = generator(bench)
    bench.write("gen/a", "made")
    bench.write("gen/b", "made")
    settle(bench, task)
    bench.remove("gen/a")
    bench.remove("gen/b")
    looked = bench.look(task)
    (bench.root / "gen/b").mkdir()
    with pytest.raises(run_task.RestoreFailed) as caught:
        put_back(bench.context, task, looked)
    assert isinstance(caught.value.source, restore.TargetBlocked)
    assert isinstance(caught.value.source.source, fs.FsError)
    assert not (bench.root / "gen/a").exists()


def test_a_hit_takes_away_what_only_the_last_result_had(bench: Bench) -> None:
    task = generator(bench)
    bench.write("gen/a", "1")
    settle(bench, task)
    bench.write("in", "2")
    bench.write("gen/b", "2")
    bench.write("gen/c", "3")
    settle(bench, task)
    bench.write("gen/c", "edited by the user")
    bench.write("in", "1")
    bench.hit(task)
    assert sorted(bench.files()) == ["gen/a", "gen/c", "in"]
    assert CanonicalPath("gen/b") not in bench.context.resolver.tree


def test_a_failed_run_in_between_does_not_lose_the_last_result(bench: Bench) -> None:
    task = generator(bench)
    bench.write("gen/a", "1")
    settle(bench, task)
    bench.write("in", "2")
    bench.write("gen/b", "2")
    settle(bench, task)
    bench.write("in", "3")
    bench.look(task)  # A miss, whose run fails.
    bench.context.cache.last.flush()
    again = Bench(bench.root, task)
    again.write("in", "1")
    again.hit(task)
    assert sorted(again.files()) == ["gen/a", "in"]
