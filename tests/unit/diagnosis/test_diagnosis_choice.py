"""Which of several findings is the root, how layers are taken off, and how much is read."""

import pytest

from hazui.diagnosis.diagnose import diagnose
from hazui.diagnosis.lines import HEAD_LINES, TAIL_LINES, clean, read_lines
from hazui.domain.links import Diagnosis
from hazui.domain.records import ExitStatus

FAILED = ExitStatus(code=1)
TRACE = (
    "Traceback (most recent call last):\n"
    '  File "{file}", line {line}, in <module>\n'
    "    pour()\n"
    "{error}\n"
)


def trace(file: str, error: str, line: int = 3) -> str:
    return TRACE.format(file=file, error=error, line=line)


def told(stderr: str, stdout: str = "") -> Diagnosis:
    return diagnose(stdout.encode(), stderr.encode(), FAILED, [])


def test_the_first_of_several_programs_failures_is_the_root() -> None:
    found = told(trace("one.py", "KeyError: 'a'") + trace("two.py", "OSError: b"))
    assert found.chain[-1].file == "one.py"
    assert [link.file for link in found.errors] == ["one.py", "two.py"]


def test_the_last_failure_of_one_program_ended_it() -> None:
    found = told(trace("one.py", "KeyError: 'a'") + trace("one.py", "OSError: b", line=9))
    assert found.chain[-1].message == "b"


def test_a_message_that_a_summary_repeats_counts_once() -> None:
    found = told(trace("one.py", "OSError: dry") + "\nOSError: dry\n")
    assert len(found.errors) == 1


def test_nothing_is_told_about_output_without_errors() -> None:
    found = told("all good\n0 errors\n", "12 passed, 3 warnings\nerror: 0 problems\n")
    assert found.chain == ()
    assert found.errors == ()


def test_interleaved_programs_are_read_apart() -> None:
    one = trace("/srv/a.py", "KeyError: 'a'").splitlines()
    lines = []
    for at, line in enumerate(one):
        lines += [f"api-1  | {line}", f"web-1  | tick {at}"]
    found = told("\n".join(lines))
    assert (found.chain[-1].type, found.chain[-1].file) == ("KeyError", "/srv/a.py")


@pytest.mark.parametrize(
    "mark", ["[api] ", "@shop/api: ", "api:build: ", "2026-01-02T03:04:05.678Z "]
)
def test_marks_of_layers_are_taken_off(mark: str) -> None:
    text = "".join(f"{mark}{line}\n" for line in trace("a.py", "OSError: x").splitlines())
    found = told(text)
    assert (found.chain[-1].type, found.chain[-1].message, found.chain[-1].file) == (
        "OSError",
        "x",
        "a.py",
    )
    assert (found.chain[-1].byte_start, found.chain[-1].byte_end) == (0, len(text.encode()) - 1)


def test_a_progress_bar_leaves_its_last_state() -> None:
    assert clean(b"10%\r50%\r100% done\r\n".rstrip(b"\n")) == "100% done"


def test_paths_below_the_workspace_are_made_relative() -> None:
    found = diagnose(b"", trace("/w/src/a.py", "OSError: x").encode(), FAILED, [], root="/w")
    assert found.chain[-1].file == "src/a.py"
    assert found.errors[0].file == "src/a.py"


def test_only_named_recognisers_are_asked() -> None:
    text = trace("a.py", "OSError: x").encode()
    assert diagnose(b"", text, FAILED, [], only=["java"]).chain == ()
    assert diagnose(b"", text, FAILED, [], only=["python"]).root is not None


def test_head_and_tail_of_a_huge_stream_are_read() -> None:
    filler = b"nothing to see here\n" * 400_000
    head = trace("first.py", "KeyError: 'a'").encode()
    tail = trace("last.py", "OSError: b").encode()
    found = diagnose(b"", head + filler + tail, FAILED, [])
    assert [link.file for link in found.errors] == ["first.py", "last.py"]
    link = found.errors[1]
    data = head + filler + tail
    assert data[link.byte_start : link.byte_end] == tail.rstrip(b"\n")


@pytest.mark.parametrize("count", [0, 1, 5, HEAD_LINES, HEAD_LINES + 1, HEAD_LINES + TAIL_LINES])
@pytest.mark.parametrize("end", [b"", b"\n"])
def test_few_lines_are_all_read_once(count: int, end: bytes) -> None:
    data = b"\n".join(b"%d" % n for n in range(count)) + (end if count else b"")
    lines = read_lines(data, "stdout")
    assert [line.text for line in lines] == [str(n) for n in range(count)]
    assert all(data[x.byte_start : x.byte_end].decode() == x.text for x in lines)


def test_only_so_many_lines_of_a_stream_are_read() -> None:
    lines = read_lines(b"\n" * 5_000_000, "stdout")
    assert len(lines) == HEAD_LINES + TAIL_LINES
    assert lines[-1].byte_end == 4_999_999
    assert len(read_lines(b"x" * 9_000_000, "stderr")[0].text) == 4096


HOSTILE = [b"(", b" at ", b"a:1:1: ", b"\x1b]8;;", b"Traceback (most recent call last):\n",
           b'  File "a", line 1, in x\n', b"    at x (a:1:1)\n", b"  [cause]: Error: x\n",
           b"not ok 1\n  ---\n", b"  + Exception Group Traceback (most recent call last):\n",
           b"E   x\n", b"____ a ____\n", b"=== FAILURES ===\n", b"Caused by: x\n"]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("piece", HOSTILE, ids=range(len(HOSTILE)))
def test_time_does_not_grow_with_the_size_of_hostile_output(piece: bytes) -> None:
    import time

    def cost(size: int) -> float:
        data = piece * (size // len(piece))
        start = time.process_time()
        diagnose(data, data, FAILED, [])
        return time.process_time() - start

    assert cost(8 << 20) < 3 * cost(4 << 20) + 0.5


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("[ERROR] /src/Pot.java:[12,8] cannot find symbol", ("/src/Pot.java", 12, 8)),
        ("e: file:///src/Pot.kt:3:5 Unresolved reference: leaf", ("/src/Pot.kt", 3, 5)),
        ("src/pot.ts:3:20 - error TS2322: Type 'string' is wrong", ("src/pot.ts", 3, 20)),
        ("src/pot.ts(3,20): error TS2322: Type 'string' is wrong", ("src/pot.ts", 3, 20)),
        ("  /src/pot.py:3:5 - error: no such name (reportUndefined)", ("/src/pot.py", 3, 5)),
        ("./pot.go:5:2: undefined: leaf", ("./pot.go", 5, 2)),
        ("pot.py:1:1: F401 'os' imported but unused", ("pot.py", 1, 1)),
        ("Pot.java:4: error: ';' expected", ("Pot.java", 4, None)),
    ],
)
def test_one_line_diagnostics_are_placed(line: str, place: tuple[str, int, int | None]) -> None:
    root = told("", line + "\n").root
    assert root is not None
    assert (root.file, root.line, root.column) == place


def test_vitest_failures_are_read_with_their_place() -> None:
    found = told(
        " FAIL  src/pot.test.ts > pot > pours\n"
        "AssertionError: expected 1 to be 2 // Object.is equality\n\n- Expected\n+ Received\n\n"
        "- 2\n+ 1\n\n \u276f src/pot.test.ts:5:18\n      3| test('pours', () => {\n"
        "\u23af\u23af\u23af\u23af[1/1]\u23af\n Test Files  1 failed (1)\n"
    )
    assert found.root is not None
    assert found.root.type == "AssertionError"
    assert (found.root.file, found.root.line) == ("src/pot.test.ts", 5)
    assert len(found.errors) == 1
