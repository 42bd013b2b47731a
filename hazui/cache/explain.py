"""Why a key is another one: the difference between two manifests, as short facts.

It reads the text that ``manifest.describe`` wrote and knows nothing of tasks or of the cache. A
text that cannot be read (another revision, a torn file) differs as a whole.
"""

from collections.abc import Iterator

from hazui.cache.manifest import unescaped

SHOWN = 5

Fact = tuple[str, str]
"""Kind and name: ``file_changed`` and a path, ``env`` and a variable, ``command`` and a part."""

_COMMAND_PARTS = {
    "shell": "shell",
    "script": "command",
    "argv": "command",
    "argument": "arguments",
    "cwd": "cwd",
    "tty": "tty",
    "format": "format",
    "hash": "hash",
}


def differences(old: str, new: str, shown: int = SHOWN) -> tuple[list[Fact], int]:
    """The first ``shown`` facts that differ from ``old`` to ``new``, and the number of the rest."""
    before, after = old.splitlines(), new.splitlines()
    gone, came = set(before), set(after)
    facts = dict.fromkeys(
        _facts(
            [line for line in before if line not in came],
            [line for line in after if line not in gone],
        )
    )
    listed = list(facts)
    return listed[:shown], max(0, len(listed) - shown)


def _facts(removed: list[str], added: list[str]) -> Iterator[Fact]:
    old, new = _by_name(removed), _by_name(added)
    names = sorted(old.keys() | new.keys(), key=lambda pair: (_ORDER.get(pair[0], 9), pair))
    files = {name for kind, name in names if kind == "input"}
    for kind, name in names:
        if kind in _COMMAND_PARTS:
            yield "command", _COMMAND_PARTS[kind]
        elif kind == "input":
            is_in_both = (kind, name) in old and (kind, name) in new
            fate = "changed" if is_in_both else "added" if (kind, name) in new else "removed"
            yield f"file_{fate}", name
        elif kind == "env":
            yield "env", name
        elif kind == "output":
            yield "outputs", name
        elif kind in ("dependency", "streams", "service"):
            # A file that is both an input and made by a dependency is told once.
            if name not in files:
                yield "dependency", name
        elif kind == "platform":
            yield "env", "platform"
        else:
            yield "command", "format"


_ORDER = {
    kind: position
    for position, kind in enumerate(
        ("script", "argv", "shell", "argument", "cwd", "tty", "output", "env", "input")
    )
}


def _by_name(lines: list[str]) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for line in lines:
        kind, _, rest = line.partition("\t")
        try:
            name = unescaped(rest.partition("\t")[0])
        except UnicodeError:
            kind, name = "unreadable", ""
        if kind == "env":
            name = name.partition("=")[0]
        elif kind in _COMMAND_PARTS or kind == "platform":
            name = ""
        found[kind, name] = line
    return found
