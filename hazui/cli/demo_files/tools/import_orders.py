"""Pretends to import rows: words on stdout, warnings on stderr, for a few seconds."""

import sys
import time

what = sys.argv[1]
for number in range(1, 31):
    print(f"\x1b[32mimported\x1b[0m {what} batch {number} of 30", flush=True)
    if number % 7 == 0:
        print(f"\x1b[33mwarning:\x1b[0m {what} batch {number} has duplicates", file=sys.stderr)
    time.sleep(0.1)
