"""Names and full names of tasks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hazui.domain.ids import NAME_BYTES_MAX, TaskId, is_name


@pytest.mark.parametrize("text", ["a", "A1", "0", "a-b_c", "a" * NAME_BYTES_MAX])
def test_these_are_names(text: str) -> None:
    assert is_name(text)


@pytest.mark.parametrize(
    "text", ["", "-a", "_a", "a b", "a.b", "a:b", "é", "a\n", "a" * (NAME_BYTES_MAX + 1), "٣"]
)
def test_these_are_not(text: str) -> None:
    assert not is_name(text)


def test_a_full_name_is_read_and_printed() -> None:
    task = TaskId.parse("web:build")
    assert task == TaskId("web", "build")
    assert str(task) == f"{task}" == "web:build"


@pytest.mark.parametrize("text", ["", "build", ":", "web:", ":build", "a:b:c", "a b:c", "a:b\n"])
def test_what_is_no_full_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a full task name"):
        TaskId.parse(text)


def test_tasks_sort_by_project_and_then_by_name() -> None:
    tasks = [TaskId("b", "a"), TaskId("a", "z"), TaskId("a", "b"), TaskId("a-b", "a")]
    assert sorted(tasks) == [
        TaskId("a", "b"),
        TaskId("a", "z"),
        TaskId("a-b", "a"),
        TaskId("b", "a"),
    ]


@given(st.text(max_size=70), st.text(max_size=70))
def test_whatever_two_names_make_comes_apart_again(project: str, name: str) -> None:
    text = f"{project}:{name}"
    if is_name(project) and is_name(name):
        assert TaskId.parse(text) == (project, name)
    else:
        with pytest.raises(ValueError, match="not a full task name"):
            TaskId.parse(text)


@given(st.text("aZ0_-. é\n", max_size=66))
def test_a_name_is_what_its_definition_says(text: str) -> None:
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    expected = 0 < len(text) <= 64 and text[0] in letters and all(c in letters + "_-" for c in text)
    assert is_name(text) == expected
