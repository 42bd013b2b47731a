"""Lines of child output for a terminal: harmless text, with or without its colours."""

from hazui.spool.style import PLAIN, Color, SgrStyle
from hazui.spool.text import clean, parse_runs

_RESET = "\x1b[0m"


def paint(data: bytes, *, has_color: bool) -> str:
    """One line, rebuilt from its styled runs: nothing but SGR of our own reaches the terminal."""
    if not has_color:
        return clean(data)
    parts: list[str] = []
    for run in parse_runs(data):
        codes = sgr_codes(run.style)
        parts.append(f"\x1b[{codes}m{run.text}{_RESET}" if codes else run.text)
    return "".join(parts)


def sgr_codes(style: SgrStyle) -> str:
    """The parameters that switch the style on; "" for plain text."""
    if style == PLAIN:
        return ""
    codes = [
        code
        for code, is_on in (
            ("1", style.is_bold),
            ("2", style.is_dim),
            ("3", style.is_italic),
            ("4", style.is_underlined),
            ("7", style.is_reversed),
            ("9", style.is_struck),
        )
        if is_on
    ]
    codes += _color_codes(style.foreground, 30)
    codes += _color_codes(style.background, 40)
    return ";".join(codes)


def _color_codes(color: Color | None, base: int) -> list[str]:
    if color is None:
        return []
    if isinstance(color, int):
        return [f"{base + 8};5;{color}"]
    red, green, blue = color
    return [f"{base + 8};2;{red};{green};{blue}"]
