"""Which stack frame a person would open: the innermost one of their own sources."""

from collections.abc import Sequence
from dataclasses import dataclass

_FOREIGN_PARTS = (
    "/site-packages/",
    "/dist-packages/",
    "/lib/python2",
    "/lib/python3",
    "/lib64/python3",
    "/Python.framework/",
    "/node_modules/",
    "/.cargo/registry/",
    "/.cargo/git/",
    "/rustc/",
    "/rustlib/",
    "/go/pkg/mod/",
    "/go/src/runtime/",
    "/usr/lib/go-",
    "/go/src/testing/",
    "/libexec/src/",
    "/.rbenv/",
    "/gems/",
    "/usr/lib/go",
    "/usr/local/go/src/",
    "/usr/share/go",
    "/usr/lib/ruby/",
    "/usr/share/",
    "/usr/include/",
    "/sysdeps/",
    "/libsanitizer/",
    "/compiler-rt/",
)
_FOREIGN_STARTS = (
    "<frozen ",
    "<internal:",
    "<__array_function__",
    "<attrs generated",
    "<decorator-gen",
    "node:",
    "internal/",
    "site-packages/",
    "node_modules/",
    "webpack-internal:",
    "native",
    "library/std/",
    "library/core/",
    "library/alloc/",
)


@dataclass(frozen=True, slots=True)
class Frame:
    """One place of a call stack; lines and columns count from 1."""

    file: str
    line: int | None
    function: str = ""
    column: int | None = None


def is_foreign(file: str) -> bool:
    """Whether the path is a library's or the language's own."""
    plain = file.replace("\\", "/")
    return plain.startswith(_FOREIGN_STARTS) or any(part in plain for part in _FOREIGN_PARTS)


def own_frame(frames: Sequence[Frame]) -> Frame | None:
    """The last own frame of ``frames`` (outermost first); the last one when all are foreign."""
    for frame in reversed(frames):
        if not is_foreign(frame.file):
            return frame
    return frames[-1] if frames else None
