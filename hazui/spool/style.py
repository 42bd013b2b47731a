"""How a piece of a log line looks: colours and attributes that a program asked for by SGR.

A colour is a number of the 256-colour palette (0-15 are the terminal's own, which themes change)
or a triple of red, green and blue. Unknown codes change nothing.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

Color = int | tuple[int, int, int]
_PARAMETERS_MAX = 64


@dataclass(frozen=True, slots=True)
class SgrStyle:
    """What is asked for; the screen decides what becomes of it."""

    foreground: Color | None = None
    background: Color | None = None
    is_bold: bool = False
    is_dim: bool = False
    is_italic: bool = False
    is_underlined: bool = False
    is_reversed: bool = False
    is_struck: bool = False
    link: str | None = None
    """An http, https or workspace file URI."""


PLAIN = SgrStyle()

_SWITCHES: dict[int, dict[str, bool]] = {
    1: {"is_bold": True},
    2: {"is_dim": True},
    3: {"is_italic": True},
    4: {"is_underlined": True},
    7: {"is_reversed": True},
    9: {"is_struck": True},
    21: {"is_underlined": True},
    22: {"is_bold": False, "is_dim": False},
    23: {"is_italic": False},
    24: {"is_underlined": False},
    27: {"is_reversed": False},
    29: {"is_struck": False},
}


@lru_cache(maxsize=1024)
def apply_sgr(style: SgrStyle, parameters: str) -> SgrStyle:
    """The style after ``CSI <parameters> m``; the link stays."""
    groups = parameters.split(";")[:_PARAMETERS_MAX]
    position = 0
    while position < len(groups):
        group = groups[position]
        position += 1
        if ":" in group:
            style = _apply_colon_group(style, group)
            continue
        code = _number(group)
        if code in {38, 48}:
            color, used = _extended([_number(text) for text in groups[position : position + 4]])
            position += used
            if color is not None:
                style = _colored(style, code, color)
        else:
            style = _apply_code(style, code)
    return style


def _apply_code(style: SgrStyle, code: int) -> SgrStyle:
    if code == 0:
        return SgrStyle(link=style.link)
    if code in _SWITCHES:
        return replace(style, **_SWITCHES[code])  # type: ignore[arg-type]
    if code == 39:
        return replace(style, foreground=None)
    if code == 49:
        return replace(style, background=None)
    for first, base, is_background in (
        (30, 0, False),
        (90, 8, False),
        (40, 0, True),
        (100, 8, True),
    ):
        if first <= code < first + 8:
            return _colored(style, 48 if is_background else 38, code - first + base)
    return style


def _apply_colon_group(style: SgrStyle, group: str) -> SgrStyle:
    """``4:3`` is a curly underline; ``38:2::r:g:b`` and ``38:5:n`` are colours."""
    parts = group.split(":")
    code = _number(parts[0])
    values = [_number(part) for part in parts[1:]]
    if code == 4:
        return replace(style, is_underlined=values[:1] != [0])
    if code in {38, 48}:
        if values[:1] == [2] and len(values) >= 5:
            values = [2, *values[2:5]]
        color, _ = _extended(values)
        if color is not None:
            return _colored(style, code, color)
    return style


def _extended(values: list[int]) -> tuple[Color | None, int]:
    """A colour after 38 or 48, and how many parameters it took."""
    match values:
        case [5, number, *_]:
            return (number if 0 <= number <= 255 else None), 2
        case [2, red, green, blue, *_]:
            is_color = all(0 <= part <= 255 for part in (red, green, blue))
            return ((red, green, blue) if is_color else None), 4
    return None, len(values)


def _colored(style: SgrStyle, code: int, color: Color) -> SgrStyle:
    if code == 48:
        return replace(style, background=color)
    return replace(style, foreground=color)


def _number(text: str) -> int:
    if not text:
        return 0
    return int(text) if len(text) <= 5 and text.isascii() and text.isdigit() else -1
