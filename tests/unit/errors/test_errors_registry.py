"""Walk everything that has a code: nothing may be without sample, text, kind, row or round trip."""

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest

from hazui.errors import explain, registry
from hazui.errors.base import CodeClass, HazuiError, Kind
from hazui.errors.record import ErrorRecord, record_of, to_exception
from hazui.errors.runtime import DurableStoreFacet, HazuiRuntimeError, RuntimeErrorCode
from tests.unit.errors.errors_samples import samples

HERE = Path(__file__).parent
MESSAGES = HERE / "errors_messages.json"
TABLE = Path(explain.__file__).parent / "CODES.md"

ELEVEN = [
    "BuildKeyFailed",
    "RestoreFailed",
    "SpawnFailed",
    "WaitFailed",
    "CapturedStreamReadFailed",
    "OutputPatternResolutionFailed",
    "OutputModeReadFailed",
    "OutputNotARegularFile",
    "OutputDeclaredButNotProduced",
    "StoreFailed",
    "MaterialisedOutputPathInvalid",
]

KNOWN_RUNTIME = [
    "missing_execution_scope_id",
    "execution_scope_turn_id_mismatch",
    "session_execution_busy",
    "session_execution_lease_lost",
    "missing_process_execution_id",
    "durable_store_required:attachment_store",
    "durable_store_required:process_env_store",
    "durable_store_required:session_store",
    "durable_store_required:process_registry",
    "durable_store_required:trigger_store",
    "store_commit_failed",
    "plugin_session_manager",
    "plugin_finalize_turn",
    "plugin_checkpoint",
    "plugin_prepare_turn",
    "context_prepare_turn",
    "protocol_turn_extension",
    "protocol_before_llm_call",
    "turn_stream_join",
    "empty_agent_frame_run",
    "durable_effect_live_protocol_extension",
    "durable_effect_live_plugin_input",
]


def number_of(error: HazuiError) -> str:
    return f"{error.code}"


def shape(error: BaseException) -> object:
    """Everything two equal errors share, causes included."""
    if not isinstance(error, HazuiError):
        return record_of(error)
    own = {
        name: value
        for name, value in vars(error).items()
        if name not in ("source", "_place", "_truncated")
    }
    return type(error), str(error), own, record_of(error)


def test_every_code_has_a_sample() -> None:
    assert {str(error.code) for error in samples()} == set(registry.all_codes())


def test_every_optional_field_of_every_class_is_set_in_some_sample() -> None:
    unset = {
        f"{code}.{f.name}"
        for code, cls in registry.all_classes().items()
        for f in fields(cls)  # type: ignore[arg-type]
    }
    for error in samples():
        if isinstance(error, HazuiRuntimeError):
            continue
        unset -= {
            f"{error.code}.{name}" for name, value in vars(error).items() if value is not None
        }
    positions = {"line", "column", "key", "excerpt"}
    assert {name for name in unset if name.rpartition(".")[2] not in positions} == set()


@pytest.mark.parametrize("error", samples(), ids=number_of)
def test_every_sample_survives_json_without_loss(error: HazuiError) -> None:
    record = record_of(error)
    text = record.to_json_text()
    assert text.isascii()
    assert "\n" not in text
    decoded = ErrorRecord.from_json_text(text)
    assert decoded == record
    assert decoded.to_json() == record.to_json()


@pytest.mark.parametrize("error", samples(), ids=number_of)
def test_every_sample_is_built_again_as_its_own_class(error: HazuiError) -> None:
    again = to_exception(ErrorRecord.from_json_text(record_of(error).to_json_text()))
    assert type(again) is type(error)
    assert shape(again) == shape(error)
    if not isinstance(error, HazuiRuntimeError):
        for f in fields(error):  # type: ignore[arg-type]
            if f.name != "source":
                assert getattr(again, f.name) == getattr(error, f.name)


@pytest.mark.parametrize("error", samples(), ids=number_of)
def test_every_typed_message_is_one_line_without_the_text_of_its_cause(error: HazuiError) -> None:
    if isinstance(error, HazuiRuntimeError):
        assert str(error) == f"{error.code}: {error.message}"
        return
    assert str(error) == error.message
    assert error.message.isprintable()
    assert error.message.strip() == error.message != ""
    error.message.encode("utf-8")
    if error.__cause__ is not None and str(error.__cause__):
        assert str(error.__cause__) not in error.message


@pytest.mark.parametrize("error", samples(), ids=number_of)
def test_every_sample_has_kind_text_and_a_usable_hint(error: HazuiError) -> None:
    assert isinstance(error.kind, Kind)
    assert len(error.explain) > 60
    assert error.explain in explain.text_of(error.code)
    assert error.hint is None or (error.hint.isprintable() and error.hint.endswith((".", "?")))


def test_messages_and_hints_are_what_was_reviewed() -> None:
    """Goal: a changed wording is seen. Set it by hand after a look."""
    found = [
        {"code": str(error.code), "kind": error.kind.value, "text": str(error), "hint": error.hint}
        for error in samples()
    ]
    assert json.loads(MESSAGES.read_text()) == found


def test_every_text_has_two_to_six_sentences() -> None:
    for entry in explain.entries():
        ends = re.findall(r"[.?!](?:\s|$)", entry["text"])
        assert 2 <= len(ends) <= 6, entry["code"]


def test_entries_name_each_code_once_with_family_kind_and_class() -> None:
    entries = explain.entries()
    assert [entry["code"] for entry in entries] == list(registry.all_codes())
    for entry in entries:
        assert entry.keys() == {"code", "family", "kind", "class", "text"}
        assert Kind(entry["kind"])
        assert CodeClass(entry["class"])
        assert entry["family"] == "runtime" or entry["code"].startswith(entry["family"] + ".")


def test_there_is_no_text_for_a_code_that_does_not_exist() -> None:
    assert explain._texts().keys() == set(registry.all_codes())
    assert all(code in registry.all_codes() for code in KNOWN_RUNTIME)
    assert all(explain.hint_of(code) for code in KNOWN_RUNTIME)


def test_the_checked_in_table_is_the_generated_one() -> None:
    assert TABLE.read_text() == explain.table()
    for code in registry.all_codes():
        assert f"| `{code}` |" in TABLE.read_text()


def test_run_task_has_exactly_the_eleven_variants() -> None:
    assert [cls.__name__ for cls in registry.classes_of("run_task").values()] == ELEVEN


def test_runtime_knows_exactly_the_published_codes() -> None:
    assert [code.as_str() for code in RuntimeErrorCode.known()] == KNOWN_RUNTIME
    assert len(DurableStoreFacet) == 5


def test_codes_are_family_and_variant_in_snake_case() -> None:
    for code, cls in registry.all_classes().items():
        snake = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        assert code == f"{cls.FAMILY}.{snake}"
        assert cls.__module__ == f"hazui.errors.{cls.FAMILY}"


def test_a_duplicate_code_is_refused() -> None:
    first = next(iter(registry.all_classes().values()))
    with pytest.raises(ValueError, match="has the code"):
        registry.collect([first, type("Twin", (HazuiError,), {"CODE": first.CODE})])


def test_a_class_without_a_code_is_refused() -> None:
    with pytest.raises(ValueError, match="has no code"):
        registry.collect([HazuiError])


def test_a_code_is_found_without_loading_other_families() -> None:
    assert registry.find("fs.not_found") is registry.classes_of("fs")["fs.not_found"]
    assert registry.find("fs.nothing_like_it") is None
    assert registry.find("os.path") is None
    assert registry.find("store_commit_failed") is HazuiRuntimeError
    assert registry.find("acme") is None
