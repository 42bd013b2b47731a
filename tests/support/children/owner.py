"""A supervisor that starts children and waits to be killed; prints what it would have recorded."""

import asyncio
import json
import sys
from pathlib import Path

from hazui.process.platform import PORTABLE, detect
from tests.support.processes import Nursery


async def main() -> None:
    platform = PORTABLE if sys.argv[2] == "portable" else detect({})
    nursery = Nursery(Path(sys.argv[1]), platform)
    for arguments in (["stubborn"], ["daemon", "stay", "ignore"], ["daemon"], ["holder"]):
        process = nursery.spawn_child(*arguments)
        line = b""
        while not line.endswith(b"\n"):
            try:
                line += __import__("os").read(process.stdout_fd, 100)
            except BlockingIOError:
                await asyncio.sleep(0.005)
        print(json.dumps({"run": process.run, "identity": process.identity._asdict()}), flush=True)
    print("done", flush=True)
    await asyncio.sleep(600)


asyncio.run(main())
