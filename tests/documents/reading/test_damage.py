"""A bit that changed on the way is noticed by the checksum that programs pass over."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pikepdf
import pytest

from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.documents.reading.forensics_content import page_nodes
from supplier.documents.reading.forensics_damage import damaged_streams, letters
from supplier.documents.reading.reader import read
from supplier.documents.reading.result import ReadRequest, Verdict
from tests.documents.reading.pdfs import drawn

CORPUS = Path(__file__).parents[2] / "corpus"


def with_contents(raw: bytes, name: str) -> bytes:
    """The page drawn by these raw bytes, under this filter."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(drawn())) as pdf:
        stream = pdf.make_stream(b"")
        stream.write(raw, filter=pikepdf.Name(name), decode_parms=None)
        pdf.pages[0].Contents = stream
        pdf.save(out)
    return out.getvalue()


def plain() -> bytes:
    with pikepdf.open(io.BytesIO(drawn())) as pdf:
        return pdf.pages[0].Contents.read_bytes()


def damaged(data: bytes) -> list[int | None]:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return [one.page for one in damaged_streams(page_nodes(pdf))]


WHOLE = zlib.compress(plain())
#: Another day, and the old checksum.
FORGED = zlib.compress(plain().replace(b"18/09/2026", b"19/09/2026"))[:-4] + WHOLE[-4:]


@pytest.mark.parametrize(("raw", "name", "pages"), [
    (WHOLE, "/FlateDecode", []), (FORGED, "/FlateDecode", [1]),
    (WHOLE[:-4], "/FlateDecode", []), (WHOLE + b"\n", "/FlateDecode", []),
])  # fmt: skip
def test_a_checksum_holds_or_does_not(raw: bytes, name: str, pages: list[int]) -> None:
    assert damaged(with_contents(raw, name)) == pages


def test_what_is_written_in_letters_is_checked_too() -> None:
    """As reportlab writes: ASCII85 over Flate."""
    data = drawn()
    assert b"/ASCII85Decode /FlateDecode" in data.replace(b"[ ", b"")
    assert damaged(data) == []


EMBEDDED = CORPUS / "kbis" / "015-kbis_infogreffe-no_unicode.pdf"


@pytest.mark.parametrize("damage", [lambda _: b"", lambda raw: raw[:500] + b"?" * 300 + raw[800:]])
def test_letters_that_are_damaged_are_noticed(damage: Callable[[bytes], bytes]) -> None:
    """Another font is taken for them, which may lack the letters of a label."""
    out = io.BytesIO()
    with pikepdf.open(EMBEDDED) as pdf:
        font = next(letters(pdf.pages[0].obj))
        font.write(damage(font.read_raw_bytes()), filter=pikepdf.Name.FlateDecode)
        pdf.save(out)
    assert damaged(EMBEDDED.read_bytes()) == []
    assert damaged(out.getvalue()) == [1]


def test_a_damaged_page_goes_to_a_person() -> None:
    request = ReadRequest(date(2026, 9, 20), "732829320", "SARL DUPONT TRAVAUX",
                          DocumentKind.BANK_DETAILS)  # fmt: skip
    found = read(with_contents(FORGED, "/FlateDecode"), "application/pdf", request=request)
    assert found.verdict is Verdict.REVIEW
    assert found.reasons == (ReasonCode.UNREADABLE,)
