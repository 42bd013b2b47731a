"""Writing a workspace's files for a test and loading them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hazui.config.load import Loaded, load
from hazui.config.locate import Location
from hazui.config.problems import Rejected
from hazui.domain.specs import WorkspaceSpec
from hazui.errors.config import ConfigError


def write(root: Path, files: Mapping[str, str]) -> None:
    """Write ``files`` (path to text) below ``root``."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def load_text(
    root: Path,
    text: str,
    environ: Mapping[str, str] | None = None,
    **flags: Any,
) -> Loaded | Rejected:
    """Write ``text`` as the hazui.toml of ``root`` and load it."""
    write(root, {"hazui.toml": text})
    return load(Location(root / "hazui.toml", root), environ=environ or {}, overrides=flags)


def loaded(
    root: Path, text: str, environ: Mapping[str, str] | None = None, **flags: Any
) -> WorkspaceSpec:
    """The workspace of a text that has no problems."""
    result = load_text(root, text, environ, **flags)
    assert isinstance(result, Loaded), result
    return result.workspace


def problems(
    root: Path, text: str, environ: Mapping[str, str] | None = None, **flags: Any
) -> tuple[ConfigError, ...]:
    """The problems of a text that has some."""
    result = load_text(root, text, environ, **flags)
    assert isinstance(result, Rejected), result
    assert result.problems
    return result.problems


def problem(root: Path, text: str) -> ConfigError:
    """The only problem of a text."""
    found = problems(root, text)
    assert len(found) == 1, found
    return found[0]


def pointed_at(error: ConfigError) -> str:
    """What stands where an error points: the rest of its line."""
    assert error.excerpt is not None
    assert error.column is not None
    return error.excerpt[error.column - 1 :]
