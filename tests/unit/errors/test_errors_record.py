"""Records: foreign exceptions, types of other versions, damaged input."""

import copy
import errno
import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from hazui.errors import config, decode, fs, plugin
from hazui.errors.base import HazuiError, Kind
from hazui.errors.record import DEPTH_MAX, ErrorRecord, Where, record_of, to_exception
from hazui.errors.recording import FRAMES_MAX, MESSAGE_CHARS_MAX, Recorded
from hazui.errors.runtime import HazuiRuntimeError

FUTURE: dict[str, Any] = {
    "code": "remote.worker_lost",
    "message": "The worker is gone",
    "type": "WorkerLost",
    "family": "remote",
    "kind": "cosmic",
    "fields": {"worker": "w1", "nested": [1, {"a": None}]},
    "hint": "Wait.",
    "notes": ["one", "two"],
    "where": {"file": "/x.py", "line": 3},
    "source": {"code": "fs.not_found", "message": "m", "type": "NotFound", "severity": "high"},
    "members": [{"code": "", "message": "", "type": "Odd"}],
    "truncated": 4,
    "trace_id": "0af7651916cd43dd",
}


def raised(error: BaseException) -> BaseException:
    with pytest.raises(type(error)) as caught:
        raise error
    return caught.value


def test_a_foreign_exception_keeps_module_class_errno_and_frames(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        (tmp_path / "nothing").open()
    record = record_of(caught.value)
    assert (record.type, record.code, record.family) == ("external",) * 3
    assert record.fields["module"] == "builtins"
    assert record.fields["class"] == "FileNotFoundError"
    assert record.fields["errno"] == errno.ENOENT
    assert record.fields["filename"] == str(tmp_path / "nothing")
    assert record.fields["frames"][0]["file"] == __file__
    assert record.where == Where(
        record.fields["frames"][-1]["file"], record.fields["frames"][-1]["line"]
    )
    again = to_exception(ErrorRecord.from_json_text(record.to_json_text()))
    assert isinstance(again, Recorded)
    assert again.errno == errno.ENOENT
    assert record_of(again) == record


def test_a_syntax_error_points_at_the_file_it_is_about() -> None:
    with pytest.raises(SyntaxError) as caught:
        compile("x = (\n", "plugin.py", "exec")
    assert record_of(caught.value).where == Where("plugin.py", 1)


def test_a_config_problem_points_at_its_line() -> None:
    error = config.MissingKey(file=Path("/w/hazui.toml"), line=7, column=2, key="tasks.a.command")
    record = record_of(raised(error))
    assert record.where == Where("/w/hazui.toml", 7)
    assert record.fields["file"] == "/w/hazui.toml"


def test_notes_are_kept_through_everything() -> None:
    error = fs.NotFound(path=Path("/x"))
    error.add_note("first")
    error.add_note("second\nline")
    record = record_of(error)
    assert record.notes == ("first", "second\nline")
    assert to_exception(record).__notes__ == ["first", "second\nline"]
    assert record_of(to_exception(record)) == record


def test_a_type_of_another_version_stays_a_record_and_is_written_as_it_was_read() -> None:
    record = ErrorRecord.from_json(FUTURE)
    assert isinstance(to_exception(record), Recorded)
    again = record_of(to_exception(record))
    assert again == record
    written = again.to_json()
    assert {name: written[name] for name in FUTURE if name not in ("source", "members")} == {
        name: FUTURE[name] for name in FUTURE if name not in ("source", "members")
    }
    assert written["source"]["severity"] == "high"
    assert ErrorRecord.from_json(written) == record


def test_a_foreign_record_survives_as_the_cause_of_a_typed_error() -> None:
    inner = to_exception(ErrorRecord.from_json(FUTURE))
    outer = plugin.HookFailed(plugin="acme", hook="x", source=inner)
    record = record_of(outer)
    assert record.source == ErrorRecord.from_json(FUTURE)
    assert [str(e) for e in outer.iter_chain()][1:] == ["The worker is gone", "m", ""]
    assert inner.kind is Kind.ENVIRONMENT
    assert record_of(to_exception(ErrorRecord.from_json_text(record.to_json_text()))) == record


@pytest.mark.parametrize(
    "change",
    [
        {"fields": {"path": 3}},
        {"fields": {}},
        {"fields": {"path": "/x", "more": 1}},
        {"type": "Gone"},
        {"members": [{"code": "a", "message": "b"}]},
        {"later": True},
    ],
)
def test_a_record_that_does_not_fit_its_class_stays_a_record(change: dict[str, Any]) -> None:
    value = record_of(fs.NotFound(path=Path("/x"))).to_json() | change
    record = ErrorRecord.from_json(value)
    error = to_exception(record)
    assert isinstance(error, Recorded)
    assert record_of(error).to_json() == record.to_json()


def test_code_and_message_alone_are_a_runtime_error() -> None:
    record = ErrorRecord.from_json({"code": "session_execution_busy", "message": "busy"})
    error = to_exception(record)
    assert isinstance(error, HazuiRuntimeError)
    assert (str(error.code), error.message, error.data) == ("session_execution_busy", "busy", {})
    assert record_of(error) == record
    assert record.hint == error.hint


@pytest.mark.parametrize(
    ("value", "member"),
    [
        ({}, "code"),
        ({"code": "x"}, "message"),
        ({"message": "x"}, "code"),
        ({"code": None, "message": "x"}, "code"),
        ({"code": 1, "message": "x"}, "code"),
        ({"code": "x", "message": ["x"]}, "message"),
        ({"code": "x", "message": "y", "type": 3}, "type"),
        ({"code": "x", "message": "y", "notes": "no"}, "notes"),
        ({"code": "x", "message": "y", "notes": [1]}, "notes"),
        ({"code": "x", "message": "y", "fields": []}, "fields"),
        ({"code": "x", "message": "y", "where": {"file": "a"}}, "where"),
        ({"code": "x", "message": "y", "truncated": -1}, "truncated"),
        ({"code": "x", "message": "y", "truncated": True}, "truncated"),
        ({"code": "x", "message": "y", "source": {"code": "z"}}, "source.message"),
        ({"code": "x", "message": "y", "members": [{"code": "z"}]}, "members.0.message"),
        ({"code": "x", "message": "y", "source": 3}, "source"),
        ([], ""),
        (None, ""),
        ("text", ""),
    ],
)
def test_what_is_not_a_record_is_a_typed_decode_error(value: object, member: str) -> None:
    with pytest.raises(decode.Invalid) as caught:
        ErrorRecord.from_json(value)
    assert caught.value.field == member


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, b"\xff", "nul"])
def test_text_that_is_not_json_is_a_typed_decode_error(text: str | bytes) -> None:
    with pytest.raises(decode.Invalid):
        ErrorRecord.from_json_text(text)


def test_a_record_nested_too_deeply_is_cut_and_counted() -> None:
    value: dict[str, Any] = {"code": "root", "message": ""}
    for _ in range(DEPTH_MAX + 40):
        value = {"code": "x", "message": "y", "source": value}
    record = ErrorRecord.from_json(value)
    levels = list(record.iter_chain())
    assert len(levels) == DEPTH_MAX + 1
    assert levels[-1].truncated == 1
    assert record_of(to_exception(record)).code == "x"


class HostileError(Exception):
    """An exception that does everything wrong."""

    def __init__(self) -> None:
        self.__notes__ = "not a list"  # type: ignore[assignment]
        self.exceptions = 3

    @property
    def iter_chain(self) -> None:
        raise RuntimeError("no chain")

    def __str__(self) -> str:
        raise RuntimeError("no text")

    def __repr__(self) -> str:
        raise RuntimeError("no repr")


def test_an_exception_that_cannot_be_shown_is_still_recorded() -> None:
    record = record_of(raised(HostileError()))
    assert record.message == "<HostileError that cannot be shown>"
    assert ErrorRecord.from_json_text(record.to_json_text()) == record


def test_a_huge_foreign_message_and_traceback_are_bounded() -> None:
    def deep(level: int) -> None:
        if level:
            deep(level - 1)
        raise ValueError("x" * 100_000)

    with pytest.raises(ValueError, match="xxx") as caught:
        deep(200)
    record = record_of(caught.value)
    assert len(record.message) < MESSAGE_CHARS_MAX + 50
    assert record.message.endswith("(80000 more characters)")
    assert len(record.fields["frames"]) == FRAMES_MAX
    assert record.fields["frames_omitted"] == 202 - FRAMES_MAX
    assert record.fields["frames"][-1]["function"] == "deep"


class PluginsOwnError(HazuiError):
    """A plugin's own subclass, which no registry knows."""

    FAMILY = "acme"
    CODE = "acme.blocked"
    KIND = Kind.USER

    def __init__(self, who: str) -> None:
        self.who = who

    def sentence(self) -> str:
        return f"{self.who} is blocked"


def test_a_class_of_a_plugin_becomes_a_record_that_survives() -> None:
    record = record_of(PluginsOwnError("x"))
    assert (record.type, record.code, record.fields) == (
        "PluginsOwnError",
        "acme.blocked",
        {"who": "x"},
    )
    again = to_exception(ErrorRecord.from_json_text(record.to_json_text()))
    assert isinstance(again, Recorded)
    assert again.message == "x is blocked"
    assert record_of(again) == record


def test_data_that_json_does_not_have_becomes_text() -> None:
    data: dict[Any, Any] = {
        "path": Path("/x"),
        "raw": b"a\xff",
        "kind": Kind.USER,
        "set": {2, 1},
        "nan": float("nan"),
        "hostile": HostileError(),
        3: (1, 2),
    }
    record = record_of(HazuiRuntimeError("x", "y", data=data))
    assert record.fields == {
        "path": "/x",
        "raw": "a\udcff",
        "kind": "user",
        "set": [1, 2],
        "nan": "nan",
        "hostile": "<HostileError that cannot be shown>",
        "3": [1, 2],
    }
    assert json.loads(record.to_json_text())["fields"] == record.fields


def test_data_that_contains_itself_is_cut() -> None:
    data: dict[str, Any] = {}
    data.update(dict.fromkeys("abcdefgh", data))
    record = record_of(HazuiRuntimeError("x", "y", data=data))
    assert record.fields == {name: dict.fromkeys("abcdefgh", "...") for name in "abcdefgh"}


class HostileMapping(dict[str, int]):
    """A mapping that cannot be read."""

    def items(self) -> Any:
        raise RuntimeError("no items")

    def __repr__(self) -> str:
        return "hostile"


def test_data_that_cannot_be_read_or_written_becomes_text() -> None:
    data = {"mapping": HostileMapping(a=1), "number": 10**5000}
    record = record_of(HazuiRuntimeError("x", "y", data=data))
    assert record.fields == {"mapping": "hostile", "number": hex(10**5000)}
    assert ErrorRecord.from_json_text(record.to_json_text()) == record


def test_records_are_values() -> None:
    first, second = (record_of(fs.NotFound(path=Path("/x"))) for _ in range(2))
    assert first == second
    assert hash(first) == hash(second)
    with pytest.raises(AttributeError):
        first.code = "y"  # type: ignore[misc]


def test_the_root_of_a_record_is_the_end_of_its_line() -> None:
    error = plugin.HookFailed(
        plugin="a", hook="b", source=ExceptionGroup("g", [ValueError("first"), KeyError()])
    )
    assert record_of(error).root.message == "first"


def test_a_recorded_error_can_be_copied_and_pickled() -> None:
    error = to_exception(ErrorRecord.from_json(FUTURE))
    for again in (copy.copy(error), copy.deepcopy(error), pickle.loads(pickle.dumps(error))):
        assert isinstance(again, Recorded)
        assert record_of(again) == record_of(error)
        assert [str(e) for e in again.iter_chain()] == [str(e) for e in error.iter_chain()]
