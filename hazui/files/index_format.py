"""The file index on disk: columns, so that 50,000 entries load in one read and few steps.

``magic | crc32 | header length | JSON header | paths | digests | numbers | flags``. The header
names the version, the hash function and the sizes. Paths are separated by NUL, which no path
holds; digests are raw and of one length; the five numbers of each entry are unsigned 64-bit
little-endian integers. JSON alone takes three times as long to read, marshal and pickle
can be made to run code or to crash by a damaged file. The checksum covers all behind it, so a
torn or damaged file is never half believed.
"""

import json
import struct
import sys
import zlib
from array import array
from collections.abc import Iterator, Sequence

MAGIC = b"hazuiFI\x01"
VERSION = 1
_HEAD = struct.Struct("<8sII")
_COLUMNS = 5
_U64 = (1 << 64) - 1

Row = tuple[int, int, int, int, int, str, bool]
"""Size, mtime_ns, ctime_ns, inode, mode, digest, is_settled."""


def encode(hash_name: str, names: Sequence[str], rows: Sequence[Row]) -> bytes:
    """One row for each of ``names``, as bytes."""
    paths = "\0".join(names).encode("utf-8", "surrogateescape")
    digests = bytes.fromhex("".join(row[5] for row in rows))
    numbers = array("Q")
    for size_bytes, mtime_ns, ctime_ns, inode, mode, _, _ in rows:
        # Times before 1970 are negative; they come back as others and cost a hash.
        numbers.extend((size_bytes, mtime_ns & _U64, ctime_ns & _U64, inode, mode))
    if sys.byteorder == "big":
        numbers.byteswap()
    flags = bytes(row[6] for row in rows)
    header = json.dumps(
        {"version": VERSION, "hash": hash_name, "count": len(names), "paths_bytes": len(paths)}
    ).encode()
    body = b"".join((header, paths, digests, numbers.tobytes(), flags))
    return _HEAD.pack(MAGIC, zlib.crc32(body), len(header)) + body


def decode(data: bytes, hash_name: str) -> tuple[list[str], Iterator[Row]] | None:
    """Names and their rows; None when damaged, of another version or another hash function."""
    try:
        magic, checksum, header_bytes = _HEAD.unpack_from(data)
        body = memoryview(data)[_HEAD.size :]
        if magic != MAGIC or zlib.crc32(body) != checksum:
            return None
        header = json.loads(bytes(body[:header_bytes]))
        if header["version"] != VERSION or header["hash"] != hash_name:
            return None
        return _rows(body[header_bytes:], header["count"], header["paths_bytes"])
    except (struct.error, ValueError, KeyError, TypeError, OverflowError):
        return None


def _rows(body: memoryview, count: int, paths_bytes: int) -> tuple[list[str], Iterator[Row]]:
    if not count:
        return [], iter(())
    paths = bytes(body[:paths_bytes]).decode("utf-8", "surrogateescape").split("\0")
    numbers_bytes = 8 * _COLUMNS * count
    digests_bytes = len(body) - paths_bytes - numbers_bytes - count
    width = 2 * (digests_bytes // count)
    if len(paths) != count or digests_bytes <= 0 or digests_bytes % count:
        raise ValueError("columns do not have the length that the header says")
    hexes = bytes(body[paths_bytes : paths_bytes + digests_bytes]).hex()
    digests = [hexes[start : start + width] for start in range(0, count * width, width)]
    numbers = array("Q")
    numbers.frombytes(
        body[paths_bytes + digests_bytes : paths_bytes + digests_bytes + numbers_bytes]
    )
    if sys.byteorder == "big":
        numbers.byteswap()
    one, two, three, four, five = (numbers[column::_COLUMNS] for column in range(_COLUMNS))
    flags = map(bool, body[len(body) - count :])
    return paths, zip(one, two, three, four, five, digests, flags, strict=True)
