"""``python -m screenshots [NAME...]``: makes every picture of the screen anew, or those named.

A name is the beginning of a file's name: ``main``, ``main-dark``. SVG and PNG are written beside
this file, and pictures that no screen makes any more are removed.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from screenshots.picture import FontMissingError, font_files, png_of, with_installed_font
from screenshots.screens import SHOTS, photograph, universal_time

HERE = Path(__file__).parent


def main(wanted: list[str]) -> int:
    """Returns the exit code."""
    try:
        fonts = font_files()
    except FontMissingError as error:
        print(f"screenshots: {error}", file=sys.stderr)
        return 1
    made = set()
    with universal_time():
        for shot in SHOTS:
            for name, theme, size in shot.names():
                made.add(name)
                if wanted and not name.startswith(tuple(wanted)):
                    continue
                with tempfile.TemporaryDirectory() as directory:
                    taken = asyncio.run(photograph(Path(directory), shot, theme, size))
                svg = with_installed_font(taken)
                (HERE / f"{name}.svg").write_text(svg)
                (HERE / f"{name}.png").write_bytes(png_of(svg, fonts))
                print(name)
    for path in (*HERE.glob("*.svg"), *HERE.glob("*.png")):
        if path.stem not in made:
            path.unlink()
            print(f"removed {path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
