"""Every event survives the way through JSON, and foreign fields do no harm."""

import json
from typing import Any, get_type_hints

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from hazui.domain.links import Diagnosis, Link
from hazui.domain.records import ExitStatus, Streams, StreamState
from hazui.errors.record import ErrorRecord
from hazui.protocol.encode import event_classes, stamped_from_json
from hazui.protocol.events import Event, Stamped
from hazui.protocol.values import LoadedTask

TEXT = st.text(max_size=12)
NAMES = st.lists(TEXT, max_size=2).map(tuple)
SECONDS = st.floats(0, 1e6)
RECORDS = st.builds(ErrorRecord, code=TEXT, message=TEXT, notes=st.just(("a note",)))
STATUSES = st.one_of(
    st.builds(ExitStatus, code=st.integers(0, 255)),
    st.builds(ExitStatus, signal=st.sampled_from(["SIGKILL", "SIGTERM"])),
)
LINKS = st.builds(Link, type=st.none() | TEXT, message=TEXT, line=st.none() | st.integers(1, 99))
DIAGNOSES = st.builds(
    Diagnosis,
    st.lists(LINKS, max_size=2).map(tuple),
    st.lists(LINKS, max_size=1).map(tuple),
)
for kind, strategy in (
    (ErrorRecord, RECORDS),
    (ExitStatus, STATUSES),
    (Diagnosis, DIAGNOSES),
    (
        LoadedTask,
        st.builds(
            LoadedTask,
            *[TEXT, st.just("task"), TEXT],
            *[NAMES] * 5,
            watch=st.booleans(),
            usual_s=st.none() | SECONDS,
        ),
    ),
    (Streams, st.builds(Streams, st.builds(StreamState, st.none() | st.integers(0, 9)))),
):
    st.register_type_strategy(kind, strategy)

PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    int: st.integers(0, 1 << 40),
    float: SECONDS,
    tuple[str, ...]: NAMES,
}
"""Only values that an event can have: no number that JSON lacks, no endless text."""


def events_of(cls: type[Any]) -> st.SearchStrategy[Any]:
    """Events of one class."""
    hints = {name: hint for name, hint in get_type_hints(cls).items() if name != "EVENT"}
    return st.builds(cls, **{n: PLAIN.get(h, st.from_type(h)) for n, h in hints.items()})


CLASSES = sorted(event_classes().items())


@pytest.mark.parametrize(("name", "cls"), CLASSES, ids=[name for name, _ in CLASSES])
def test_an_event_survives_the_way_through_json(name: str, cls: type[Any]) -> None:
    @settings(max_examples=12)
    @given(events_of(cls))
    def survives(event: Event) -> None:
        stamped = Stamped(7, "2026-01-01T00:00:00.000Z", event)
        text = json.dumps(stamped.to_json())
        assert json.loads(text)["event"] == name
        assert stamped_from_json(json.loads(text)) == stamped

    survives()


def test_unknown_events_and_fields_of_a_newer_version_are_passed_over() -> None:
    line = {"event": "session_closed", "seq": 1, "at": "", "clean": True, "mood": "good"}
    found = stamped_from_json(line)
    assert found is not None
    assert found.event == event_classes()["session_closed"](clean=True)  # type: ignore[call-arg]
    assert stamped_from_json({"event": "from_the_future", "seq": 1, "at": ""}) is None


def test_a_missing_field_and_a_wrong_value_are_refused() -> None:
    with pytest.raises(KeyError):
        stamped_from_json({"event": "session_closed", "seq": 1, "at": ""})
    line = {"event": "task_phase", "seq": 1, "at": "", "task": "a:b", "turn": 1, "phase": "lunch"}
    with pytest.raises(ValueError, match="lunch"):
        stamped_from_json(line)


def test_a_name_that_is_no_unicode_survives() -> None:
    name = b"caf\xe9".decode("utf-8", "surrogateescape")
    event = event_classes()["change_set"](  # type: ignore[call-arg]
        paths=(name,), rescan=False, first_seen_to_settled_ms=1.0
    )
    text = json.dumps(Stamped(1, "", event).to_json())
    assert text.isascii()
    found = stamped_from_json(json.loads(text))
    assert found is not None
    assert found.event == event
