import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from hazui.domain.paths import CanonicalPath
from hazui.domain.patterns import parse_pattern
from hazui.errors import fs
from hazui.files.ignore import IgnoreRules
from hazui.files.resolve import Expansion, InputResolver

Write = Callable[..., None]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path.resolve() / "workspace"
    root.mkdir()
    return root


@pytest.fixture
def write(root: Path) -> Write:
    def write(*paths: str, text: str = "x") -> None:
        for path in paths:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)

    return write


def expansion(
    files: tuple[str, ...], not_regular: tuple[str, ...] = (), missing: tuple[str, ...] = ()
) -> Expansion:
    return Expansion(*(tuple(map(CanonicalPath, each)) for each in (files, not_regular, missing)))


def inputs(root: Path, *texts: str) -> Expansion:
    return InputResolver(root, IgnoreRules(root)).expand(
        [parse_pattern(CanonicalPath(""), t) for t in texts]
    )


def outputs(root: Path, *texts: str) -> Expansion:
    resolver = InputResolver(root, IgnoreRules(root))
    return resolver.expand_outputs([parse_pattern(CanonicalPath(""), text) for text in texts])


def test_globs_expand_to_files_in_order_without_what_is_excluded(root: Path, write: Write) -> None:
    write("src/b.py", "src/a.py", "src/a/z.py", "src/a/gen.py", "other/x.py", "src/readme")
    assert inputs(root, "src/**/*.py", "!**/gen.py").files == (
        "src/a.py",
        "src/a/z.py",
        "src/b.py",
    )


def test_a_glob_may_match_nothing_and_never_a_directory(root: Path, write: Write) -> None:
    write("src/pkg.py/inner.txt")
    assert inputs(root, "src/*.py", "none/**") == Expansion()


def test_a_literal_input_is_read_though_it_is_ignored(root: Path, write: Write) -> None:
    write("secret.env", "node_modules/left/pad.js")
    (root / ".gitignore").write_text("*.env\n")
    assert inputs(root, "secret.env", "node_modules/left/pad.js", "**/*.js").files == (
        "node_modules/left/pad.js",
        "secret.env",
    )


def test_a_missing_literal_input_is_an_error(root: Path) -> None:
    with pytest.raises(fs.NotFound) as caught:
        inputs(root, "gone.txt")
    assert caught.value.path == root / "gone.txt"


def test_what_is_not_a_regular_file_is_told_apart(root: Path, write: Write) -> None:
    write("in/real", "elsewhere/file")
    os.mkfifo(root / "in/fifo")
    (root / "in/dangling").symlink_to("nowhere")
    (root / "in/to_directory").symlink_to("../elsewhere")
    (root / "in/to_file").symlink_to("../elsewhere/file")
    bound = socket.socket(socket.AF_UNIX)
    before = os.getcwd()
    os.chdir(root)
    try:
        bound.bind("in/socket")
    finally:
        os.chdir(before)
        bound.close()
    odd = ("in/dangling", "in/fifo", "in/socket", "in/to_directory")
    assert inputs(root, "in/**") == expansion(("in/real", "in/to_file"), odd)
    assert outputs(root, "in/*") == expansion(("in/real", "in/to_file"), odd)
    assert inputs(root, "in/fifo", "elsewhere").not_regular == ("elsewhere", "in/fifo")


def test_a_link_out_of_the_workspace_is_refused_with_its_target(root: Path, write: Write) -> None:
    (root.parent / "outside").write_text("x")
    (root / "link").symlink_to(root.parent / "outside")
    for expand in (inputs, outputs):
        for pattern in ("link", "l*"):
            with pytest.raises(fs.PermissionDenied) as caught:
                expand(root, pattern)
            assert str(root.parent / "outside") in caught.value.__notes__[0]


def test_a_directory_link_out_of_the_workspace_is_refused(root: Path) -> None:
    (root.parent / "away").mkdir()
    (root.parent / "away/file").write_text("x")
    (root / "way").symlink_to(root.parent / "away")
    with pytest.raises(fs.PermissionDenied):
        inputs(root, "way/file")
    with pytest.raises(fs.PermissionDenied):
        outputs(root, "way/*")


def test_links_in_a_circle_are_an_error_of_their_own(root: Path) -> None:
    (root / "a").symlink_to("b")
    (root / "b").symlink_to("a")
    with pytest.raises(fs.Io) as caught:
        inputs(root, "*")
    assert caught.value.errno == 40


def test_outputs_are_found_fresh_and_though_ignored(root: Path, write: Write) -> None:
    write("packages/a/dist/x.js", "packages/b/dist/deep/y.js", "packages/b/src/z.js")
    write("target/bin", ".hazui/state", "dist/.hazui/inner")
    (root / ".gitignore").write_text("dist\n")
    assert outputs(root, "packages/*/dist/**", "target/bin", "gone", "**/inner") == expansion(
        ("packages/a/dist/x.js", "packages/b/dist/deep/y.js", "target/bin"), (), ("gone",)
    )


def test_an_output_name_that_no_canonical_path_can_hold_is_named(root: Path, write: Write) -> None:
    write("out/good", "out/bad\nname")
    found = outputs(root, "out/**")
    assert found.files == ("out/good",)
    assert found.unrepresentable == ("out/bad\nname",)


def test_the_state_directory_is_never_an_input_or_output(root: Path, write: Write) -> None:
    write(".hazui/state.db", "a")
    assert inputs(root, "**").files == ("a",)
    assert outputs(root, "**").files == ("a",)
    with pytest.raises(fs.PermissionDenied):
        inputs(root, ".hazui/state.db")
    with pytest.raises(fs.PermissionDenied):
        outputs(root, ".hazui/**")


def test_changes_that_are_noted_reach_the_next_expansion(root: Path, write: Write) -> None:
    write("src/a.py", "src/old/b.py")
    resolver = InputResolver(root, IgnoreRules(root))
    patterns = [
        parse_pattern(CanonicalPath(""), "src/**/*.py"),
        parse_pattern(CanonicalPath(""), "!**/skip.py"),
    ]
    assert resolver.expand(patterns).files == ("src/a.py", "src/old/b.py")
    write("src/new/c.py", "src/new/skip.py", "src/new/node_modules/d.py")
    (root / "src/old/b.py").unlink()
    change = resolver.note_changes([CanonicalPath("src/new")], [CanonicalPath("src/old/b.py")])
    assert change.added == ["src/new/c.py", "src/new/skip.py"]
    assert change.removed == ["src/old/b.py"]
    assert resolver.expand(patterns).files == ("src/a.py", "src/new/c.py")


def test_many_noted_changes_are_caught_up_with(root: Path, write: Write) -> None:
    write("src/a.py")
    resolver = InputResolver(root, IgnoreRules(root))
    patterns = [parse_pattern(CanonicalPath(""), "src/**/*.py")]
    resolver.expand(patterns)
    write(*(f"src/many/f{number}.py" for number in range(5000)))
    resolver.note_changes([CanonicalPath("src/many")])
    assert len(resolver.expand(patterns).files) == 5001


def test_a_name_that_is_not_utf8_survives(root: Path) -> None:
    with open(os.fsencode(root) + b"/caf\xe9.txt", "wb") as file:
        file.write(b"x")
    assert inputs(root, "*.txt").files == ("caf\udce9.txt",)
