"""What is wrong with the watch at present, told once when it begins and once when it ends."""

from collections.abc import Callable

from hazui.errors import watch

Tell = Callable[[watch.WatchError], None]


class Troubles:
    """Troubles by their kind; at most one of a kind at a time."""

    def __init__(self) -> None:
        self._present: dict[str, watch.WatchError] = {}
        self._told: dict[str, watch.WatchError] = {}

    def __contains__(self, kind: str) -> bool:
        return kind in self._present

    def begin(self, kind: str, error: watch.WatchError) -> None:
        """``error`` holds from now on; one of its kind that holds already stays."""
        self._present.setdefault(kind, error)

    def end(self, kind: str) -> None:
        self._present.pop(kind, None)

    def tell(self, on_degraded: Tell, on_recovered: Tell) -> None:
        """Tell what has begun and what has ended since this was last called."""
        for kind in [kind for kind in self._told if kind not in self._present]:
            on_recovered(self._told.pop(kind))
        for kind, error in self._present.items():
            if kind not in self._told:
                self._told[kind] = error
                on_degraded(error)
