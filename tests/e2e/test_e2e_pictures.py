"""The pictures of the README can be made again."""

import asyncio
import re
from pathlib import Path

import pytest

from screenshots.picture import FontMissingError, font_files, png_of, with_installed_font
from screenshots.screens import SHOTS, photograph, universal_time

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


def svg_of_main(directory: Path) -> str:
    with universal_time():
        return asyncio.run(photograph(directory, SHOTS[0], "dark", (120, 40)))


def test_a_picture_shows_every_state_and_the_chain(tmp_path: Path) -> None:
    svg = with_installed_font(svg_of_main(tmp_path))
    text = re.sub(r"<[^>]*>", "\n", svg).replace("&#160;", " ")
    for word in ("succeeded", "failed", "ready", "skipped", "cached", "errored", "running"):
        assert word in text, word
    assert "waiting" in text
    assert "caused by" in text
    assert "12:04:31" in text
    assert str(tmp_path) not in svg
    assert "url(http" not in svg
    assert "@font-face" not in svg
    assert "Fira" not in svg


def test_a_picture_has_letters(tmp_path: Path) -> None:
    try:
        fonts = font_files()
    except FontMissingError as error:
        pytest.skip(str(error))
    svg = with_installed_font(svg_of_main(tmp_path))
    png = png_of(svg, fonts)
    assert png.startswith(b"\x89PNG")
    blank = png_of(re.sub(r"<text.*?</text>", "", svg), fonts)
    assert len(png) > 2 * len(blank)


def test_a_missing_font_is_named(tmp_path: Path) -> None:
    with pytest.raises(FontMissingError, match="fonts-dejavu-core"):
        font_files([tmp_path])
