"""Looks by name: component classes that every list shares, resolved against the theme.

Python code names a look (``state--failed``, ``text--dim``); what it looks like is said in
``styles/looks.tcss`` with theme variables only.
"""

from weakref import WeakKeyDictionary

from rich.style import Style
from textual.widget import Widget

from hazui.view.models import TaskState

LOOKS: frozenset[str] = frozenset(
    {
        *(f"state--{state.value}" for state in TaskState),
        "row--cursor",
        "row--cursor-away",
        "text--dim",
        "text--strong",
        "text--accent",
        "text--place",
        "text--bad",
        "text--warn",
        "text--good",
        "text--key",
        "text--mark",
        "text--heading",
    }
)


_KNOWN: WeakKeyDictionary[Widget, tuple[str, dict[str, Style]]] = WeakKeyDictionary()


def look(widget: Widget, name: str) -> Style:
    """The resolved style of a look; only what the stylesheet sets, so that looks can be layered."""
    theme, known = _KNOWN.get(widget, ("", {}))
    if theme != widget.app.theme:
        known = {}
        _KNOWN[widget] = (widget.app.theme, known)
    if name not in known:
        known[name] = _resolved(widget, name)
    return known[name]


def _resolved(widget: Widget, name: str) -> Style:
    style = widget.get_component_rich_style(name)
    has_colour = widget.get_component_rich_style(name, partial=True).color is not None
    # The whole style blends translucent colours with what is behind; its background would hide
    # the cursor, so only looks that are about a background keep theirs.
    return Style(
        color=style.color if has_colour else None,
        bold=style.bold,
        dim=style.dim,
        italic=style.italic,
        underline=style.underline,
        reverse=style.reverse,
        bgcolor=style.bgcolor if name.startswith(("row--", "text--mark", "text--key")) else None,
    )


def state_look(widget: Widget, state: TaskState) -> Style:
    """The colour of a state; its glyph and word say the same without."""
    return look(widget, f"state--{state.value}")
