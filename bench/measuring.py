"""What a measurement is: samples of hazui beside samples of a named reference, taken in turn."""

import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[1]
DEADLINE_S = 60.0


@dataclass(frozen=True)
class Scale:
    """How much is measured; ``TINY`` only shows that the harness works."""

    saves: int = 40
    starts: int = 9
    lines: int = 1_000_000
    floods: int = 3
    tasks: int = 1_000
    inputs: int = 10
    no_ops: int = 7
    files: int = 1_000


TINY = Scale(saves=2, starts=1, lines=2_000, floods=1, tasks=3, inputs=2, no_ops=1, files=10)


@dataclass(frozen=True)
class Measured:
    """One line of the results. Samples are in ``unit``; without a reference there is no ratio."""

    what: str
    unit: str
    hazui: Sequence[float]
    reference_name: str = ""
    reference: Sequence[float] = ()
    note: str = ""

    @property
    def ratio(self) -> float | None:
        if not self.reference:
            return None
        return statistics.median(self.hazui) / statistics.median(self.reference)

    def row(self) -> str:
        """A row of the table."""
        beside = f"{shown(self.reference)} {self.unit}" if self.reference else ""
        ratio = f"{self.ratio:.2f}" if self.ratio is not None else ""
        return (
            f"| {self.what} | {shown(self.hazui)} {self.unit} | {self.reference_name} {beside}"
            f" | {ratio} | {self.note} |"
        )


HEAD = "| what | hazui | reference | ratio | note |\n|---|---|---|---|---|"


def shown(samples: Sequence[float]) -> str:
    """The median, and the 95th percentile when there are enough samples to speak of one."""
    middle = f"{statistics.median(samples):,.4g}"
    if len(samples) < 20:
        return middle
    return f"{middle} (p95 {statistics.quantiles(samples, n=20)[-1]:,.4g})"


def in_turn(
    times: int, hazui: Callable[[], float], reference: Callable[[], float]
) -> tuple[list[float], list[float]]:
    """Both measured alternately, so that what else the machine does hits both alike."""
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(times):
        theirs.append(reference())
        ours.append(hazui())
    return ours, theirs


def timed_ms(act: Callable[[], object]) -> float:
    """How long a call takes."""
    start = time.perf_counter_ns()
    act()
    return (time.perf_counter_ns() - start) / 1e6


def circumstances() -> str:
    """Date, machine, versions, load."""
    packages = ", ".join(
        f"{name} {version(name)}" for name in ("textual", "watchfiles", "psutil", "anyio", "blake3")
    )
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    machine = f"{platform.system()} {platform.release()}, {platform.machine()}"
    lines = [
        f"- date: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        f"- machine: {machine}, {os.cpu_count()} cores",
        f"- load at the start (1, 5, 15 minutes): {load}",
        f"- Python {platform.python_version()}, {packages}",
    ]
    return "\n".join(lines)
