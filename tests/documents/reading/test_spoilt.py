"""What a scan does to numbers, codes and headings, and what is made of it."""

from __future__ import annotations

from datetime import date

import pytest

from supplier.adapters.barcodes import Barcode
from supplier.documents.kinds import DocumentKind
from supplier.documents.reading.closer import closer_fields, edits
from supplier.documents.reading.extract import Hints, extract
from supplier.documents.reading.fields import FIELDS
from supplier.documents.reading.layout import Paper
from supplier.documents.reading.result import Value
from supplier.documents.reading.sources import Page
from supplier.documents.reading.statements import Said, statements
from supplier.kernel.pages import Box, PageText, Source, Word

HIGH, WIDE = 0.012, 0.0075


def page_of(*lines: str, source: Source = Source.OCR) -> PageText:
    """A page of print: each letter as wide as the next, lines well apart, "|" begins a column."""
    words = []
    for row, line in enumerate(lines):
        for column, cell in enumerate(line.split("|")):
            at = 0.08 + 0.42 * column
            for text in cell.split():
                box = Box(at, 0.05 + 0.03 * row, at + WIDE * len(text), 0.05 + 0.03 * row + HIGH)
                words.append(Word(text, 1, box, source, 0.9))
                at += WIDE * (len(text) + 1)
    return PageText(1, 595.0, 842.0, tuple(words), image_share=1.0)


def fields_of(kind: DocumentKind, *lines: str, source: Source = Source.OCR) -> dict[str, str]:
    paper = Paper((page_of(*lines, source=source),))
    found = extract(paper, FIELDS[kind], hints=Hints("X", "526018155"))
    return {name: value.text for name, value in found.items() if isinstance(value, Value)}


INSURED = "MAISON ALTHERR, immatriculée sous le n° SIREN %s, a souscrit auprès de nous"


@pytest.mark.parametrize(
    ("printed", "source", "read"),
    [
        ("526 o18 155", Source.OCR, "526018155"),
        ("52B 0I8 I55", Source.OCR, None),  # the key does not hold
        ("526 o18 155", Source.TEXT, None),  # a text layer misreads nothing: this was typed
        ("526 018 155", Source.TEXT, "526018155"),
    ],
)
def test_a_figure_that_a_scan_took_for_a_letter_is_put_right_where_the_key_then_holds(
    printed: str, source: Source, read: str | None
) -> None:
    found = fields_of(DocumentKind.DECENNIAL_INSURANCE, INSURED % printed, source=source)
    assert found.get("siren") == read


def test_the_next_heading_is_no_company_name_where_a_scan_moved_the_rows() -> None:
    found = fields_of(
        DocumentKind.FOREIGN_REGISTER_EXTRACT,
        "2. a) Firma:", "b) Sitz, Niederlassung, inländische", "Geschäftsanschrift:",
    )  # fmt: skip
    assert "company_name" not in found


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [("GwJ2UcZvFg", "GwWJ2UcZvF", 2), ("abc", "abc", 0), ("", "abc", 3), ("abc", "xyz", 3)],
)
def test_letters_added_and_lost_count_once_each(one: str, other: str, count: int) -> None:
    assert edits(one, other) == edits(other, one) == count


def test_a_qr_code_settles_a_printed_code_in_which_a_scan_saw_a_letter_too_many() -> None:
    words = page_of("Code de vérification : GwWJ2UcZvF")
    place = Box(0.4, 0.05, 0.5, 0.062)
    printed = Value("GwWJ2UcZvF", 1, place, Source.OCR, 0.8)
    url = "https://controle.infogreffe.fr/controle?codeVerif=GwJ2UcZvFg"
    page = Page(words, barcodes=(Barcode(url, "QRCode", place, 1),))
    found = closer_fields(
        DocumentKind.KBIS, {"verification_code": printed}, Paper((words,)), [page]
    )
    assert found["verification_code"].text == "GwJ2UcZvFg"


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (("Code de vérification : BO29vveYdq",), "BO29vveYdq"),
        (("Code de vérification : BO29vve Ydq",), "BO29vveYdq"),
        (("Code de vérification", "https://controle.infogreffe.fr/controle"), None),
        (("Code de vérification", ": BO29vveYdq", "controle infogreffe"), "BO29vveYdq"),
    ],
)
def test_a_control_code_may_be_parted_and_is_never_a_word(
    lines: tuple[str, ...], code: str | None
) -> None:
    assert fields_of(DocumentKind.KBIS, *lines).get("verification_code") == code


def test_a_printed_code_that_is_another_than_the_qr_code_is_kept() -> None:
    words = page_of("Code de vérification : BO29vve Ydq")
    place = Box(0.4, 0.05, 0.5, 0.062)
    url = "https://controle.infogreffe.fr/controle?codeVerif=A8ZHf5eHDN"
    page = Page(words, barcodes=(Barcode(url, "QRCode", place, 1),))
    paper = Paper((words,))
    fields = extract(paper, FIELDS[DocumentKind.KBIS], hints=Hints("X", "526018155"))
    assert "verification_code" not in closer_fields(DocumentKind.KBIS, fields, paper, [page])
    assert fields["verification_code"].text == "BO29vveYdq"


def test_the_first_of_a_month_begins_a_period_as_a_scan_reads_it_too() -> None:
    found = fields_of(
        DocumentKind.DECENNIAL_INSURANCE,
        "valable pour tout chantier ouvert entre le ler juillet 2026 et le 30 juin 2027.",
    )
    assert (found["valid_from"], found["valid_until"]) == ("2026-07-01", "2027-06-30")


def test_the_day_in_the_foot_of_an_extract_is_read_through_a_letter_too_many() -> None:
    paper = Paper((page_of("R.C.SS. Brest - 20/04/2026 - 11:02:51"),))
    (printed,) = [
        item for item in statements(paper, DocumentKind.KBIS) if item.said is Said.PRINTED_ON
    ]
    assert printed.on == date(2026, 4, 20)
