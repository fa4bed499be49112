"""PDFs drawn for the tests, honest and forged, and their words as the reader gets them."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import pikepdf
import pypdfium2
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from supplier.kernel.pages import Box, PageText, Word

HEIGHT = A4[1]
IBAN, OTHER_IBAN = "FR14 2004 1010 0505 0001 3M02 606", "FR76 3000 6000 0112 3456 7890 189"
LINES = (
    "RELEVE D'IDENTITE BANCAIRE",
    "Titulaire : SARL DUPONT TRAVAUX",
    "SIREN : 732 829 320",
    f"IBAN : {IBAN}",
    "Le 18/09/2026",
)
Draw = Callable[[Canvas], None]


def drawn(*more: Draw, lines: Sequence[str] = LINES, first: Sequence[Draw] = ()) -> bytes:
    """A page of lines; `first` paints under them, `more` over them."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=True)
    for paint in first:
        paint(canvas)
    canvas.setFont("Helvetica", 12)
    canvas.setFillGray(0)
    for number, line in enumerate(lines):
        canvas.drawString(60, 760 - 30 * number, line)
    for paint in more:
        paint(canvas)
    canvas.save()
    return buffer.getvalue()


def text(words: str, *, x: float = 60, y: float = 500, size: float = 12, grey: float = 0) -> Draw:
    def paint(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", size)
        canvas.setFillGray(grey)
        canvas.drawString(x, y, words)

    return paint


def invisible(words: str, *, y: float = 500) -> Draw:
    def paint(canvas: Canvas) -> None:
        line = canvas.beginText(60, y)
        line.setFont("Helvetica", 12)
        line.setTextRenderMode(3)
        line.textOut(words)
        canvas.drawText(line)

    return paint


def box(x: float, y: float, width: float, height: float, *, grey: float = 1) -> Draw:
    def paint(canvas: Canvas) -> None:
        canvas.setFillGray(grey)
        canvas.rect(x, y, width, height, stroke=0, fill=1)

    return paint


def rewritten(data: bytes, change: Callable[[pikepdf.Pdf], None], **options: object) -> bytes:
    buffer = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        change(pdf)
        pdf.save(buffer, **options)  # type: ignore[arg-type]
    return buffer.getvalue()


def revised(data: bytes, *, old: str, new: str) -> bytes:
    """The first page with one text replaced by an incremental update."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    page = writer.root["/Pages"]["/Kids"][0]
    content = page["/Contents"].data.replace(old.encode(), new.encode())
    page[generic.pdf_name("/Contents")] = writer.add_object(
        generic.StreamObject(stream_data=content)
    )
    writer.update_container(page)
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def free_text(data: bytes, words: str, *, rect: tuple[float, float, float, float]) -> bytes:
    """A comment typed onto the first page with any reader."""

    def change(pdf: pikepdf.Pdf) -> None:
        x0, y0, x1, y1 = rect
        look = pdf.make_stream(
            f"1 g 0 0 {x1 - x0} {y1 - y0} re f 0 g BT /F1 12 Tf 2 4 Td ({words}) Tj ET".encode(),
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Form,
            BBox=[0, 0, x1 - x0, y1 - y0],
            Resources=pdf.pages[0].Resources,
        )
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.FreeText,
            Rect=list(rect),
            Contents=words,
            AP=pikepdf.Dictionary(N=look),
        )
        pdf.pages[0].Annots = pikepdf.Array([note])

    return rewritten(data, change)


def words(data: bytes) -> list[PageText]:
    """The words of each page with their boxes, character by character as PDFium has them."""
    document = pypdfium2.PdfDocument(data)
    return [_page(page, number) for number, page in enumerate(document, 1)]


def _page(page: pypdfium2.PdfPage, number: int) -> PageText:
    textpage, (width, height) = page.get_textpage(), page.get_size()
    found: list[Word] = []
    letters: list[int] = []
    for index in range(textpage.count_chars() + 1):
        letter = textpage.get_text_range(index, 1) if index < textpage.count_chars() else " "
        if letter.strip():
            letters.append(index)
            continue
        if letters:
            boxes = [textpage.get_charbox(i) for i in letters]
            place = Box(
                min(b[0] for b in boxes) / width,
                1 - max(b[3] for b in boxes) / height,
                max(b[2] for b in boxes) / width,
                1 - min(b[1] for b in boxes) / height,
            )
            found.append(Word(textpage.get_text_range(letters[0], len(letters)), number, place))
        letters = []
    return PageText(number, width, height, tuple(found))
