"""An SVG that any viewer draws alike, and its PNG.

Textual's SVG asks the network for its font. Here it names one that is installed: DejaVu Sans Mono
(Debian: ``apt install fonts-dejavu-core``; others: https://dejavu-fonts.github.io). It is only
needed to generate, never to run hazui.
"""

import re
from collections.abc import Iterable
from pathlib import Path

import resvg_py

FAMILY = "DejaVu Sans Mono"
FONT_FILES = ("DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf", "DejaVuSansMono-Oblique.ttf")
_FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path.home() / ".local/share/fonts",
    Path.home() / ".fonts",
    Path("/Library/Fonts"),
    Path.home() / "Library/Fonts",
)
_FACE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
_FONT = re.compile(r"font-family: Fira Code, monospace|font-family: arial")


class FontMissingError(Exception):
    """The font is not installed, so that every text of a PNG would be blank."""


def font_files(folders: Iterable[Path] = _FOLDERS) -> list[Path]:
    """The font's files.

    Raises:
        FontMissingError: the regular or the bold face is in none of the folders.
    """
    found: dict[str, Path] = {}
    for folder in folders:
        for name in FONT_FILES:
            for path in folder.rglob(name):
                found.setdefault(name, path)
    missing = [name for name in FONT_FILES[:2] if name not in found]
    if missing:
        raise FontMissingError(
            f"{', '.join(missing)} not found: install the font {FAMILY}"
            " (Debian and Ubuntu: apt install fonts-dejavu-core)"
        )
    return sorted(found.values())


def with_installed_font(svg: str) -> str:
    """The SVG without anything to download."""
    svg = _FONT.sub(f"font-family: {FAMILY}, monospace", _FACE.sub("", svg))
    return "\n".join(line.rstrip() for line in svg.strip().splitlines()) + "\n"


def png_of(svg: str, fonts: Iterable[Path]) -> bytes:
    """The picture, at the size the SVG names."""
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg,
            skip_system_fonts=True,
            font_files=[str(path) for path in fonts],
            font_family=FAMILY,
            monospace_family=FAMILY,
        )
    )
