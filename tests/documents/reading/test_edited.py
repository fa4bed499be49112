"""What an editor leaves on a page: a day in its own face, a blank over a value, odd letters."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from reportlab.pdfgen.canvas import Canvas

from supplier.adapters.images import Quality
from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.documents.reading.grain import smooth_values
from supplier.documents.reading.reader import read
from supplier.documents.reading.result import Reading, ReadRequest, Value, Verdict
from supplier.documents.reading.scripts import mixed_words
from supplier.documents.reading.sources import Page
from supplier.kernel.pages import Box, PageText, Source, Word
from tests.documents.reading import pdfs
from tests.documents.reading.test_wordings import ACCEPTED, NAME, SIREN, TODAY, judged

DAY = "17 septembre 2026"
LINES = (
    "DIRECTION GENERALE DES FINANCES PUBLIQUES", "ATTESTATION DE REGULARITE FISCALE",
    "Numéro de délivrance : 3569929", "La société désignée ci-dessous :", "DENOMINATION :", NAME,
    "ADRESSE DU PRINCIPAL ETABLISSEMENT :", "12 rue des Clefs", "68000 COLMAR", "N° SIREN :",
    "526 018 155", "est en règle au regard des obligations fiscales suivantes :",
    "- Paiement de la TVA", "Date de délivrance : le", "Service gestionnaire :",
    "SERVICE IMPOTS DES ENTREPRISES COLMAR", "page 1/1",
)  # fmt: skip


def dated(face: str) -> pdfs.Draw:
    def paint(canvas: Canvas) -> None:
        canvas.setFont(face, 12)
        canvas.drawString(190, 760 - 30 * LINES.index("Date de délivrance : le"), DAY)

    return paint


def read_tax(*more: pdfs.Draw, first: Sequence[pdfs.Draw] = ()) -> Reading:
    request = ReadRequest(TODAY, SIREN, NAME, DocumentKind.TAX_COMPLIANCE)
    data = pdfs.drawn(*more, lines=LINES, first=first)
    return read(data, "application/pdf", request=request)


@pytest.mark.parametrize("face", ["Helvetica", "Helvetica-Bold"])
def test_a_day_in_the_face_of_its_page_is_like_the_rest(face: str) -> None:
    assert judged(read_tax(first=[dated(face)])) == ACCEPTED


@pytest.mark.parametrize("face", ["Times-Roman", "Courier"])
def test_a_day_that_alone_of_its_page_has_its_face_is_for_a_person(face: str) -> None:
    reading = read_tax(first=[dated(face)])
    assert judged(reading) == (Verdict.REVIEW, (ReasonCode.TAMPERED,))


def test_a_blank_over_a_number_within_a_line_is_for_a_person() -> None:
    blank = pdfs.box(184, 756 - 30 * 2, 60, 14)
    reading = read_tax(blank, first=[dated("Helvetica")])
    assert reading.verdict is not Verdict.ACCEPT
    assert ReasonCode.TAMPERED in reading.reasons
    assert reading.find("delivery_number") is None


def test_a_blank_over_the_end_of_words_is_the_white_of_the_next_cell() -> None:
    blank = pdfs.box(130, 756 - 30 * 12, 60, 14)
    assert judged(read_tax(blank, first=[dated("Helvetica")])) == ACCEPTED


@pytest.mark.parametrize(
    ("word", "found"),
    [("SЕRRURЕRIЕ", True), ("DUPONΤ", True), ("Façades", False), ("Москва", False), ("5µm", False)],
)
def test_a_word_of_two_alphabets_is_not_what_it_looks_like(word: str, *, found: bool) -> None:
    one = Word(word, 1, Box(0.1, 0.1, 0.2, 0.12), Source.TEXT)
    assert bool(list(mixed_words([PageText(1, 595, 842, (one,))]))) is found


def grainy(*, smooth: bool) -> Page:
    """A scan with thirty words, and a day on paper that has the grain of the rest, or none."""
    import numpy as np
    from PIL import Image

    grain = np.random.default_rng(7).normal(235, 7, (800, 600))
    place = Box(0.1, 0.9, 0.3, 0.92)
    if smooth:
        grain[716:740, 55:185] = 235
    image = Image.fromarray(np.clip(grain, 0, 255).astype("uint8"))
    words = [
        Word("mot-clef", 1, Box(0.1, top / 40, 0.3, top / 40 + 0.02), Source.OCR)
        for top in range(2, 34)
    ]
    words.append(Word("17/09/2026", 1, place, Source.OCR))
    text = PageText(1, 595, 842, tuple(words))
    return Page(text, quality=Quality(), image=image)


@pytest.mark.parametrize("smooth", [True, False])
def test_a_day_typed_onto_a_scan_stands_on_paper_without_its_grain(*, smooth: bool) -> None:
    day = Value("2026-09-17", 1, Box(0.1, 0.9, 0.3, 0.92), Source.OCR, 0.9)
    found = list(smooth_values({"issued_on": day}, [grainy(smooth=smooth)]))
    assert [one.code for one in found] == (["tampered"] if smooth else [])
