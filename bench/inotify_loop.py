"""The least that can react to a save: inotify by ctypes, then fork and exec, for ever.

``python inotify_loop.py DIRECTORY PROGRAM [ARGUMENT...]``; Linux only.
"""

import ctypes
import os
import sys

IN_CLOSE_WRITE, IN_MOVED_TO = 0x8, 0x80

libc = ctypes.CDLL(None, use_errno=True)
notifier = libc.inotify_init1(os.O_CLOEXEC)
if libc.inotify_add_watch(notifier, os.fsencode(sys.argv[1]), IN_CLOSE_WRITE | IN_MOVED_TO) < 0:
    sys.exit(os.strerror(ctypes.get_errno()))
print("watching", flush=True)
while os.read(notifier, 4096):
    child = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
    os.waitpid(child, 0)
