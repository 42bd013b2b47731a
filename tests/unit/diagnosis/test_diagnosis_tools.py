"""Diagnostics read from real compilers, linkers, shells and run times of this machine."""

import shutil
import subprocess
from pathlib import Path

import pytest

from hazui.diagnosis.diagnose import diagnose
from hazui.domain.links import Diagnosis
from hazui.domain.records import ExitStatus


def needs(*programs: str) -> pytest.MarkDecorator:
    missing = [name for name in programs if shutil.which(name) is None]
    return pytest.mark.skipif(bool(missing), reason=f"not installed: {missing}")


def run(directory: Path, command: str) -> Diagnosis:
    done = subprocess.run(
        ["sh", "-c", command], cwd=directory, capture_output=True, timeout=50, check=False,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(directory)},
    )  # fmt: skip
    assert done.returncode != 0
    return diagnose(done.stdout, done.stderr, ExitStatus.from_wait(done.returncode), [])


@needs("gcc", "make")
def test_an_error_in_a_header_under_make_is_the_root_and_make_wraps_it(tmp_path: Path) -> None:
    (tmp_path / "pot.h").write_text("\nleaf brew(void);\n")
    (tmp_path / "tea.c").write_text('#include "pot.h"\nint main(void) { return 0; }\n')
    (tmp_path / "Makefile").write_text("tea.o:\n\tgcc -c tea.c\n")
    found = run(tmp_path, "make")
    assert (found.chain[-1].file, found.chain[-1].line, found.chain[-1].column) == ("pot.h", 2, 1)
    assert "unknown type name" in found.chain[-1].message
    assert found.chain[-1].relation == "reported_by"
    assert [link.type for link in found.chain] == ["make", None]
    assert (found.chain[0].file, found.chain[0].line) == ("Makefile", 2)
    assert len(found.errors) == 1


@needs("gcc")
def test_warnings_are_failures_only_when_they_were_made_errors(tmp_path: Path) -> None:
    (tmp_path / "tea.c").write_text("int main(void) { int cup; return 0 }\n")
    found = run(tmp_path, "gcc -Wall -c tea.c")
    assert [link.type for link in found.errors] == [None]
    (tmp_path / "tea.c").write_text("int main(void) { int cup; return 0; }\n")
    found = run(tmp_path, "gcc -Wall -Werror -c tea.c")
    assert [link.type for link in found.errors] == ["-Werror=unused-variable"]


@needs("gcc")
def test_an_undefined_symbol_is_placed_by_its_debug_information(tmp_path: Path) -> None:
    (tmp_path / "tea.c").write_text("int pour(int);\nint main(void) {\n  return pour(1);\n}\n")
    found = run(tmp_path, "gcc -g tea.c -o tea")
    assert "undefined reference to" in found.chain[-1].message
    assert (Path(found.chain[-1].file or "").name, found.chain[-1].line) == ("tea.c", 3)
    assert len(found.errors) == 1


@needs("make")
def test_what_make_itself_misses_is_a_root(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text("tea: leaf.c\n")
    assert "No rule to make target" in run(tmp_path, "make").chain[-1].message
    (tmp_path / "Makefile").write_text("tea:\n  pour\n")
    root = run(tmp_path, "make").chain[-1]
    assert (root.file, root.line) == ("Makefile", 2)


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_a_missing_command_is_placed_in_its_script(shell: str, tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"not installed: {shell}")
    (tmp_path / "tea.sh").write_text("set -e\n\nkettle --hot\n")
    root = run(tmp_path, f"{shell} tea.sh").chain[-1]
    assert (root.file, root.line) == ("tea.sh", 3)
    assert root.message.startswith("kettle: ")
    (tmp_path / "tea.sh").write_text("if true; then\n")
    assert "yntax error" in run(tmp_path, f"{shell} tea.sh").chain[-1].message


def test_a_command_line_has_no_place(tmp_path: Path) -> None:
    root = run(tmp_path, "kettle").chain[-1]
    assert "kettle" in root.message
    assert root.file is None


@needs("node")
def test_node_causes_and_aggregates_are_followed(tmp_path: Path) -> None:
    (tmp_path / "tea.js").write_text(
        "function pour() { null.cup; }\n"
        "try { pour() } catch (e) {\n"
        "  const cause = new Error('mid', { cause: e });\n"
        "  throw new AggregateError([new Error('x')], 'all', { cause });\n"
        "}\n"
    )
    found = run(tmp_path, "node tea.js")
    assert [link.type for link in found.chain] == ["AggregateError", "Error", "TypeError"]
    assert [link.relation for link in found.chain] == [None, "caused_by", "caused_by"]
    assert (
        Path(found.chain[-1].file or "").name,
        found.chain[-1].line,
        found.chain[-1].column,
    ) == ("tea.js", 1, 24)


@needs("node")
def test_node_members_are_counted_when_there_is_no_cause(tmp_path: Path) -> None:
    (tmp_path / "tea.js").write_text(
        "Promise.any([Promise.reject(new Error('one')), Promise.reject(new RangeError('two'))]);\n"
    )
    found = run(tmp_path, "node tea.js")
    assert [link.message for link in found.errors] == ["one", "two"]
    assert found.chain[-1].relation == "member"


@needs("node")
def test_a_script_that_does_not_parse_is_placed(tmp_path: Path) -> None:
    (tmp_path / "tea.js").write_text("let cup = {\n  full: yes no\n};\n")
    root = run(tmp_path, "node tea.js").chain[-1]
    assert (root.type, Path(root.file or "").name, root.line) == ("SyntaxError", "tea.js", 2)


@needs("node")
def test_node_errors_that_were_only_printed_give_way_to_the_uncaught_one(tmp_path: Path) -> None:
    (tmp_path / "tea.js").write_text(
        "console.error(new Error('survived'));\nthrow new TypeError('fatal');\n"
    )
    found = run(tmp_path, "node tea.js")
    assert found.chain[-1].message == "fatal"
