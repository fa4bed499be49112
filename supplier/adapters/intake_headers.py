"""Reads size and page count of pictures from their headers, decoding nothing."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from supplier.adapters.peek import WINDOW, Bytes

HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
#: More directories than this in a TIFF is a trap; the limit on pages is far below.
MOST_DIRECTORIES = 1000
_HEIC_HEAD = 1_000_000
ZIP_END = b"PK\x05\x06"


@dataclass(frozen=True, slots=True)
class Extent:
    """Pixels of the largest page, and number of pages."""

    pixels: int
    pages: int = 1


class DamagedError(Exception):
    """The header contradicts itself."""


class CutOffError(Exception):
    """The file ends before its end."""


def jpeg(data: Bytes) -> Extent:
    """Walk the markers up to the picture itself, which must then come to its end marker."""
    position, pixels = 2, 0
    while True:
        if position + 4 > len(data):
            raise CutOffError
        if data[position] != 0xFF:
            raise DamagedError
        marker = data[position + 1]
        if marker == 0xFF:  # fill byte
            position += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack(">HH", _cut(data, position + 5, 4))
            pixels = max(pixels, height * width)
        if marker == 0xDA:
            break
        position += 2 + max(2, struct.unpack(">H", _cut(data, position + 2, 2))[0])
    if data.find(b"\xff\xd9", position) < 0:
        raise CutOffError
    if not pixels:
        raise DamagedError
    return Extent(pixels)


def png(data: Bytes) -> Extent:
    """Walk the chunks: each with its checksum, the header first, the end mark last."""
    position, pixels = 8, 0
    while True:
        (length,) = struct.unpack(">I", _cut(data, position, 4))
        (checksum,) = struct.unpack(">I", _cut(data, position + 8 + length, 4))
        if _crc(data, position + 4, length + 4) != checksum:
            raise DamagedError
        name = _cut(data, position + 4, 4)
        if name == b"IHDR":
            width, height = struct.unpack(">II", _cut(data, position + 8, 8))
            pixels = width * height
        if not pixels:
            raise DamagedError
        if name == b"IEND":
            return Extent(pixels)
        position += 12 + length


def tiff(data: Bytes) -> Extent:
    """Walk the chain of directories; a chain that bites its tail is damage."""
    order = "<" if data[:2] == b"II" else ">"
    (position,) = struct.unpack(order + "I", _cut(data, 4, 4))
    seen: set[int] = set()
    pixels = 0
    while position:
        if position in seen or len(seen) > MOST_DIRECTORIES:
            raise DamagedError
        seen.add(position)
        (count,) = struct.unpack(order + "H", _cut(data, position, 2))
        entries = _cut(data, position + 2, 12 * count)
        pixels = max(pixels, _tiff_pixels(entries, order=order))
        (position,) = struct.unpack(order + "I", _cut(data, position + 2 + 12 * count, 4))
    if not pixels:
        raise DamagedError
    return Extent(pixels, len(seen))


def _tiff_pixels(entries: bytes, *, order: str) -> int:
    sizes = {256: 0, 257: 0}
    for start in range(0, len(entries), 12):
        tag, kind, _ = struct.unpack(order + "HHI", entries[start : start + 8])
        if tag in sizes:
            value = entries[start + 8 : start + 12]
            short = kind == 3
            (sizes[tag],) = struct.unpack(order + ("H2x" if short else "I"), value)
    return sizes[256] * sizes[257]


def is_heic(data: Bytes) -> bool:
    """Whether the brands of an ISO media file are those of HEIC."""
    (length,) = struct.unpack(">I", data[:4])
    brands = data[8 : min(length, 256)]
    listed = {brands[:4], *(brands[i : i + 4] for i in range(8, len(brands) - 3, 4))}
    return brands[:4] in HEIC_BRANDS and b"avif" not in listed


def heic(data: Bytes) -> Extent:
    """The largest of the sizes announced in its `ispe` properties."""
    # The properties stand before the picture data; the last one may end a little later.
    head = data[: _HEIC_HEAD + 16]
    pixels, position = 0, head.find(b"ispe")
    while 0 <= position < _HEIC_HEAD:
        width, height = struct.unpack(">II", _cut(head, position + 8, 8))
        pixels = max(pixels, width * height)
        position = head.find(b"ispe", position + 4)
    if not pixels:
        raise DamagedError
    return Extent(pixels)


def ends_as_zip(data: Bytes) -> bool:
    """Whether an unpacker would find an archive at the end of this file."""
    before = max(0, len(data) - 65_557)
    tail = data[before:]
    place = tail.rfind(ZIP_END)
    while place >= 0:
        position, record = before + place, tail[place : place + 22]
        if len(record) == 22:
            size, _, comment = struct.unpack("<IIH", record[12:])
            start = max(0, position - size)
            fits = position + 22 + comment <= len(data)
            if fits and data[start : min(start + 4, position)] == b"PK\x01\x02":
                return True
        place = tail.rfind(ZIP_END, 0, place)
    return False


def _crc(data: Bytes, start: int, length: int) -> int:
    """The checksum of a piece of any length. Raises CutOffError."""
    end, checksum = start + length, 0
    if end > len(data):
        raise CutOffError
    while start < end:
        checksum = zlib.crc32(data[start : min(start + WINDOW, end)], checksum)
        start += WINDOW
    return checksum


def _cut(data: Bytes, start: int, length: int) -> bytes:
    part = data[start : start + length]
    if len(part) < length:
        raise CutOffError
    return part
