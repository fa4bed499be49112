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
