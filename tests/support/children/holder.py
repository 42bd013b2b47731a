"""Prints and exits; a grandchild keeps both streams open, and writes on when told to."""

import os
import sys
import time

print("said by the child", flush=True)
pid = os.fork()
if pid == 0:
    while True:
        if "write" in sys.argv:
            os.write(1, b"more\n" * 1000)
        else:
            time.sleep(600)
print(pid, flush=True)
os._exit(0)
