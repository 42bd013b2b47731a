"""The rows: each makes its own workspace in a directory and measures hazui beside a reference."""

import os
import random
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench.measuring import DEADLINE_S, Measured, Scale, in_turn, timed_ms
from bench.raw_terminal import HAZUI, RawTerminal, environ

HERE = Path(__file__).parent
FIRST_TASK = b"a-task"


def save(directory: Path, scale: Scale) -> list[Measured]:
    """From a save to the first instruction of the task, the screen on."""
    space = directory / "space"
    (space / "src").mkdir(parents=True)
    (space / "more").mkdir()
    for number in range(scale.files):
        (space / "more" / f"{number}.txt").write_text(f"{number}\n")
    (space / "src/a.txt").write_text("0\n")
    bare = directory / "bare"
    bare.mkdir()
    fifo = directory / "fifo"
    os.mkfifo(fifo)
    script = f"echo >{fifo}"
    (space / "hazui.toml").write_text(
        f'[tasks.a-task]\ncommand = ["/bin/sh", "-c", "{script}"]\n'
        'inputs = ["src/*.txt", "more/*.txt"]\n'
    )
    env = environ(directory)
    end = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
    count = 0

    def after_save(target: Path) -> float:
        nonlocal count
        count += 1
        time.sleep(0.15 + random.random() * 0.1)  # in step with no ticker
        new = directory / "new"
        new.write_text(f"{count}\n")
        start = time.perf_counter_ns()
        new.rename(target)
        if not select.select([end], [], [], DEADLINE_S)[0]:
            raise TimeoutError(f"nothing ran after a save of {target}")
        took_ms = (time.perf_counter_ns() - start) / 1e6
        os.read(end, 100)
        return took_ms

    loop = subprocess.Popen(
        [sys.executable, HERE / "inotify_loop.py", bare, "/bin/sh", "-c", script],
        stdout=subprocess.PIPE,
        env=env,
    )
    try:
        assert loop.stdout is not None
        loop.stdout.readline()
        with RawTerminal((*HAZUI,), space, env) as terminal:
            terminal.wait_for(FIRST_TASK, b"watching", b"all good")
            select.select([end], [], [], DEADLINE_S)
            os.read(end, 100)
            ours, theirs = in_turn(
                scale.saves,
                lambda: after_save(space / "src/a.txt"),
                lambda: after_save(bare / "a.txt"),
            )
    finally:
        loop.kill()
        loop.communicate()
        os.close(end)
    what = f"save to first instruction, screen on, {scale.files:,} files"
    return [Measured(what, "ms", ours, "inotify, fork and exec", theirs, f"{len(ours)} saves")]


def start_up(directory: Path, scale: Scale) -> list[Measured]:
    """`--version`, and the first frame of the screen."""
    env = environ(directory)
    (directory / "hazui.toml").write_text('[tasks.a-task]\ncommand = "true"\n')

    def command(*argv: str) -> Callable[[], float]:
        return lambda: timed_ms(
            lambda: subprocess.run(
                argv, cwd=directory, env=env, check=True, stdout=subprocess.DEVNULL
            )
        )

    def frame(marker: bytes, *argv: str) -> Callable[[], float]:
        def measure() -> float:
            with RawTerminal(argv, directory, env) as terminal:
                return (terminal.wait_for(marker) - terminal.started_ns) / 1e6

        return measure

    ours, theirs = in_turn(
        scale.starts, command(*HAZUI, "--version"), command(sys.executable, "-c", "pass")
    )
    found = [Measured("hazui --version", "ms", ours, "python -c pass", theirs)]
    minimal = str(HERE / "minimal_app.py")
    ours, theirs = in_turn(
        scale.starts,
        frame(FIRST_TASK, *HAZUI),
        frame(b"the first frame", sys.executable, minimal),
    )
    found.append(Measured("first frame with the tasks", "ms", ours, "minimal Textual app", theirs))
    return found


FLOOD = """\
import sys
words = open("go.txt").read().split()
count, name = int(words[0]), "R" + words[1] + "L"
tail = " " + "x" * 85 + chr(10)
for start in range(0, count, 10000):
    lines = (f"{name}{number:09}" + tail for number in range(start, min(start + 10000, count)))
    sys.stdout.write("".join(lines))
"""


def flood(directory: Path, scale: Scale) -> list[Measured]:
    """A million lines of 100 bytes into the pane: until the last one is seen, and what it costs."""
    env = environ(directory)
    (directory / "flood.py").write_text(FLOOD)
    (directory / "go.txt").write_text("1 00\n")
    (directory / "hazui.toml").write_text(
        f'[tasks.a-task]\ncommand = ["{sys.executable}", "-I", "flood.py"]\n'
        'inputs = ["go.txt"]\ncache = false\n'
    )
    child = [sys.executable, "-I", "flood.py"]
    count = 0

    def line(number: int) -> bytes:
        """How a line of this round begins; a round must not see the lines of the one before."""
        return f"R{count:02}L{number:09}".encode()

    def tell() -> None:
        nonlocal count
        count += 1
        (directory / "new").write_text(f"{scale.lines} {count:02}\n")
        (directory / "new").rename(directory / "go.txt")

    def into_cat() -> float:
        command = f"'{child[0]}' -I flood.py | cat >/dev/null"
        return timed_ms(
            lambda: subprocess.run(["/bin/sh", "-c", command], cwd=directory, check=True)
        )

    with RawTerminal((*HAZUI,), directory, env) as terminal:
        terminal.wait_for(FIRST_TASK, b"watching", line(0), b"all good")
        idle_mib = terminal.rss_mib()

        def into_pane() -> float:
            terminal.forget()
            start = time.perf_counter_ns()
            tell()
            took_ms = (terminal.wait_for(line(scale.lines - 1)) - start) / 1e6
            terminal.wait_for(b"all good")
            return took_ms

        ours: list[float] = []
        theirs: list[float] = []
        full_mib = idle_mib
        for _ in range(scale.floods):
            theirs.append(into_cat())
            ours.append(into_pane())
            terminal.forget()
            terminal.type("2")
            time.sleep(0.5)  # a key that is typed while the focus moves goes to the old place
            terminal.type("g")
            terminal.wait_for(line(0))  # the first line can be reached
            terminal.type("G")
            terminal.wait_for(line(scale.lines - 1))
            full_mib = terminal.rss_mib()
    lines = f"{scale.lines:,} lines of 100 bytes"
    note = "from the save of the input to the last line on the screen; the first one reached by g"
    per_s = [scale.lines / took_ms * 1000 for took_ms in ours]
    return [
        Measured(f"{lines}, one child", "ms", ours, "the child into cat", theirs, note),
        Measured(f"{lines}: rate", "lines/s", per_s),
        Measured(f"{lines}: resident", "MiB", [full_mib], "idle screen", [idle_mib]),
    ]


def no_op(directory: Path, scale: Scale) -> list[Measured]:
    """Everything is in the cache: the whole command from the shell."""
    env = environ(directory)
    configuration: list[str] = []
    ninja = ["rule touch\n  command = touch $out\n"]
    (directory / "out").mkdir()
    for task in range(scale.tasks):
        folder = directory / "src" / f"t{task:04}"
        folder.mkdir(parents=True)
        names = [f"src/t{task:04}/{number}.txt" for number in range(scale.inputs)]
        for name in names:
            (directory / name).write_text(f"{name}\n")
        inputs = ", ".join(f'"{name}"' for name in names)
        configuration.append(f'[tasks.t{task:04}]\ncommand = ["true"]\ninputs = [{inputs}]\n')
        ninja.append(f"build out/{task}: touch {' '.join(names)}\n")
    (directory / "hazui.toml").write_text("\n".join(configuration))
    (directory / "build.ninja").write_text("\n".join(ninja))

    def command(*argv: str) -> Callable[[], float]:
        return lambda: timed_ms(
            lambda: subprocess.run(
                argv, cwd=directory, env=env, check=True, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
            )
        )  # fmt: skip

    ours_run = command(*HAZUI, "run", "--all")
    cold_ms = ours_run()
    ours_run()
    what = f"no-op of {scale.tasks:,} cached tasks with {scale.inputs} inputs"
    cold = f"the first, cold run took {cold_ms:,.0f} ms"
    if shutil.which("ninja") is None:
        samples = [ours_run() for _ in range(scale.no_ops)]
        return [Measured(what, "ms", samples, note=f"ninja is not installed; {cold}")]
    command("ninja")()
    ours, theirs = in_turn(scale.no_ops, ours_run, command("ninja"))
    return [Measured(what, "ms", ours, "ninja", theirs, cold)]


ROWS: dict[str, Callable[[Path, Scale], list[Measured]]] = {
    "save": save,
    "start-up": start_up,
    "flood": flood,
    "no-op": no_op,
}
