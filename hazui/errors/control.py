"""Requests to a running supervisor over its control socket.

Seen by the side that asked; a request that was carried out and then failed has the runtime error
of the session instead.
"""

from dataclasses import dataclass
from pathlib import Path

from hazui.errors.base import HazuiError, Kind


class ControlError(HazuiError):
    """Why a request was not carried out."""

    FAMILY = "control"


@dataclass(eq=False, kw_only=True)
class NotRunning(ControlError):
    """No supervisor runs in this workspace."""

    CODE = "control.not_running"
    KIND = Kind.USER
    HINT = "Start one with `hazui` or `hazui run --watch`."

    root: Path
    source: BaseException | None = None

    def sentence(self) -> str:
        return f"No hazui runs in {self.root}"


@dataclass(eq=False, kw_only=True)
class Refused(ControlError):
    """The supervisor answered no."""

    CODE = "control.refused"
    KIND = Kind.USER

    reason: str

    def sentence(self) -> str:
        return f"The running hazui refused: {self.reason}"


@dataclass(eq=False, kw_only=True)
class BadRequest(ControlError):
    """The request could not be understood."""

    CODE = "control.bad_request"
    KIND = Kind.USER
    HINT = "Both sides must be the same version of hazui."

    detail: str

    def sentence(self) -> str:
        return f"The request is not valid: {self.detail}"
