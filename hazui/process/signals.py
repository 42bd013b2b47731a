"""What hazui does to its own signals before it starts the first child.

An ignored SIGCHLD is inherited across exec (some daemons and CI runners leave it so) and makes the
kernel throw exit statuses away. It must be at its default in us, or no status can be learnt.
"""

import signal


def prepare_signals() -> None:
    """Put SIGCHLD at its default; called once, at start, on the main thread."""
    if signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def signal_name(number: int) -> str:
    """``SIGTERM`` for 15; ``SIG40`` for a number without a name."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"SIG{number}"
