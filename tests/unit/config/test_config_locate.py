"""Which hazui.toml is the one, and which directory is the root."""

from pathlib import Path

import pytest

from hazui.config.locate import Location, bearing_project, locate
from hazui.config.problems import Rejected
from hazui.errors import config
from tests.support.configs import loaded, write


def test_the_nearest_file_above_is_found(tmp_path: Path) -> None:
    write(tmp_path, {"hazui.toml": "", "a/hazui.toml": "", "a/b/c/x": ""})
    assert locate(tmp_path / "a/b/c") == Location(tmp_path / "a/hazui.toml", tmp_path / "a")


def test_a_file_above_that_lists_the_directory_wins(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "hazui.toml": "[projects.web]\npath = 'apps/web'\n",
            "apps/hazui.toml": "",
            "apps/web/hazui.toml": "",
            "apps/web/src/x": "",
        },
    )
    whole = Location(tmp_path / "hazui.toml", tmp_path)
    assert locate(tmp_path / "apps/web/src") == whole
    assert locate(tmp_path / "apps/web") == whole
    assert locate(tmp_path / "apps") == Location(tmp_path / "apps/hazui.toml", tmp_path / "apps")


def test_a_project_is_recognised_through_a_symlink(tmp_path: Path) -> None:
    write(tmp_path, {"hazui.toml": "[projects.web]\npath = 'link'\n", "web/hazui.toml": ""})
    (tmp_path / "link").symlink_to("web")
    assert locate(tmp_path / "link") == Location(tmp_path / "hazui.toml", tmp_path)


@pytest.mark.parametrize(
    "text", ["not toml", "projects = 3", "[projects]\na = 1", "[projects.a]\npath = '../..'"]
)
def test_a_broken_file_above_does_not_hide_the_nearest(tmp_path: Path, text: str) -> None:
    write(tmp_path, {"hazui.toml": text, "a/hazui.toml": ""})
    assert locate(tmp_path / "a") == Location(tmp_path / "a/hazui.toml", tmp_path / "a")


def test_a_directory_called_hazui_toml_is_not_a_configuration(tmp_path: Path) -> None:
    write(tmp_path, {"hazui.toml": "", "a/hazui.toml/x": ""})
    assert locate(tmp_path / "a") == Location(tmp_path / "hazui.toml", tmp_path)


def test_a_named_file_makes_its_directory_the_root(tmp_path: Path) -> None:
    write(tmp_path, {"hazui.toml": "", "conf/other.toml": ""})
    found = locate(tmp_path, config_file=Path("conf/other.toml"))
    assert found == Location(tmp_path / "conf/other.toml", tmp_path / "conf")


def test_a_link_to_a_file_makes_the_directory_of_the_link_the_root(tmp_path: Path) -> None:
    write(tmp_path, {"shared/any.toml": "", "work/x": ""})
    (tmp_path / "work/hazui.toml").symlink_to("../shared/any.toml")
    here = Location(tmp_path / "work/hazui.toml", tmp_path / "work")
    assert locate(tmp_path, config_file=Path("work/hazui.toml")) == here
    assert locate(tmp_path / "work") == here


def test_a_directory_beside_a_named_file_is_the_root(tmp_path: Path) -> None:
    write(tmp_path, {"conf/other.toml": "", "work/x": ""})
    found = locate(tmp_path, config_file=Path("conf/other.toml"), directory=Path("work"))
    assert found == Location(tmp_path / "conf/other.toml", tmp_path / "work")


def test_a_directory_alone_is_where_the_search_begins(tmp_path: Path) -> None:
    write(tmp_path, {"a/hazui.toml": "", "a/b/x": "", "c/x": ""})
    found = locate(tmp_path / "c", directory=tmp_path / "a/b")
    assert found == Location(tmp_path / "a/hazui.toml", tmp_path / "a")


def test_nothing_found_is_an_answer(tmp_path: Path) -> None:
    found = locate(tmp_path)
    assert isinstance(found, Rejected)
    (problem,) = found.problems
    assert isinstance(problem, config.ConfigNotFound)
    assert problem.start == tmp_path


@pytest.mark.parametrize("directory", ["gone", "file", "bad\0name"])
def test_a_directory_that_is_none_is_an_answer(tmp_path: Path, directory: str) -> None:
    write(tmp_path, {"file": ""})
    found = locate(tmp_path, directory=Path(directory))
    assert isinstance(found, Rejected)
    (problem,) = found.problems
    assert isinstance(problem, config.FileUnreadable)
    assert problem.file == tmp_path / directory


def test_a_named_file_that_is_not_there_is_an_answer(tmp_path: Path) -> None:
    found = locate(tmp_path, config_file=Path("gone.toml"))
    assert isinstance(found, Rejected)
    (problem,) = found.problems
    assert isinstance(problem, config.FileUnreadable)
    assert isinstance(problem.source, FileNotFoundError)


def test_a_directory_belongs_to_the_innermost_project(tmp_path: Path) -> None:
    write(tmp_path, {"apps/web/src/x": "", "apps/webby/x": ""})
    workspace = loaded(
        tmp_path,
        "[workspace]\nname = 'all'\n[projects.apps]\npath = 'apps'\n"
        "[projects.web]\npath = 'apps/web'\n",
    )
    assert bearing_project(workspace, tmp_path / "apps/web/src") == "web"
    assert bearing_project(workspace, tmp_path / "apps/web") == "web"
    assert bearing_project(workspace, tmp_path / "apps/webby") == "apps"
    assert bearing_project(workspace, tmp_path) == "all"
    assert bearing_project(workspace, tmp_path.parent) == "all"
