"""What is wrong in a configuration: one class per kind of problem.

Every problem knows where it is: the file, the line and column (both counted from 1, None when the
position is not known), the dotted key, and the text of the line, so that a caret can be drawn.
Problems are collected, not raised one at a time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hazui.errors.base import CodeClass, HazuiError, Kind, did_you_mean
from hazui.errors.graph import GraphError


@dataclass(eq=False, kw_only=True)
class ConfigError(HazuiError):
    """A problem in a configuration file, or in what stands for one."""

    FAMILY = "config"
    KIND = Kind.CONFIG
    CLASS = CodeClass.TERMINAL

    file: Path
    line: int | None = None
    """Counted from 1."""
    column: int | None = None
    """In characters, counted from 1."""
    key: str = ""
    """Dotted, such as ``tasks.build.inputs``; empty when it is not about one key."""
    excerpt: str | None = None
    """The text of the line, without its newline."""

    @property
    def hint(self) -> str | None:
        return did_you_mean(vars(self).get("suggestion")) or super().hint

    @property
    def place(self) -> tuple[str, int] | None:
        return None if self.line is None else (str(self.file), self.line)


@dataclass(eq=False, kw_only=True)
class SyntaxInvalid(ConfigError):
    """The file is not TOML."""

    CODE = "config.syntax_invalid"

    detail: str

    def sentence(self) -> str:
        return f"This is not valid TOML: {self.detail}"


@dataclass(eq=False, kw_only=True)
class FileUnreadable(ConfigError):
    """The file cannot be read, or is not UTF-8."""

    CODE = "config.file_unreadable"

    source: BaseException

    def sentence(self) -> str:
        return f"Cannot read the configuration {self.file}"


@dataclass(eq=False, kw_only=True)
class ConfigNotFound(ConfigError):
    """There is no hazui.toml in the directory or above it."""

    CODE = "config.config_not_found"
    HINT = "`hazui init` writes one from what it finds here; `hazui demo` shows an example."

    start: Path

    def sentence(self) -> str:
        return f"There is no {self.file.name} in {self.start} or above it"


@dataclass(eq=False, kw_only=True)
class UnknownKey(ConfigError):
    """A key that this table does not have."""

    CODE = "config.unknown_key"

    suggestion: str | None = None

    def sentence(self) -> str:
        return f'There is no key "{self.key}"'


@dataclass(eq=False, kw_only=True)
class UnknownTable(ConfigError):
    """A table that a configuration does not have."""

    CODE = "config.unknown_table"

    suggestion: str | None = None

    def sentence(self) -> str:
        return f"There is no table [{self.key}]"


@dataclass(eq=False, kw_only=True)
class WrongType(ConfigError):
    """A value of another type than the key takes."""

    CODE = "config.wrong_type"

    expected: str
    found: str

    def sentence(self) -> str:
        return f"{self.key} takes {self.expected}, not {self.found}"


@dataclass(eq=False, kw_only=True)
class OutOfRange(ConfigError):
    """A number outside of what the key takes."""

    CODE = "config.out_of_range"

    value: str
    allowed: str

    def sentence(self) -> str:
        return f"{self.key} is {self.value}, and must be {self.allowed}"


@dataclass(eq=False, kw_only=True)
class InvalidChoice(ConfigError):
    """A word that is not one of the few that the key takes."""

    CODE = "config.invalid_choice"

    value: str
    choices: Sequence[str]
    suggestion: str | None = None

    def sentence(self) -> str:
        return f'{self.key} is "{self.value}", and must be one of {", ".join(self.choices)}'


@dataclass(eq=False, kw_only=True)
class InvalidName(ConfigError):
    """A name that no task, project or tag can have."""

    CODE = "config.invalid_name"
    HINT = "Letters, digits, _ and -, the first a letter or digit, at most 64 bytes."

    value: str
    reason: str

    def sentence(self) -> str:
        return f'"{self.value}" cannot be a name: {self.reason}'


@dataclass(eq=False, kw_only=True)
class ReservedName(ConfigError):
    """A name or variable that hazui keeps for itself."""

    CODE = "config.reserved_name"

    value: str

    def sentence(self) -> str:
        return f'"{self.value}" is reserved'


@dataclass(eq=False, kw_only=True)
class InvalidPattern(ConfigError):
    """A text that is not a pattern; ``source`` is there when a segment is to blame."""

    CODE = "config.invalid_pattern"

    value: str
    reason: str = "it names no path in the workspace"
    source: BaseException | None = None

    def sentence(self) -> str:
        return f'"{self.value}" is not a pattern: {self.reason}'


@dataclass(eq=False, kw_only=True)
class InvalidPath(ConfigError):
    """A text that is not a path in the workspace."""

    CODE = "config.invalid_path"

    value: str
    source: BaseException | None = None

    def sentence(self) -> str:
        return f'"{self.value}" is not a path in the workspace'


@dataclass(eq=False, kw_only=True)
class InvalidDuration(ConfigError):
    """A number of seconds or milliseconds that is not a duration."""

    CODE = "config.invalid_duration"
    HINT = "A finite number, not below zero; the unit is in the key's name."

    value: str

    def sentence(self) -> str:
        return f"{self.key} is {self.value}, which is not a duration"


@dataclass(eq=False, kw_only=True)
class InvalidSize(ConfigError):
    """A text that is not a size in bytes."""

    CODE = "config.invalid_size"
    HINT = 'Write a number of bytes, or a number with a unit such as "10GiB" or "500MB".'

    value: str

    def sentence(self) -> str:
        return f'{self.key} is "{self.value}", which is not a size'


@dataclass(eq=False, kw_only=True)
class InvalidSignal(ConfigError):
    """A text that is not a signal of this system."""

    CODE = "config.invalid_signal"

    value: str
    suggestion: str | None = None

    def sentence(self) -> str:
        return f'{self.key} is "{self.value}", which is not a signal'


@dataclass(eq=False, kw_only=True)
class InvalidRegex(ConfigError):
    """A text that is not a regular expression."""

    CODE = "config.invalid_regex"

    value: str
    detail: str

    def sentence(self) -> str:
        return f'"{self.value}" is not a regular expression: {self.detail}'


@dataclass(eq=False, kw_only=True)
class InvalidText(ConfigError):
    """A text that the key cannot take, such as an empty script or a variable's name with a dash."""

    CODE = "config.invalid_text"

    value: str
    reason: str

    def sentence(self) -> str:
        return f'{self.key} is "{self.value}": {self.reason}'


@dataclass(eq=False, kw_only=True)
class ServiceKeyOnTask(ConfigError):
    """A key that only services have, on a task that is none."""

    CODE = "config.service_key_on_task"
    HINT = 'Set kind = "service", or take the key out.'

    def sentence(self) -> str:
        return f"{self.key} is for services, and this is a task"


@dataclass(eq=False, kw_only=True)
class InvalidReference(ConfigError):
    """A text that cannot refer to a task, whatever tasks there are."""

    CODE = "config.invalid_reference"
    HINT = "Write task, project:task, ^:task or [tag]:task."

    value: str
    suggestion: str | None = None

    def sentence(self) -> str:
        return f'"{self.value}" is not a reference to a task'

    @property
    def hint(self) -> str | None:
        return did_you_mean(self.suggestion) or ("Write task, project:task, ^:task or [tag]:task.")


@dataclass(eq=False, kw_only=True)
class MissingKey(ConfigError):
    """A key that must be there is not; ``key`` is the one that is missing."""

    CODE = "config.missing_key"

    def sentence(self) -> str:
        return f"The key {self.key} is missing"


@dataclass(eq=False, kw_only=True)
class DuplicateProject(ConfigError):
    """Two projects have one name, or two names stand for one directory."""

    CODE = "config.duplicate_project"

    paths: Sequence[Path]

    def sentence(self) -> str:
        return f"{self.key} is declared twice: {', '.join(map(str, self.paths))}"


@dataclass(eq=False, kw_only=True)
class ProjectMissing(ConfigError):
    """The directory of a project does not exist."""

    CODE = "config.project_missing"

    path: Path

    def sentence(self) -> str:
        return f"The directory of {self.key} does not exist: {self.path}"


@dataclass(eq=False, kw_only=True)
class EnvFileInvalid(ConfigError):
    """A file of variables cannot be read as such; it names the file, never a value."""

    CODE = "config.env_file_invalid"

    path: Path
    detail: str

    def sentence(self) -> str:
        return f"The env_file {self.path} cannot be used: {self.detail}"


@dataclass(eq=False, kw_only=True)
class MemoryStoreInDurable(ConfigError):
    """A store is kept in memory while the session is to survive a crash."""

    CODE = "config.memory_store_in_durable"
    HINT = 'Make the store "durable", or set workspace.durable = false.'

    facet: str

    def sentence(self) -> str:
        return f'{self.facet} is "memory" while workspace.durable is true'


@dataclass(eq=False, kw_only=True)
class LeaseTooShort(ConfigError):
    """The lease would run out between two renewals."""

    CODE = "config.lease_too_short"
    HINT = "ttl_s must be at least three times renew_s."

    ttl_s: float
    renew_s: float

    def sentence(self) -> str:
        return f"A lease of {self.ttl_s:g} s is too short for a renewal every {self.renew_s:g} s"


@dataclass(eq=False, kw_only=True)
class GraphInvalid(ConfigError):
    """The tasks do not form a graph; ``source`` says why, this says where it is written."""

    CODE = "config.graph_invalid"

    source: GraphError

    def sentence(self) -> str:
        return f"{self.key or 'The configuration'} does not fit into the graph of tasks"


@dataclass(eq=False, kw_only=True)
class InvalidOverride(ConfigError):
    """A ``HAZUI_`` variable has a value that its key does not take."""

    CODE = "config.invalid_override"

    variable: str
    value: str
    reason: str

    def sentence(self) -> str:
        return f'The variable {self.variable} is "{self.value}": {self.reason}'
