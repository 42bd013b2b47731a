"""The key of a workspace under which values of variables are fingerprinted.

It never leaves ``.hazui``: a fingerprint from one workspace says nothing in another one. Losing
the file only makes every variable look changed once.
"""

import contextlib
import os
import secrets
from pathlib import Path

KEY_FILE = "workspace.key"
KEY_BYTES = 32


def workspace_key(state_dir: Path) -> bytes:
    """The key kept in ``state_dir``; made, readable by the owner only, on first use.

    Raises:
        OSError: it can neither be read nor made.
    """
    path = state_dir / KEY_FILE
    for _ in range(2):
        is_there = True
        try:
            key = bytes.fromhex(path.read_text("ascii").strip())
        except FileNotFoundError:
            key, is_there = b"", False
        except ValueError:
            key = b""
        if len(key) == KEY_BYTES:
            return key
        # What is there and is no key was damaged; a missing one may be in the making elsewhere.
        _make(path, is_replaced=is_there)
    return bytes.fromhex(path.read_text("ascii").strip())


def _make(path: Path, *, is_replaced: bool) -> None:
    """Put a whole new key in place at once; of two makers at one time the first wins."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{KEY_FILE}.{os.getpid()}.{secrets.token_hex(4)}")
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES).hex().encode("ascii") + b"\n")
        if is_replaced:
            os.rename(temporary, path)
        else:
            with contextlib.suppress(FileExistsError):
                os.link(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
