"""Writes a character in two halves, the second when the first has been read."""

import array
import fcntl
import os
import termios

os.write(1, b"caf\xc3")
unread = array.array("i", [1])
while unread[0]:
    fcntl.ioctl(1, termios.FIONREAD, unread)
os.write(1, b"\xa9\n")
