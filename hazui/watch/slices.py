"""Long work on the event loop, cut into slices of a few milliseconds."""

import asyncio
import time
from collections.abc import AsyncIterator, Generator, Iterable
from typing import TypeVar

SLICE_NS = 4_000_000

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


async def in_slices(items: Iterable[_Item]) -> AsyncIterator[_Item]:
    """The items; between two of them the loop gets a turn when the slice is used up."""
    until_ns = time.monotonic_ns() + SLICE_NS
    for item in items:
        yield item
        if time.monotonic_ns() > until_ns:
            await asyncio.sleep(0)
            until_ns = time.monotonic_ns() + SLICE_NS


async def result_of(steps: Generator[None, None, _Result]) -> _Result:
    """Run a generator to its end in slices; what it returns."""
    until_ns = time.monotonic_ns() + SLICE_NS
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: _Result = end.value
            return result
        if time.monotonic_ns() > until_ns:
            await asyncio.sleep(0)
            until_ns = time.monotonic_ns() + SLICE_NS
