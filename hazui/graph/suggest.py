"""Did you mean: the nearest known name to a mistyped one.

Only reached when something is already wrong, so ``difflib`` is imported here and the work is
bounded: of a very large set of names only those of a similar length are compared.
"""

from collections.abc import Iterable

COMPARED_MAX = 2_000


def nearest(text: str, names: Iterable[str]) -> str | None:
    """The name most like ``text``, or None when none is near."""
    import difflib

    lowered = text.lower()
    slack = max(2, len(text) // 2)
    near = [name for name in names if abs(len(name) - len(text)) <= slack]
    if len(near) > COMPARED_MAX:
        first = lowered[:1]
        near = [name for name in near if name[:1].lower() == first][:COMPARED_MAX]
    by_lower: dict[str, str] = {}
    for name in near:
        by_lower.setdefault(name.lower(), name)
    matches = difflib.get_close_matches(lowered, by_lower, n=1, cutoff=0.6)
    return by_lower[matches[0]] if matches else None
