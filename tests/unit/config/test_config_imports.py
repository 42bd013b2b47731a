"""A good configuration is loaded without what only a bad one needs."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
PROGRAM = """
import sys
from pathlib import Path
from hazui.config.load import Loaded, load
from hazui.config.locate import locate

root = Path(sys.argv[1])
assert isinstance(load(locate(root), environ={}), Loaded)
unwanted = {"hazui.errors.config", "difflib", "asyncio", "psutil", "textual", "pathspec", "blake3"}
print(*sorted(unwanted & set(sys.modules)))
"""


def test_a_good_configuration_loads_neither_its_errors_nor_anything_heavy(tmp_path: Path) -> None:
    (tmp_path / "hazui.toml").write_text("[tasks.a]\ncommand = ['x']\ninputs = ['*.c']\n")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == ""
