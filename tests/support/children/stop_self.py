"""Stops itself, as a program does that wants the terminal in the background."""

import os
import signal
import time

print("stopping", flush=True)
os.kill(os.getpid(), signal.SIGSTOP)
time.sleep(600)
