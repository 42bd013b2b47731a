"""Signals that end a command: outside of an event loop each of them acts as Ctrl-C does.

The exit code says which one it was; nothing is re-raised.
"""

import signal

from hazui.cli.exit_codes import ExitCode

SIGNAL_CODES = {
    signal.SIGINT: ExitCode.SIGINT,
    signal.SIGTERM: ExitCode.SIGTERM,
    signal.SIGHUP: ExitCode.SIGHUP,
}


raised: list[signal.Signals] = []
"""What was raised so far: an exception that strikes at a bad moment may be swallowed."""


class Signalled(KeyboardInterrupt):
    """A signal asked hazui to end. ``number`` says which.

    A class of its own: the interpreter notes a plain KeyboardInterrupt that passes through ``exec``
    (dataclasses use it), and would kill itself by SIGINT at the end although it was caught.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = signal.Signals(number)


def raise_on_signals() -> None:
    """Let each of them raise ``Signalled``."""

    def interrupt(number: int, _frame: object) -> None:
        raised.append(signal.Signals(number))
        raise Signalled(number)

    for number in heeded():
        signal.signal(number, interrupt)


def note_signals() -> None:
    """Let the first one only be noted in ``raised``, to be heeded between two steps.

    So none strikes between a row in the store and the event that tells of it. A second one raises.
    """

    def note(number: int, _frame: object) -> None:
        is_second = bool(raised)
        raised.append(signal.Signals(number))
        if is_second:
            raise Signalled(number)

    for number in heeded():
        signal.signal(number, note)


def heeded() -> list[signal.Signals]:
    """The signals that end a command: all, but not a HUP that ``nohup`` has set to be ignored."""
    is_nohup = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return [number for number in SIGNAL_CODES if number != signal.SIGHUP or not is_nohup]


def signal_of(stop: KeyboardInterrupt) -> signal.Signals:
    """The signal that was raised as ``stop``."""
    return stop.number if isinstance(stop, Signalled) else signal.SIGINT
