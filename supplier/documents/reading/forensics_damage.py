"""Pages whose drawing or letters were damaged on their way: a checksum does not hold."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import pikepdf

from supplier.documents.reading.forensics_content import MOST_STREAM
from supplier.documents.reading.forensics_facts import Hint, StructureCode, StructureFinding
from supplier.documents.reading.forensics_fonts import MOST_FONTS, fonts_of

_DICTIONARY = pikepdf.Dictionary


def damaged_streams(pages: Sequence[Any]) -> Iterator[StructureFinding]:
    """One finding a page that is drawn by a damaged stream.

    Programs that show a PDF pass over the checksum (Adler-32, RFC 1950): one bit that changed on
    the way may make another date of a date, and nobody is told.
    """
    for number, page in enumerate(pages, 1):
        drawn = page.get("/Contents")
        streams = list(drawn) if isinstance(drawn, pikepdf.Array) else [drawn]
        drawing = (one for one in streams[:200] if isinstance(one, pikepdf.Stream))
        if any(_is_damaged(one) for one in (*drawing, *letters(page))):
            yield StructureFinding(StructureCode.DAMAGED_STREAM, Hint.DOUBT, "", number)


def letters(page: Any) -> Iterator[Any]:
    """The font programs that a page brings with it. One that is empty or damaged is replaced by a
    font that lacks letters: "à jour au 18" is gone, and another date is taken for it."""
    for font in islice(fonts_of(page), MOST_FONTS):
        below = font.get("/DescendantFonts")
        holders = [font, *(below if isinstance(below, pikepdf.Array) else ())]
        for holder in holders:
            about = holder.get("/FontDescriptor") if isinstance(holder, _DICTIONARY) else None
            for name in ("/FontFile", "/FontFile2", "/FontFile3"):
                found = about.get(name) if isinstance(about, _DICTIONARY) else None
                if isinstance(found, pikepdf.Stream):
                    yield found


def _is_damaged(stream: Any) -> bool:
    raw = bytes(stream.read_raw_bytes())
    if not raw or len(raw) > MOST_STREAM:
        # Nothing at all is honest for a page that is blank, never for letters.
        return not raw and "/Length1" in stream
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
