"""One native watch: watchfiles' RustNotify over a fixed list of directories, and its thread.

The list cannot grow, so new directories mean another instance. Every directory is watched by
itself: watchfiles applies filters after the fact, and a recursive watch would sit on each
directory of ``node_modules``. Measured traps of this door, each with what is done about it:

- leaving ``watch()`` by its timeout or its stop event drops what was collected: so no timeout is
  used, and the stop event only when nobody listens any more;
- closing an instance drops what it had collected: it retires first, beside its successor;
- an undecodable file name makes every later call fail: ``WatchBroke``, the owner rebuilds;
- the constructor holds the GIL, about 40 us a directory;
- the kernel's queue overflows silently while the process is stopped: ``ClockJumped``.
"""

import threading
import time
from collections.abc import Iterable

from watchfiles._rust_notify import RustNotify, WatchfilesRustInternalError

from hazui.errors import watch
from hazui.watch import limits
from hazui.watch.signals import ClockJumped, Emit, EventsSeen, WatchBroke

STEP_MS = 1
DEBOUNCE_MS = 50
JUMP_S = 0.3
"""A pause of the thread longer than this may have been one of the whole process."""
DRAIN_S = 0.25
DRAIN_QUIET_TICKS = 20
_JOIN_S = 5.0


class NativeWatch:
    """Watches from construction on; ``start`` begins to hand events on.

    Raises:
        watch.LimitReached: the system refuses more watches or more instances.
        watch.PollingOnly: native notifications do not work here.
        FileNotFoundError: a directory has gone.
        PermissionError: a directory may not be read.
    """

    def __init__(
        self,
        directories: Iterable[str],
        emit: Emit,
        *,
        step_ms: int = STEP_MS,
        debounce_ms: int = DEBOUNCE_MS,
    ) -> None:
        self._emit = emit
        self._step_ms = step_ms
        self._debounce_ms = debounce_ms
        self._is_closing = False
        self._last_tick_s = _clock_s()
        self._retired_s: float | None = None
        self._quiet_ticks = 0
        try:
            self._notify = RustNotify(list(directories), False, False, 0, False, False)
        except (FileNotFoundError, PermissionError):
            raise
        except (OSError, WatchfilesRustInternalError) as error:
            raise _typed(str(error)) from error
        self._thread = threading.Thread(target=self._pump, name="hazui-watch", daemon=True)

    def start(self) -> None:
        self._last_tick_s = _clock_s()
        self._thread.start()

    def retire(self) -> None:
        """Another watch has taken over; go on until what was seen before that is handed on."""
        self._quiet_ticks = 0
        self._retired_s = time.monotonic()

    @property
    def is_drained(self) -> bool:
        """True when it retired long enough ago, and has been quiet, to be closed without loss."""
        return self._retired_s is not None and (
            not self._thread.is_alive()
            or (
                time.monotonic() - self._retired_s > DRAIN_S
                and self._quiet_ticks >= DRAIN_QUIET_TICKS
            )
        )

    def close(self) -> None:
        """End the thread and free the watches; what was not handed on is dropped."""
        self._is_closing = True
        if self._thread.is_alive():
            self._thread.join(_JOIN_S)
        self._notify.close()

    def is_set(self) -> bool:
        """RustNotify's stop event; asked after every step, so it is also the clock's watchman."""
        now_s = _clock_s()
        gap_s = now_s - self._last_tick_s
        self._last_tick_s = now_s
        self._quiet_ticks += 1
        if gap_s > JUMP_S:
            self._emit(ClockJumped(gap_s))
        return self._is_closing

    def _pump(self) -> None:
        while not self._is_closing:
            try:
                found = self._notify.watch(self._debounce_ms, self._step_ms, 0, self)
            except RuntimeError as error:
                if not self._is_closing:
                    self._emit(WatchBroke(str(error)))
                return
            self._quiet_ticks = 0
            if isinstance(found, set):
                self._emit(EventsSeen(found, time.monotonic_ns()))
            elif found == "signal":
                self._emit(WatchBroke("a signal interrupted the watch"))
                return


def _typed(text: str) -> watch.WatchError:
    if "MaxFilesWatch" in text or "watch limit" in text:
        return limits.watches_exhausted()
    if "os error 24" in text or "Too many open files" in text:
        return limits.instances_exhausted()
    return watch.PollingOnly(reason=text)


if hasattr(time, "CLOCK_BOOTTIME"):

    def _clock_s() -> float:
        # Counts through a suspend, which the monotonic clock does not.
        return time.clock_gettime(time.CLOCK_BOOTTIME)

else:

    def _clock_s() -> float:
        return time.monotonic()
