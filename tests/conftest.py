"""What every test gets: no process, thread or open file may outlive it."""

import gc
import multiprocessing.resource_tracker
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from hazui.process.subreaper import disable_subreaper, enable_subreaper
from tests.support.poll import wait_until
from tests.support.processes import Nursery, platforms

# On CI the examples are the same each time: what is new there is the change, not the dice.
settings.register_profile(
    "hazui", deadline=None, print_blob=True, derandomize=bool(os.environ.get("CI"))
)
settings.load_profile("hazui")

LEAK_DEADLINE_S = 2.0


def live_threads() -> set[threading.Thread]:
    """Threads that somebody started, pools that live as long as the interpreter excluded."""
    return {
        thread
        for thread in threading.enumerate()
        if thread.is_alive() and not thread.name.startswith(("AnyIO worker", "asyncio_"))
    }


def children() -> set[int]:
    """Pids of our children, zombies included, without the tracker that multiprocessing keeps."""
    tracker = getattr(multiprocessing.resource_tracker, "_resource_tracker", None)
    pids: set[int] = set()
    try:
        for tid in os.listdir("/proc/self/task"):
            pids.update(map(int, Path(f"/proc/self/task/{tid}/children").read_text().split()))
    except OSError:
        import psutil

        pids = {child.pid for child in psutil.Process().children()}
    return pids - {getattr(tracker, "_pid", None)}


def open_files() -> dict[int, str]:
    """What each descriptor of this process leads to."""
    links: dict[int, str] = {}
    if sys.platform != "linux":
        return links
    for name in os.listdir("/proc/self/fd"):
        try:
            links[int(name)] = os.readlink(f"/proc/self/fd/{name}")
        except OSError:
            continue
    return links


def describe_and_kill(pid: int) -> str:
    import psutil

    try:
        child = psutil.Process(pid)
        text = f"process {pid} {child.status()} {' '.join(child.cmdline())}"
        child.kill()
        os.waitpid(pid, 0)
    except (psutil.Error, OSError):
        return f"process {pid}"
    return text


@pytest.fixture(autouse=True)
def nothing_outlives_the_test() -> Iterator[None]:
    """Fail a test that leaves a child process, a thread or a file descriptor."""
    processes_before, threads_before, files_before = children(), live_threads(), open_files()
    yield
    end = time.monotonic() + LEAK_DEADLINE_S
    while True:
        processes = children() - processes_before
        threads = live_threads() - threads_before
        files = {
            fd: target
            for fd, target in open_files().items()
            if files_before.get(fd) != target and not target.startswith(("/dev/null", "/proc/"))
        }
        if not (processes or threads or files):
            return
        if time.monotonic() > end:
            break
        gc.collect()
        time.sleep(0.01)
    left = [describe_and_kill(pid) for pid in processes]
    left += [f"thread {thread.name}" for thread in threads]
    left += [f"descriptor {fd} -> {target}" for fd, target in files.items()]
    pytest.fail("the test left behind: " + "; ".join(left), pytrace=False)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=sorted(platforms()))
def nursery(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Nursery]:
    """Starts children; every test that asks runs with the accelerators and without them."""
    platform = enable_subreaper(platforms()[request.param])
    nursery = Nursery(tmp_path, platform)
    yield nursery
    left = nursery.end_orphans()
    wait_until(lambda: not nursery.sweeper.reap_orphans(0.0), 2.0)
    if platform.has_subreaper:
        disable_subreaper()
    assert left == [], "the test left processes of these runs"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """An empty directory that stands for a workspace's root."""
    root = tmp_path / "workspace"
    root.mkdir()
    return root
