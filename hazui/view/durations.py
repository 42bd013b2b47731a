"""Times and sizes as short text, the same in every front end.

Durations are seconds, sizes are bytes. A text never grows wider than eight columns for values
that occur.
"""

from datetime import UTC, datetime


def duration(seconds: float) -> str:
    """``85 ms``, ``1.2 s``, ``2 m 03 s``, ``1 h 07 m``; negative counts as zero."""
    seconds = max(seconds, 0.0)
    if seconds < 0.0995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} m {whole % 60:02d} s"
    if whole < 86_400:
        return f"{whole // 3600} h {whole % 3600 // 60:02d} m"
    return f"{whole // 86_400} d {whole % 86_400 // 3600:02d} h"


def countdown(seconds: float) -> str:
    """Whole seconds, rounded up, so that 0 means over."""
    return f"{max(-int(-seconds // 1), 0)} s"


def size(size_bytes: float) -> str:
    """``312M``: binary units with at most three digits."""
    value = max(float(size_bytes), 0.0)
    for unit in ("B", "K", "M", "G", "T"):
        if value < 999.5 or unit == "T":
            return f"{value:.1f}{unit}" if value < 9.95 and unit != "B" else f"{value:.0f}{unit}"
        value /= 1024
    return f"{value:.0f}T"


def percent(value: float) -> str:
    """``37%``."""
    return f"{value:.0f}%"


def epoch_s(at: str) -> float | None:
    """Seconds since the Unix epoch of an ISO 8601 time (UTC when it names no zone), or None."""
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.timestamp()


def between(start: str | None, end: str | None) -> float | None:
    """Seconds from one time to another, or None when one of them is not known."""
    if start is None or end is None:
        return None
    first, last = epoch_s(start), epoch_s(end)
    return None if first is None or last is None else last - first


def elapsed(started_at: str | None, now_s: float) -> float | None:
    """Seconds since ``started_at`` at the wall time ``now_s``."""
    first = epoch_s(started_at) if started_at is not None else None
    return None if first is None else max(now_s - first, 0.0)


def clock(now_s: float) -> str:
    """The local time of day, ``12:04:31``."""
    return datetime.fromtimestamp(now_s, UTC).astimezone().strftime("%H:%M:%S")


def ago(seconds: float) -> str:
    """``now``, ``40 s ago``, ``3 m ago``, ``2 h ago``."""
    if seconds < 5:
        return "now"
    if seconds < 90:
        return f"{seconds:.0f} s ago"
    if seconds < 5400:
        return f"{seconds / 60:.0f} m ago"
    if seconds < 129_600:
        return f"{seconds / 3600:.0f} h ago"
    return f"{seconds / 86_400:.0f} d ago"
