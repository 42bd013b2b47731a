import shutil
from pathlib import Path

import pytest

from hazui.files.ignore import IgnoreRules
from hazui.files.walk import walk_tree


def test_a_directory_that_is_removed_while_it_is_read_does_not_end_the_walk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a/f", "doomed/g", "z/h"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("x")
    original = IgnoreRules.scope

    def scope_and_remove(self: IgnoreRules, directory: str) -> object:
        # Asked for after the directory was opened and before its first entry is read.
        if directory == "doomed":
            shutil.rmtree(tmp_path / "doomed")
        return original(self, directory)

    monkeypatch.setattr(IgnoreRules, "scope", scope_and_remove)
    found = walk_tree(tmp_path, IgnoreRules(tmp_path))
    assert found.files == ["a/f", "z/h"]
    assert found.unreadable == []
    assert not (tmp_path / "doomed").exists()


def test_names_that_no_canonical_path_can_hold_are_left_out_and_kept_apart(tmp_path: Path) -> None:
    for name in ("good", "new\nline", "bidi\u202e", "sub"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "f").write_text("x")
    found = walk_tree(tmp_path, IgnoreRules(tmp_path))
    assert found.files == ["good/f", "sub/f"]
    assert found.unrepresentable == ["bidi\u202e", "new\nline"]


def test_one_directory_alone_can_be_listed(tmp_path: Path) -> None:
    (tmp_path / "d/e").mkdir(parents=True)
    (tmp_path / "d/f").write_text("x")
    (tmp_path / "d/e/g").write_text("x")
    found = walk_tree(tmp_path, None, "d", is_deep=False)
    assert (found.files, found.directories) == (["d/f"], ["d/e"])
