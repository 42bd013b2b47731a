import shutil
import subprocess
from pathlib import Path

import pytest

from hazui.files.ignore import IgnoreRules
from hazui.files.walk import walk


def write(root: Path, **files: str) -> None:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("DOT", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


LINES = """
# a comment
*.log
!keep.log
/top.txt
build/
docs/*.html
!docs/index.html
**/cache
a/**/z
foo/**
!foo/keep.txt
sp\\ ace
[0-9]?.dat
\\#hash
\\!bang
trailing   
x/y
ran[[:digit:]]e
"""  # noqa: W291 - the spaces are part of the test

PATHS = [
    "a.log", "d/a.log", "keep.log", "d/keep.log", "top.txt", "d/top.txt", "build/x", "d/build/y",
    "notbuild/x", "docs/a.html", "docs/index.html", "docs/deep/a.html", "d/cache/f", "cache/g",
    "a/z", "a/b/z", "a/b/c/z", "a/b/q", "foo/keep.txt", "foo/other.txt", "foo/deep/keep.txt",
    "sp ace", "1a.dat", "ab.dat", "#hash", "!bang", "trailing", "x/y", "x/yy", "q/x/y", "ran5e",
    "ranxe", "ok.py", "d/ok.py", "ünïcode.log", "caf\udce9.log",
]  # fmt: skip


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_gitignore_lines_mean_what_they_mean_to_git(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text(LINES)
    (tmp_path / "d").mkdir()
    (tmp_path / "d/.gitignore").write_text("!a.log\nok.py\n/build\n")
    for path in PATHS:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("x")
    git = ["git", "-c", "core.excludesFile=/dev/null", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "-q"], check=True)
    listed = subprocess.run(
        [*git, "ls-files", "-z", "--others", "--exclude-standard"], check=True, capture_output=True
    ).stdout
    wanted = sorted(name.decode("utf-8", "surrogateescape") for name in listed.split(b"\0") if name)
    # "cache" is a default of no tool here; "#hash" would be an editor's file.
    found = [path for path in walk(tmp_path, IgnoreRules(tmp_path)) if path != "#hash"]
    assert sorted(found) == [path for path in wanted if path != "#hash"]
    rules = IgnoreRules(tmp_path)
    for path in PATHS:
        if path != "#hash":
            assert rules.is_ignored(path, False) == (path not in wanted), path


@pytest.mark.parametrize(
    "name",
    ["node_modules", ".git", "__pycache__", ".venv", "target", ".hazui"],
)
def test_directories_of_tools_are_ignored_by_default_on_every_level(
    tmp_path: Path, name: str
) -> None:
    rules = IgnoreRules(tmp_path)
    assert rules.is_ignored(name, True)
    assert rules.is_ignored(f"deep/{name}", True)
    assert rules.is_ignored(f"deep/{name}/below/file", False)
    assert rules.is_ignored(f"{name}2", True) is False


@pytest.mark.parametrize("name", [".a.py.swp", "a.py~", ".#a.py", "#a.py#", "4913", ".DS_Store"])
def test_files_that_editors_leave_for_a_moment_are_ignored(tmp_path: Path, name: str) -> None:
    assert IgnoreRules(tmp_path).is_ignored(f"src/{name}", False)


def test_a_rule_file_brings_back_what_a_default_hides(tmp_path: Path) -> None:
    write(tmp_path, DOTgitignore="!target/\n")
    rules = IgnoreRules(tmp_path)
    assert not rules.is_ignored("target/x", False)
    assert rules.is_ignored("node_modules/x", False)


def test_configured_patterns_win_over_rule_files(tmp_path: Path) -> None:
    write(tmp_path, DOTgitignore="*.gen\n", sub__DOTgitignore="!*.tmp\n")
    rules = IgnoreRules(tmp_path, ["*.tmp", "!kept.gen", "/only/here"])
    assert rules.is_ignored("sub/a.tmp", False)
    assert not rules.is_ignored("sub/kept.gen", False)
    assert rules.is_ignored("only/here", False)
    assert not rules.is_ignored("sub/only/here", False)


def test_dot_ignore_wins_over_gitignore_beside_it_and_the_nearer_over_both(tmp_path: Path) -> None:
    write(tmp_path, DOTgitignore="a\n", DOTignore="!a\nb\n", sub__DOTgitignore="!b\n")
    rules = IgnoreRules(tmp_path)
    assert not rules.is_ignored("a", False)
    assert rules.is_ignored("b", False)
    assert not rules.is_ignored("sub/b", False)


def test_the_state_directory_cannot_be_brought_back(tmp_path: Path) -> None:
    write(tmp_path, DOTgitignore="!.hazui/\n!.hazui\n")
    assert IgnoreRules(tmp_path, ["!.hazui"]).is_ignored(".hazui", True)


def test_rules_are_read_again_when_told(tmp_path: Path) -> None:
    write(tmp_path, DOTgitignore="a\n")
    rules = IgnoreRules(tmp_path)
    assert rules.is_ignored("a", False)
    write(tmp_path, DOTgitignore="b\n")
    assert rules.is_ignored("a", False)
    rules.forget()
    assert not rules.is_ignored("a", False)


def test_an_unreadable_line_is_skipped(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_bytes(b"!\n/\n[a-\n\xff\xfe.bin\n*.o\n")
    rules = IgnoreRules(tmp_path)
    assert rules.is_ignored("x.o", False)
    assert rules.is_ignored("\udcff\udcfe.bin", False)
