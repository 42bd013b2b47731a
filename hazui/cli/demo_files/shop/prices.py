"""The price list that the `prices` task makes."""

import json
from pathlib import Path

TABLE = Path(__file__).parent.parent / "build" / "prices.json"


class UnknownProduct(LookupError):
    """There is no price for it."""


def price_of(product: str) -> float:
    """The price of one product."""
    prices = json.loads(TABLE.read_text())
    try:
        return prices[product]
    except KeyError as error:
        raise UnknownProduct(f"no price for {product!r}") from error
