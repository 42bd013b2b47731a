"""Time as a seam: everything that needs the time is given a ``Clock``."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Wall time for records, monotonic time for durations and deadlines."""

    def utc(self) -> str:
        """Now in UTC, ISO 8601 with milliseconds and a ``Z``."""
        ...

    def monotonic_ns(self) -> int: ...

    def wall_ns(self) -> int:
        """Nanoseconds since the Unix epoch: comparable with file times."""
        ...


class SystemClock:
    """The real one."""

    def utc(self) -> str:
        return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def monotonic_ns(self) -> int:
        return time.monotonic_ns()

    def wall_ns(self) -> int:
        return time.time_ns()
