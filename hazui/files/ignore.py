"""Which files the workspace does not consist of: never walked, never watched, never globbed.

The nearest rule decides, as in git: patterns of the configuration first, then from the deepest
directory up to the root its ``.ignore`` and its ``.gitignore``, last the built-in defaults, so
that ``!build/`` in a ``.gitignore`` brings back what a default hides. Inside one file the last
matching line wins. What lies under an ignored directory is ignored, whatever the lines say.
``.hazui`` is ignored always, on every level. Lines are translated by pathspec.
"""

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from hazui.domain.paths import CanonicalPath

STATE_DIRECTORY = ".hazui"
RULE_FILES = (".ignore", ".gitignore")
"""In order of precedence within one directory."""

DEFAULT_DIRECTORIES = frozenset(
    {
        ".bzr", ".cache", ".direnv", ".eggs", ".git", ".gradle", ".hg", ".hypothesis", ".idea",
        ".jj", ".mypy_cache", ".next", ".nox", ".nuxt", ".parcel-cache", ".pnpm-store",
        ".pytest_cache", ".ruff_cache", ".svelte-kit", ".svn", ".terraform", ".tox", ".turbo",
        ".venv", ".vs", ".yarn", "__pycache__", "__pypackages__", "bower_components",
        "node_modules", "target", "venv",
    }
)  # fmt: skip
DEFAULT_FILE_SUFFIXES = (".pyc", ".pyo", ".swp", ".swo", ".swx", ".kate-swp", "~", "___jb_tmp___",
                         "___jb_old___")  # fmt: skip
# Emacs locks are dangling links that appear with the first unsaved keystroke; 4913 is how vim
# tries whether it may write in a directory.
DEFAULT_FILE_PREFIXES = (".#", "#", ".goutputstream-")
DEFAULT_FILES = frozenset({".DS_Store", "4913", "Thumbs.db"})

_MAY_VARY = re.compile(r"[*?\[\\]")
_POSIX_CLASS = re.compile(r"\[:(\w+):\]")
_POSIX_CLASSES = {
    "alnum": "a-zA-Z0-9", "alpha": "a-zA-Z", "blank": " \t", "digit": "0-9", "lower": "a-z",
    "punct": "!-/:-@\\[-`{-~", "space": " \t", "upper": "A-Z", "xdigit": "0-9A-Fa-f",
}  # fmt: skip


class _Line(NamedTuple):
    regex: re.Pattern[str]
    ignores: bool
    is_for_names: bool
    """True when the line has no slash inside, so that the last segment alone decides."""
    parts: tuple[str, ...]
    """Its segments as written."""

    def may_match_in(self, directories: Sequence[str]) -> bool:
        """Whether it can match an entry of the directory with these segments."""
        parts = self.parts
        for position, directory in enumerate(directories):
            if position == len(parts):
                return False
            part = parts[position]
            if part == "**":
                return True
            if part != directory and _MAY_VARY.search(part) is None:
                return False
        rest = parts[len(directories) :]
        return len(rest) == 1 or "**" in rest


class _RuleFile:
    """The lines of one file; answers None where none of them matches."""

    __slots__ = ("_lines", "for_names", "for_paths")

    def __init__(self, lines: Sequence[_Line]) -> None:
        self._lines = lines[::-1]
        self.for_names = tuple(line for line in lines if line.is_for_names)
        self.for_paths = tuple(line for line in lines if not line.is_for_names)

    def decide(self, name: str, path: str) -> bool | None:
        """``path`` is relative to the file's directory; both end in ``/`` for a directory."""
        for line in self._lines:
            if line.regex.match(name if line.is_for_names else path):
                return line.ignores
        return None


class Scope:
    """The rules as they stand for the entries of one directory that is not itself ignored."""

    __slots__ = ("_any_name", "_prefix", "_with_paths", "rules")

    def __init__(self, directory: str, rules: tuple[tuple[int, _RuleFile], ...]) -> None:
        self.rules = rules
        """Nearest first, each with the length of its directory, which its lines leave out."""
        self._prefix = f"{directory}/" if directory else ""
        # Nearly every entry matches nothing: one expression over all names answers for most.
        self._any_name = _alternation(line for _, each in rules for line in each.for_names)
        self._with_paths: list[tuple[int, re.Pattern[str]]] = []
        for cut, each in rules:
            below = directory[cut:].split("/") if len(directory) > cut else []
            any_path = _alternation(line for line in each.for_paths if line.may_match_in(below))
            if any_path is not None:
                self._with_paths.append((cut, any_path))

    def is_ignored(self, name: str, is_dir: bool) -> bool:
        """Whether the directory's entry ``name`` is ignored."""
        if name == STATE_DIRECTORY:
            return True
        key = f"{name}/" if is_dir else name
        is_named = self._any_name is not None and self._any_name.match(key) is not None
        if is_named or self._with_paths:
            path = self._prefix + key
            if is_named or any(regex.match(path[cut:]) for cut, regex in self._with_paths):
                for cut, rules in self.rules:
                    decided = rules.decide(key, path[cut:])
                    if decided is not None:
                        return decided
        return is_ignored_by_default(name, is_dir)


class IgnoreRules:
    """Answers for any canonical path; reads the rule files of a directory once.

    ``extra`` are the configured patterns, in the language of .gitignore, relative to the root.
    """

    def __init__(self, root: Path, extra: Iterable[str] = ()) -> None:
        self.root = root
        configured = _parse(list(extra))
        self._extra: tuple[tuple[int, _RuleFile], ...] = ()
        if configured is not None:
            self._extra = ((0, configured),)
        self._scopes: dict[str, Scope] = {}
        self._is_directory_ignored: dict[str, bool] = {}

    def is_ignored(self, path: CanonicalPath | str, is_dir: bool) -> bool:
        """True when ``path`` or a directory above it is ignored."""
        parent, _, name = path.rpartition("/")
        if parent and self._is_ignored_directory(parent):
            return True
        return self.scope(parent).is_ignored(name, is_dir)

    def forget(self) -> None:
        """Read the rule files again when next asked; called after one of them changed."""
        self._scopes.clear()
        self._is_directory_ignored.clear()

    def _is_ignored_directory(self, path: str) -> bool:
        known = self._is_directory_ignored.get(path)
        if known is None:
            known = self.is_ignored(path, True)
            self._is_directory_ignored[path] = known
        return known

    def scope(self, directory: str) -> Scope:
        """The rules for the entries of a directory ("" = root) that is not ignored."""
        found = self._scopes.get(directory)
        if found is not None:
            return found
        above = self._extra
        if directory:
            above = self.scope(directory.rpartition("/")[0]).rules
        cut = len(directory) + 1 if directory else 0
        own: list[tuple[int, _RuleFile]] = []
        for file_name in RULE_FILES:
            rules = _read(os.path.join(self.root, directory, file_name))
            if rules is not None:
                own.append((cut, rules))
        # The configured patterns stay in front, whatever lies deeper.
        configured = len(self._extra)
        scope = Scope(directory, (*above[:configured], *own, *above[configured:]))
        self._scopes[directory] = scope
        return scope


def is_ignored_by_default(name: str, is_dir: bool = False) -> bool:
    """The built-in rules, about one entry by its name."""
    if is_dir:
        return name in DEFAULT_DIRECTORIES or name == STATE_DIRECTORY
    return (
        name in DEFAULT_FILES
        or name.endswith(DEFAULT_FILE_SUFFIXES)
        or name.startswith(DEFAULT_FILE_PREFIXES)
    )


def is_rule_file(path: str) -> bool:
    """True when a change to ``path`` may change what is ignored."""
    return path.rpartition("/")[2] in RULE_FILES


def _read(path: str) -> _RuleFile | None:
    try:
        with open(path, "rb") as file:
            text = os.fsdecode(file.read())
    except OSError:
        # Missing, unreadable or a directory: as in git, there are then no rules here.
        return None
    return _parse(text.splitlines())


def _parse(lines: Sequence[str]) -> _RuleFile | None:
    if not lines:
        return None
    from pathspec import GitIgnoreSpec

    parsed: list[_Line] = []
    for line in lines:
        text = _POSIX_CLASS.sub(lambda found: _POSIX_CLASSES.get(found[1], ""), line)
        try:
            patterns = list(GitIgnoreSpec.from_lines([text]).patterns)
        except ValueError:
            # git skips a line that it cannot read, such as a lone "!".
            continue
        for pattern in patterns:
            regex = getattr(pattern, "regex", None)
            if pattern.include is None or regex is None:
                continue
            body = text.rstrip().removeprefix("!").rstrip("/")
            is_for_names = "/" not in body
            narrowed = _of_one_entry(regex.pattern, is_for_names)
            parts = tuple(body.removeprefix("/").split("/"))
            parsed.append(_Line(narrowed, pattern.include, is_for_names, parts))
    return _RuleFile(parsed) if parsed else None


def _of_one_entry(source: str, is_for_names: bool) -> re.Pattern[str]:
    """Narrow a pathspec expression to the entry itself; it also matches what lies below.

    Directories are decided one by one on the way down, so a line that matched a directory must
    not decide again about its entries, which a nearer rule file may have brought back.
    """
    if "(?P<ps_d>/)" in source:
        source = source.replace("(?:(?P<ps_d>/)|$)", "/?$").replace("(?P<ps_d>/)", "/$")
    elif source.endswith("/"):
        source += "."  # "foo/**" is what lies in foo, not foo
    if is_for_names:
        source = source.replace("^(?:.+/)?", "^", 1)  # there is no directory in a name
    return re.compile(source)


def _alternation(lines: Iterable[_Line]) -> re.Pattern[str] | None:
    sources = dict.fromkeys(f"(?:{line.regex.pattern})" for line in lines)
    # re keeps what it compiled, and most directories share the rules of the one above.
    return re.compile("|".join(sources)) if sources else None
