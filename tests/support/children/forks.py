"""Forks the given number of children that ignore TERM, every fourth in a session of its own."""

import os
import signal
import sys
import time

signal.signal(signal.SIGTERM, signal.SIG_IGN)
for number in range(int(sys.argv[1])):
    if os.fork() == 0:
        if number % 4 == 0:
            os.setsid()
        while True:
            time.sleep(600)
print("ready", flush=True)
time.sleep(600)
