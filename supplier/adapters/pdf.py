"""Portable documents: pages, words with their places, pictures of pages. Runs in the sandbox."""

from __future__ import annotations

import ctypes
import io
import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as c
from PIL import Image

from supplier.adapters.pdf_codes import code_places
from supplier.kernel.pages import WHOLE_PAGE, Box, PageText, Word

#: More objects than this are not looked at: nobody draws a certificate with them.
MAX_OBJECTS = 20_000
MAX_CHARS = 60_000
#: No page is drawn larger.
MAX_PIXELS = 12_000_000
_SCALE = 1_000_000
#: A place narrower than this share of the page shows nothing.
_SLIVER = 0.01
_SPACES = frozenset((0, 9, 10, 13, 32, 0xA0, 0x2007, 0x202F, 0xFFFE, 0xFFFF))
_LIGATURES = {
    0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st",
    0x00AD: "-", 0x2010: "-", 0x2011: "-", 0x2212: "-", 0x02: "-", 0x200B: "", 0xFEFF: "",
}  # fmt: skip


class PdfError(Exception):
    """The file is not a PDF that can be opened."""


class PasswordError(PdfError):
    """The file opens only with a password (the empty one was tried)."""


class TooManyPagesError(PdfError):
    """The file holds more pages than are read."""


@dataclass(frozen=True, slots=True)
class PageLook:
    """What a page is made of: what decides between its text layer and its image.

    `hidden_text` is true when the words are painted invisibly (the layer of a copier);
    `paths` counts drawn shapes: many of them and no words means text drawn as outlines;
    `codes` are the places where barcodes may stand.
    """

    text: PageText
    hidden_text: bool
    paths: int
    codes: tuple[Box, ...] = ()


@contextmanager
def opened(data: bytes) -> Iterator[Any]:
    """The document, closed at the end. Raises PasswordError or PdfError."""
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) == c.FPDF_ERR_PASSWORD:
            raise PasswordError(str(error)) from error
        raise PdfError(str(error)) from error
    try:
        yield document
    finally:
        document.close()


def read_pages(data: bytes, *, max_pages: int = 50) -> list[PageLook]:
    """Every page with its words. Raises PasswordError, TooManyPagesError or PdfError."""
    with opened(data) as document:
        count = len(document)
        if count > max_pages:
            raise TooManyPagesError(str(count))
        if count == 0:
            raise PdfError("no page")
        try:
            return [_look(document, index) for index in range(count)]
        except pdfium.PdfiumError as error:
            raise PdfError(str(error)) from error


def read_page(data: bytes, page: int) -> PageLook:
    """One page (from 1) with its words, however many there are. Raises PasswordError, PdfError."""
    with opened(data) as document:
        try:
            return _look(document, page - 1)
        except pdfium.PdfiumError as error:
            raise PdfError(str(error)) from error


def render(data: bytes, page: int, *, dpi: int = 200, max_pixels: int = MAX_PIXELS) -> Any:
    """One page (from 1) as a Pillow image in shades of grey; never more than `max_pixels`."""
    with opened(data) as document:
        return render_page(document, page, dpi=dpi, max_pixels=max_pixels)


def render_zone(data: bytes, page: int, *, dpi: int, zone: Box) -> Any:
    """One page (from 1) in grey of which only a zone is drawn; white elsewhere.

    As large as the whole page would be, in a fraction of the time. Raises PdfError.
    """
    with opened(data) as document:
        drawn = render_page(document, page, dpi=dpi, place=zone)
        sheet = document[page - 1]
        width, height = sheet.get_size()
        sheet.close()
    scale = _scale(width, height, dpi=dpi)
    whole = Image.new("L", (math.ceil(width * scale), math.ceil(height * scale)), 255)
    # As PDFium's drawing is cut: at whole pixels from the left and from the top.
    corner = math.ceil(zone.x0 * width * scale), math.ceil(zone.top * height * scale)
    whole.paste(drawn, corner)
    return whole


def _scale(width: float, height: float, *, dpi: int, max_pixels: int = MAX_PIXELS) -> float:
    """Pixels a point; fewer than asked for where the page is too large."""
    return min(dpi / 72, math.sqrt(max_pixels / (width * height)))


def render_page(
    document: Any, page: int, *, dpi: int = 200, max_pixels: int = MAX_PIXELS,
    place: Box = WHOLE_PAGE,
) -> Any:  # fmt: skip
    """One page (from 1) of an open document, or a place on it, in grey.

    Raises PdfError where it cannot be drawn.
    """
    try:
        sheet = document[page - 1]
    except pdfium.PdfiumError as error:
        raise PdfError(str(error)) from error
    try:
        width, height = sheet.get_size()
        if not (width > 1 and height > 1):
            raise PdfError("page without area")
        scale = _scale(width, height, dpi=dpi, max_pixels=max_pixels)
        if width * scale < 1 or height * scale < 1:
            raise PdfError("page without area")
        cut = (
            place.x0 * width, (1 - place.bottom) * height,
            (1 - place.x1) * width, place.top * height,
        )  # fmt: skip
        bitmap = sheet.render(scale=scale, grayscale=True, may_draw_forms=True, crop=cut)
        return bitmap.to_pil().convert("L")
    except (pdfium.PdfiumError, ValueError) as error:  # ValueError: a place without area
        raise PdfError(str(error)) from error
    finally:
        sheet.close()


def tables(data: bytes, page: int) -> list[list[list[tuple[str, Box]]]]:
    """The ruled tables of one page (from 1): rows of cells, each with its text and place.

    Slow, and independent of PDFium: pdfplumber reads the page anew. Raises PdfError.
    """
    import pdfplumber

    try:
        with pdfplumber.open(io.BytesIO(data)) as document:
            sheet = document.pages[page - 1]
            return [_table(table, float(sheet.width), float(sheet.height))
                    for table in sheet.find_tables()]  # fmt: skip
    except Exception as error:
        # pdfminer raises whatever its parsing stumbles on: no common class.
        raise PdfError(f"tables: {type(error).__name__}") from error


def _table(table: Any, width: float, height: float) -> list[list[tuple[str, Box]]]:
    return [
        [
            (text or "", _clip(box[0] / width, box[1] / height, box[2] / width, box[3] / height))
            for box, text in zip(row.cells, cells, strict=True)
            if box
        ]
        for row, cells in zip(table.rows, table.extract(), strict=True)
    ]


def _look(document: Any, index: int) -> PageLook:
    page = document[index]
    try:
        width, height = page.get_size()
        if not (0 < width < 1e6 and 0 < height < 1e6):
            raise PdfError("page without area")
        place = _placer(page.raw)
        words = _words(page, index + 1, place)
        share, paths, hidden = _objects(page.raw, width * height)
        codes = _on_page(place.box(*sides) for sides in code_places(page.raw))
        text = PageText(index + 1, width, height, words, share)
        return PageLook(text, hidden, paths, codes)
    finally:
        page.close()


def _on_page(boxes: Iterable[Box]) -> tuple[Box, ...]:
    """What of some places is on the page, where that is more than a sliver."""
    clipped = (_clip(box.x0, box.top, box.x1, box.bottom) for box in boxes)
    return tuple(
        box for box in clipped if box.x1 - box.x0 > _SLIVER and box.bottom - box.top > _SLIVER
    )


class _Placer:
    """Turns page coordinates into shares of the page as displayed (rotation, crop box)."""

    __slots__ = ("ax", "ay", "bx", "by", "cx", "cy")

    def __init__(self, origin: tuple[int, int], right: tuple[int, int], up: tuple[int, int]):
        step = 1000.0 * _SCALE
        self.cx, self.cy = origin[0] / _SCALE, origin[1] / _SCALE
        self.ax, self.ay = (right[0] - origin[0]) / step, (right[1] - origin[1]) / step
        self.bx, self.by = (up[0] - origin[0]) / step, (up[1] - origin[1]) / step

    def box(self, left: float, bottom: float, right: float, top: float) -> Box:
        x0 = self.cx + self.ax * left + self.bx * bottom
        y0 = self.cy + self.ay * left + self.by * bottom
        x1 = self.cx + self.ax * right + self.bx * top
        y1 = self.cy + self.ay * right + self.by * top
        return Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def _placer(page: Any) -> _Placer:
    def device(x: float, y: float) -> tuple[int, int]:
        across, down = ctypes.c_int(), ctypes.c_int()
        c.FPDF_PageToDevice(page, 0, 0, _SCALE, _SCALE, 0, x, y, across, down)
        return across.value, down.value

    return _Placer(device(0, 0), device(1000, 0), device(0, 1000))


def _words(page: Any, number: int, place: _Placer) -> tuple[Word, ...]:
    text_page = page.get_textpage()
    try:
        raw = text_page.raw
        count = min(c.FPDFText_CountChars(raw), MAX_CHARS)
        words: list[Word] = []
        rect, start = c.FS_RECTF(), 0
        letters: list[int] = []
        unicode_of = c.FPDFText_GetUnicode
        for index in range(count):
            code = unicode_of(raw, index)
            if code in _SPACES:
                if letters:
                    _add(words, letters, raw, start, index - 1, rect, place, number)
                    letters = []
                continue
            if not letters:
                start = index
            letters.append(code)
        if letters:
            _add(words, letters, raw, start, count - 1, rect, place, number)
        return tuple(words)
    finally:
        text_page.close()


def _add(  # noqa: PLR0917 - called for each word: no bag of arguments on the hot path
    words: list[Word], letters: list[int], raw: Any, first: int, last: int, rect: Any,
    place: _Placer, number: int,
) -> None:  # fmt: skip
    text = "".join(map(_letter, letters))
    box = _char_box(raw, first, rect, place)
    if box is None:
        return
    if last > first:
        end = _char_box(raw, last, rect, place)
        box = box.union(end) if end else box
    if text and box.x1 > 0 and box.x0 < 1 and box.bottom > 0 and box.top < 1:
        words.append(Word(text, number, _clip(box.x0, box.top, box.x1, box.bottom)))


def _char_box(raw: Any, index: int, rect: Any, place: _Placer) -> Box | None:
    if not c.FPDFText_GetLooseCharBox(raw, index, rect):
        return None
    return place.box(rect.left, rect.bottom, rect.right, rect.top)


def _letter(code: int) -> str:
    if code in _LIGATURES:
        return _LIGATURES[code]
    # Some producers write ligatures byte-swapped: U+6600 U+6900 for "fi".
    if 0x4100 <= code <= 0x7A00 and code & 0xFF == 0:
        return chr(code >> 8)
    return chr(code) if code > 0x20 else ""


def _clip(x0: float, top: float, x1: float, bottom: float) -> Box:
    return Box(max(0.0, x0), max(0.0, top), min(1.0, x1), min(1.0, bottom))


def _objects(page: Any, area: float) -> tuple[float, int, bool]:
    """Share of the page under images, number of drawn shapes, whether all text is invisible."""
    share, paths, texts, hidden = 0.0, 0, 0, 0
    sides = [ctypes.c_float() for _ in range(4)]
    for index in range(min(c.FPDFPage_CountObjects(page), MAX_OBJECTS)):
        item = c.FPDFPage_GetObject(page, index)
        kind = c.FPDFPageObj_GetType(item)
        if kind == c.FPDF_PAGEOBJ_IMAGE:
            if c.FPDFPageObj_GetBounds(item, *sides):
                left, bottom, right, top = (side.value for side in sides)
                share += max(0.0, right - left) * max(0.0, top - bottom) / area
        elif kind == c.FPDF_PAGEOBJ_PATH:
            paths += 1
        elif kind == c.FPDF_PAGEOBJ_TEXT:
            texts += 1
            hidden += c.FPDFTextObj_GetTextRenderMode(item) == c.FPDF_TEXTRENDERMODE_INVISIBLE
    return min(share, 1.0), paths, texts > 0 and hidden * 2 > texts
