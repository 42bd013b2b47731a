"""From a changed path to the tasks whose inputs it matches, without asking every pattern.

Made once for a graph. A literal is one dictionary lookup. A glob is filed under the text before
its first wildcard and, below that, the text after its last one: only patterns whose beginning and
end are those of the path are tried, and they are compiled when they are first tried. Where many
share both, a combined expression of a few dozen asks for all of them at once. The cost of one path
depends on its length and on what matches it, not on the number of tasks.

Equal, by contract and by property test, to ``patterns.first_match`` on every task.
"""

import re
from collections.abc import Iterable
from itertools import islice

from hazui.domain.ids import TaskId
from hazui.domain.patterns import Pattern, compiled
from hazui.domain.specs import TaskSpec
from hazui.graph.graph import Graph

Match = tuple[TaskId, Pattern]
_Claim = tuple[TaskId, int, Pattern]

_FIRST_WILD = re.compile(r"[*?\[{\\]")
_AFTER_LAST_WILD = re.compile(r"[^*?\[\]{}\\]*\Z")
CHUNK = 32


class _Glob:
    """One distinct glob and everybody who declared it."""

    __slots__ = ("claims", "expression", "path")

    def __init__(self, path: str, claims: list[_Claim]) -> None:
        self.path = path
        self.claims = claims
        self.expression: re.Pattern[str] | None = None

    def matches(self, path: str) -> bool:
        if self.expression is None:
            self.expression = compiled(self.path)
        return self.expression.fullmatch(path) is not None


class _Bucket:
    """The globs of one beginning, filed by their end. Made when a path first begins like that."""

    __slots__ = ("chunks", "globs", "lengths")

    def __init__(self, globs: Iterable[_Glob]) -> None:
        self.globs: dict[str, list[_Glob]] = {}
        self.chunks: dict[str, list[tuple[re.Pattern[str], list[_Glob]]]] = {}
        for glob in globs:
            self.globs.setdefault(_end(glob.path), []).append(glob)
        self.lengths = sorted({len(end) for end in self.globs})

    def matching(self, path: str) -> Iterable[_Glob]:
        size = len(path)
        for length in self.lengths:
            if length > size:
                break
            end = path[size - length :]
            globs = self.globs.get(end)
            if globs is None:
                continue
            if len(globs) <= CHUNK:
                yield from (glob for glob in globs if glob.matches(path))
            else:
                for combined, chunk in self._chunked(end, globs):
                    if combined.fullmatch(path) is not None:
                        yield from (glob for glob in chunk if glob.matches(path))

    def _chunked(self, end: str, globs: list[_Glob]) -> list[tuple[re.Pattern[str], list[_Glob]]]:
        chunks = self.chunks.get(end)
        if chunks is None:
            chunks = self.chunks[end] = []
            rest = iter(globs)
            while chunk := list(islice(rest, CHUNK)):
                text = "|".join(f"(?:{compiled(glob.path).pattern})" for glob in chunk)
                chunks.append((re.compile(text), chunk))
        return chunks


class InputMatcher:
    """Maps single paths to the tasks that have them as an input."""

    def __init__(self, graph: Graph) -> None:
        self._claims: dict[str, list[_Claim]] = {}
        """Literal or glob -> who declared it. No path equals a glob, except as a literal."""
        self._exclusions: dict[TaskId, tuple[Pattern, ...]] = {}
        self._beginnings: dict[str, list[str]] = {}
        self._buckets: dict[str, _Bucket] = {}
        for task in graph.tasks:
            self._file(graph.spec(task))
        self._lengths = sorted({len(beginning) for beginning in self._beginnings})

    def match(self, path: str) -> list[Match]:
        """The tasks that have ``path`` as an input, canonical order, each with its pattern.

        The pattern is the first of the task's that matches, as the user wrote them in order.
        """
        claims: list[_Claim] = []
        if _FIRST_WILD.search(path) is None:
            claims.extend(self._claims.get(path, ()))
        size = len(path)
        for length in self._lengths:
            if length > size:
                break
            beginning = path[:length]
            if beginning in self._beginnings:
                for glob in self._bucket(beginning).matching(path):
                    claims.extend(glob.claims)
        if not claims:
            return []
        claims.sort(key=_by_task_and_position)
        found: list[Match] = []
        verdicts: dict[str, bool] = {}
        last: TaskId | None = None
        for task, _, pattern in claims:
            if task == last:
                continue
            last = task
            if task not in self._exclusions or not self._excludes(task, path, verdicts):
                found.append((task, pattern))
        return found

    def _excludes(self, task: TaskId, path: str, verdicts: dict[str, bool]) -> bool:
        for pattern in self._exclusions[task]:
            verdict = verdicts.get(pattern.path)
            if verdict is None:
                verdict = verdicts[pattern.path] = pattern.matches(path)
            if verdict:
                return True
        return False

    def _file(self, spec: TaskSpec) -> None:
        claims = self._claims
        excluded: list[Pattern] = []
        for position, pattern in enumerate(spec.inputs):
            if pattern.is_exclusion:
                excluded.append(pattern)
                continue
            claim = (spec.id, position, pattern)
            path = pattern.path
            known = claims.get(path)
            if known is not None:
                known.append(claim)
                continue
            claims[path] = [claim]
            wild = _FIRST_WILD.search(path)
            if wild is not None:
                beginning = path[: wild.start()]
                globs = self._beginnings.get(beginning)
                if globs is None:
                    self._beginnings[beginning] = [path]
                else:
                    globs.append(path)
        if excluded:
            self._exclusions[spec.id] = tuple(excluded)

    def _bucket(self, beginning: str) -> _Bucket:
        bucket = self._buckets.get(beginning)
        if bucket is None:
            globs = (_Glob(path, self._claims[path]) for path in self._beginnings[beginning])
            bucket = self._buckets[beginning] = _Bucket(globs)
        return bucket


def _end(path: str) -> str:
    """The text that every match of a glob ends with."""
    found = _AFTER_LAST_WILD.search(path)
    end = found[0] if found is not None else ""
    # "**/" also stands for nothing at all, and then its slash is not in the path.
    return end[1:] if end.startswith("/") else end


def _by_task_and_position(claim: _Claim) -> tuple[TaskId, int]:
    return claim[0], claim[1]
