"""One line of the given number of bytes, without a newline."""

import sys

sys.stdout.write("x" * int(sys.argv[1]))
