"""A source that was closed begins nothing any more."""

import threading
from pathlib import Path

from hazui.watch.source import WatchSource


def test_a_closed_source_begins_no_watch(tmp_path: Path) -> None:
    source = WatchSource(lambda _: None)
    source.replace([str(tmp_path)])
    source.close()
    before = threading.active_count()

    source.add([str(tmp_path)])
    source.replace([str(tmp_path)])
    source.give_up("it broke")

    assert threading.active_count() == before
    source.close()
