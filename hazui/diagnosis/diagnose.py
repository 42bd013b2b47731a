"""Reads the chain of causes out of what a failed program printed.

Pure: bytes in, links out. It never raises, its work is bounded and linear in the part of the
output that it looks at, and it says nothing rather than guess. A success has no chain.

The root is the root of the best finding: one that ended the program before one that was logged
and survived, and of several equals the first, since it may have brought on the rest.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from hazui.diagnosis.finding import Finding, Page, Weight
from hazui.diagnosis.layers import pages
from hazui.diagnosis.lines import Line, StreamName, read_lines
from hazui.diagnosis.recogniser import Recogniser
from hazui.diagnosis.registry import RECOGNISERS
from hazui.domain.links import Diagnosis, Link
from hazui.domain.records import ExitStatus

MAX_ERRORS = 1_000
MAX_CHAIN = 64
_CRASHES = {
    "SIGSEGV": "Segmentation fault",
    "SIGBUS": "Bus error",
    "SIGFPE": "Floating point exception",
    "SIGILL": "Illegal instruction",
    "SIGABRT": "Aborted",
    "SIGSYS": "Bad system call",
}
_STREAMS: tuple[StreamName, ...] = ("stderr", "stdout")


def diagnose(
    stdout: bytes,
    stderr: bytes,
    exit_status: ExitStatus,
    argv: Sequence[str],
    *,
    only: Sequence[str] | None = None,
    root: str | None = None,
) -> Diagnosis:
    """The chain from the outermost link to the root, and every distinct failure.

    ``only`` names the recognisers to use. Paths below ``root`` are made relative to it.
    """
    if exit_status.is_success:
        return Diagnosis()
    lines = {"stdout": read_lines(stdout, "stdout"), "stderr": read_lines(stderr, "stderr")}
    chosen = [recogniser for recogniser in RECOGNISERS if only is None or recogniser.name in only]
    findings: list[Finding] = []
    for stream in _STREAMS:
        others = lines["stdout" if stream == "stderr" else "stderr"]
        findings.extend(_read_stream(lines[stream], others, argv, chosen))
    crash = _crash(exit_status)
    if crash is not None and all(found.weight <= Weight.LAST_WORDS for found in findings):
        return Diagnosis((crash,), (crash,))
    if not findings:
        return Diagnosis()
    return _tell(_choose(findings), root)


def _crash(exit_status: ExitStatus) -> Link | None:
    """What the end itself tells, where the program could not: nobody sends these signals."""
    message = _CRASHES.get(exit_status.signal or "")
    return Link(type=exit_status.signal, message=message) if message is not None else None


def _read_stream(
    lines: Sequence[Line], others: Sequence[Line], argv: Sequence[str], chosen: Iterable[Recogniser]
) -> list[Finding]:
    findings: list[Finding] = []
    layered = [Page(page, others, argv) for page in pages(lines)]
    texts = ["\n".join([line.text for line in page.lines]) for page in layered]
    for recogniser in chosen:
        needs = recogniser.needs
        for page, text in zip(layered, texts, strict=True):
            if not needs or any(need in text for need in needs):
                findings.extend(recogniser.find(page))
    findings.sort(key=lambda found: found.order)
    return findings


def _choose(findings: Sequence[Finding]) -> tuple[Sequence[Finding], Finding, list[Finding]]:
    """All that count as failures, the first of the heaviest, and the wrappers around it."""
    best = max(found.weight for found in findings)
    equals = [found for found in findings if found.weight is best]
    # What was survived did not bring on the end; the last of it may have.
    first = equals[-1 if best in (Weight.LOG_LINE, Weight.LOGGED) else 0]
    wrappers = [
        found for found in findings if found.weight is Weight.WRAPPER and found is not first
    ]
    if best is Weight.REPORT:
        counted = equals
    elif best >= Weight.VAGUE:
        counted = [found for found in findings if found.weight >= Weight.VAGUE]
    else:
        counted = [first]
    return counted, first, wrappers


def _tell(choice: tuple[Sequence[Finding], Finding, list[Finding]], root: str | None) -> Diagnosis:
    counted, first, wrappers = choice
    outer = [link for found in reversed(wrappers) for link in found.chain]
    inner = list(first.chain)
    if outer:
        inner[0] = replace(inner[0], relation="reported_by")
        outer[1:] = [replace(link, relation="reported_by") for link in outer[1:]]
    chain = [
        _localise(link, root) for link in (*outer[: MAX_CHAIN // 2], *inner[-MAX_CHAIN // 2 :])
    ]
    chain[0] = replace(chain[0], relation=None)
    return Diagnosis(tuple(chain), _distinct(counted, root))


def _distinct(findings: Iterable[Finding], root: str | None) -> tuple[Link, ...]:
    errors: dict[tuple[object, ...], Link] = {}
    for found in findings:
        for link in found.distinct:
            key = (link.type, link.message, link.file, link.line, link.column)
            if key not in errors and len(errors) < MAX_ERRORS:
                errors[key] = _localise(replace(link, relation=None), root)
    # A closing summary repeats what was told above, without the place.
    placed = {(link.type, link.message) for link in errors.values() if link.file is not None}
    return tuple(
        link
        for link in errors.values()
        if link.file is not None or (link.type, link.message) not in placed
    )


def _localise(link: Link, root: str | None) -> Link:
    """A file below the workspace by its path within it."""
    if root is None or link.file is None:
        return link
    file = link.file.removeprefix("file://")
    prefix = root.rstrip("/") + "/"
    if file.startswith(prefix):
        file = file[len(prefix) :]
    elif file.startswith("./"):
        file = file[2:]
    return link if file == link.file else replace(link, file=file)
