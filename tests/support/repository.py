"""Where the repository is and which of its files somebody wrote."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "hazui"
_GENERATED = ("__pycache__", "__snapshots__")
_TOP = ("*.toml", "*.md", ".gitignore", ".ci/*")


def written_files() -> Iterator[Path]:
    """Every file of the repository that a person wrote, in order."""
    for folder in ("hazui", "tests", "bench", "screenshots"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and not set(path.parts) & set(_GENERATED):
                yield path
    for pattern in _TOP:
        yield from sorted(path for path in ROOT.glob(pattern) if path.is_file())


def python_files() -> list[Path]:
    """The Python files among them."""
    return [path for path in written_files() if path.suffix == ".py"]


def package_files() -> list[Path]:
    """The modules of the package; the demo's files are data."""
    return [
        path
        for path in python_files()
        if path.is_relative_to(PACKAGE) and "demo_files" not in path.parts
    ]


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of one file."""
    return ast.parse(path.read_text("utf-8"), filename=str(path))


def shown(path: Path, line: int | None = None) -> str:
    """How a test names a file: relative, with the line if there is one."""
    name = path.relative_to(ROOT).as_posix()
    return name if line is None else f"{name}:{line}"


def room_of(path: Path) -> str:
    """The room a module of the package is in, "" at the top."""
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else ""
