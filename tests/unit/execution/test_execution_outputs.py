"""What a run left, checked: literals, patterns, kinds of files, modes, names."""

import os
import socket
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from hazui.cache.entry import Produced
from hazui.domain.paths import CanonicalPath
from hazui.domain.patterns import Pattern
from hazui.errors import fs, parse_absolute, run_task
from hazui.errors.base import Kind
from hazui.execution.outputs import find_outputs
from hazui.files.resolve import Expansion
from tests.support.execution import Bench, task_spec


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path.resolve())


def find(bench: Bench, *outputs: str) -> tuple[Produced, ...]:
    return find_outputs(bench.context, task_spec("t", "x", outputs=list(outputs)))


def test_literals_and_patterns_with_their_modes(bench: Bench) -> None:
    bench.write("a", "1", 0o640)
    bench.write("d/e/f", "2", 0o4755)
    bench.write("d/skip", "3")
    assert find(bench, "a", "d/**", "!d/skip") == (
        Produced(CanonicalPath("a"), 0o640),
        Produced(CanonicalPath("d/e/f"), 0o4755),
    )


def test_a_literal_that_is_not_there_was_not_produced(bench: Bench) -> None:
    with pytest.raises(run_task.OutputDeclaredButNotProduced) as caught:
        find(bench, "a")
    assert caught.value.path == bench.root / "a"


def test_a_pattern_may_match_nothing(bench: Bench) -> None:
    assert find(bench, "d/**") == ()


def make_directory(path: Path) -> None:
    path.mkdir()


def make_fifo(path: Path) -> None:
    os.mkfifo(path)


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))


def make_dangling(path: Path) -> None:
    path.symlink_to("nowhere")


def make_link_to_directory(path: Path) -> None:
    (path.parent / "real").mkdir()
    path.symlink_to("real")


@pytest.mark.parametrize(
    "make", [make_directory, make_fifo, make_socket, make_dangling, make_link_to_directory]
)
def test_only_regular_files_are_outputs_cache_013(
    bench: Bench, make: Callable[[Path], None]
) -> None:
    make(bench.root / "a")
    with pytest.raises(run_task.OutputNotARegularFile) as caught:
        find(bench, "a")
    assert caught.value.path == bench.root / "a"


def test_a_fifo_that_a_pattern_matches_is_no_output_cache_013(bench: Bench) -> None:
    (bench.root / "d").mkdir()
    os.mkfifo(bench.root / "d/pipe")
    with pytest.raises(run_task.OutputNotARegularFile):
        find(bench, "d/**")


def test_a_link_to_a_file_counts_as_that_file(bench: Bench) -> None:
    bench.write("real", "1", 0o600)
    (bench.root / "a").symlink_to("real")
    assert find(bench, "a") == (Produced(CanonicalPath("a"), 0o600),)


def test_an_output_that_leads_out_of_the_workspace_is_refused(
    bench: Bench, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "x"
    outside.write_text("x")
    (bench.root / "a").symlink_to(outside)
    with pytest.raises(run_task.OutputPatternResolutionFailed) as caught:
        find(bench, "a")
    assert isinstance(caught.value.source, fs.PermissionDenied)
    assert str(outside) in caught.value.source.__notes__[0]


def test_links_in_a_circle_fail_the_resolution(bench: Bench) -> None:
    (bench.root / "a").symlink_to("b")
    (bench.root / "b").symlink_to("a")
    with pytest.raises(run_task.OutputPatternResolutionFailed):
        find(bench, "a")


def test_a_mode_that_cannot_be_read_is_told_apart(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.write("a", "1")
    target = bench.root / "a"
    resolver = bench.context.resolver
    real = resolver.expand_outputs

    def expand_outputs(patterns: Sequence[Pattern]) -> Expansion:
        # A process that the task left behind removes the file just after it was found.
        found = real(patterns)
        target.unlink()
        return found

    monkeypatch.setattr(resolver, "expand_outputs", expand_outputs)
    with pytest.raises(run_task.OutputModeReadFailed) as caught:
        find(bench, "a")
    assert caught.value.path == target
    assert isinstance(caught.value.source, fs.NotFound)


def test_a_name_that_no_path_may_hold_is_the_users_to_change(bench: Bench) -> None:
    bench.write("d/good", "1")
    bench.write("d/bad\nname", "1")
    with pytest.raises(run_task.MaterialisedOutputPathInvalid) as caught:
        find(bench, "d/**")
    assert caught.value.path == "/d/bad\nname"
    assert isinstance(caught.value.source, parse_absolute.Invalid)
    assert caught.value.kind is Kind.USER


def test_bytes_that_are_no_utf8_are_handled_as_names(bench: Bench) -> None:
    name = os.fsdecode(b"d/caf\xe9")
    bench.write(name, "1")
    assert [output.path for output in find(bench, "d/**")] == [name]
