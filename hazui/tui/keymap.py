"""The user's keymap: ids that exist, and no two actions on one key in one place."""

from collections.abc import Iterator, Mapping

from hazui.tui.bindings import (
    APP,
    CLOSE,
    DETAIL,
    ERROR_LIST,
    LIST,
    MAIN,
    STOPPING,
    TASKS,
    Key,
    Place,
    every_key,
)

CHAINS: tuple[tuple[Place, ...], ...] = (
    (TASKS, LIST, MAIN, APP),
    (LIST, ERROR_LIST, MAIN, APP),
    (DETAIL, ERROR_LIST, MAIN, APP),
    (STOPPING,),
    (CLOSE,),
)
"""Places whose keys work at the same time, the innermost first."""


def checked(keymap: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """What of a keymap can be used, and a sentence for everything that cannot."""
    known = every_key()
    problems: list[str] = []
    usable: dict[str, str] = {}
    for name, keys in keymap.items():
        if name not in known:
            problems.append(f"keymap: there is no action {name!r}")
        elif not all(part.strip() for part in keys.split(",")):
            problems.append(f"keymap: {name} has no key")
        else:
            usable[name] = keys
    for name, other, key in _clashes(usable):
        if name in usable:
            problems.append(f"keymap: {key} is already {other}, so {name} keeps its own key")
            del usable[name]
    return usable, problems


def _clashes(keymap: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Ids that were remapped onto a key of another id: the id, the other, the key."""
    for chain in CHAINS:
        owner: dict[str, Key] = {}
        keys = [key for place in chain for key in place.keys]
        # Those that were not remapped own their keys first.
        for key in sorted(keys, key=lambda each: each.id in keymap):
            for part in keys_of(key, keymap):
                before = owner.setdefault(part, key)
                if before.id != key.id and key.id in keymap:
                    yield key.id, before.id, part


def keys_of(key: Key, keymap: Mapping[str, str]) -> list[str]:
    """The keys of an action after the keymap, in their long names."""
    from textual.keys import _character_to_key

    parts = [part.strip() for part in keymap.get(key.id, key.keys).split(",")]
    return [_character_to_key(part) if len(part) == 1 else part for part in parts]
