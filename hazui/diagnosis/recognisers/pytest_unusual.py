"""Failures in pytest's report that have no ``E`` lines: doctest examples and workers that died."""

import re

from hazui.diagnosis.finding import Finding, Page, Weight, number

_PLACE = re.compile(r"([^\s:][^:]{0,500}):(\d{1,9}): ?(.*)$")
_DOCTEST = re.compile(r"\d{3,6} {1,40}>>> ")
_WORKER = re.compile(
    r"(?P<message>worker '[^']{1,40}' crashed while running '(?P<file>[^':]{1,400})::.*)$"
)


def unusual(page: Page, title: int, start: int, stop: int) -> Finding | None:
    """A failed example of a doctest, or a worker that died: neither has ``E`` lines."""
    example = start
    for index in range(start, stop):
        text = page.text(index)
        if _DOCTEST.match(text):
            example = index
        worker = _WORKER.match(text)
        if worker is not None:
            link = page.link(title, stop, type=None, message=worker["message"], file=worker["file"])
            return page.finding(title, [link], Weight.REPORT)
        place = _PLACE.match(text)
        if place is not None and place[3] in ("DocTestFailure", "UnexpectedException"):
            lines = [page.text(at) for at in range(example, index)]
            link = page.link(
                title,
                index + 1,
                type=None,
                message="\n".join(lines),
                file=place[1],
                line=number(place[2]),
            )
            return page.finding(title, [link], Weight.REPORT)
    return None
