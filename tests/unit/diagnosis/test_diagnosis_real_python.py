"""Chains read from the output of real interpreters and of real test runners."""

import subprocess
import sys
from pathlib import Path

import pytest

from hazui.diagnosis.diagnose import diagnose
from hazui.domain.links import Diagnosis
from hazui.domain.records import ExitStatus


def run(directory: Path, *argv: str) -> Diagnosis:
    done = subprocess.run(
        [sys.executable, *argv],
        cwd=directory,
        capture_output=True,
        timeout=50,
        check=False,
        env={"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode != 0
    status = ExitStatus.from_wait(done.returncode)
    return diagnose(done.stdout, done.stderr, status, argv, root=str(directory))


def chain(found: Diagnosis) -> list[tuple[str | None, str | None, str]]:
    return [(link.relation, link.type, link.message) for link in found.chain]


# ruff: noqa: E501, ISC004
SCRIPTS = {
    "explicit cause": (
        "def read():\n    return int('four')\n"
        "try:\n    read()\nexcept ValueError as e:\n    raise RuntimeError('no cups') from e\n",
        [
            (None, "RuntimeError", "no cups"),
            ("caused_by", "ValueError", "invalid literal for int() with base 10: 'four'"),
        ],
        2,
    ),
    "implicit context": (
        "try:\n    {}['leaf']\nexcept KeyError:\n    None.brew\n",
        [
            (None, "AttributeError", "'NoneType' object has no attribute 'brew'"),
            ("while_handling", "KeyError", "'leaf'"),
        ],
        2,
    ),
    "from None": (
        "try:\n    1 / 0\nexcept ZeroDivisionError:\n    raise OSError('hidden') from None\n",
        [(None, "OSError", "hidden")],
        4,
    ),
    "a cause that was never raised": (
        "raise RuntimeError('outer') from ValueError('inner')\n",
        [(None, "RuntimeError", "outer"), ("caused_by", "ValueError", "inner")],
        None,
    ),
    "a group of unraised members": (
        "raise ExceptionGroup('two', [ValueError('a'), KeyError('b')])\n",
        [(None, "ExceptionGroup", "two (2 sub-exceptions)"), ("member", "ValueError", "a")],
        None,
    ),
    "a library frame at the end": (
        "import json\n\njson.loads('{')\n",
        [
            (
                None,
                "json.decoder.JSONDecodeError",
                "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
            )
        ],
        3,
    ),
    "an exception without a message": ("raise NotImplementedError\n", [(None, "NotImplementedError", "")], 1),
    "a syntax error": ("def f(:\n    pass\n", [(None, "SyntaxError", "invalid syntax")], 1),
    "several lines in a message": (
        "raise ValueError('first\\n  second')\n",
        [(None, "ValueError", "first\n  second")],
        1,
    ),
    "a failure in a pool's worker": (
        "from concurrent.futures import ProcessPoolExecutor\n"
        "def work(n):\n    raise LookupError(f'cup {n}')\n"
        "if __name__ == '__main__':\n    with ProcessPoolExecutor(1) as pool:\n"
        "        pool.submit(work, 3).result()\n",
        [(None, "LookupError", "cup 3")],
        3,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_read_to_its_root(name: str, tmp_path: Path) -> None:
    source, expected, line = SCRIPTS[name]
    (tmp_path / "tea.py").write_text(source)
    found = run(tmp_path, "tea.py")
    assert chain(found) == expected
    assert found.chain[-1].line == line
    if line is not None:
        assert found.chain[-1].file == "tea.py"


def test_nested_groups_count_every_leaf(tmp_path: Path) -> None:
    (tmp_path / "tea.py").write_text(
        "def one():\n    raise ValueError('leaf one')\n"
        "def inner():\n    errors = []\n    for f in (one, lambda: {}['x']):\n"
        "        try:\n            f()\n        except Exception as e:\n            errors.append(e)\n"
        "    raise ExceptionGroup('inner', errors)\n"
        "try:\n    inner()\nexcept ExceptionGroup as e:\n"
        "    raise ExceptionGroup('outer', [e, OSError('leaf three')])\n"
    )
    found = run(tmp_path, "tea.py")
    assert found.chain[-1].message == "leaf one"
    assert found.chain[-1].line == 2
    assert [link.message for link in found.errors] == ["leaf one", "'x'", "leaf three"]


def test_a_traceback_that_was_logged_is_not_the_root(tmp_path: Path) -> None:
    (tmp_path / "tea.py").write_text(
        "import logging, traceback\n"
        "try:\n    int('x')\nexcept ValueError:\n    logging.exception('retrying')\n"
        "def brew():\n    try:\n        {}[1]\n    except KeyError:\n        traceback.print_exc()\n"
        "brew()\nraise OSError('the tap is dry')\n"
    )
    found = run(tmp_path, "tea.py")
    assert chain(found) == [(None, "OSError", "the tap is dry")]
    assert len(found.errors) == 1


def test_a_logged_traceback_is_told_when_nothing_else_was(tmp_path: Path) -> None:
    (tmp_path / "tea.py").write_text(
        "import logging, sys\n"
        "try:\n    int('x')\nexcept ValueError:\n    logging.exception('giving up')\n    sys.exit(3)\n"
    )
    assert run(tmp_path, "tea.py").chain[-1].type == "ValueError"


def test_a_range_points_at_the_very_lines(tmp_path: Path) -> None:
    (tmp_path / "tea.py").write_text(
        "import sys\nprint('before', file=sys.stderr)\nraise OSError('dry')\n"
    )
    done = subprocess.run(
        [sys.executable, "tea.py"], cwd=tmp_path, capture_output=True, check=False
    )
    link = diagnose(b"", done.stderr, ExitStatus(code=1), []).chain[-1]
    part = done.stderr[link.byte_start : link.byte_end]
    assert part.startswith(b"Traceback")
    assert part.endswith(b"OSError: dry")


PYTEST = """
import pytest

def helper(n):
    assert n == 4, "not four"

@pytest.fixture
def pot():
    raise OSError("no pot")

def test_sum():
    helper(5)

def test_plain():
    print("Traceback (most recent call last):")
    x = [1, 2]
    assert x == [1, 3]

def test_chain():
    try:
        {}["a"]
    except KeyError as e:
        raise RuntimeError("outer") from e

def test_pot(pot):
    pass
"""


@pytest.mark.parametrize("style", ["long", "short", "native", "auto", "line"])
def test_pytest_is_read_in_every_style(style: str, tmp_path: Path) -> None:
    (tmp_path / "test_tea.py").write_text(PYTEST)
    options = ["-p", "no:cacheprovider", "-p", "no:randomly", f"--tb={style}", "--color=yes"]
    found = run(tmp_path, "-m", "pytest", *options)
    rows = {(link.type, link.line, link.message.split("\n")[0]) for link in found.errors}
    assert ("AssertionError", 17) in {row[:2] for row in rows}
    assert ("AssertionError", 5) in {row[:2] for row in rows}
    assert len(found.errors) == 4
    if style != "line":
        assert ("OSError", 9, "no pot") in rows
        assert {Path(link.file or "").name for link in found.errors} == {"test_tea.py"}
        assert ("KeyError", 21, "'a'") in rows


def test_pytest_without_tracebacks_is_read_from_its_summary(tmp_path: Path) -> None:
    (tmp_path / "test_tea.py").write_text(PYTEST)
    found = run(tmp_path, "-m", "pytest", "-p", "no:cacheprovider", "--tb=no", "-q")
    assert len(found.errors) == 4
    assert {link.file for link in found.errors} == {"test_tea.py"}


def test_pytest_collection_errors_name_the_import(tmp_path: Path) -> None:
    (tmp_path / "test_tea.py").write_text("import leaf_that_is_nowhere\n")
    found = run(tmp_path, "-m", "pytest", "-p", "no:cacheprovider")
    root = found.chain[-1]
    assert (root.type, root.file, root.line) == ("ModuleNotFoundError", "test_tea.py", 1)


def test_a_broken_conftest_is_read(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text("import os\n1 / 0\n")
    found = run(tmp_path, "-m", "pytest", "-p", "no:cacheprovider")
    assert (found.chain[-1].type, found.chain[-1].line) == ("ZeroDivisionError", 2)


def test_unittest_is_read_with_its_subtests(tmp_path: Path) -> None:
    (tmp_path / "test_pot.py").write_text(
        "import unittest\nclass T(unittest.TestCase):\n"
        "    def test_a(self):\n        self.assertEqual([1], [2])\n"
        "    def test_b(self):\n        for n in range(2):\n"
        "            with self.subTest(n=n):\n                raise KeyError(n)\n"
    )
    found = run(tmp_path, "-m", "unittest", "test_pot")
    assert {(link.type, link.line) for link in found.errors} == {
        ("AssertionError", 4),
        ("KeyError", 8),
    }
    assert len(found.errors) == 3
