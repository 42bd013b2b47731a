"""What every error of hazui can do, whatever its family."""

import contextlib
import copy
import errno
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import hazui
from hazui.errors import build_key, fs, internal, process, run_task
from hazui.errors.base import HazuiError, Kind
from tests.unit.errors.errors_samples import forbidden, samples

TOP = Path(hazui.__file__).parents[1]
COPIES: list[Callable[[HazuiError], HazuiError]] = [
    copy.copy,
    copy.deepcopy,
    lambda error: pickle.loads(pickle.dumps(error)),
]


def unreadable() -> run_task.BuildKeyFailed:
    gone = fs.from_os_error(Path("/x/a"), "read", FileNotFoundError(errno.ENOENT, "gone", "/x/a"))
    return run_task.BuildKeyFailed(
        source=build_key.InputContentReadFailed(path=Path("/x/a"), source=gone)
    )


def test_the_cause_is_the_source() -> None:
    error = unreadable()
    assert error.__cause__ is error.source
    assert error.__suppress_context__


def test_repr_shows_class_and_fields() -> None:
    assert repr(fs.NotFound(path=Path("/x"))) == "NotFound(path=PosixPath('/x'))"


@pytest.mark.parametrize("again", COPIES)
def test_copies_keep_fields_notes_and_the_whole_chain(
    again: Callable[[HazuiError], HazuiError],
) -> None:
    error = unreadable()
    error.add_note("seen twice")
    twin = again(error)
    assert isinstance(twin, run_task.BuildKeyFailed)
    assert twin is not error
    assert twin.__notes__ == ["seen twice"]
    assert twin.source is twin.__cause__
    assert repr(list(twin.iter_chain())) == repr(list(error.iter_chain()))
    assert len(list(twin.iter_chain())) == 4


@pytest.mark.parametrize("again", COPIES)
def test_copies_keep_the_causes_of_foreign_exceptions(
    again: Callable[[HazuiError], HazuiError],
) -> None:
    foreign = ValueError("outer")
    foreign.__cause__ = KeyError("inner")
    foreign.__cause__.__context__ = OSError("the root")
    twin = again(internal.Unexpected(where="x", source=foreign))
    assert [type(error) for error in twin.iter_chain()] == [
        internal.Unexpected,
        ValueError,
        KeyError,
        OSError,
    ]


@pytest.mark.parametrize("again", COPIES)
def test_copies_keep_the_causes_of_the_members_of_a_group(
    again: Callable[[HazuiError], HazuiError],
) -> None:
    member = ValueError("member")
    member.__cause__ = KeyError("root")
    twin = again(internal.Unexpected(where="x", source=ExceptionGroup("g", [member])))
    assert [type(error) for error in twin.iter_chain()] == [
        internal.Unexpected,
        ExceptionGroup,
        ValueError,
        KeyError,
    ]


@pytest.mark.parametrize("error", samples(), ids=lambda error: str(error.code))
def test_every_sample_can_be_copied_and_pickled(error: HazuiError) -> None:
    for again in COPIES:
        assert repr(again(error)) == repr(error)
        assert str(again(error)) == str(error)
        assert again(error).args == error.args


def test_a_copied_cycle_is_a_cycle() -> None:
    first = internal.Unexpected(where="a", source=ValueError())
    second = internal.Unexpected(where="b", source=first)
    first.source = second
    first.__cause__ = second
    twin = pickle.loads(pickle.dumps(first))
    assert twin.__cause__.__cause__ is twin


def test_a_pickled_error_remembers_where_it_was_raised() -> None:
    with pytest.raises(fs.NotFound) as caught:
        raise fs.NotFound(path=Path("/x"))
    place = caught.value.place
    twin = pickle.loads(pickle.dumps(caught.value))
    assert place is not None
    assert place[0] == __file__
    assert twin.place == place
    assert twin.__traceback__ is None


def test_errors_pass_through_context_managers_and_take_notes() -> None:
    @contextlib.contextmanager
    def passing() -> Iterator[None]:
        yield

    error = unreadable()
    with pytest.raises(run_task.BuildKeyFailed) as caught, passing():
        raise error
    error.add_note("a note")
    assert caught.value is error
    assert error.__notes__ == ["a note"]


def test_two_equal_looking_errors_are_two_errors() -> None:
    first, second = unreadable(), unreadable()
    assert first != second
    assert len({first, second}) == 2


def test_fields_are_keyword_only() -> None:
    with pytest.raises(TypeError):
        fs.NotFound(Path("/x"))  # type: ignore[call-arg]


def test_lists_become_tuples() -> None:
    assert process.Survivors(pids=[1, 2]).pids == (1, 2)


def test_a_message_escapes_what_would_break_a_line_or_a_terminal() -> None:
    error = fs.NotFound(path=Path("/a\nb\x1b[31m\udcff\u202e"))
    assert error.message == "/a\\nb\\x1b[31m\\xff\\u202e does not exist"


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.ENOENT, fs.NotFound),
        (errno.ENOTDIR, fs.NotFound),
        (errno.EACCES, fs.PermissionDenied),
        (errno.EPERM, fs.PermissionDenied),
        (errno.ENOSPC, fs.NoSpace),
        (errno.EDQUOT, fs.NoSpace),
        (errno.EFBIG, fs.NoSpace),
        (errno.EIO, fs.Io),
        (errno.EROFS, fs.Io),
        (None, fs.Io),
    ],
)
def test_an_os_error_becomes_the_variant_of_its_number(
    number: int | None, expected: type[fs.FsError]
) -> None:
    foreign = OSError("odd") if number is None else OSError(number, "text")
    error = fs.from_os_error(Path("/x"), "read", foreign)
    assert type(error) is expected
    assert error.__cause__ is foreign


@pytest.mark.parametrize(
    ("foreign", "expected"),
    [
        (FileNotFoundError("x"), fs.NotFound),
        (NotADirectoryError("x"), fs.NotFound),
        (PermissionError("x"), fs.PermissionDenied),
    ],
)
def test_an_os_error_without_a_number_is_known_by_its_class(
    foreign: OSError, expected: type[fs.FsError]
) -> None:
    assert type(fs.from_os_error(Path("/x"), "read", foreign)) is expected


def test_a_real_missing_file_is_not_found(tmp_path: Path) -> None:
    path = tmp_path / "nothing"
    with pytest.raises(FileNotFoundError) as caught:
        path.read_bytes()
    error = fs.from_os_error(path, "read", caught.value)
    assert isinstance(error, fs.NotFound)
    assert error.iter_chain().root is caught.value


def test_an_invalid_output_path_is_a_bug_unless_the_name_is_to_blame() -> None:
    bug = run_task.MaterialisedOutputPathInvalid(path="a", source=forbidden().source)  # type: ignore[arg-type]
    name = run_task.MaterialisedOutputPathInvalid(path="/dist/a\u200b", source=forbidden())
    assert name.kind is Kind.USER
    assert name.hint is not None
    assert "Rename" in name.hint
    bug.__cause__ = bug.source = None  # type: ignore[assignment]
    assert bug.kind is Kind.INTERNAL
    assert bug.hint is None


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (errno.ENOENT, "PATH"),
        (errno.EACCES, "chmod"),
        (errno.ENOEXEC, "#!"),
        (errno.EMFILE, "limits"),
    ],
)
def test_a_program_that_does_not_start_comes_with_what_to_try(number: int, word: str) -> None:
    hint = process.SpawnFailed(program="x", source=OSError(number, "text")).hint
    assert hint is not None
    assert word in hint


def test_importing_one_family_is_cheap() -> None:
    code = "import sys, hazui.errors.fs; print(*sorted(m for m in sys.modules if 'hazui' in m))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert done.stdout.split() == ["hazui", "hazui.errors", "hazui.errors.base", "hazui.errors.fs"]


def test_the_errors_need_nothing_but_the_standard_library() -> None:
    code = (
        "import sys, hazui.errors.explain as e, hazui.errors.render, hazui.errors.record;"
        "e.table(); names = {m.partition('.')[0] for m in sys.modules};"
        "print(*sorted(names - set(sys.stdlib_module_names) - {'__main__'}))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert done.stdout.split() == ["hazui"]
