"""Pages whose drawing was damaged on its way: their own checksum does not hold."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

import pikepdf

from supplier.documents.reading.forensics_content import MOST_STREAM
from supplier.documents.reading.forensics_facts import Hint, StructureCode, StructureFinding


def damaged_streams(pages: Sequence[Any]) -> Iterator[StructureFinding]:
    """One finding a page that is drawn by a damaged stream.

    Programs that show a PDF pass over the checksum (Adler-32, RFC 1950): one bit that changed on
    the way may make another date of a date, and nobody is told.
    """
    for number, page in enumerate(pages, 1):
        drawn = page.get("/Contents")
        streams = list(drawn) if isinstance(drawn, pikepdf.Array) else [drawn]
        if any(isinstance(one, pikepdf.Stream) and _is_damaged(one) for one in streams[:200]):
            yield StructureFinding(StructureCode.DAMAGED_STREAM, Hint.DOUBT, "", number)


def _is_damaged(stream: Any) -> bool:
    raw = bytes(stream.read_raw_bytes())
    if len(raw) > MOST_STREAM:
        return False
    for name in _filters(stream):
        if name == "/FlateDecode":
            return not _holds(raw)
        if name != "/ASCII85Decode":
            return False
        try:
            raw = base64.a85decode(re.sub(rb"\s+|~>.*$", b"", raw, flags=re.DOTALL))
        except (ValueError, binascii.Error):
            return True
    return False


def _filters(stream: Any) -> list[str]:
    found = stream.get("/Filter")
    return [str(one) for one in found] if isinstance(found, pikepdf.Array) else [str(found)]


def _holds(raw: bytes) -> bool:
    """Whether a compressed text can be taken apart and its checksum is right; one that is cut off
    before its checksum says nothing."""
    try:
        zlib.decompressobj().decompress(raw, MOST_STREAM)
    except zlib.error:
        return False
    return True
