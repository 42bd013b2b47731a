"""Which file a child's argv[0] names: searched as the child would, not as we would.

A name with a slash is relative to the child's working directory; any other is searched in the
child's PATH, whose relative entries again start at its working directory. What is wrong is told
apart before anything is started: ``OSError.filename`` is the directory when that is at fault.
"""

import errno
import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path


def find_program(argv: Sequence[str], cwd: Path, env: Mapping[str, str]) -> str:
    """The absolute path of the program.

    Raises:
        FileNotFoundError: no such program, no such directory, or the interpreter in the first line
            of a script is missing.
        PermissionError: there is one, but it must not be executed.
        NotADirectoryError: ``cwd`` is a file.
        OSError: argv is empty (EINVAL).
    """
    check_directory(cwd)
    if not argv or not argv[0]:
        raise OSError(errno.EINVAL, "The command is empty")
    program = argv[0]
    base = str(cwd)
    if "/" in program:
        candidates = [os.path.join(base, program)]
    else:
        entries = env.get("PATH", os.defpath).split(os.pathsep)
        candidates = [os.path.join(base, entry, program) for entry in entries]
    denied: OSError | None = None
    for candidate in candidates:
        problem = why_not_executable(candidate)
        if problem is None:
            check_interpreter(candidate, cwd)
            return candidate
        if isinstance(problem, PermissionError) and denied is None:
            denied = problem
    raise denied or FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), program)


def check_directory(cwd: Path) -> None:
    """Raise what is wrong with a working directory."""
    if not stat.S_ISDIR(os.stat(cwd).st_mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(cwd))
    if not os.access(cwd, os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(cwd))


def why_not_executable(path: str) -> OSError | None:
    """None for a file that may be executed."""
    try:
        mode = os.stat(path).st_mode
    except OSError as error:
        return error
    if not stat.S_ISREG(mode) or not os.access(path, os.X_OK):
        return PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
    return None


def check_interpreter(path: str, cwd: Path) -> None:
    """Raise FileNotFoundError naming the interpreter of a script when that is what is missing."""
    try:
        with open(path, "rb") as file:
            line = file.read(256)
    except OSError:
        return  # Executable and unreadable is fine for a binary.
    if not line.startswith(b"#!"):
        return
    words = line[2:].split(b"\n", 1)[0].split()
    if not words:
        return
    interpreter = os.fsdecode(words[0])
    if not os.path.exists(os.path.join(cwd, interpreter)):
        raise FileNotFoundError(
            errno.ENOENT, f"No such interpreter (first line of {path})", interpreter
        )
