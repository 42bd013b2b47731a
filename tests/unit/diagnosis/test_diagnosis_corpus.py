"""What real tools printed when they failed, and the root that a person would name.

A case is a folder of ``corpus``: the two streams as they were captured (an absent one was empty)
and ``case.json`` with the command that made it, its sources, and what is expected:

- ``root``: the innermost link; a null is not asked. The message is a part of the link's, the file
  a suffix of the link's path.
- ``chain_types``: outermost to root, null for any; with ``chain_extra_ok`` wrappers may stand
  around and between.
- ``error_count``: how many distinct failures, null where people would disagree.
- ``also_accept``, ``type_any``, ``message_any``: other right answers.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from hazui.diagnosis.diagnose import diagnose
from hazui.domain.links import Diagnosis, Link
from hazui.domain.records import ExitStatus

CORPUS = Path(__file__).parent / "corpus"
CASES = sorted(path.parent.name for path in CORPUS.glob("*/case.json"))
QUOTES = str.maketrans("\u2018\u2019\u201c\u201d", "''\"\"")


def plain(text: str) -> str:
    return " ".join(text.translate(QUOTES).split())


def last_part(name: str | None) -> str | None:
    """The class without its package, a warning's name without its ``-W``."""
    if name is None:
        return None
    return re.split(r"::|[.$]", re.sub(r"^-(?:W(?:error=)?)?", "", name))[-1]


def read(case: dict[str, Any], folder: Path) -> Diagnosis:
    streams = [
        path.read_bytes() if (path := folder / f"{name}.bin").exists() else b""
        for name in ("stdout", "stderr")
    ]
    code = case["exit_code"]
    status = ExitStatus.from_wait(128 - code if code > 128 else code)
    return diagnose(streams[0], streams[1], status, [])


def is_at(link: Link, place: dict[str, Any]) -> bool:
    wanted = Path(place["file"]).parts
    found = Path((link.file or "").removeprefix("file://")).parts
    shared = min(len(wanted), len(found))
    is_file = shared > 0 and wanted[-shared:] == found[-shared:]
    columns = (None, link.column)
    return is_file and place["line"] in (None, link.line) and place.get("column") in columns


def has_chain(found: list[str | None], wanted: list[str | None], *, extra_ok: bool) -> bool:
    """Whether the outer links are the wanted ones, in order."""
    if not extra_ok:
        return len(found) == len(wanted) and all(
            want is None or last_part(want) == last_part(got)
            for want, got in zip(wanted[:-1], found[:-1], strict=True)
        )
    rest = iter(found[:-1])
    return all(
        any(want is None or last_part(want) == last_part(got) for got in rest)
        for want in wanted[:-1]
    )


def test_the_corpus_is_there() -> None:
    assert len(CASES) > 300


@pytest.mark.parametrize("name", CASES)
def test_a_real_run_is_read_to_its_root(name: str) -> None:
    folder = CORPUS / name
    case = json.loads((folder / "case.json").read_text())
    expected = case["expected"]
    found = read(case, folder)
    root = expected["root"]
    if root is None:
        assert found.chain == ()
        return
    link = found.root
    assert link is not None
    types = [kind for kind in (root["type"], *expected.get("type_any", [])) if kind is not None]
    if types:
        assert last_part(link.type) in {last_part(kind) for kind in types}
    messages = [root["message"], *expected.get("message_any", [])]
    assert any(plain(text).lower() in plain(link.message).lower() for text in messages)
    if root["file"] is not None:
        places = [root, *expected.get("also_accept", [])]
        assert any(is_at(link, place) for place in places), (link.file, link.line, link.column)
    chain = [inner.type for inner in found.chain]
    extra_ok = expected.get("chain_extra_ok", False)
    assert has_chain(chain, expected["chain_types"], extra_ok=extra_ok), chain
    if expected["error_count"] is not None:
        assert len(found.errors) == expected["error_count"]
