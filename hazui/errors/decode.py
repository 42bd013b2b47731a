"""What arrives as JSON and is not what it should be: a record, an event, a request.

Raised by whoever reads JSON that another process or version may have written. Unknown members are
never a reason: only a missing one or a wrong type is.
"""

from dataclasses import dataclass

from hazui.errors.base import HazuiError, Kind


class DecodeError(HazuiError):
    """Why a value could not be decoded."""

    FAMILY = "decode"


@dataclass(eq=False, kw_only=True)
class Invalid(DecodeError):
    """A member is missing or has the wrong type."""

    CODE = "decode.invalid"
    KIND = Kind.ENVIRONMENT
    HINT = "It was written by another version of hazui, or is damaged."

    what: str
    """What was to be decoded, such as ``error record``."""
    field: str
    """The member, as a dotted path; empty for the whole."""
    detail: str

    def sentence(self) -> str:
        return f"This is not a valid {self.what}: " + (
            f"{self.field} {self.detail}" if self.field else f"it {self.detail}"
        )
