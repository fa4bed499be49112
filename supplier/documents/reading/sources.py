"""Where the words come from: the text layer where it can be trusted, the picture elsewhere."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from supplier.adapters import images, ocr, pdf
from supplier.adapters.barcodes import Barcode, read_barcodes
from supplier.adapters.images import Quality
from supplier.documents.reading.text import fold
from supplier.kernel.pages import Box, PageText, Source, Word

PDF = "application/pdf"
#: Short words without which no text of a paper exists, in the languages papers come in.
_COMMON = frozenset(
    [
    "de", "du", "des", "la", "le", "les", "et", "au", "aux", "en", "a", "l", "d", "un", "une",
    "par", "pour", "sur", "est", "n", "der", "die", "das", "und", "des", "von", "zu", "im",
    "in", "the", "of", "and", "to", "for", "by", "na", "do", "w", "z", "i", "dla", "van",
    "het", "een", "en", "di", "il", "e", "del", "della", "do", "da", "os", "y", "el", "los",
]
)  # fmt: skip
_COMMON |= {"iban", "bic", "siren", "siret", "titulaire", "total", "date", "nom", "adresse",
            "facture", "page", "banque", "extrait", "kbis"}  # fmt: skip
_ENOUGH_WORDS = 15
#: A picture is read at this resolution, whatever its own.
OCR_DPI = 300
#: Pages with a text layer that are searched for barcodes: a paper bears its code in front.
MOST_CODED_PAGES = 3
_MAX_OCR_PIXELS = 12_000_000


class Trouble(StrEnum):
    """Why a file gave no pages."""

    PASSWORD = "password"  # noqa: S105 - a code, not a secret
    DAMAGED = "damaged"
    TOO_MANY_PAGES = "too_many_pages"
    TOO_LARGE = "too_large"


#: What the codes of pictures that do not open mean.
_PICTURE_TROUBLES = {
    "damaged": Trouble.DAMAGED,
    "frames": Trouble.TOO_MANY_PAGES,
    "pixels": Trouble.TOO_LARGE,
}


class UnreadableFileError(Exception):
    """The file gave no page. `trouble` says why."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble


@dataclass(slots=True)
class Page:
    """One page: its words and, where it was read from a picture, how good the picture is.

    `text_layer` keeps the words of a text layer that was set aside for the picture.
    """

    text: PageText
    quality: Quality | None = None
    barcodes: tuple[Barcode, ...] = ()
    text_layer: PageText | None = None
    needs_picture: bool = False
    #: Where each word stands once the picture is straightened; empty for a text layer.
    flat: tuple[Box, ...] = ()
    image: Any = None
    #: Dates whose figures are drawn otherwise than the others of the picture.
    odd: tuple[Word, ...] = ()
    #: The picture turned upright, once somebody asked for it (`zones`).
    upright: Any = None
    #: What the second reader saw, once it was asked (`second`): words, and where they stand flat.
    second: tuple[PageText, tuple[Box, ...]] | None = None

    @property
    def scanned(self) -> bool:
        return self.quality is not None or self.needs_picture


@dataclass(slots=True)
class Gathered:
    """The pages of a file. `pictures` is false where pictures can't be read on this machine."""

    pages: list[Page] = field(default_factory=list)
    pictures: bool = True

    @property
    def texts(self) -> list[PageText]:
        return [page.text for page in self.pages]


def gather(data: bytes, media_type: str, *, max_pages: int = 50) -> Gathered:
    """All pages of a file with their words. Raises UnreadableFileError."""
    if media_type == PDF:
        return _from_pdf(data, max_pages=max_pages)
    return _from_images(data, max_pages=max_pages)


def _from_pdf(data: bytes, *, max_pages: int) -> Gathered:
    try:
        looks = pdf.read_pages(data, max_pages=max_pages)
    except pdf.PasswordError as error:
        raise UnreadableFileError(Trouble.PASSWORD) from error
    except pdf.TooManyPagesError as error:
        raise UnreadableFileError(Trouble.TOO_MANY_PAGES) from error
    except pdf.PdfError as error:
        raise UnreadableFileError(Trouble.DAMAGED) from error
    gathered = Gathered(pictures=ocr.available())
    gathered.pages = [Page(look.text, needs_picture=wants_picture(look)) for look in looks]
    _read_codes(data, looks, gathered.pages)
    if gathered.pictures and any(page.needs_picture for page in gathered.pages):
        with pdf.opened(data) as document:
            for page in gathered.pages:
                if page.needs_picture:
                    _read_picture(page, document)
    return gathered


#: What speaks of a code on the page: the caption that the specification of 2D-Doc asks for, and
#: the court registers' site, whose extracts bear one.
_SPOKEN = re.compile(r"2d[-‐‑]?doc|infogreffe\.fr", re.IGNORECASE)
#: A whole page, and a place as large as a code: a module of half a millimetre is six dots wide.
CODES_DPI, CODE_PLACE_DPI = 200, 300
#: The white around a code, as a share of the page.
_QUIET = 0.01


def _read_codes(data: bytes, looks: Sequence[pdf.PageLook], pages: Sequence[Page]) -> None:
    """Barcodes of pages with a text layer: where one may stand, or where the words speak of it."""
    wanted = [
        (look, page)
        for look, page in zip(looks, pages, strict=True)
        if not page.needs_picture and (look.codes or _speaks_of_a_code(look))
    ]
    if not wanted:
        return
    with pdf.opened(data) as document:
        for look, page in wanted[:MOST_CODED_PAGES]:
            # A page that cannot be drawn shows no code.
            with contextlib.suppress(pdf.PdfError):
                page.barcodes = _codes_of(document, look)


def _codes_of(document: Any, look: pdf.PageLook) -> tuple[Barcode, ...]:
    number = look.text.number
    found: list[Barcode] = []
    for box in look.codes:
        place = _with_quiet(box)
        image = pdf.render_page(document, number, dpi=CODE_PLACE_DPI, place=place)
        found += read_barcodes(image, page=number, place=place)
    if not found and _speaks_of_a_code(look):
        image = pdf.render_page(document, number, dpi=CODES_DPI)
        found += read_barcodes(image, page=number)
    return tuple(found)


def _with_quiet(box: Box) -> Box:
    return Box(
        max(0.0, box.x0 - _QUIET), max(0.0, box.top - _QUIET),
        min(1.0, box.x1 + _QUIET), min(1.0, box.bottom + _QUIET),
    )  # fmt: skip


def _speaks_of_a_code(look: pdf.PageLook) -> bool:
    return any(_SPOKEN.search(word.text) for word in look.text.words)


def wants_picture(look: pdf.PageLook) -> bool:
    """Whether the words of a page must come from its picture.

    No text over a picture or over drawn outlines; an invisible layer over a scan; letters
    without meaning (fonts without Unicode map).
    """
    words = look.text.words
    if look.hidden_text and look.text.image_share > 0.4:
        return True
    if len(words) < _ENOUGH_WORDS:
        return look.text.image_share > 0.3 or look.paths > 150
    return not legible(words)


def legible(words: Sequence[Word]) -> bool:
    """Whether words are language: some of the words that every paper has."""
    return any(fold(word.text).strip(".,:;()'") in _COMMON for word in words)


def _read_picture(page: Page, document: Any) -> None:
    number = page.text.number
    image = pdf.render_page(document, number, dpi=OCR_DPI, max_pixels=_MAX_OCR_PIXELS)
    read = ocr.read_image(
        image, page=number, width=page.text.width, height=page.text.height, dpi=OCR_DPI
    )
    page.text_layer = page.text if page.text.words else None
    page.text = read.text
    page.quality, page.flat, page.image = read.quality, read.flat, image
    page.odd = read.odd_dates
    page.barcodes = read_barcodes(image, page=number)


def _from_images(data: bytes, *, max_pages: int) -> Gathered:
    gathered = Gathered(pictures=ocr.available())
    try:
        for number, image in enumerate(images.open_pages(data, max_frames=max_pages), 1):
            gathered.pages.append(_picture_page(image, number, pictures=gathered.pictures))
    except images.UnreadableImageError as error:
        raise UnreadableFileError(_PICTURE_TROUBLES[error.code]) from error
    if not gathered.pages:
        raise UnreadableFileError(Trouble.DAMAGED)
    return gathered


def _picture_page(image: Any, number: int, *, pictures: bool) -> Page:
    width, height = float(image.width), float(image.height)
    # A photo has no points: its longer side counts as that of an A4 sheet.
    scale = 842.0 / max(width, height)
    size = (width * scale, height * scale)
    if not pictures:
        empty = PageText(number, *size, (), 1.0)
        return Page(empty, needs_picture=True)
    read = ocr.read_image(image, page=number, width=size[0], height=size[1], dpi=None)
    return Page(
        read.text, quality=read.quality, barcodes=read_barcodes(image, page=number),
        needs_picture=True, flat=read.flat, image=image, odd=read.odd_dates,
    )  # fmt: skip


def source_of(pages: Sequence[Page]) -> Source:
    """Where most of the words of some pages come from."""
    return Source.OCR if any(page.scanned for page in pages) else Source.TEXT
