"""Where finished logs live: content-addressed files under ``attachments/<2 hex>/<hex>``.

A finished spool is renamed into place, never copied, so a reader that holds its files open keeps
reading. Attaching is idempotent: after a crash half-way it is done again with what is left. An
interrupted spool, whose writer was killed, is first made whole by ``seal``.
"""

import contextlib
import os
import time
from pathlib import Path

from hazui.domain.ids import Digest
from hazui.domain.records import StreamDigests
from hazui.spool.format import (
    CHUNK_BYTES_MAX,
    ENDS_LINE,
    JOURNAL,
    RECORD,
    STREAMS,
    ChunkRecord,
    LogFiles,
    files_in,
    new_hasher,
)
from hazui.spool.writer import FRESH, write_at


def attachment_path(attachments_dir: Path, digest: str) -> Path:
    """Where the attachment of this digest is, or would be."""
    return attachments_dir / digest[:2] / digest


def attach(run_dir: Path, attachments_dir: Path, digests: StreamDigests) -> None:
    """Rename the files of a finished spool into the attachments and remove its directory.

    Raises:
        OSError: a file cannot be moved; calling again goes on where it stopped.
        FileNotFoundError: a file is neither in the spool nor among the attachments.
    """
    base, attachments = str(run_dir), str(attachments_dir)
    for name, digest in zip(
        (*STREAMS, JOURNAL), (digests.stdout, digests.stderr, digests.journal), strict=True
    ):
        _move(f"{base}/{name}", f"{attachments}/{digest[:2]}", digest)
    with contextlib.suppress(FileNotFoundError):
        os.rmdir(run_dir)


def _move(source: str, directory: str, digest: str) -> None:
    target = f"{directory}/{digest}"
    try:
        os.rename(source, target)
    except FileNotFoundError:
        if not os.path.exists(source):
            if os.path.exists(target):
                return
            raise
        os.makedirs(directory, mode=0o700, exist_ok=True)
        os.rename(source, target)


def locate(
    state_dir: Path,
    run: str | None,
    stdout_hash: str | None = None,
    stderr_hash: str | None = None,
    journal_hash: str | None = None,
) -> LogFiles | None:
    """Find a log: in flight under its run, else among the attachments; None when it is gone."""
    if run and "/" not in run and run not in {".", ".."}:
        files = files_in(state_dir / "runs" / run)
        if files.stdout.exists() and files.stderr.exists():
            return files
    if stdout_hash is None or stderr_hash is None:
        return None
    attachments = state_dir / "attachments"
    stdout = attachment_path(attachments, stdout_hash)
    stderr = attachment_path(attachments, stderr_hash)
    if not (stdout.exists() and stderr.exists()):
        return None
    journal = attachment_path(attachments, journal_hash) if journal_hash else None
    return LogFiles(stdout, stderr, journal if journal and journal.exists() else None)


def seal(run_dir: Path, hash_name: str) -> StreamDigests:
    """Make an interrupted spool whole, so that it can be attached.

    A torn last record is cut off and bytes that were written without their record get one. A
    journal that speaks of bytes that are not there (a power cut, a rotation half done) is begun
    anew; the order between the streams is lost then.

    Raises:
        OSError: the files cannot be read or written.
    """
    fds: list[int] = []
    for unused in run_dir.glob(f"*{FRESH}"):
        unused.unlink()
    try:
        for name in (*STREAMS, JOURNAL):
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            fds.append(os.open(run_dir / name, flags, 0o600))
        sizes = [0, 0]
        journal_size = os.fstat(fds[2]).st_size // RECORD.size * RECORD.size
        for offset in range(0, journal_size, RECORD.size << 10):
            block = os.pread(fds[2], min(RECORD.size << 10, journal_size - offset), offset)
            for record in map(ChunkRecord._make, RECORD.iter_unpack(block)):
                sizes[record.stream & 1] += record.length
        if any(os.fstat(fd).st_size < size for fd, size in zip(fds, sizes, strict=False)):
            sizes, journal_size = [0, 0], 0
        os.ftruncate(fds[2], journal_size)
        for number in range(2):
            while chunk := os.pread(fds[number], CHUNK_BYTES_MAX, sizes[number]):
                flags = ENDS_LINE if chunk.endswith(b"\n") else 0
                record_bytes = RECORD.pack(
                    time.time_ns(), len(chunk), chunk.count(b"\n"), number, flags
                )
                write_at(fds[2], record_bytes, journal_size)
                journal_size += RECORD.size
                sizes[number] += len(chunk)
        stdout, stderr, journal = (_digest(fd, hash_name) for fd in fds)
        return StreamDigests(stdout, stderr, journal)
    finally:
        for fd in fds:
            os.close(fd)


def _digest(fd: int, hash_name: str) -> Digest:
    hasher = new_hasher(hash_name)
    offset = 0
    while chunk := os.pread(fd, 1 << 20, offset):
        hasher.update(chunk)
        offset += len(chunk)
    return Digest(hasher.hexdigest())
