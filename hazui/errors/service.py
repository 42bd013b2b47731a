"""Why a service is not up.

Giving up on a service ends its task with one of these; what it printed is in its log.
"""

from dataclasses import dataclass

from hazui.errors.base import HazuiError, Kind


class ServiceError(HazuiError):
    """What a service did not do."""

    FAMILY = "service"


@dataclass(eq=False, kw_only=True)
class ProbeTimedOut(ServiceError):
    """The service never became ready."""

    CODE = "service.probe_timed_out"
    KIND = Kind.USER
    HINT = "Read its log; raise ready_timeout_s if it only needs longer."

    probe: str
    """What was tried, such as ``tcp 8080``."""
    last_answer: str | None = None
    """What the last try said, if it said anything."""

    def sentence(self) -> str:
        answer = self.last_answer or "nothing"
        return f"Not ready in time: the probe {self.probe} last said: {answer}"


@dataclass(eq=False, kw_only=True)
class RestartsExhausted(ServiceError):
    """It kept on ending, and its restarts are used up."""

    CODE = "service.restarts_exhausted"
    KIND = Kind.USER
    HINT = "Read its log for why it ends; max_restarts says how often it is tried."

    count: int

    def sentence(self) -> str:
        return f"The service ended again after {self.count} restarts"


@dataclass(eq=False, kw_only=True)
class PortHeld(ServiceError):
    """Another process listens on the port of the service."""

    CODE = "service.port_held"
    KIND = Kind.ENVIRONMENT
    HINT = "Stop that process, or give the service another port."

    port: int
    pid: int | None
    """None when the holder cannot be found out."""
    command: str | None

    def sentence(self) -> str:
        return f"Port {self.port} is held by {self.holder}"

    @property
    def holder(self) -> str:
        """The process that listens, as far as it is known."""
        if self.pid is None:
            return "another process"
        return f"process {self.pid}" + (f" ({self.command})" if self.command else "")


@dataclass(eq=False, kw_only=True)
class LivenessLost(ServiceError):
    """It was ready, and then stopped answering its liveness probe."""

    CODE = "service.liveness_lost"
    KIND = Kind.USER
    HINT = "Read its log; a dead lock or an overload are common."

    probe: str
    failures: int
    """How many probes in a row failed."""
    last_answer: str | None = None

    def sentence(self) -> str:
        return (
            f"The service stopped answering the probe {self.probe} "
            f"({self.failures} failures in a row)"
        )
