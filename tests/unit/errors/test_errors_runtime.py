"""Runtime codes: the behaviours that the published contract pins down, and what is added to it."""

import copy
import json
import pickle

import pytest

from hazui.errors.base import CodeClass
from hazui.errors.record import ErrorRecord, record_of, to_exception
from hazui.errors.runtime import (
    DurableStoreFacet,
    HazuiRuntimeError,
    RuntimeErrorCode,
    Variant,
)


def over_the_wire(error: HazuiRuntimeError) -> HazuiRuntimeError:
    again = to_exception(ErrorRecord.from_json_text(record_of(error).to_json_text()))
    assert isinstance(again, HazuiRuntimeError)
    return again


@pytest.mark.parametrize("facet", list(DurableStoreFacet))
def test_durable_store_required_round_trips_per_facet(facet: DurableStoreFacet) -> None:
    error = HazuiRuntimeError.durable_store_required(facet)
    again = over_the_wire(error)
    assert again.code == RuntimeErrorCode.durable_store_required(facet)
    assert again.code.facet is facet
    assert error.message == f"durable effect hosts require a durable {facet.label}"


def test_missing_process_execution_id_round_trips() -> None:
    error = HazuiRuntimeError.missing_process_execution_id()
    assert error.code == RuntimeErrorCode.MISSING_PROCESS_EXECUTION_ID
    assert error.message == "process execution requires a non-empty persisted process id"
    assert record_of(error).to_json()["code"] == "missing_process_execution_id"
    assert over_the_wire(error).code == RuntimeErrorCode.MISSING_PROCESS_EXECUTION_ID


def test_session_execution_lease_lost_round_trips() -> None:
    error = HazuiRuntimeError(RuntimeErrorCode.SESSION_EXECUTION_LEASE_LOST, "lease lost")
    assert record_of(error).to_json()["code"] == "session_execution_lease_lost"
    assert over_the_wire(error).code == RuntimeErrorCode.SESSION_EXECUTION_LEASE_LOST


def test_a_code_serialises_as_its_stable_string() -> None:
    error = HazuiRuntimeError(RuntimeErrorCode.STORE_COMMIT_FAILED, "commit failed")
    assert record_of(error).to_json()["code"] == "store_commit_failed"
    assert over_the_wire(error).code == RuntimeErrorCode.STORE_COMMIT_FAILED
    assert json.dumps(error.code) == '"store_commit_failed"'


def test_an_unknown_code_round_trips() -> None:
    value = {"code": "plugin_defined_abort", "message": "stopped by plugin"}
    again = to_exception(ErrorRecord.from_json(value))
    assert isinstance(again, HazuiRuntimeError)
    assert again.code == RuntimeErrorCode.other("plugin_defined_abort")
    assert again.code.as_str() == "plugin_defined_abort"
    assert not again.code.is_known
    assert again.code.variant is Variant.OTHER


@pytest.mark.parametrize(
    "text", ["", " ", "a.b:c", "日本", "\udcff", "durable_store_required", "other"]
)
def test_an_odd_code_survives_as_it_is(text: str) -> None:
    code = RuntimeErrorCode(text)
    assert code.as_str() == text
    assert not code.is_known
    assert over_the_wire(HazuiRuntimeError(code, "x")).code.as_str() == text


@pytest.mark.parametrize("code", RuntimeErrorCode.known(), ids=str)
def test_a_known_text_becomes_the_known_code_however_it_is_made(code: RuntimeErrorCode) -> None:
    assert RuntimeErrorCode.other(code.as_str()) == code
    assert RuntimeErrorCode.other(code.as_str()).is_known
    assert hash(RuntimeErrorCode(str(code))) == hash(code)
    assert type(str(code)) is str
    for again in (copy.copy(code), copy.deepcopy(code), pickle.loads(pickle.dumps(code))):
        assert again == code
        assert isinstance(again, RuntimeErrorCode)


def test_every_code_but_the_facets_is_a_constant() -> None:
    for code in RuntimeErrorCode.known():
        if code.facet is None:
            assert getattr(RuntimeErrorCode, code.variant.name) == code


def test_a_code_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        RuntimeErrorCode.STORE_COMMIT_FAILED.variant = Variant.OTHER  # type: ignore[misc]
    with pytest.raises(AttributeError):
        RuntimeErrorCode.STORE_COMMIT_FAILED.anything = 1  # type: ignore[attr-defined]


def matched(code: RuntimeErrorCode) -> object:
    match code:
        case RuntimeErrorCode.STORE_COMMIT_FAILED:
            return "commit"
        case RuntimeErrorCode(Variant.DURABLE_STORE_REQUIRED, facet):
            return facet
        case RuntimeErrorCode(variant=Variant.OTHER):
            return code.as_str()
    return None


def test_codes_can_be_matched_by_constant_and_by_shape() -> None:
    assert matched(RuntimeErrorCode("store_commit_failed")) == "commit"
    facet = DurableStoreFacet.TRIGGER_STORE
    assert matched(RuntimeErrorCode("durable_store_required:trigger_store")) is facet
    assert matched(RuntimeErrorCode("acme.blocked")) == "acme.blocked"
    assert matched(RuntimeErrorCode.TURN_STREAM_JOIN) is None


def test_every_code_is_in_the_class_it_should_be() -> None:
    terminal = {
        "missing_execution_scope_id",
        "execution_scope_turn_id_mismatch",
        "missing_process_execution_id",
        "durable_effect_live_protocol_extension",
        "durable_effect_live_plugin_input",
        "durable_store_required:attachment_store",
        "durable_store_required:process_env_store",
        "durable_store_required:session_store",
        "durable_store_required:process_registry",
        "durable_store_required:trigger_store",
    }
    for code in RuntimeErrorCode.known():
        if code.as_str() in terminal:
            assert code.code_class is CodeClass.TERMINAL
        elif code.as_str() == "session_execution_busy":
            assert code.code_class is CodeClass.RETRYABLE
        else:
            assert code.code_class is CodeClass.UNKNOWN
    assert RuntimeErrorCode("acme").code_class is CodeClass.UNKNOWN


def test_an_error_prints_code_and_message_and_answers_is_code() -> None:
    error = HazuiRuntimeError("store_commit_failed", "disk\nfull", data={"kind": "io"})
    assert str(error) == "store_commit_failed: disk\nfull"
    assert error.is_code(RuntimeErrorCode.STORE_COMMIT_FAILED)
    assert error.is_code("store_commit_failed")
    assert not error.is_code(RuntimeErrorCode.TURN_STREAM_JOIN)
    assert record_of(error).fields == {"kind": "io"}


def test_the_source_of_a_runtime_error_is_its_cause() -> None:
    cause = OSError("full")
    error = HazuiRuntimeError("store_commit_failed", "x", source=cause)
    assert error.__cause__ is cause
    assert list(error.iter_chain()) == [error, cause]


@pytest.mark.parametrize("facet", list(DurableStoreFacet))
def test_a_facet_has_a_code_and_a_label(facet: DurableStoreFacet) -> None:
    assert facet.as_code() == f"durable_store_required:{facet.name.lower()}"
    assert facet.label == facet.name.lower().replace("_", " ")
