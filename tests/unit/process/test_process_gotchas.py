"""The list of traps names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_every_trap_names_a_test_that_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "hazui/process/GOTCHAS.md").read_text("utf-8")))
    written: set[str] = set()
    for path in (ROOT / "tests/process").glob("test_process_*.py"):
        written |= set(re.findall(r"^(?:async )?def (test_\w+)", path.read_text("utf-8"), re.M))
    assert len(named) > 20
    assert named <= written
