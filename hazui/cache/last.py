"""The last manifest of every task, so that a miss can say what differs.

One append-only file of records ``task key settled length`` and the text of the manifest; settled
is the last key whose good result lies in the workspace, ``-`` when there is none. It is read on
first use and written with one call when ``flush`` is called. What cannot be read is
forgotten: a lost manifest only makes one miss unexplained. When most of the file is out of date it
is written anew.
"""

import contextlib
import os
from pathlib import Path
from typing import NamedTuple

from hazui.domain.ids import ActionKey, TaskId

_SLACK_BYTES = 1 << 20


class _Place(NamedTuple):
    key: str
    settled: str
    start: int
    length: int


class _Unwritten(NamedTuple):
    key: str
    settled: str
    text: str


_NONE = "-"


class LastManifests:
    """What was last known of each task; used from one thread, by the owner of the workspace."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._places: dict[str, _Place] | None = None
        self._unwritten: dict[str, _Unwritten] = {}
        self._size_bytes = 0
        self._live_bytes = 0
        """Of the manifests that are not out of date."""
        self._is_torn = False

    def key_of(self, task: TaskId) -> ActionKey | None:
        """The task's last key; None when it never had one."""
        found = self._of(task)
        return None if found is None else ActionKey(found.key)

    def settled_of(self, task: TaskId) -> ActionKey | None:
        """The key of the task's last good and stored result."""
        found = self._of(task)
        return None if found is None or found.settled == _NONE else ActionKey(found.settled)

    def text_of(self, task: TaskId) -> str | None:
        """The task's last manifest; None when it is not known."""
        found = self._of(task)
        if found is None or isinstance(found, _Unwritten):
            return None if found is None else found.text
        try:
            return self._text_at(str(task), found)
        except OSError:
            return None

    def remember(self, task: TaskId, key: ActionKey, text: str) -> None:
        """Keep ``text`` as the task's last manifest; on the disk after ``flush``."""
        found = self._of(task)
        self._unwritten[str(task)] = _Unwritten(
            key, _NONE if found is None else found.settled, text
        )

    def settle(self, task: TaskId, key: ActionKey) -> None:
        """The workspace now holds the stored result of ``key``, which was remembered before."""
        found = self._of(task)
        if found is None or found.settled == key:
            return
        text = self.text_of(task)
        if text is not None:
            self._unwritten[str(task)] = _Unwritten(found.key, key, text)

    def _of(self, task: TaskId) -> _Unwritten | _Place | None:
        name = str(task)
        return self._unwritten.get(name) or self._known().get(name)

    def flush(self) -> None:
        """Write what was remembered; a disk that refuses only costs explanations."""
        if not self._unwritten:
            return
        places = self._known()
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._is_torn or self._size_bytes > 2 * self._live_bytes + _SLACK_BYTES:
                self._rewrite(places)
            else:
                self._append()
        except OSError:
            self._places = None

    def forget_all(self) -> None:
        """Drop every manifest, on the disk too."""
        self._unwritten.clear()
        self._places = {}
        self._size_bytes = self._live_bytes = 0
        self._is_torn = False
        self._file.unlink(missing_ok=True)

    def _append(self) -> None:
        data = bytearray()
        places = self._known()
        fd = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            base = os.fstat(fd).st_size
            fresh: dict[str, _Place] = {}
            for name, (key, settled, text) in self._unwritten.items():
                body = text.encode("ascii")
                data += _header(name, key, settled, len(body))
                fresh[name] = _Place(key, settled, base + len(data), len(body))
                data += body + b"\n"
            written = os.write(fd, data)
            if written != len(data):
                os.ftruncate(fd, base)
                return
        finally:
            os.close(fd)
        for name, place in fresh.items():
            self._live_bytes += place.length - (places[name].length if name in places else 0)
        places.update(fresh)
        self._size_bytes = base + len(data)
        self._unwritten.clear()

    def _rewrite(self, places: dict[str, _Place]) -> None:
        texts = {
            name: _Unwritten(place.key, place.settled, text)
            for name, place in places.items()
            if (text := self._text_at(name, place)) is not None
        }
        texts.update(self._unwritten)
        temporary = self._file.with_name(f".{self._file.name}.{os.getpid()}")
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        fresh: dict[str, _Place] = {}
        with open(temporary, "xb", opener=_private) as file:
            for name, (key, settled, text) in texts.items():
                body = text.encode("ascii")
                file.write(_header(name, key, settled, len(body)))
                fresh[name] = _Place(key, settled, file.tell(), len(body))
                file.write(body + b"\n")
            size_bytes = file.tell()
        os.rename(temporary, self._file)
        self._places, self._size_bytes, self._is_torn = fresh, size_bytes, False
        self._live_bytes = sum(place.length for place in fresh.values())
        self._unwritten.clear()

    def _text_at(self, name: str, place: _Place) -> str | None:
        """None when the record is not there: another process may have cleared the cache."""
        header = _header(name, place.key, place.settled, place.length)
        with open(self._file, "rb") as file:
            data = os.pread(
                file.fileno(), len(header) + place.length, max(0, place.start - len(header))
            )
        if not data.startswith(header) or len(data) != len(header) + place.length:
            return None
        return data[len(header) :].decode("ascii", "replace")

    def _known(self) -> dict[str, _Place]:
        if self._places is None:
            self._places = self._load()
        return self._places

    def _load(self) -> dict[str, _Place]:
        places: dict[str, _Place] = {}
        try:
            data = self._file.read_bytes()
        except OSError:
            return places
        position = 0
        self._size_bytes = len(data)
        while position < len(data):
            end = data.find(b"\n", position)
            try:
                name, key, settled, length = data[position:end].decode("ascii").split(" ")
                start, size = end + 1, int(length)
            except ValueError:
                break
            if end < 0 or size < 0 or data[start + size : start + size + 1] != b"\n":
                break
            places[name] = _Place(key, settled, start, size)
            position = start + size + 1
        # A record cut off by a kill would swallow the next one, so the file is written anew.
        self._is_torn = position != len(data)
        self._live_bytes = sum(place.length for place in places.values())
        return places


def _header(name: str, key: str, settled: str, length: int) -> bytes:
    return f"{name} {key} {settled} {length}\n".encode("ascii")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC, 0o600)
