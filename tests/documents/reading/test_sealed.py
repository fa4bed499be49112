"""2D-Docs: values with source "barcode" beside the print; seals of installed certificates."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from supplier.documents.kinds import DocumentKind
from supplier.documents.reading import sealed
from supplier.documents.reading.reader import read
from supplier.documents.reading.result import Reading, ReadRequest, Severity, Verdict
from supplier.kernel.pages import Source
from tests.adapters.test_two_d_doc import LEAF, OTHER_KEY, ROOT, code
from tests.documents.reading.pdfs import IBAN, LINES, OTHER_IBAN, Draw, drawn

DAY = date(2026, 9, 20)
PLAIN = IBAN.replace(" ", "")
REQUEST = ReadRequest(DAY, "732829320", "SARL DUPONT TRAVAUX", DocumentKind.BANK_DETAILS)


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    sealed.certificates.cache_clear()
    yield
    sealed.certificates.cache_clear()


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "root.der").write_bytes(ROOT)
    (tmp_path / "leaf.der").write_bytes(LEAF)
    monkeypatch.setenv("SUPPLIER_TWO_D_DOC_CERTIFICATES", str(tmp_path))


def symbol(text: str) -> Draw:
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix)
    picture = Image.fromarray(made.to_image(scale=6)).convert("L")

    def paint(canvas: Canvas) -> None:
        canvas.drawImage(ImageReader(picture), 400, 700, width=80, height=80)

    return paint


def paper(text: str, lines: tuple[str, ...] = LINES) -> Reading:
    return read(drawn(symbol(text), lines=lines), "application/pdf", request=REQUEST)


def codes(found: Reading, severity: Severity) -> list[str]:
    return [one.code for one in found.findings if one.severity is severity]


@pytest.mark.usefixtures("installed")
def test_a_seal_that_holds_is_said_and_the_print_stays() -> None:
    found = paper(code())
    assert "sealed" in codes(found, Severity.NOTE)
    iban, bic = found.find("iban"), found.find("bic")
    assert iban is not None
    assert bic is not None
    assert (iban.text, iban.source) == (PLAIN, Source.TEXT)
    assert (bic.text, bic.source) == ("PSSTFRPPPAR", Source.BARCODE)
    assert bic.box is not None
    assert bic.box.x0 > 0.6


def test_what_the_print_lacks_comes_from_the_code() -> None:
    found = paper(code(), tuple(line for line in LINES if "IBAN" not in line))
    iban = found.find("iban")
    assert iban is not None
    assert (iban.text, iban.source, iban.page) == (PLAIN, Source.BARCODE, 1)


def test_a_certificate_that_nobody_installed_is_said_and_alarms_nobody() -> None:
    found = paper(code())
    assert "sealed_unknown" in codes(found, Severity.NOTE)
    assert "tampered" not in codes(found, Severity.REFUSAL)


@pytest.mark.usefixtures("installed")
def test_a_print_that_says_something_else_is_refused() -> None:
    found = paper(code(), tuple(line.replace(IBAN, OTHER_IBAN) for line in LINES))
    assert found.verdict is Verdict.REFUSE
    [finding] = [one for one in found.findings if one.code == "tampered"]
    assert finding.params == {"field": "iban"}
    assert finding.box is not None


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("forged", [
    code(key=OTHER_KEY), code().replace(PLAIN, "FR7630006000011234567890189"),
])  # fmt: skip
def test_a_seal_that_does_not_hold_is_refused(forged: str) -> None:
    found = paper(forged)
    assert found.verdict is Verdict.REFUSE
    assert "tampered" in codes(found, Severity.REFUSAL)


def test_the_holder_comes_from_the_code_and_another_one_goes_to_a_person() -> None:
    bare = tuple(line for line in LINES if "Titulaire" not in line)
    named = code(body=f"30SARL/DUPONT/TRAVAUX\x1d31{PLAIN}\x1d32PSSTFRPPPAR\x1d")
    holder = paper(named, bare).find("holder")
    assert holder is not None
    assert (holder.text, holder.source) == ("SARL DUPONT TRAVAUX", Source.BARCODE)
    assert "tampered" not in codes(paper(named), Severity.DOUBT)
    other = paper(named.replace("SARL/DUPONT/TRAVAUX", "M/PETIT/JEAN"))
    assert codes(other, Severity.DOUBT) == ["tampered"]
    assert other.verdict is Verdict.REVIEW


@pytest.mark.parametrize(("account", "severity"), [
    (PLAIN[4:], Severity.NOTE), ("30006000011234567890189", Severity.REFUSAL),
])  # fmt: skip
def test_a_sepamail_account_is_compared_with_the_printed_one(
    account: str, severity: Severity
) -> None:
    found = paper(code(document="05", body=f"0824E330M/DUPONT\x1d35QX70{account}\x1d"))
    assert ("tampered" in codes(found, Severity.REFUSAL)) is (severity is Severity.REFUSAL)


def test_a_code_of_another_paper_goes_to_a_person_and_gives_no_value() -> None:
    bare = tuple(line for line in LINES if "IBAN" not in line)
    found = paper(code(document="28", body=f"451999\x1d46M DUPONT\x1d31{PLAIN}\x1d"), bare)
    assert found.find("iban") is None
    plain = paper(code(document="28", body="4320\x1d46M DUPONT\x1d"))
    assert codes(plain, Severity.DOUBT) == ["wrong_kind"]
    assert plain.verdict is Verdict.REVIEW


INVOICE_LINES = (
    "FACTURE", "Facture n° F-2026-118", "Date de facture : 31/08/2026", "DUPONT TRAVAUX SARL",
    "SIRET : 732 829 320 00074", "Total HT 1 000,00 EUR", "TVA 20 % 200,00 EUR",
    "Total TTC 1 200,00 EUR", "Net à payer 1 200,00 EUR",
)  # fmt: skip


def invoice(body: str, lines: tuple[str, ...] = INVOICE_LINES) -> Reading:
    request = ReadRequest(DAY, "732829320", "SARL DUPONT TRAVAUX", DocumentKind.INVOICE)
    text = code(document="01", body=body)
    return read(drawn(symbol(text), lines=lines), "application/pdf", request=request)


def test_a_bill_is_compared_with_its_code() -> None:
    same = invoice("18F-2026-118\x1d1D1200,00\x1d")
    assert same.kind is DocumentKind.INVOICE
    assert same.text("issued_on") == "2026-08-31"
    assert "tampered" not in codes(same, Severity.DOUBT)
    for body in ("18F-2026-118\x1d1D1300,00\x1d", "18F-2026-119\x1d1D1200\x1d"):
        assert "tampered" in codes(invoice(body), Severity.DOUBT)


def test_a_bill_s_day_and_total_come_from_its_code_where_they_are_not_printed() -> None:
    lines = tuple(line for line in INVOICE_LINES if "Date" not in line)
    found = invoice("18F-2026-118\x1d1D1200,00\x1d", lines)
    day = found.find("issued_on")
    assert day is not None
    assert (day.text, day.source) == ("2026-08-31", Source.BARCODE)


@pytest.mark.ocr
def test_a_scan_is_read_by_its_code_where_figures_fail() -> None:
    import pypdfium2

    data = drawn(
        symbol(code()), lines=(*LINES[:3], "IBAN : FR14 2004 1010 0505 0001 3M02 60", *LINES[4:])
    )
    image = pypdfium2.PdfDocument(data)[0].render(scale=3).to_pil().convert("L")
    out = io.BytesIO()
    image.save(out, "PNG")
    found = read(out.getvalue(), "image/png", request=REQUEST)
    iban = found.find("iban")
    assert iban is not None
    assert (iban.text, iban.source) == (PLAIN, Source.BARCODE)
