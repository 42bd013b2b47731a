"""What the design names and this version does not have: refused, never faked.

``feature`` is what was asked for in the user's words; ``detail`` says what there is instead.
"""

from dataclasses import dataclass

from hazui.errors.base import HazuiError, Kind


class FeatureError(HazuiError):
    """What is not available."""

    FAMILY = "feature"


@dataclass(eq=False, kw_only=True)
class NotAvailable(FeatureError):
    """The feature is not there yet."""

    CODE = "feature.not_available"
    KIND = Kind.USER

    feature: str
    detail: str

    def sentence(self) -> str:
        return f"{self.feature} is not available in this version: {self.detail}"
