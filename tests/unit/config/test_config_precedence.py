"""Defaults < the user's file < the workspace's file < HAZUI_ variables < flags."""

from pathlib import Path

import pytest

from hazui.config.overrides import overridables
from hazui.domain.specs import UserSettings
from hazui.errors import config
from tests.support.configs import load_text, loaded, problems, write

FILE = "[workspace]\njobs = 3\n[workspace.cache]\nmax_bytes = 10\nmax_age_days = 5\n"


def test_the_file_wins_over_the_default(tmp_path: Path) -> None:
    assert loaded(tmp_path, FILE).jobs == 3


def test_a_variable_wins_over_the_file(tmp_path: Path) -> None:
    assert loaded(tmp_path, FILE, {"HAZUI_JOBS": "4"}).jobs == 4


def test_a_flag_wins_over_a_variable(tmp_path: Path) -> None:
    assert loaded(tmp_path, FILE, {"HAZUI_JOBS": "4"}, jobs=5).jobs == 5


def test_an_empty_variable_is_not_given(tmp_path: Path) -> None:
    assert loaded(tmp_path, FILE, {"HAZUI_JOBS": ""}).jobs == 3


def test_a_variable_changes_one_key_of_a_table_and_keeps_the_others(tmp_path: Path) -> None:
    workspace = loaded(tmp_path, FILE, {"HAZUI_CACHE_MAX_BYTES": "2KiB"})
    assert (workspace.cache.max_bytes, workspace.cache.max_age_days) == (2048, 5.0)


@pytest.mark.parametrize(
    ("variable", "text", "name", "value"),
    [
        ("HAZUI_JOBS", "auto", "jobs", None),
        ("HAZUI_DURABLE", "false", "durable", False),
        ("HAZUI_DURABLE", "0", "durable", False),
        ("HAZUI_FSYNC", "1", "fsync", True),
        ("HAZUI_HASH", "sha256", "hash_name", "sha256"),
        ("HAZUI_GRACE_PERIOD_S", "1", "grace_period_s", 1.0),
        ("HAZUI_NAME", "123", "name", "123"),
        ("HAZUI_IGNORE", "['a', 'b']", "ignore", ("a", "b")),
        ("HAZUI_TAG_LIMITS", "{ a = 1 }", "tag_limits", {"a": 1}),
        ("HAZUI_LOG_ROTATE_BYTES", "99", "log_rotate_bytes", 99),
        ("HAZUI_STORES_SESSION_STORE", "memory", "stores", {"session_store": "memory"}),
    ],
)
def test_a_variable_is_read_as_its_key_is(
    tmp_path: Path, variable: str, text: str, name: str, value: object
) -> None:
    workspace = loaded(tmp_path, "", {variable: text})
    assert value is None or getattr(workspace, name) == value


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("HAZUI_JOBS", "0"),
        ("HAZUI_JOBS", "4\nx = 1"),
        ("HAZUI_JOBS", "4 # many"),
        ("HAZUI_DURABLE", "maybe"),
        ("HAZUI_GRACE_PERIOD_S", "inf"),
        ("HAZUI_HASH", "md5"),
        ("HAZUI_IGNORE", "a,b"),
        ("HAZUI_BELL", "2"),
    ],
)
def test_a_wrong_variable_is_named(tmp_path: Path, variable: str, text: str) -> None:
    if text == "4 # many":
        # A comment is TOML, so this is a 4.
        assert loaded(tmp_path, "", {variable: text}).jobs == 4
        return
    (error,) = problems(tmp_path, "", {variable: text})
    assert isinstance(error, config.InvalidOverride)
    assert error.variable == variable
    assert error.value == text
    assert variable in error.message


def test_a_wrong_flag_is_a_problem_and_an_unknown_one_a_mistake_of_the_caller(
    tmp_path: Path,
) -> None:
    (error,) = problems(tmp_path, "", None, jobs=0)
    assert isinstance(error, config.InvalidOverride)
    with pytest.raises(KeyError):
        load_text(tmp_path, "", None, jbos=1)


def test_variables_that_are_no_keys_are_left_alone(tmp_path: Path) -> None:
    environ = {"HAZUI_TASK": "a:b", "HAZUI_RUN": "x/y", "HAZUI_TURN": "1", "HAZUI_OTHER": "?"}
    assert not loaded(tmp_path, "", environ).tasks


def test_a_lease_is_judged_after_everything_is_laid_over(tmp_path: Path) -> None:
    (error,) = problems(tmp_path, "[workspace.lease]\nttl_s = 60\n", {"HAZUI_LEASE_RENEW_S": "21"})
    assert isinstance(error, config.LeaseTooShort)
    loaded(tmp_path, "[workspace.lease]\nttl_s = 20\n", {"HAZUI_LEASE_RENEW_S": "5"})


def test_half_an_assistant_is_not_enough(tmp_path: Path) -> None:
    (error,) = problems(tmp_path, "", {"HAZUI_ASSISTANT_ENDPOINT": "https://x"})
    assert isinstance(error, config.MissingKey)
    assert error.key == "workspace.assistant.model"
    both = {"HAZUI_ASSISTANT_ENDPOINT": "https://x", "HAZUI_ASSISTANT_MODEL": "m"}
    assert loaded(tmp_path, "", both).assistant is not None


def test_every_variable_has_a_name_of_its_own() -> None:
    names = [item.variable for item in overridables()]
    assert len(names) == len(set(names))
    assert {"HAZUI_JOBS", "HAZUI_HISTORY_KEEP_TURNS", "HAZUI_THEME"} <= set(names)
    assert not {"HAZUI_TASK", "HAZUI_TURN", "HAZUI_RUN"} & set(names)


def test_the_users_file_says_how_the_screen_looks(tmp_path: Path) -> None:
    write(
        tmp_path / "home",
        {
            ".config/hazui/config.toml": "theme = 'nord'\nbell = true\neditor = 'vi'\n"
            "[keymap]\n'pane.close' = 'ctrl+w'\n"
        },
    )
    home = {"HOME": str(tmp_path / "home")}
    expected = UserSettings("nord", {"pane.close": "ctrl+w"}, "vi", bell=True)
    assert loaded(tmp_path, "", home).user == expected
    assert loaded(tmp_path, "", home | {"HAZUI_THEME": "dracula"}).user.theme == "dracula"
    assert (
        loaded(tmp_path, "", home | {"HAZUI_THEME": "dracula"}, theme="mono").user.theme == "mono"
    )


def test_xdg_config_home_wins_over_home(tmp_path: Path) -> None:
    write(tmp_path, {"xdg/hazui/config.toml": "theme = 'a'"})
    write(tmp_path, {"home/.config/hazui/config.toml": "theme = 'b'"})
    environ = {"HOME": str(tmp_path / "home"), "XDG_CONFIG_HOME": str(tmp_path / "xdg")}
    assert loaded(tmp_path, "", environ).user.theme == "a"
    # A relative XDG directory is to be ignored.
    assert loaded(tmp_path, "", environ | {"XDG_CONFIG_HOME": "xdg"}).user.theme == "b"


def test_without_a_users_file_there_are_defaults(tmp_path: Path) -> None:
    assert loaded(tmp_path, "", {"HOME": str(tmp_path)}).user == UserSettings()


def test_the_users_file_holds_nothing_of_the_workspace(tmp_path: Path) -> None:
    write(tmp_path, {"hazui/config.toml": "jobs = 3\n"})
    (error,) = problems(tmp_path, "", {"XDG_CONFIG_HOME": str(tmp_path)})
    assert isinstance(error, config.UnknownKey)
    assert error.file == tmp_path / "hazui/config.toml"
