"""Codes of pages that are drawn, not pasted as pictures: found without a look at the picture."""

from __future__ import annotations

import io
from collections.abc import Callable
from itertools import groupby

import pikepdf
import pytest
import segno
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from supplier.adapters.pdf import (
    PdfError,
    opened,
    read_pages,
    render,
    render_page,
    render_zone,
)
from supplier.documents.reading.sources import gather
from supplier.kernel.pages import Box

TEXT = "https://www.infogreffe.fr/controle/verif?codeVerif=aB3dEfGhI0"
UNIT = 1.6
X, Y = 480.0, 700.0
Paint = Callable[[Canvas, list[list[int]]], None]


def module_by_module(canvas: Canvas, rows: list[list[int]]) -> None:
    for down, row in enumerate(rows):
        for across, dark in enumerate(row):
            if dark:
                canvas.rect(X + across * UNIT, Y - down * UNIT, UNIT, UNIT, fill=1, stroke=0)


def row_by_row(canvas: Canvas, rows: list[list[int]]) -> None:
    for down, row in enumerate(rows):
        path = canvas.beginPath()
        across = 0
        for dark, run in groupby(row):
            wide = len(list(run))
            if dark:
                path.rect(X + across * UNIT, Y - down * UNIT, wide * UNIT, UNIT)
            across += wide
        canvas.drawPath(path, fill=1, stroke=0)


def in_one_go(canvas: Canvas, rows: list[list[int]]) -> None:
    path = canvas.beginPath()
    for down, row in enumerate(rows):
        for across, dark in enumerate(row):
            if dark:
                path.rect(X + across * UNIT, Y - down * UNIT, UNIT, UNIT)
    canvas.drawPath(path, fill=1, stroke=0)


def within_a_drawing(canvas: Canvas, rows: list[list[int]]) -> None:
    canvas.beginForm("code")
    canvas.saveState()
    canvas.scale(2, 2)
    canvas.translate(-X + 20, -Y + 60)
    module_by_module(canvas, rows)
    canvas.restoreState()
    canvas.endForm()
    canvas.saveState()
    canvas.translate(440, 600)
    canvas.scale(0.5, 0.5)
    canvas.doForm("code")
    canvas.restoreState()


def paper(paint: Paint, *, turned: int = 0) -> bytes:
    canvas = Canvas(buffer := io.BytesIO(), pagesize=A4, invariant=True)
    canvas.setFillGray(0)
    for line in range(30):
        canvas.drawString(
            60, 760 - 20 * line, "Une ligne du papier, avec des mots de tous les jours"
        )
        canvas.line(60, 757 - 20 * line, 400, 757 - 20 * line)
    paint(canvas, [list(row) for row in segno.make(TEXT, micro=False).matrix])
    canvas.save()
    if turned:
        with pikepdf.open(io.BytesIO(buffer.getvalue())) as document:
            document.pages[0].Rotate = turned
            document.save(buffer := io.BytesIO())
    return buffer.getvalue()


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
@pytest.mark.parametrize("paint", [module_by_module, row_by_row, in_one_go, within_a_drawing])
def test_a_code_that_is_drawn_is_read_where_it_stands(paint: Paint, turned: int) -> None:
    data = paper(paint, turned=turned)
    (look,) = read_pages(data)
    (place,) = look.codes
    (page,) = gather(data, "application/pdf").pages
    (code,) = page.barcodes
    assert code.text == TEXT
    assert close(code.box, place)
    assert page.quality is None


def close(one: Box, other: Box) -> bool:
    pairs = ((one.x0, other.x0), (one.top, other.top), (one.x1, other.x1),
             (one.bottom, other.bottom))  # fmt: skip
    return all(abs(a - b) < 0.01 for a, b in pairs)


def beside_the_page(canvas: Canvas, rows: list[list[int]]) -> None:
    canvas.translate(200, 0)
    module_by_module(canvas, rows)


def test_a_code_beside_the_page_is_not_looked_for() -> None:
    (page,) = gather(paper(beside_the_page), "application/pdf").pages
    assert page.barcodes == ()


def test_a_place_without_area_cannot_be_drawn() -> None:
    with opened(paper(table)) as document, pytest.raises(PdfError):
        render_page(document, 1, place=Box(1.2, 0.5, 1.0, 0.6))


def logo(canvas: Canvas, _rows: list[list[int]]) -> None:
    """A drawing as large as a code, all curves."""
    path = canvas.beginPath()
    path.moveTo(X, Y)
    for step in range(120):
        x, y = X + step % 12 * 5, Y - step // 12 * 5
        path.curveTo(x + 3, y + 4, x + 5, y - 3, x + 4, y)
    canvas.drawPath(path, fill=1, stroke=0)


def table(canvas: Canvas, _rows: list[list[int]]) -> None:
    canvas.grid([60, 160, 260, 360, 520], [120, 140, 160, 180, 200, 220])


def dots(canvas: Canvas, _rows: list[list[int]]) -> None:
    """The dots that lead the eye from a label to its value."""
    for step in range(200):
        canvas.rect(60 + step * 2.2, 90, 0.8, 0.8, fill=1, stroke=0)


@pytest.mark.parametrize("paint", [logo, table, dots])
def test_what_is_no_code_costs_no_look_at_the_picture(paint: Paint) -> None:
    (look,) = read_pages(paper(paint))
    assert look.codes == ()


def test_a_zone_is_drawn_as_it_is_on_the_whole_page() -> None:
    data = paper(module_by_module)
    zone = Box(0.08, 0.09, 0.91, 0.2)
    whole, part = render(data, 1, dpi=250), render_zone(data, 1, dpi=250, zone=zone)
    assert part.size == whole.size
    width, height = whole.size
    inner = (round(0.09 * width), round(0.1 * height), round(0.9 * width), round(0.19 * height))
    assert part.crop(inner).tobytes() == whole.crop(inner).tobytes()
    assert part.crop(inner).getextrema() == (0, 255)
    assert part.getpixel((width // 2, height // 2)) == 255
