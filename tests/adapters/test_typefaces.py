from __future__ import annotations

import io

import pypdfium2
import pytest
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from supplier.adapters import ocr

pytestmark = [
    pytest.mark.ocr,
    pytest.mark.skipif(not ocr.available(), reason="no French data of Tesseract here"),
]

LINES = (
    "Société inscrite sous le numéro 824595714",
    "Numéro de délivrance : 5600918",
    "69007 LYON, 67200 STRASBOURG, 93100 MONTREUIL",
    "Exercice clos le 31/12/2025",
)


def certificate(*, date_font: str) -> Image.Image:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=True)
    canvas.setFont("Times-Roman", 12)
    for number, line in enumerate(LINES):
        canvas.drawString(70, 760 - 28 * number, line)
    canvas.drawString(70, 600, "Date de délivrance : le")
    canvas.setFont(date_font, 12)
    canvas.drawString(190, 600, "18/09/2026")
    canvas.save()
    page = pypdfium2.PdfDocument(buffer.getvalue())[0]
    return page.render(scale=200 / 72, grayscale=True).to_pil()


def odd(picture: Image.Image) -> list[str]:
    reading = ocr.read_image(picture, page=1, width=595, height=842, dpi=200)
    return [word.text for word in reading.odd_dates]


def test_a_date_in_another_typeface_than_the_page_is_pointed_at() -> None:
    assert odd(certificate(date_font="Helvetica")) == ["18/09/2026"]


@pytest.mark.parametrize("font", ["Times-Roman", "Times-Bold"])
def test_a_date_in_the_typeface_of_the_page_is_not(font: str) -> None:
    assert odd(certificate(date_font=font)) == []
