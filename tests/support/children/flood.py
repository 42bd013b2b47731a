"""Writes the given number of bytes to each stream as fast as it can; the bytes can be foretold."""

import os
import sys

size = int(sys.argv[1])
for fd, letter in ((1, b"o"), (2, b"e")):
    if os.fork() == 0:
        block = (letter * 99 + b"\n") * 655
        while size > 0:
            size -= os.write(fd, block[: min(len(block), size)])
        os._exit(0)
os.wait()
os.wait()
