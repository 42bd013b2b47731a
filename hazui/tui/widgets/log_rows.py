"""The rows of a pane that are not text of the log: its title line, and rows for the pointer."""

from rich.cells import set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from hazui.tui.widgets.log_painter import LinePainter, Piece, wrap_cuts


def title_row(
    width: int, title: str, notes: list[str], right: str, style: Style, note_style: Style
) -> Strip:
    """Title and notes on the left, ``right`` at the end; the notes give way last."""
    left = f" {title} "
    middle = "".join(f" {note} " for note in notes)
    room = width - len(left) - len(middle) - 1
    if room < len(right):
        right = ""
    if len(left) + len(middle) > width:
        left = " "
    middle = set_cell_size(middle, min(len(middle), max(0, width - len(left))))
    gap = max(0, width - len(left) - len(middle) - len(right) - 1)
    segments = [
        Segment(left, style),
        Segment(middle, note_style),
        Segment(" " * gap + right + " ", style),
    ]
    return Strip(segments).adjust_cell_length(width, style)


def hit_row(painter: LinePainter, pieces: list[Piece], line: int, row: int) -> Strip:
    """A row whose segments tell the pointer which character of which line is under it.

    The gutter stands for the beginning of the row, so that frames and marks are never selected.
    """
    text = "".join(piece.text for piece in pieces)
    start = painter.row_start(text, row)
    end = len(text)
    if painter.is_wrapped:
        cuts = wrap_cuts(text, painter.text_cells)
        end = cuts[row + 1] if row + 1 < len(cuts) else end
    gutter = Style.from_meta({"offset": (start, line)})
    segments = [Segment(" ", gutter) for _ in range(painter.gutter_cells)]
    segments.append(Segment(text[start:end], Style.from_meta({"offset": (start, line)})))
    return Strip(segments)


def blank_hit_row(line: int) -> Strip:
    """A row without a line of its own: the pointer is at the beginning of ``line``."""
    return Strip([Segment(" ", Style.from_meta({"offset": (0, line)}))])
