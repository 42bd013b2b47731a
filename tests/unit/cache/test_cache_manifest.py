"""Manifests, their fingerprints, differences, and where the last ones are kept."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from hazui.cache.explain import differences
from hazui.cache.last import LastManifests
from hazui.cache.manifest import (
    Action,
    FileItem,
    ServiceItem,
    StreamItem,
    describe,
    hash_action,
    masked,
)
from hazui.cache.secret import workspace_key
from hazui.domain.ids import ActionKey, Digest, TaskId
from hazui.domain.paths import CanonicalPath

SECRET = b"s" * 32
ONE, TWO = Digest("1" * 64), Digest("2" * 64)
BASE = Action(
    hash_name="blake3",
    command="make",
    shell="sh",
    env=(("A", "1"), ("B", None)),
    cwd=CanonicalPath(""),
    platform="linux",
    inputs=(FileItem(CanonicalPath("a"), ONE, False), FileItem(CanonicalPath("b"), ONE, True)),
    dependency_outputs=(FileItem(CanonicalPath("gen"), ONE, False),),
    dependency_streams=(StreamItem("app:up", ONE, TWO),),
    services=(ServiceItem("app:db", ActionKey("3" * 64)),),
    output_patterns=("out",),
)


@pytest.mark.parametrize(
    ("change", "fact"),
    [
        ({"command": "make all"}, ("command", "command")),
        ({"command": ("make",)}, ("command", "command")),
        ({"shell": "bash"}, ("command", "shell")),
        ({"arguments": ("x",)}, ("command", "arguments")),
        ({"cwd": CanonicalPath("sub")}, ("command", "cwd")),
        ({"tty": True}, ("command", "tty")),
        ({"hash_name": "sha256"}, ("command", "hash")),
        ({"platform": "darwin"}, ("env", "platform")),
        ({"env": (("A", "2"), ("B", None))}, ("env", "A")),
        ({"env": (("A", "1"), ("B", ""))}, ("env", "B")),
        ({"env": (("A", "1"),)}, ("env", "B")),
        ({"output_patterns": ("out", "more")}, ("outputs", "more")),
        ({"inputs": (FileItem(CanonicalPath("a"), ONE, False),)}, ("file_removed", "b")),
        (
            {"inputs": (*BASE.inputs, FileItem(CanonicalPath("ü\t\\"), ONE, False))},
            ("file_added", "ü\t\\"),
        ),
        (
            {"inputs": (FileItem(CanonicalPath("a"), ONE, True), BASE.inputs[1])},
            ("file_changed", "a"),
        ),
        (
            {"dependency_outputs": (FileItem(CanonicalPath("gen"), TWO, False),)},
            ("dependency", "gen"),
        ),
        ({"dependency_streams": ()}, ("dependency", "app:up")),
        ({"services": (ServiceItem("app:db", ActionKey("4" * 64)),)}, ("dependency", "app:db")),
    ],
)
def test_each_part_changes_key_and_text_and_is_explained(
    change: dict[str, object], fact: tuple[str, str]
) -> None:
    other = replace(BASE, **change)  # type: ignore[arg-type]
    assert hash_action(other) != hash_action(BASE)
    found, omitted = differences(describe(BASE, SECRET), describe(other, SECRET))
    assert fact in found
    assert omitted == 0


def test_a_file_that_a_dependency_made_is_told_once() -> None:
    gen = CanonicalPath("gen")
    before, after = (
        replace(
            BASE,
            inputs=(FileItem(gen, digest, False),),
            dependency_outputs=(FileItem(gen, digest, False),),
        )
        for digest in (ONE, TWO)
    )
    facts = differences(describe(before, SECRET), describe(after, SECRET))
    assert facts == ([("file_changed", "gen")], 0)


def test_the_same_manifest_differs_in_nothing() -> None:
    text = describe(BASE, SECRET)
    assert differences(text, text) == ([], 0)


def test_a_text_that_cannot_be_read_differs_as_a_whole() -> None:
    facts, omitted = differences("\\x\tno\n\nwhat\\", describe(BASE, SECRET))
    assert facts
    assert omitted > 0


def test_a_fingerprint_tells_change_and_nothing_else() -> None:
    one = masked("TOKEN", "hush", SECRET)
    assert one == masked("TOKEN", "hush", SECRET)
    assert one != masked("TOKEN", "hush2", SECRET)
    assert one != masked("TOKEN", "hush", b"other key")
    assert one.removeprefix("TOKEN=") != masked("OTHER", "hush", SECRET).removeprefix("OTHER=")
    assert len(one) == len("TOKEN=") + 8


def test_neither_values_nor_arguments_are_in_the_text() -> None:
    action = replace(BASE, env=(("TOKEN", "hush-hush"),), arguments=("--password=hunter2",))
    text = describe(action, SECRET)
    assert "hush" not in text
    assert "hunter2" not in text


def test_the_workspace_key_is_made_once_and_private(tmp_path: Path) -> None:
    state_dir = tmp_path / ".hazui"
    key = workspace_key(state_dir)
    assert len(key) == 32
    assert workspace_key(state_dir) == key
    assert (state_dir / "workspace.key").stat().st_mode & 0o777 == 0o600
    assert os.listdir(state_dir) == ["workspace.key"]
    assert workspace_key(tmp_path / "other") != key


@pytest.mark.parametrize("damage", ["", "not hex at all", "ab", "zz" * 32 + "\n"])
def test_a_damaged_workspace_key_is_replaced(tmp_path: Path, damage: str) -> None:
    (tmp_path / "workspace.key").write_text(damage)
    key = workspace_key(tmp_path)
    assert len(key) == 32
    assert workspace_key(tmp_path) == key


TASK, OTHER = TaskId("app", "t"), TaskId("app", "other")


def test_last_manifests_are_kept_across_restarts(tmp_path: Path) -> None:
    file = tmp_path / "cache" / "manifests"
    last = LastManifests(file)
    assert (last.key_of(TASK), last.text_of(TASK), last.settled_of(TASK)) == (None, None, None)
    last.remember(TASK, ActionKey("k1"), "one\n")
    last.settle(TASK, ActionKey("k1"))
    last.remember(OTHER, ActionKey("o1"), "other\n")
    last.flush()
    last.remember(TASK, ActionKey("k2"), "two\n")
    assert last.text_of(TASK) == "two\n"
    last.flush()
    again = LastManifests(file)
    assert (again.key_of(TASK), again.text_of(TASK)) == ("k2", "two\n")
    assert (again.settled_of(TASK), again.settled_of(OTHER)) == ("k1", None)
    assert again.text_of(OTHER) == "other\n"


def test_a_torn_file_loses_its_tail_only(tmp_path: Path) -> None:
    file = tmp_path / "manifests"
    last = LastManifests(file)
    last.remember(OTHER, ActionKey("o1"), "other\n")
    last.flush()
    kept = file.stat().st_size
    last.remember(TASK, ActionKey("k1"), "one\n")
    last.flush()
    whole = file.read_bytes()
    for length in range(kept, len(whole)):
        file.write_bytes(whole[:length])
        torn = LastManifests(file)
        assert torn.key_of(OTHER) == "o1"
        assert torn.key_of(TASK) is None
        torn.remember(TASK, ActionKey("k2"), "two\n")
        torn.flush()
        mended = LastManifests(file)
        assert (mended.text_of(OTHER), mended.text_of(TASK)) == ("other\n", "two\n")


def test_what_is_out_of_date_is_dropped_in_the_end(tmp_path: Path) -> None:
    file = tmp_path / "manifests"
    last = LastManifests(file)
    text = "x" * 100_000
    for number in range(60):
        last.remember(TASK, ActionKey(f"k{number}"), text)
        last.flush()
    assert file.stat().st_size < 2_000_000
    assert LastManifests(file).key_of(TASK) == "k59"


def test_a_disk_that_refuses_costs_explanations_only(tmp_path: Path) -> None:
    (tmp_path / "blocked").write_text("in the way")
    last = LastManifests(tmp_path / "blocked" / "manifests")
    last.remember(TASK, ActionKey("k1"), "one\n")
    last.flush()
    assert last.key_of(TASK) == "k1"


def test_forgetting_all_forgets_on_the_disk_too(tmp_path: Path) -> None:
    last = LastManifests(tmp_path / "manifests")
    last.remember(TASK, ActionKey("k1"), "one\n")
    last.flush()
    last.forget_all()
    assert LastManifests(tmp_path / "manifests").key_of(TASK) is None
    assert last.key_of(TASK) is None


def test_a_file_that_another_process_cleared_gives_no_wrong_text(tmp_path: Path) -> None:
    mine, theirs = LastManifests(tmp_path / "manifests"), LastManifests(tmp_path / "manifests")
    for task in (OTHER, TASK):
        mine.remember(task, ActionKey("k1"), f"{task}\n" * 20)
    mine.flush()
    theirs.forget_all()
    assert mine.text_of(TASK) is None
    theirs.remember(OTHER, ActionKey("o2"), "short\n" * 100)
    theirs.flush()
    assert mine.text_of(TASK) is None
    mine.remember(TASK, ActionKey("k2"), "two\n")
    mine.flush()
    again = LastManifests(tmp_path / "manifests")
    assert (again.text_of(TASK), again.key_of(OTHER)) == ("two\n", "o2")
