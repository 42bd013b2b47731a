"""A small project and a terminal on it: what the end-to-end tests start from."""

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.support.terminal import Terminal, open_terminal

EDITOR = """\
#!/bin/sh
for word in "$@"; do echo "$word"; done >{record}.part
mv {record}.part {record}
"""
CART = """\
from prices import price_of


class CheckoutError(Exception):
    pass


def total(items):
    return sum(price_of(item) for item in items)


def checkout(items):
    try:
        return total(items)
    except KeyError as error:
        raise CheckoutError(f"cannot sell {len(items)} things") from error
"""
PRICES = """\
PRICES = {"apple": 2, "pear": 3}


def price_of(item):
    return PRICES[item]
"""
BROKEN_PRICES = PRICES.replace(', "pear": 3', "")
TEST = """\
import sys

sys.path.insert(0, "src")
from cart import checkout

print("checking the cart", flush=True)
assert checkout(["apple", "pear"]) == 5
print("the cart is right", flush=True)
"""


class Project:
    """Four tasks: ``gen`` before ``test`` before ``report``, and ``docs`` by itself.

    Each notes that it ran in a file outside the workspace, so that what ran is known from the tasks
    themselves.
    """

    def __init__(self, directory: Path) -> None:
        self.root = directory / "shop"
        self.root.mkdir()
        self.notes = directory / "notes"
        self.notes.mkdir()
        self._ran = self.notes / "ran"
        self._editor = self.notes / "edited"
        self.write("src/cart.py", CART)
        self.write("src/prices.py", PRICES)
        self.write("test.py", TEST)
        self.write("names.txt", "apple\npear\n")
        self.write("docs/index.md", "# Shop\n")
        self.configure()

    def configure(self, more: str = "", *, workspace: str = "") -> None:
        """Write the configuration, with further tasks or workspace keys if given."""
        python = shlex.quote(sys.executable)
        self.write(
            "hazui.toml",
            f"""\
[workspace]
name = "shop"
{workspace}

[tasks.gen]
command = "{self.noting("gen")}; mkdir -p build; sort -r names.txt >build/names.txt"
inputs = ["names.txt"]
outputs = ["build/names.txt"]

[tasks.docs]
command = "{self.noting("docs")}; cat docs/*.md"
inputs = ["docs/**/*.md"]

[tasks.test]
command = "{self.noting("test")}; {python} -B test.py"
inputs = ["src/**/*.py", "test.py"]
deps = ["gen"]

[tasks.report]
command = "{self.noting("report")}; cat build/names.txt"
deps = ["test"]
{more}""",
        )

    def write(self, path: str, text: str) -> Path:
        """Save a file in one step, as editors do; half a file would be a change of its own."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        new = self.notes / "new"
        new.write_text(text)
        return new.replace(file)

    def noting(self, task: str) -> str:
        """The piece of shell by which a task notes that it runs."""
        return f"echo {task} >>{shlex.quote(str(self._ran))}"

    def ran(self) -> list[str]:
        """What has run since this was asked last, in order."""
        if not self._ran.exists():
            return []
        names = self._ran.read_text().split()
        self._ran.unlink()
        return names

    def editor(self) -> dict[str, str]:
        """An environment with an editor that only records what it was started with."""
        script = self.notes / "vim"
        script.write_text(EDITOR.format(record=shlex.quote(str(self._editor))))
        script.chmod(0o755)
        return {"EDITOR": str(script)}

    def edited(self, terminal: Terminal) -> list[str]:
        """The words that the editor was given, when it was started."""
        terminal.until(self._editor.exists, "the editor to be opened")
        words = self._editor.read_text().splitlines()
        self._editor.unlink()
        return words

    def terminal(
        self, *, size: tuple[int, int] = (120, 40), environ: Mapping[str, str] = {}
    ) -> Terminal:
        return open_terminal(self.root, size=size, environ=environ)
