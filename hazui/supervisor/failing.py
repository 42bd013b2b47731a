"""From a failed record to one with its diagnosis: the captured streams are read and understood.

Small logs are read at once; bigger ones in a thread, so that the screen goes on meanwhile. Links
whose file lies in the workspace are told workspace-relative: the editor opens the right one.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hazui.domain.links import Diagnosis, Link
from hazui.domain.records import CompletedRecord, ExitStatus, RunState
from hazui.domain.specs import TaskSpec
from hazui.spool.attachments import attachment_path
from hazui.supervisor.session import Session

INLINE_BYTES_MAX = 256 << 10


async def with_diagnosis(
    session: Session, spec: TaskSpec, record: CompletedRecord
) -> CompletedRecord:
    """The record of a failed run together with the chain that its output tells."""
    if record.state is not RunState.FAILED or record.exit_status is None:
        return record
    attachments = session.state.stores.attachment_store.directory
    files = [
        attachment_path(attachments, digest)
        for digest in (record.streams_digests.stdout, record.streams_digests.stderr)
    ]
    argv = spec.command if isinstance(spec.command, tuple) else (spec.shell, "-c", spec.command)
    try:
        size_bytes = sum(file.stat().st_size for file in files)
    except OSError:
        return record
    arguments = (files, record.exit_status, argv, spec.matchers)
    if size_bytes <= INLINE_BYTES_MAX:
        found = _read_and_diagnose(*arguments)
    else:
        import anyio

        found = await anyio.to_thread.run_sync(lambda: _read_and_diagnose(*arguments))
    places = (session.workspace.spec.root / spec.cwd, session.workspace.spec.root)
    return replace(record, diagnosis=_resolved(found, session.workspace.spec.root, places))


def _read_and_diagnose(
    files: Sequence[Path],
    exit_status: ExitStatus,
    argv: Sequence[str],
    only: Sequence[str] | None,
) -> Diagnosis:
    from hazui.diagnosis.diagnose import diagnose

    try:
        stdout, stderr = (file.read_bytes() for file in files)
    except OSError:
        return Diagnosis()
    return diagnose(stdout, stderr, exit_status, argv, only=only)


def _resolved(found: Diagnosis, root: Path, places: Sequence[Path]) -> Diagnosis:
    known: dict[str, str] = {}
    return Diagnosis(
        tuple(_resolved_link(link, root, places, known) for link in found.chain),
        tuple(_resolved_link(link, root, places, known) for link in found.errors),
    )


def _resolved_link(link: Link, root: Path, places: Sequence[Path], known: dict[str, str]) -> Link:
    if link.file is None:
        return link
    if link.file not in known:
        known[link.file] = _resolved_file(link.file, root, places)
    return replace(link, file=known[link.file])


def _resolved_file(text: str, root: Path, places: Sequence[Path]) -> str:
    for place in places:
        candidate = place / text
        try:
            if candidate.is_file():
                return candidate.resolve().relative_to(root).as_posix()
        except (OSError, ValueError):
            continue
    return text
