"""Double-forks into a session of its own, as daemons do, and exits; the daemon stays.

Arguments: "clear" starts the daemon with an empty environment, "hold" lets it keep the streams,
"ignore" makes it ignore SIGTERM. The first line printed is the daemon's pid.
"""

import os
import signal
import sys
import time

WAIT = "import signal, time, sys\nif 'ignore' in sys.argv: signal.signal(15, 1)\ntime.sleep(600)"

reading, writing = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() != 0:
        os._exit(0)
    if "hold" not in sys.argv:
        null = os.open("/dev/null", os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(null, fd)
    if "ignore" in sys.argv:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.write(writing, b"%d\n" % os.getpid())
    os.close(writing)
    if "clear" in sys.argv:
        os.execve(sys.executable, [sys.executable, "-c", WAIT, *sys.argv[1:]], {})
    time.sleep(600)
os.close(writing)
pid = os.read(reading, 20)
sys.stdout.write(pid.decode())
sys.stdout.flush()
if "stay" in sys.argv:
    time.sleep(600)
