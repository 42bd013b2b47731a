"""Closes stdout at once, goes on on stderr, and exits 4."""

import os

os.write(1, b"short\n")
os.close(1)
for number in range(100):
    os.write(2, b"line %d\n" % number)
os._exit(4)
