"""A child is found as it would find itself, and its status is the kernel's or none."""

import errno
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from hazui.domain.ids import RunId
from hazui.errors import process as process_errors
from hazui.process.spawn import SpawnRequest
from hazui.process.table import is_same
from tests.support.processes import Nursery

pytestmark = pytest.mark.anyio


def script(path: Path, text: str = "#!/bin/sh\necho mine\n", mode: int = 0o755) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


def refusal(nursery: Nursery, *argv: str, **env: str) -> OSError:
    with pytest.raises(process_errors.SpawnFailed) as caught:
        nursery.spawn(*argv, env=env)
    assert caught.value.program == (argv[0] if argv else "")
    return caught.value.source


async def test_the_program_is_looked_up_with_the_childs_path(
    nursery: Nursery, tmp_path: Path
) -> None:
    script(tmp_path / "elsewhere" / "tool")
    ran = await nursery.run(nursery.spawn("tool", env={"PATH": f"{tmp_path}/elsewhere:/bin"}))
    assert ran.stdout == b"mine\n"
    assert isinstance(refusal(nursery, "tool"), FileNotFoundError)


async def test_relative_places_start_at_the_childs_directory(
    nursery: Nursery, tmp_path: Path
) -> None:
    script(tmp_path / "bin" / "tool")
    for argv, path in ((["./bin/tool"], "/bin"), (["tool"], "bin:/bin"), (["bin/tool"], "/bin")):
        assert (await nursery.run(nursery.spawn(*argv, env={"PATH": path}))).stdout == b"mine\n"


async def test_a_directory_of_the_programs_name_is_passed_over(
    nursery: Nursery, tmp_path: Path
) -> None:
    (tmp_path / "first" / "tool").mkdir(parents=True)
    script(tmp_path / "second" / "tool")
    process = nursery.spawn("tool", env={"PATH": f"{tmp_path}/first:{tmp_path}/second:/bin"})
    assert (await nursery.run(process)).stdout == b"mine\n"


async def test_what_is_wrong_with_a_program_is_told_apart(nursery: Nursery, tmp_path: Path) -> None:
    missing = refusal(nursery, "no-such-program")
    assert (missing.errno, missing.filename) == (errno.ENOENT, "no-such-program")
    plain = script(tmp_path / "plain", mode=0o644)
    assert refusal(nursery, "./plain").errno == errno.EACCES
    assert stat.S_IMODE(plain.stat().st_mode) == 0o644
    script(tmp_path / "headless", "echo no first line\n")
    assert refusal(nursery, "./headless").errno == errno.ENOEXEC
    script(tmp_path / "orphaned", "#!/no/such/interpreter -x\n")
    interpreter = refusal(nursery, "./orphaned")
    assert (interpreter.errno, interpreter.filename) == (errno.ENOENT, "/no/such/interpreter")
    assert refusal(nursery).errno == errno.EINVAL
    assert refusal(nursery, "true", A="nul\0inside").errno == errno.EINVAL
    assert refusal(nursery, "true", "x" * (4 << 20)).errno == errno.E2BIG


async def test_a_missing_directory_is_not_a_missing_program(
    nursery: Nursery, tmp_path: Path
) -> None:
    def refused(cwd: Path) -> OSError:
        with pytest.raises(process_errors.SpawnFailed) as caught:
            nursery.spawner.spawn(SpawnRequest(["true"], cwd, {"PATH": "/bin"}, RunId("r")))
        return caught.value.source

    gone = refused(tmp_path / "gone")
    assert (gone.errno, gone.filename) == (errno.ENOENT, str(tmp_path / "gone"))
    assert refused(script(tmp_path / "file")).errno == errno.ENOTDIR
    with pytest.raises(process_errors.NonAbsoluteCwd):
        nursery.spawner.spawn(SpawnRequest(["true"], Path("relative"), {}, RunId("r")))


async def test_no_descriptor_is_left_for_a_refused_spawn(nursery: Nursery) -> None:
    refusal(nursery, "true", "x" * (4 << 20))
    before = len(os.listdir("/dev/fd"))
    for _ in range(5):
        refusal(nursery, "no-such-program")
        refusal(nursery, "true", "x" * (4 << 20))
    assert len(os.listdir("/dev/fd")) == before


async def test_a_child_has_its_own_session_and_no_input(nursery: Nursery) -> None:
    process = nursery.spawn("sh", "-c", "cat; exec sleep 600")
    try:
        assert os.getsid(process.pid) == os.getpgid(process.pid) == process.pid
        assert process.identity.pid == process.pid
        assert is_same(process.identity, nursery.platform)
    finally:
        process.signal_group(signal.SIGKILL)
        await nursery.run(process)
    assert not is_same(process.identity, nursery.platform)
    assert process.signal_group(signal.SIGTERM) is False


async def test_death_by_a_signal_is_named(nursery: Nursery) -> None:
    for name in ("SIGSEGV", "SIGKILL", "SIGINT", "SIGABRT"):
        ran = await nursery.run(nursery.spawn_child("die", name))
        assert (ran.status.signal, ran.status.code, ran.stdout) == (name, None, b"last words\n")


async def test_a_status_that_somebody_took_is_not_guessed(nursery: Nursery) -> None:
    process = nursery.spawn("sleep", "600")
    process.signal_group(signal.SIGKILL)
    os.waitpid(process.pid, 0)  # noqa: ASYNC222 - somebody else, in our own process
    with pytest.raises(process_errors.WaitFailed) as caught:
        await nursery.run(process)
    assert caught.value.pid == process.pid
    assert process.has_ended


async def test_many_may_wait(nursery: Nursery) -> None:
    import anyio

    process = nursery.spawn("sh", "-c", "exit 7")
    codes: list[int | None] = []

    async def wait() -> None:
        codes.append((await process.wait()).code)

    async with anyio.create_task_group() as group:
        for _ in range(5):
            group.start_soon(wait)
        group.start_soon(nursery.run, process)
    assert codes == [7] * 5


IGNORING = """
import asyncio, sys
from pathlib import Path
from hazui.process.platform import PORTABLE, detect
from hazui.process.signals import prepare_signals
from hazui.errors.process import WaitFailed
from tests.support.processes import Nursery
if sys.argv[2] == "prepared":
    prepare_signals()
async def main():
    nursery = Nursery(Path(sys.argv[1]), PORTABLE if sys.argv[3] == "portable" else detect({}))
    try:
        print((await nursery.run(nursery.spawn("sh", "-c", "exit 3"))).status)
    except WaitFailed as error:
        print(error.code)
asyncio.run(main())
"""


@pytest.mark.parametrize("way", ["portable", "accelerated"])
@pytest.mark.parametrize(
    ("start", "answer"), [("prepared", "exit 3"), ("bare", "process.wait_failed")]
)
def test_an_ignored_sigchld_is_not_inherited(
    tmp_path: Path, way: str, start: str, answer: str
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", IGNORING, str(tmp_path), start, way],
        preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (ended.stdout.strip(), ended.stderr) == (answer, "")
