"""Every recogniser reads the text that it gives as its example, alone and among the others."""

from dataclasses import replace

import pytest

from hazui.diagnosis.diagnose import diagnose
from hazui.diagnosis.recogniser import Recogniser
from hazui.diagnosis.registry import RECOGNISERS, names
from hazui.domain.records import ExitStatus

FAILED = ExitStatus(code=1)


@pytest.mark.parametrize("recogniser", RECOGNISERS, ids=lambda r: r.name)
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_an_example_is_read_by_its_own_recogniser_alone(
    recogniser: Recogniser, stream: str
) -> None:
    example = recogniser.example.encode()
    out, err = (example, b"") if stream == "stdout" else (b"", example)
    found = diagnose(out, err, FAILED, [], only=[recogniser.name])
    assert found.root is not None
    assert found.chain[-1].message
    assert found.errors
    assert {link.stream for link in found.chain} == {stream}


@pytest.mark.parametrize("recogniser", RECOGNISERS, ids=lambda r: r.name)
def test_an_example_is_read_the_same_among_all_recognisers(recogniser: Recogniser) -> None:
    example = recogniser.example.encode()
    alone = diagnose(b"", example, FAILED, [], only=[recogniser.name])
    found = diagnose(b"", example, FAILED, [])
    assert found.root is not None
    assert alone.root is not None
    assert replace(found.root, relation=None) == replace(alone.root, relation=None)


@pytest.mark.parametrize("recogniser", RECOGNISERS, ids=lambda r: r.name)
def test_windows_line_ends_and_colours_change_nothing(recogniser: Recogniser) -> None:
    plain = diagnose(b"", recogniser.example.encode(), FAILED, [])
    lines = recogniser.example.splitlines()
    painted = "".join(f"\x1b[1m\x1b[31m{line}\x1b[0m\r\n" for line in lines).encode()
    found = diagnose(b"", painted, FAILED, [])
    assert [(x.type, x.message, x.file, x.line, x.column) for x in found.chain] == [
        (x.type, x.message, x.file, x.line, x.column) for x in plain.chain
    ]


@pytest.mark.parametrize("recogniser", RECOGNISERS, ids=lambda r: r.name)
def test_a_success_has_no_chain_whatever_it_printed(recogniser: Recogniser) -> None:
    example = recogniser.example.encode()
    found = diagnose(example, example, ExitStatus(code=0), [])
    assert found.chain == ()
    assert found.errors == ()


def test_names_are_unique() -> None:
    assert len(set(names())) == len(RECOGNISERS)
