"""``python -m bench [ROW...]``: measures and writes ``bench/RESULTS.md``; some rows only print.

Medians of several runs, reference and hazui in turn; trust the ratios, not the absolutes.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from bench.measuring import HEAD, TINY, Measured, Scale, circumstances
from bench.rows import ROWS

RESULTS = Path(__file__).parent / "RESULTS.md"
ABOUT = """\
# Measurements

Made by `python -m bench`. Medians, with the 95th percentile where there are enough samples;
reference and hazui were measured in turn in the same run. A ratio is hazui by reference.
"""


def measure(names: list[str], scale: Scale) -> list[Measured]:
    """Run the rows, each in a directory of its own."""
    found: list[Measured] = []
    print(HEAD)
    for name in names:
        with tempfile.TemporaryDirectory(prefix="hazui-bench-") as directory:
            for measured in ROWS[name](Path(directory), scale):
                print(measured.row(), flush=True)
                found.append(measured)
    return found


def text_of(found: list[Measured], about_machine: str) -> str:
    """The results as Markdown."""
    rows = "\n".join(measured.row() for measured in found)
    return f"{ABOUT}\n{about_machine}\n\n{HEAD}\n{rows}\n"


def main(words: list[str]) -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=", ".join(ROWS))
    parser.add_argument("--tiny", action="store_true", help="only try the harness")
    options = parser.parse_args(words)
    if unknown := [name for name in options.rows if name not in ROWS]:
        parser.error(f"no such row: {', '.join(unknown)}; there are {', '.join(ROWS)}")
    about_machine = circumstances()
    found = measure(options.rows or list(ROWS), TINY if options.tiny else Scale())
    if not options.rows and not options.tiny:
        RESULTS.write_text(text_of(found, about_machine))
        print(f"wrote {RESULTS}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
