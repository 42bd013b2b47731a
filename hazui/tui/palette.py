"""The command palette: every action of the table, and every task."""

from collections.abc import AsyncIterator, Iterable
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from hazui.tui.bindings import APP, MAIN, TASKS, Key

if TYPE_CHECKING:
    from hazui.tui.app import HazuiApp

HITS_MAX = 40


class ActionCommands(Provider):
    """Actions by their words; chosen, they act as if their key was pressed."""

    def _keys(self) -> Iterable[Key]:
        for place in (MAIN, TASKS, APP):
            yield from (key for key in place.keys if key.id not in ("palette", "interrupt"))

    async def discover(self) -> AsyncIterator[DiscoveryHit]:
        for key in self._keys():
            yield DiscoveryHit(key.tooltip, self._caller(key), help=key.label)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for key in self._keys():
            score = max(matcher.match(key.tooltip), matcher.match(key.label))
            if score > 0:
                yield Hit(score, matcher.highlight(key.tooltip), self._caller(key), help=key.label)

    def _caller(self, key: Key):  # type: ignore[no-untyped-def]  # noqa: ANN202
        app = cast("HazuiApp", self.app)
        return lambda: app.call_key_action(key)


class TaskCommands(Provider):
    """Tasks by name; chosen, a task is selected."""

    async def search(self, query: str) -> Hits:
        app = cast("HazuiApp", self.app)
        matcher = self.matcher(query)
        found = 0
        for name, view in app.state.tasks.items():
            score = matcher.match(name)
            if score > 0:
                found += 1
                yield Hit(
                    score,
                    matcher.highlight(name),
                    lambda name=name: app.go_to_task(name),
                    help=f"go to this task ({view.state.value})",
                )
            if found >= HITS_MAX:
                return
