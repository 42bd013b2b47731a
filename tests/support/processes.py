"""Starting real children the way the supervisor does."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hazui.domain.ids import RunId
from hazui.domain.records import ExitStatus, Streams
from hazui.errors.stream import CapturedStream
from hazui.process.capture import capture
from hazui.process.platform import PORTABLE, Platform, detect
from hazui.process.spawn import Process, ProcessSpawner, SpawnRequest
from hazui.process.sweep import DeadRun, Sweeper
from hazui.process.table import RUN_VARIABLE
from hazui.spool.writer import RunSpool

CHILDREN = Path(__file__).parent / "children"


@dataclass
class Ran:
    """What became of a captured child."""

    status: ExitStatus
    streams: Streams
    stdout: bytes
    stderr: bytes
    totals: dict[CapturedStream, int] = field(default_factory=dict)


class Nursery:
    """A spawner with its sweeper, in a directory of its own."""

    def __init__(self, directory: Path, platform: Platform) -> None:
        self.directory = directory
        self.platform = platform
        self.spawner = ProcessSpawner(platform)
        self.sweeper = Sweeper(self.spawner)
        self.runs: list[RunId] = []

    def spawn(self, *argv: str, env: Mapping[str, str] | None = None, tty: bool = False) -> Process:
        run = RunId(f"run{os.getpid()}x{id(self)}x{len(self.runs)}")
        self.runs.append(run)
        variables = {"PATH": os.environ["PATH"], RUN_VARIABLE: f"here/1/{run}", **(env or {})}
        return self.spawner.spawn(SpawnRequest(argv, self.directory, variables, run, tty))

    def spawn_child(self, name: str, *arguments: str, tty: bool = False) -> Process:
        """One of the misbehaving children of ``support/children``."""
        return self.spawn(sys.executable, str(CHILDREN / f"{name}.py"), *arguments, tty=tty)

    def end_orphans(self) -> list[RunId]:
        """End what a test left, wherever it went; the runs that left something."""
        finder = Sweeper(ProcessSpawner(detect({})))
        dead = [DeadRun(run) for run in self.runs]
        left = finder.alive_runs(dead)
        finder.sweep_dead_epoch(dead, 0.0)
        return left

    def spool(self, process: Process) -> RunSpool:
        return RunSpool(self.directory / "runs" / process.run, "blake3")

    async def run(
        self,
        process: Process,
        drain_s: float = 5.0,
        on_output: Callable[[CapturedStream, int], None] | None = None,
    ) -> Ran:
        """Capture a child to its end."""
        totals: dict[CapturedStream, int] = {}

        def count(stream: CapturedStream, total: int) -> None:
            totals[stream] = total
            if on_output is not None:
                on_output(stream, total)

        with self.spool(process) as spool:
            streams = await capture(process, spool, count, drain_s)
            files = spool.files
        return Ran(
            await process.wait(),
            streams,
            files.stdout.read_bytes(),
            files.stderr.read_bytes(),
            totals,
        )


def platforms() -> dict[str, Platform]:
    """With all accelerators of this machine, and without any."""
    return {"accelerated": detect({}), "portable": PORTABLE}
