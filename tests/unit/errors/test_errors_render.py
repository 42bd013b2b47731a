"""Chains and problems as plain text."""

import re
from pathlib import Path

import pytest

from hazui.errors import config, graph, plugin, process, run_task
from hazui.errors.base import HazuiError
from hazui.errors.excerpt import columns_of, excerpt_of
from hazui.errors.record import record_of
from hazui.errors.render import LINES_MAX, render, render_problem
from hazui.errors.runtime import HazuiRuntimeError
from tests.unit.errors.errors_samples import nested, samples

FILE = Path("/w/hazui.toml")


def unstarted() -> run_task.SpawnFailed:
    missing = FileNotFoundError(2, "No such file or directory", "nodee")
    return run_task.SpawnFailed(source=process.SpawnFailed(program="nodee", source=missing))


def test_a_chain_is_numbered_down_to_the_root_with_hints_last() -> None:
    assert render(record_of(unstarted())).splitlines() == [
        "Cannot start the command of the task (run_task.spawn_failed)",
        "Caused by:",
        "  1. Cannot start the program nodee (process.spawn_failed)",
        "  2. FileNotFoundError: [Errno 2] No such file or directory: 'nodee'",
        "Hint: Check the spelling, and that PATH (add it to env) finds the program.",
    ]


def test_an_unknown_key_is_shown_with_caret_and_suggestion() -> None:
    error = config.UnknownKey(
        file=FILE,
        line=12,
        column=1,
        key="tasks.b.retires",
        excerpt="retires = 2",
        suggestion="retries",
    )
    assert render_problem(record_of(error), base="/w").splitlines() == [
        'hazui.toml:12:1: There is no key "tasks.b.retires"',
        "  12 | retires = 2",
        "     | ^^^^^^^",
        'Hint: Did you mean "retries"?',
    ]


def test_a_graph_problem_shows_its_place_and_its_cause() -> None:
    error = config.GraphInvalid(
        file=FILE,
        line=3,
        column=9,
        key="tasks.b.deps",
        excerpt='deps = ["日本", "x"]',
        source=graph.Cycle(path=("a", "b", "a")),
    )
    assert render_problem(record_of(error)).splitlines() == [
        "/w/hazui.toml:3:9: tasks.b.deps does not fit into the graph of tasks",
        '  3 | deps = ["日本", "x"]',
        "    |         ^^^^^^",
        "Caused by:",
        "  1. Tasks depend on each other in a circle: a -> b -> a (graph.cycle)",
        "Hint: Take one of these dependencies out, or split a task in two.",
    ]


def test_a_problem_without_a_position_is_one_line() -> None:
    error = config.InvalidOverride(file=FILE, variable="HAZUI_JOBS", value="x", reason="no number")
    text = render_problem(record_of(error))
    assert text == 'HAZUI_JOBS: The variable HAZUI_JOBS is "x": no number'


def test_a_group_shows_members_with_their_own_causes() -> None:
    first = ValueError("a")
    first.__cause__ = KeyError("k")
    error = plugin.HookFailed(
        plugin="acme", hook="h", source=ExceptionGroup("two", [first, OSError("b")])
    )
    assert render(record_of(error)).splitlines()[:9] == [
        "The plugin acme failed in its hook h (plugin.hook_failed)",
        "Caused by:",
        "  1. ExceptionGroup: two (2 sub-exceptions)",
        "    1.1) ValueError: a",
        "      Caused by:",
        "        1.1.1. KeyError: 'k'",
        "    1.2) OSError: b",
        "Hint: Fix the plugin, or take it out of workspace.plugins.",
    ]


def test_a_foreign_frame_is_named_and_a_context_is_called_so() -> None:
    error = ValueError("second")
    with pytest.raises(KeyError) as caught:
        raise KeyError("first")
    error.__context__ = caught.value
    text = render(record_of(error), base=str(Path(__file__).parent))
    assert "  1. while handling KeyError: 'first'\n     at test_errors_render.py:" in text


def test_the_data_and_notes_of_a_runtime_error_are_shown() -> None:
    error = HazuiRuntimeError("session_execution_busy", "busy", data={"pid": 7, "host": "ada"})
    error.add_note("seen once")
    assert render(record_of(error)).splitlines()[:4] == [
        "busy (session_execution_busy)",
        "  pid: 7",
        "  host: ada",
        "  note: seen once",
    ]


def test_a_hint_is_said_once() -> None:
    inner = plugin.HookFailed(plugin="a", hook="h", source=ValueError())
    outer = plugin.HookFailed(plugin="b", hook="h", source=inner)
    assert render(record_of(outer)).count("Hint:") == 1


def test_what_is_left_out_is_said() -> None:
    assert "... and 236 more, left out" in render(record_of(nested(300)))


@pytest.mark.parametrize("width", [20, 40, 72])
@pytest.mark.parametrize("error", samples(), ids=lambda error: str(error.code))
def test_every_error_is_wrapped_and_safe_at_any_width(error: HazuiError, width: int) -> None:
    for text in (render(record_of(error), width), render_problem(record_of(error), width)):
        assert not text.endswith("\n")
        for line in text.split("\n"):
            assert line.isprintable()
            assert line == line.rstrip()
            words = line.split()
            # Only a word that does not fit by itself may pass the width.
            assert (
                len(line) <= width or len(words) <= 3 or " | " in line or max(map(len, words)) > 8
            )


def test_a_wrapped_chain_keeps_its_indentation() -> None:
    lines = render(record_of(unstarted()), 40).splitlines()
    assert lines[3:6] == [
        "  1. Cannot start the program nodee",
        "     (process.spawn_failed)",
        "  2. FileNotFoundError: [Errno 2] No",
    ]
    assert all(len(line) <= 40 for line in lines)


def test_foreign_text_cannot_move_the_cursor_and_is_bounded() -> None:
    text = render(record_of(ValueError("\x1b[2J\rx\n" * 100)))
    assert "\x1b" not in text
    assert "\r" not in text
    assert f"... ({200 - LINES_MAX} more lines)" in text


def test_a_style_sees_every_piece_and_changes_no_letter() -> None:
    error = config.GraphInvalid(
        file=FILE, line=3, column=2, excerpt="a = 1", source=graph.Cycle(path=("a", "a"))
    )
    chain = record_of(run_task.StoreFailed(source=error))  # type: ignore[arg-type]
    seen: set[str] = set()

    def style(text: str, role: str) -> str:
        seen.add(role)
        return f"<{role}>{text}</{role}>"

    styled = render(chain, 60, style=style)
    assert re.sub(r"</?[a-z]+>", "", styled) == render(chain, 60)
    assert seen == {"message", "number", "place", "excerpt", "caret", "hint"}


@pytest.mark.parametrize(
    ("line", "column", "marked"),
    [
        ("retires = 2", 1, "retires"),
        ('x = "a b"', 5, '"a b"'),
        ("x = 'open", 5, "'open"),
        ("jobs = 12 # many", 8, "12"),
        ("x = [1, 2]", 6, "1"),
        ("\tx = 1", 2, "x"),
    ],
)
def test_the_caret_marks_the_word_at_the_column(line: str, column: int, marked: str) -> None:
    found = excerpt_of(line, column, 80)
    start = found.caret.index("^")
    assert found.line[start : len(found.caret)] == marked


def test_an_excerpt_without_a_column_has_no_caret() -> None:
    assert excerpt_of("x = 1", None, 80).caret == ""


@pytest.mark.parametrize("column", [1, 2, 50, 200, 399, 400, 401, 999])
def test_a_long_line_is_cut_to_a_window_around_the_caret(column: int) -> None:
    line = "".join(chr(ord("a") + n % 26) for n in range(400))
    found = excerpt_of(line, column, 40)
    assert columns_of(found.line) <= 40
    assert "..." in found.line
    start = found.caret.index("^")
    if column <= 400:
        assert found.line[start] == line[column - 1]
