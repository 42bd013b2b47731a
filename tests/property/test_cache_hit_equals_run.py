"""A cached run of random tasks under random edits equals a clean run, byte for byte."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hazui.domain.records import CompletedRecord
from hazui.domain.specs import TaskSpec
from hazui.execution.context import Predecessor
from hazui.execution.run import run_task
from hazui.process.subreaper import disable_subreaper
from tests.support.execution import Bench, task_spec

SOURCES = ("s0", "s1", "s2")


@dataclass(frozen=True)
class Edit:
    """One thing that happens to the workspace between two turns."""

    kind: str
    number: int
    text: str


edits = st.lists(
    st.builds(
        Edit,
        st.sampled_from(["source", "source", "spoil", "remove", "mode", "blob"]),
        st.integers(0, 2),
        st.sampled_from(["", "x", "y", "longer text\n"]),
    ),
    max_size=3,
)
shapes = st.lists(
    st.tuples(st.sets(st.sampled_from(SOURCES), min_size=1), st.booleans()),
    min_size=2,
    max_size=3,
)


def tasks_of(shape: list[tuple[set[str], bool]]) -> list[TaskSpec]:
    """A chain: each reads its sources and the output of the one before, and prints its size."""
    tasks: list[TaskSpec] = []
    for number, (sources, is_executable) in enumerate(shape):
        above = [f"out/{number - 1}"] if number else []
        reads = " ".join([*sorted(sources), *above])
        mode = "755" if is_executable else "640"
        script = (
            f"mkdir -p out; rm -f out/{number}; cat {reads} > out/{number}; "
            f"chmod {mode} out/{number}; wc -c < out/{number}; echo {number} >&2"
        )
        tasks.append(
            task_spec(f"t{number}", script, inputs=sorted(sources), outputs=[f"out/{number}"])
        )
    return tasks


def apply(bench: Bench, edit: Edit) -> None:
    if edit.kind == "source":
        bench.write(SOURCES[edit.number], edit.text)
        return
    if edit.kind == "blob":
        blobs = sorted((bench.root / ".hazui/cache/cas").glob("*/*"))
        if blobs:
            blob = blobs[edit.number % len(blobs)]
            blob.chmod(0o644)
            # Replaced and not rewritten: an attachment may be the same file.
            blob.unlink()
            blob.write_text(edit.text)
        return
    target = bench.root / f"out/{edit.number}"
    if not target.exists():
        return
    if edit.kind == "spoil":
        target.write_text(edit.text)
    elif edit.kind == "mode":
        target.chmod(0o600)
    else:
        target.unlink()


async def turn(bench: Bench, tasks: list[TaskSpec]) -> list[CompletedRecord]:
    records: list[CompletedRecord] = []
    for task in tasks:
        above = (
            [Predecessor(task=tasks[len(records) - 1].id, outputs=records[-1].outputs)]
            if records
            else []
        )
        records.append(await run_task(bench.context, task, above))
    return records


def seen(
    bench: Bench, records: list[CompletedRecord]
) -> tuple[dict[str, tuple[bytes, int]], list[tuple[str, str]]]:
    outputs = {path: found for path, found in bench.files().items() if path.startswith("out/")}
    streams = [
        (bench.text(r.streams_digests.stdout), bench.text(r.streams_digests.stderr))
        for r in records
    ]
    return outputs, streams


@pytest.mark.slow
@given(shapes, st.lists(edits, min_size=2, max_size=4))
@settings(max_examples=8)
def test_a_cached_turn_equals_a_clean_one(
    shape: list[tuple[set[str], bool]], turns: list[list[Edit]]
) -> None:
    base = Path(tempfile.mkdtemp()).resolve()
    try:
        tasks = tasks_of(shape)
        (base / "cached").mkdir()
        cached = Bench(base / "cached", *tasks)
        for source in SOURCES:
            cached.write(source, source)
        for number, happenings in enumerate(turns):
            for edit in happenings:
                apply(cached, edit)
            clean_root = base / f"clean{number}"
            clean_root.mkdir()
            clean = Bench(clean_root, *tasks)
            for source in SOURCES:
                shutil.copy(cached.root / source, clean_root / source)
            expected = anyio.run(turn, clean, tasks)
            found = anyio.run(turn, cached, tasks)
            assert seen(cached, found) == seen(clean, expected)
            again = anyio.run(turn, cached, tasks)
            assert {record.source for record in again} == {"cache_hit"}
            assert seen(cached, again) == seen(clean, expected)
    finally:
        shutil.rmtree(base)
        disable_subreaper()
