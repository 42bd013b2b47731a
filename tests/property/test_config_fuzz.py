"""Whatever bytes a configuration holds, the answer is a workspace or a list of problems."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from hazui.config import schema
from hazui.config.env_file import parse_env
from hazui.config.load import Loaded, load
from hazui.config.locate import Location, locate
from hazui.config.overrides import overridables
from hazui.config.positions import scan
from hazui.config.problems import Rejected
from hazui.domain.specs import STORE_FACETS

EXAMPLE = (Path(__file__).parents[2] / "config.example.toml").read_bytes()
LINES = EXAMPLE.splitlines(keepends=True)

WORDS = [
    *(key.name for table in (schema.WORKSPACE, schema.TASK, schema.PROJECT) for key in table.keys),
    *STORE_FACETS,
    *("workspace", "tasks", "projects", "a", "b c", "..", "^:a", "[t]:a", "*", "!x", "SIGTERM"),
]
SCALARS = st.one_of(
    st.sampled_from(WORDS),
    st.text(max_size=8),
    st.integers(),
    st.floats(),
    st.booleans(),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


def as_toml(value: object) -> str:
    """A value as TOML, tables inline."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return quoted(value)
        case int():
            return str(value)
        case float():
            return repr(value)
        case list():
            return f"[{', '.join(map(as_toml, value))}]"
        case dict():
            return "{" + ", ".join(f"{quoted(k)} = {as_toml(v)}" for k, v in value.items()) + "}"
        case _:
            raise TypeError(value)


def quoted(text: str) -> str:
    return '"' + "".join(f"\\U{ord(c):08x}" for c in text if not "\ud800" <= c <= "\udfff") + '"'


def check(data: bytes, environ: Mapping[str, str] | None = None) -> Loaded | Rejected:
    """Load ``data``; a refusal must say in which file and what, and never point past the text."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name).resolve()
        file = root / "hazui.toml"
        file.write_bytes(data)
        assert locate(root) == Location(file, root)
        result = load(Location(file, root), environ=environ or {})
        if isinstance(result, Loaded):
            assert list(result.workspace.tasks) == sorted(result.workspace.tasks)
            return result
        assert result.problems
        lines = data.decode("utf-8", "replace").removeprefix("\ufeff").split("\n")
        for problem in result.problems:
            assert problem.file == file
            assert problem.message
            assert "\n" not in problem.message
            if problem.line is not None:
                assert 1 <= problem.line <= len(lines)
                assert problem.excerpt is not None
                assert lines[problem.line - 1].startswith(problem.excerpt.rstrip("\ufffd"))
                assert problem.column is not None
                assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
        return result


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=200))
def test_arbitrary_bytes_give_an_answer(data: bytes) -> None:
    check(data)


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=200))
def test_arbitrary_text_gives_an_answer(text: str) -> None:
    check(text.encode("utf-8", "replace"))


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_a_damaged_example_gives_an_answer(data: st.DataObject) -> None:
    damaged = list(LINES)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        match data.draw(st.sampled_from(["drop", "twice", "cut", "swap", "noise"])):
            case "drop":
                del damaged[at]
            case "twice":
                damaged.insert(at, damaged[at])
            case "cut":
                damaged[at] = damaged[at][: data.draw(st.integers(0, len(damaged[at])))]
            case "swap":
                other = data.draw(st.integers(0, len(damaged) - 1))
                damaged[at], damaged[other] = damaged[other], damaged[at]
            case _:
                cut = data.draw(st.integers(0, len(damaged[at])))
                noise = data.draw(st.binary(max_size=6))
                damaged[at] = damaged[at][:cut] + noise + damaged[at][cut:]
    check(b"".join(damaged))


@settings(deadline=None, max_examples=60)
@given(
    st.dictionaries(st.sampled_from([*schema.WORKSPACE.by_name]) | st.text(max_size=4), VALUES),
    st.dictionaries(
        st.sampled_from(["a", "b c"]),
        st.dictionaries(st.sampled_from([*schema.TASK.by_name]), VALUES, max_size=5),
        max_size=2,
    ),
)
def test_values_of_any_type_under_real_keys_give_an_answer(
    workspace: dict[str, object], tasks: dict[str, dict[str, object]]
) -> None:
    lines = ["[workspace]", *(f"{quoted(k)} = {as_toml(v)}" for k, v in workspace.items())]
    for name, task in tasks.items():
        lines.append(f"[tasks.{quoted(name)}]")
        lines += [f"{quoted(key)} = {as_toml(value)}" for key, value in task.items()]
    result = check("\n".join(lines).encode())
    if isinstance(result, Rejected):
        # What tomli accepted and validation refused has its place, but for what no line says.
        assert all(problem.line is not None for problem in result.problems)


@settings(deadline=None, max_examples=60)
@given(
    st.dictionaries(
        st.sampled_from([item.variable for item in overridables()]),
        st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=12)
        | VALUES.map(as_toml),
        max_size=3,
    )
)
def test_variables_of_any_text_give_an_answer(environ: dict[str, str]) -> None:
    check(b"", environ)


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=80) | st.text("AB= '\"\\\n#$export\t", max_size=40).map(str.encode))
def test_an_env_file_of_any_bytes_gives_values_or_lines(data: bytes) -> None:
    values, problems = parse_env(data)
    assert all("\0" not in value for value in values.values())
    assert all(1 <= problem.line <= data.count(b"\n") + 1 for problem in problems)
    assert [problem.line for problem in problems] == sorted(problem.line for problem in problems)


@settings(deadline=None, max_examples=100)
@given(
    st.dictionaries(st.from_regex(r"[A-Z_][A-Z0-9_]{0,5}", fullmatch=True), st.text(max_size=12))
)
def test_quoted_values_come_back_as_they_were(values: dict[str, str]) -> None:
    clean = {
        name: "".join(c for c in value if c not in "\0\r" and not "\ud800" <= c <= "\udfff")
        for name, value in values.items()
    }
    lines = []
    for name, value in clean.items():
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        lines.append(f'export {name}="{escaped}" # comment')
    assert parse_env("\n".join(lines).encode()) == (clean, [])


@settings(deadline=None, max_examples=100)
@given(st.text("ab.=[]{}\"'\\\n ,#1u", max_size=60))
def test_the_scan_of_any_text_ends_within_it(text: str) -> None:
    for key, value in scan(text).values():
        assert 0 <= key <= value <= len(text)
