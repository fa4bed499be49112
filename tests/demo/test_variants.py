"""What happens to a paper on its way: scanned, photographed, locked, bound, written over."""

from __future__ import annotations

import io
from typing import Any

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from supplier.demo.dossiers import bank_details, registration, social
from supplier.demo.papers import variants
from supplier.demo.papers.bank import RibFacts
from supplier.demo.papers.catalogue import draw
from supplier.demo.papers.facturx import cii_xml, draw_facturx
from supplier.demo.suppliers.directory import supplier
from tests.demo.samples import DAY, SAMPLES

LEBRUN = supplier("lebrun")
EXTRACT = draw(registration(LEBRUN, issued_on=DAY))
CERTIFICATE = draw(social(LEBRUN, issued_on=DAY))


def texts(pdf: bytes) -> list[str]:
    return [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf)]


def test_a_scan_has_as_many_pages_and_not_one_word() -> None:
    scan = variants.as_scan(CERTIFICATE)
    assert texts(scan) == ["", ""]
    assert scan == variants.as_scan(CERTIFICATE)
    assert scan != variants.as_scan(CERTIFICATE, seed=2)


def test_a_photo_lies_on_its_side_and_says_how_to_turn_it() -> None:
    photo = variants.as_photo(EXTRACT)
    with Image.open(io.BytesIO(photo)) as image:
        assert image.format == "JPEG"
        assert image.width > image.height
        assert image.getexif()[0x0112] == 6
    assert photo == variants.as_photo(EXTRACT)
    assert photo != variants.as_photo(EXTRACT, blur=6)


def test_a_picture_shows_one_page() -> None:
    with Image.open(io.BytesIO(variants.as_picture(CERTIFICATE, page=2, dpi=72))) as image:
        assert image.format == "PNG"
        assert image.size == (596, 842)


def test_a_locked_paper_opens_with_its_password_only() -> None:
    locked = variants.locked(EXTRACT, password="sesame")
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(io.BytesIO(locked))
    with pikepdf.open(io.BytesIO(locked), password="sesame") as pdf:
        assert len(pdf.pages) == 1


def test_an_extract_as_delivered_opens_freely_and_forbids_copying() -> None:
    with pikepdf.open(io.BytesIO(variants.copy_forbidden(EXTRACT))) as pdf:
        assert pdf.is_encrypted
        assert not pdf.allow.extract
        assert pdf.allow.print_highres


def test_bound_papers_follow_each_other_and_pages_can_be_lost() -> None:
    both = variants.bound(EXTRACT, CERTIFICATE)
    assert texts(both) == texts(EXTRACT) + texts(CERTIFICATE)
    assert texts(variants.only_pages(both, pages=[3])) == texts(CERTIFICATE)[1:]


def test_a_value_written_over_hides_the_old_one_from_the_eye_only() -> None:
    forged = variants.overprinted(CERTIFICATE, old="12/10/2026", new="17/11/2026")
    (first, _) = texts(forged)
    assert "12/10/2026" in first
    assert "17/11/2026" in first
    assert _ink(forged) == pytest.approx(_ink(CERTIFICATE), abs=60)


def test_a_value_that_the_page_does_not_say_is_not_written_over() -> None:
    with pytest.raises(ValueError, match="page 1 does not say"):
        variants.overprinted(CERTIFICATE, old="13/13/2026", new="17/11/2026")


def test_a_second_account_hides_where_only_programs_read() -> None:
    honest = bank_details(LEBRUN, printed_on=DAY)
    assert isinstance(honest, RibFacts)
    other = bank_details(LEBRUN, printed_on=DAY, account=2)
    false = RibFacts(
        honest.holder, honest.address, honest.iban, honest.bic, honest.bank_name, honest.branch,
        DAY, hidden_iban=other.iban,
    )  # fmt: skip
    assert other.iban in "".join(texts(draw(false))).replace(" ", "")
    assert _pixels(draw(false)) == _pixels(draw(honest))


def test_a_factur_x_invoice_carries_data_that_its_schema_allows() -> None:
    facturx = pytest.importorskip("facturx")
    facts: Any = SAMPLES["lebrun: invoice"]
    name, xml = facturx.get_xml_from_pdf(draw_facturx(facts))
    assert name == "factur-x.xml"
    assert xml == cii_xml(facts)
    assert facturx.xml_check_xsd(xml, flavor="factur-x", level="en16931")
    assert draw_facturx(facts) == draw_facturx(facts)


def _pixels(pdf: bytes) -> bytes:
    return bytes(pypdfium2.PdfDocument(pdf)[0].render(scale=1).to_pil().tobytes())


def _ink(pdf: bytes) -> int:
    """How many dark points page 1 shows."""
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=1).to_pil().convert("L")
    return sum(picture.histogram()[:128])
