"""Dies by the signal it is given, after a line on stdout."""

import os
import signal
import sys

print("last words", flush=True)
os.kill(os.getpid(), getattr(signal, sys.argv[1]))
signal.pause()
