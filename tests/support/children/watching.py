"""Watches the directory it is given and prints one JSON line for everything it is told."""

import asyncio
import json
import sys
from pathlib import Path

from hazui.files.ignore import IgnoreRules
from hazui.files.index import FileIndex
from hazui.files.resolve import InputResolver
from hazui.watch.watcher import Watcher


def say(**what: object) -> None:
    print(json.dumps(what), flush=True)


async def main(root: Path) -> None:
    watcher = Watcher(InputResolver(root, IgnoreRules(root)), FileIndex(root, "sha256"))
    ready = watcher.start()
    say(ready=ready.files, backend=ready.backend)
    await watcher.run(
        lambda found: say(paths=sorted(found.paths), rescan=found.rescan),
        lambda error: say(degraded=error.code, hint=error.hint, text=str(error)),
        lambda error: say(recovered=error.code),
    )


asyncio.run(main(Path(sys.argv[1])))
