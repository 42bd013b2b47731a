"""The wheel, as a user gets it: built, installed into a fresh environment, and used there.

Nothing is fetched: the backend and the dependencies are those of the environment the tests run in,
and the fresh environment sees them behind its own packages.
"""

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.support.repository import PACKAGE, ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def call(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a program far away from the checkout."""
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env={**environ, "TERM": "dumb", "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def done(*words: str | Path, cwd: Path) -> str:
    """Run a program that must succeed, and return its standard output."""
    result = call(*words, cwd=cwd)
    assert result.returncode == 0, f"{words}\n{result.stdout}\n{result.stderr}"
    return result.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    target = tmp_path_factory.mktemp("dist")
    words = (sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", target)
    done(*words, ROOT, cwd=target)
    (built,) = target.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of programs of a fresh environment that holds the wheel."""
    root = tmp_path_factory.mktemp("fresh") / "venv"
    venv.create(root, with_pip=True)
    programs = root / "bin"
    done(programs / "pip", "install", "--no-deps", "--no-index", wheel, cwd=root)
    site = Path(sysconfig.get_path("purelib", "venv", {"base": str(root), "platbase": str(root)}))
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return programs


def test_the_wheel_holds_the_package_and_its_data(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        path.relative_to(ROOT).as_posix()
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert wanted <= held
    assert {"hazui/py.typed", "hazui/process/GOTCHAS.md", "hazui/errors/CODES.md"} <= held
    assert {"hazui/tui/styles/main.tcss", "hazui/cli/demo_files/hazui.toml"} <= held


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    foreign = [
        name
        for name in zipfile.ZipFile(wheel).namelist()
        if not name.startswith("hazui/") and ".dist-info/" not in name
    ]
    assert foreign == []
    assert not [name for name in zipfile.ZipFile(wheel).namelist() if "__pycache__" in name]


def test_the_installed_command_tells_the_version_of_the_wheel(wheel: Path, installed: Path) -> None:
    version = done(installed / "hazui", "--version", cwd=installed.parent)
    assert version == f"hazui {wheel.name.split('-')[1]}\n"
    assert done(installed / "python", "-m", "hazui", "--version", cwd=installed.parent) == version


def test_the_installed_command_is_the_one_of_the_wheel(installed: Path) -> None:
    where = done(installed / "python", "-c", "import hazui; print(hazui.__file__)", cwd=installed)
    assert Path(where.strip()).is_relative_to(installed.parent)


def test_the_installed_demo_is_written_and_valid(installed: Path, tmp_path: Path) -> None:
    done(installed / "hazui", "demo", "shop", "--write-only", cwd=tmp_path)
    demo = tmp_path / "shop"
    source = PACKAGE / "cli" / "demo_files"
    for path in sorted(source.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            assert (demo / path.relative_to(source)).read_bytes() == path.read_bytes()
    found = json.loads(done(installed / "hazui", "-C", demo, "check", "--json", cwd=tmp_path))
    assert found["ok"]
    assert found["problems"] == []
    assert found["tasks"] > 5


def test_the_installed_command_runs_a_task_of_the_demo(installed: Path, tmp_path: Path) -> None:
    done(installed / "hazui", "demo", "shop", "--write-only", cwd=tmp_path)
    first = call(installed / "hazui", "-C", "shop", "run", "prices", cwd=tmp_path)
    assert first.returncode == 0, first.stdout + first.stderr
    assert json.loads((tmp_path / "shop/build/prices.json").read_text())
    second = call(installed / "hazui", "-C", "shop", "run", "prices", cwd=tmp_path)
    assert second.returncode == 0, second.stdout + second.stderr
    assert "from the cache" in second.stdout + second.stderr


def test_the_installed_command_explains_an_error_of_its_own(
    installed: Path, tmp_path: Path
) -> None:
    (tmp_path / "hazui.toml").write_text('[tasks.a]\ncommand = "true"\ndeps = ["b"]\n')
    refused = call(installed / "hazui", "check", cwd=tmp_path)
    assert refused.returncode == 3
    assert "hazui.toml:3" in refused.stderr
    code = "graph.unresolved_reference"
    assert code in done(installed / "hazui", "explain", code, cwd=tmp_path)
