"""The tests of the shop: plain functions, run in order."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from shop.cart import checkout


def test_an_empty_cart_costs_nothing() -> None:
    assert checkout(1, {"items": {}}) == 0


def test_two_apples() -> None:
    assert checkout(2, {"items": {"apple": 2}}) == 2.4


def test_fruit_salad() -> None:
    assert checkout(7, {"items": {"apple": 1, "pear": 2}}) > 0


for name, test in list(globals().items()):
    if name.startswith("test_"):
        print(name, "...", flush=True)
        test()
print("all passed")
