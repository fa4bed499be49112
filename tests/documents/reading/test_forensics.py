from __future__ import annotations

import io
import random
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from supplier.documents.reading.forensics import (
    Hint,
    Structure,
    StructureCode,
    inspect,
    visible_page,
)
from supplier.documents.reading.forensics_content import MOST_STREAM, inflated
from tests.adapters.drawn import page as page_picture
from tests.documents.reading import pdfs

ATTACK = Path(__file__).parents[2] / "attack"


def inspected(data: bytes) -> Structure:
    return inspect(data, pdfs.words(data))


def found(data: bytes) -> dict[StructureCode, Hint]:
    return {finding.code: finding.severity for finding in inspected(data).findings}


def seen(data: bytes) -> str:
    page = visible_page(inspected(data), pdfs.words(data)[0])
    return " ".join(word.text for word in page.words)


# What honest papers do


def test_an_honest_page_raises_nothing() -> None:
    structure = inspected(pdfs.drawn())
    assert structure.findings == ()
    assert (structure.page_count, structure.revisions, structure.signed) == (1, 1, False)
    assert not structure.tampered


@pytest.mark.parametrize(
    "honest",
    [
        pytest.param(
            pdfs.drawn(
                pdfs.text("EN-TÊTE", y=800, grey=1), first=[pdfs.box(50, 790, 300, 30, grey=0)]
            ),
            id="white print on a dark bar",
        ),
        pytest.param(
            pdfs.drawn(first=[pdfs.box(50, 660, 400, 24, grey=0.8)]), id="print on a shaded cell"
        ),
        pytest.param(
            pdfs.drawn(pdfs.text("RELEVE", y=761, x=61, grey=1), pdfs.text("RELEVE", y=500)),
            id="a white shadow of print that is seen",
        ),
        pytest.param(
            pdfs.drawn(pdfs.text("Page 1", y=1200)), id="a printer's mark beside the page"
        ),
        pytest.param(
            pdfs.rewritten(pdfs.drawn(), lambda pdf: None, linearize=True), id="linearised"
        ),
        pytest.param(
            pdfs.rewritten(
                pdfs.drawn(),
                lambda pdf: None,
                encryption=pikepdf.Encryption(owner="secret", user="", R=4),
            ),
            id="copying forbidden",
        ),
        pytest.param(
            pdfs.free_text(pdfs.drawn(), "lu et approuvé", rect=(60, 300, 200, 320)),
            id="typed beside the print",
        ),
        pytest.param(
            pdfs.free_text(
                pdfs.drawn(lines=["Nom : ................................"]),
                "Alice Alpha",
                rect=(95, 755, 250, 775),
            ),
            id="typed onto the dots of a form",
        ),
    ],
)
def test_no_honest_cause_alarms(honest: bytes) -> None:
    assert set(found(honest).values()) <= {Hint.NOTE}


def test_the_text_layer_of_a_copier_is_named_and_not_suspected() -> None:
    layer = [pdfs.invisible(f"FR76 3000 6000 0112 3456 7890 18{n}", y=700 - n) for n in range(6)]
    structure = inspected(pdfs.drawn(*layer, lines=[], first=[scan_of(pdfs.LINES)]))
    assert structure.ocr_pages == (1,)
    assert structure.findings == ()


def test_a_linearised_file_has_one_revision() -> None:
    structure = inspected(pdfs.rewritten(pdfs.drawn(), lambda pdf: None, linearize=True))
    assert (structure.linearized, structure.revisions) == (True, 1)


def test_the_empty_password_opens_and_is_told() -> None:
    protection = pikepdf.Encryption(owner="secret", user="", R=4)
    structure = inspected(pdfs.rewritten(pdfs.drawn(), lambda pdf: None, encryption=protection))
    assert (structure.readable, structure.encrypted, structure.password_needed) == (
        True,
        True,
        False,
    )


def test_a_password_is_told_apart_from_damage() -> None:
    protection = pikepdf.Encryption(owner="secret", user="secret", R=6)
    locked = inspect(pdfs.rewritten(pdfs.drawn(), lambda pdf: None, encryption=protection), ())
    assert (locked.readable, locked.password_needed) == (False, True)
    damaged = inspect(b"%PDF-1.7 nothing", ())
    assert (damaged.readable, damaged.password_needed) == (False, False)


def test_producer_and_dates_are_as_the_file_declares_them() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.docinfo["/Producer"] = "Apache FOP  Version 1.1"
        pdf.docinfo["/CreationDate"] = "D:20261007084055+02'00'"
        pdf.docinfo["/ModDate"] = "D:20261399"

    structure = inspected(pdfs.rewritten(pdfs.drawn(), change))
    assert structure.producer == "Apache FOP Version 1.1"
    assert structure.created_at == datetime(2026, 10, 7, 6, 40, 55, tzinfo=UTC)
    assert structure.modified_at is None


# What forgers do


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("rib-invisible-text.pdf", StructureCode.INVISIBLE_TEXT),
        ("rib-offpage-text.pdf", StructureCode.OFF_PAGE_TEXT),
        ("rib-covered-text.pdf", StructureCode.COVERED_TEXT),
        ("rib-tounicode-remap.pdf", StructureCode.REMAPPED_UNICODE),
        ("rib-ocg-hidden.pdf", StructureCode.HIDDEN_LAYER),
        ("rib-annotation-overlay.pdf", StructureCode.FREE_TEXT),
    ],
)
def test_every_forged_account_is_suspected(name: str, code: StructureCode) -> None:
    assert found((ATTACK / "rib" / name).read_bytes())[code] is Hint.TAMPERING


@pytest.mark.parametrize("name", ["rib-control.pdf", "rib-lowercase-spaced.pdf"])
def test_no_honest_account_is_suspected(name: str) -> None:
    assert found((ATTACK / "rib" / name).read_bytes()) == {}


@pytest.mark.parametrize(
    ("forged", "code"),
    [
        (pdfs.drawn(pdfs.text(pdfs.OTHER_IBAN, grey=0.99)), StructureCode.WHITE_TEXT),
        (pdfs.drawn(pdfs.text(pdfs.OTHER_IBAN, size=0.8)), StructureCode.TINY_TEXT),
        (
            pdfs.drawn(pdfs.box(50, 490, 300, 30, grey=0.2), pdfs.text(pdfs.OTHER_IBAN, grey=0.2)),
            StructureCode.WHITE_TEXT,
        ),
    ],
)
def test_a_second_account_that_no_eye_sees_is_suspected(forged: bytes, code: StructureCode) -> None:
    assert found(forged) == {code: Hint.TAMPERING}
    assert pdfs.OTHER_IBAN not in seen(forged)
    assert pdfs.IBAN in seen(forged)


def test_a_date_painted_over_within_its_line_is_found_with_both_readings() -> None:
    forged = pdfs.drawn(pdfs.box(74, 636, 64, 15), pdfs.text("18/12/2026", x=76, y=640))
    (finding,) = inspected(forged).findings
    assert (finding.code, finding.severity) == (StructureCode.COVERED_TEXT, Hint.TAMPERING)
    assert finding.detail == "18/09/2026 → 18/12/2026"
    assert finding.box is not None
    assert finding.box.top == pytest.approx(1 - 651 / 842, abs=0.01)
    assert "18/12/2026" in seen(forged)
    assert "18/09/2026" not in seen(forged)


def test_a_line_painted_over_with_the_same_words_is_no_forgery() -> None:
    same = pdfs.drawn(pdfs.box(50, 635, 200, 20), pdfs.text("Le 18/09/2026", y=640))
    assert found(same) == {}


def test_a_redaction_without_a_new_text_goes_to_a_person() -> None:
    assert found(pdfs.drawn(pdfs.box(50, 665, 300, 20, grey=0))) == {
        StructureCode.COVERED_TEXT: Hint.DOUBT
    }


def test_a_comment_on_print_shows_its_own_value() -> None:
    forged = pdfs.free_text(pdfs.drawn(), f"IBAN : {pdfs.OTHER_IBAN}", rect=(55, 664, 400, 684))
    assert found(forged) == {StructureCode.FREE_TEXT: Hint.TAMPERING}
    assert pdfs.OTHER_IBAN in seen(forged)
    assert pdfs.IBAN not in seen(forged)


def test_a_field_that_holds_another_value_than_it_shows_is_suspected() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        look = pdf.make_stream(
            f"/Tx BMC BT /F1 12 Tf 2 4 Td ({pdfs.IBAN}) Tj ET EMC".encode(),
            Subtype=pikepdf.Name.Form,
            BBox=[0, 0, 300, 20],
            Resources=pdf.pages[0].Resources,
        )
        field = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Widget,
            FT=pikepdf.Name.Tx,
            T="iban",
            V=pdfs.OTHER_IBAN,
            Rect=[60, 300, 360, 320],
            AP=pikepdf.Dictionary(N=look),
        )
        pdf.pages[0].Annots = pikepdf.Array([pdf.make_indirect(field)])
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pdf.pages[0].Annots)

    (finding,) = inspected(pdfs.rewritten(pdfs.drawn(), change)).findings
    assert (finding.code, finding.severity) == (StructureCode.FORM_VALUE, Hint.TAMPERING)
    assert finding.detail == f"{pdfs.OTHER_IBAN} → {pdfs.IBAN}"


def test_a_date_changed_by_a_later_revision_is_found_with_its_place() -> None:
    structure = inspected(pdfs.revised(pdfs.drawn(), old="18/09/2026", new="18/12/2026"))
    (finding,) = structure.findings
    assert structure.revisions == 2
    assert (finding.code, finding.severity) == (StructureCode.CHANGED_AFTER, Hint.TAMPERING)
    assert finding.detail == "18/09/2026 → 18/12/2026"
    assert finding.page == 1
    assert finding.box is not None
    assert finding.box.top == pytest.approx(1 - 650 / 842, abs=0.01)


def test_a_later_revision_that_changes_no_print_is_only_counted() -> None:
    structure = inspected(pdfs.revised(pdfs.drawn(), old="nowhere", new="here"))
    assert structure.revisions == 2
    assert structure.findings == ()


def test_a_font_that_says_nothing_of_its_letters_is_noted() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        for font in pdf.pages[0].Resources.Font.values():
            font.Subtype = pikepdf.Name.Type0
            font.Encoding = pikepdf.Name("/Identity-H")

    data = pdfs.rewritten(pdfs.drawn(), change)
    assert inspect(data, ()).findings[0].code is StructureCode.NO_UNICODE


def test_letters_that_say_something_else_are_lit_on_the_page() -> None:
    data = (ATTACK / "rib" / "rib-tounicode-remap.pdf").read_bytes()
    tops = [
        finding.box.top if finding.box else 1.0
        for finding in inspect(data, ()).findings
        if finding.code is StructureCode.REMAPPED_UNICODE
    ]
    assert [round(top, 1) for top in tops] == [0.1]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("js-hex-escaped.pdf", StructureCode.ACTIVE_CONTENT),
        ("launch-action.pdf", StructureCode.ACTIVE_CONTENT),
        ("gotor-unc.pdf", StructureCode.ACTIVE_CONTENT),
        ("uri-javascript.pdf", StructureCode.ACTIVE_CONTENT),
        ("richmedia-flash.pdf", StructureCode.ACTIVE_CONTENT),
        ("xfa-xxe.pdf", StructureCode.ACTIVE_CONTENT),
        ("embedded-exe-stub.pdf", StructureCode.EMBEDDED_FILE),
        ("embedded-pdf-recursive.pdf", StructureCode.EMBEDDED_FILE),
        ("external-stream-file.pdf", StructureCode.EXTERNAL_STREAM),
        ("external-stream-url.pdf", StructureCode.EXTERNAL_STREAM),
    ],
)
def test_what_no_paper_needs_goes_to_a_person(name: str, code: StructureCode) -> None:
    assert found((ATTACK / "pdf" / name).read_bytes()) == {code: Hint.DOUBT}


def test_the_data_of_an_electronic_invoice_is_only_noted() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.attachments["factur-x.xml"] = b"<rsm/>"

    assert found(pdfs.rewritten(pdfs.drawn(), change)) == {StructureCode.EMBEDDED_FILE: Hint.NOTE}


def test_a_page_count_that_lies_is_noted_and_not_believed() -> None:
    structure = inspect((ATTACK / "pdf" / "count-2e9.pdf").read_bytes(), ())
    assert structure.page_count == 1
    assert structure.findings[0].code is StructureCode.PAGE_COUNT_LIE


@pytest.mark.parametrize(
    "name",
    [
        "bomb-ten-billion-pages.pdf",
        "loop-page-tree.pdf",
        "deep-dict-50k.pdf",
        "content-unbalanced-q.pdf",
        "mediabox-1e9.pdf",
        "mediabox-nan.pdf",
        "self-ref-length.pdf",
        "size-lies.pdf",
        "startxref-beyond.pdf",
        "truncated-half.pdf",
        "lzw-garbage.pdf",
        "random-bytes.pdf",
    ],
)
def test_a_hostile_structure_is_answered_not_raised(name: str) -> None:
    assert isinstance(inspect((ATTACK / "pdf" / name).read_bytes(), ()), Structure)


def test_mutations_of_a_paper_are_all_answered() -> None:
    draw = random.Random(20261124)
    data = bytearray(pdfs.free_text(pdfs.drawn(), "x", rect=(60, 300, 200, 320)))
    for _ in range(300):
        mutant = bytearray(data)
        for _ in range(draw.randint(1, 12)):
            mutant[draw.randrange(len(mutant))] = draw.randrange(256)
        assert isinstance(inspect(bytes(mutant), ()), Structure)


def test_a_bomb_in_an_appearance_is_inflated_only_so_far() -> None:
    with pikepdf.open(io.BytesIO(pdfs.drawn())) as pdf:
        bomb = pikepdf.Stream(pdf, b"")
        bomb.write(zlib.compress(b" " * 50_000_000), filter=pikepdf.Name.FlateDecode)
        assert len(inflated(bomb)) == MOST_STREAM


def scan_of(lines: tuple[str, ...]) -> pdfs.Draw:
    def paint(canvas: Canvas) -> None:
        canvas.drawImage(ImageReader(page_picture(lines, dpi=40)), 0, 0, width=595, height=842)

    return paint


def test_a_box_with_a_new_account_on_a_scan_is_suspected() -> None:
    patch = (pdfs.box(50, 490, 300, 20), pdfs.text(f"IBAN {pdfs.OTHER_IBAN}", y=495))
    forged = pdfs.drawn(*patch, lines=[], first=[scan_of(pdfs.LINES)])
    assert found(forged) == {StructureCode.COVERED_TEXT: Hint.TAMPERING}


def test_a_form_printed_on_a_picture_is_no_patch() -> None:
    lines = [f"Ligne {number} du formulaire rempli à la machine" for number in range(12)]
    rows = [pdfs.box(50, 755 - 30 * number, 400, 16) for number in range(12)]
    assert found(pdfs.drawn(lines=lines, first=[scan_of(()), *rows])) == {}


def moved(words: str) -> bytes:
    """A long certificate whose date was taken out and set again at the end of the page."""
    lines = [f"Ligne {number} de l'attestation" for number in range(20)]
    lines[4] = "Date de délivrance : le"
    return pdfs.drawn(pdfs.text(words, x=190, y=640), lines=lines)


def test_a_value_set_after_the_rest_of_its_page_is_told() -> None:
    data = moved("02/11/2026")
    found = inspect(data, pdfs.words(data)).pasted
    assert [item.text for item in found] == ["02/11/2026"]
    assert found[0].box.top < 0.3


@pytest.mark.parametrize("words", ["Le Directeur", "le 02/11/2026 à Nantes, le Directeur"])
def test_words_set_last_are_not_a_value_replaced(words: str) -> None:
    data = moved(words)
    assert inspect(data, pdfs.words(data)).pasted == ()


def test_a_value_at_the_foot_of_its_page_is_where_pages_end() -> None:
    lines = [f"Ligne {number}" for number in range(20)]
    data = pdfs.drawn(pdfs.text("02/11/2026", x=60, y=40), lines=lines)
    assert inspect(data, pdfs.words(data)).pasted == ()
