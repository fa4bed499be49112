"""Reads words from pictures with Tesseract and its French data."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from PIL import Image

from supplier.adapters.images import Prepared, Quality, Transform, prepare
from supplier.kernel.pages import Box, PageText, Source, Word

LANGUAGE = "fra"
TESSDATA_PLACES = (
    "/usr/share/tesseract-ocr/*/tessdata",
    "/usr/share/tessdata",
    "/usr/local/share/tessdata",
    "/usr/local/share/tesseract-ocr/*/tessdata",
    "/opt/homebrew/share/tessdata",
    "/opt/local/share/tessdata",
    "/home/linuxbrew/.linuxbrew/share/tessdata",
)
#: What Tesseract is told of the prepared pages, and the height of A4 at that resolution.
GOOD_DPI, GOOD_PAGE_HEIGHT = 250, 2900
#: Mean confidence of letters below which a page may stand on its head.
UPRIGHT = 0.7
#: Smallest zone in pixels, and the white put around it.
LEAST_ZONE, FRAME = 4, 12

#: A page with less print than this is blank; a stamp alone is more.
LEAST_INK = 0.0005
Corners = tuple[int, int, int, int]
#: A word and its corners in pixels of the prepared picture.
Printed = tuple[Word, Corners]


class NoOcrError(Exception):
    """Tesseract or its French data is not installed."""


@dataclass(frozen=True, slots=True)
class ImageReading:
    """What was read from a picture, and how good the picture was.

    `odd_dates`: dates set in another typeface than the other figures (`adapters.typefaces`) or
    off their line (`adapters.set_apart`): something to show a person, not a finding to decide on.
    """

    text: PageText
    quality: Quality
    #: Where each word stands on the straightened picture, in shares of it: rows are level there.
    flat: tuple[Box, ...] = ()
    odd_dates: tuple[Word, ...] = ()


@lru_cache(maxsize=1)
def tessdata_path() -> str | None:
    """The folder that holds the French data, or None."""
    named = os.environ.get("TESSDATA_PREFIX", "")
    places = [named, os.path.join(named, "tessdata")] if named else []
    for pattern in TESSDATA_PLACES:
        places.extend(sorted(glob.glob(pattern), reverse=True))
    for place in places:
        if Path(place, f"{LANGUAGE}.traineddata").is_file():
            return place
    return None


@lru_cache(maxsize=1)
def available() -> bool:
    """Whether pictures can be read on this machine."""
    try:
        import cv2  # noqa: F401
        import tesserocr  # noqa: F401
    except ImportError:
        return False
    return tessdata_path() is not None


def read_image_page(
    image: Image.Image, *, page: int, width: float, height: float, dpi: float | None = None
) -> PageText:
    """Read a picture of a page; boxes are shares of the picture as given (as displayed).

    `width` and `height` in points as displayed; `dpi` if known (a scan), None for a photo.
    Raises NoOcrError; an unreadable picture gives no words.
    """
    return read_image(image, page=page, width=width, height=height, dpi=dpi).text


def read_image(
    image: Image.Image, *, page: int, width: float, height: float, dpi: float | None = None
) -> ImageReading:
    """As `read_image_page`, with the quality of the picture beside the words."""
    engine()  # before the work of preparation: raises where there is no Tesseract
    try:
        prepared = prepare(image, dpi=dpi)
        if prepared.quality.ink < LEAST_INK:  # a blank sheet: its grain would be read as print
            blank = PageText(page, width, height, (), image_share=1.0)
            return ImageReading(blank, prepared.quality)
        words = _sparse_words(prepared, page=page)
        if not prepared.quality.too_blurred and _standing(words) < UPRIGHT:
            prepared, words = _turned_if_better(prepared, words, page=page)
        odd = _odd_dates(prepared, words)
    except Exception:  # odd pixels in any library: no words is the answer, never a guess
        return ImageReading(PageText(page, width, height, (), image_share=1.0), Quality())
    text = PageText(page, width, height, tuple(word for word, _ in words), image_share=1.0)
    across, down = prepared.image.size
    flat = tuple(
        Box(x0 / across, y0 / down, x1 / across, y1 / down) for _, (x0, y0, x1, y1) in words
    )
    return ImageReading(text, prepared.quality, flat, odd)


def _odd_dates(prepared: Prepared, words: Sequence[Printed]) -> tuple[Word, ...]:
    import numpy as np

    from supplier.adapters.set_apart import dates_off_their_line
    from supplier.adapters.typefaces import odd_dates

    page = np.asarray(prepared.image, np.uint8)
    return (*odd_dates(page, words), *dates_off_their_line(page, words))


def _turned_if_better(
    prepared: Prepared, words: list[Printed], *, page: int
) -> tuple[Prepared, list[Printed]]:
    other = prepared.turned_over()
    others = _sparse_words(other, page=page)
    return (other, others) if _standing(others) > _standing(words) else (prepared, words)


def _standing(words: Sequence[Printed]) -> float:
    """Mean confidence by letter: print read upside down is guessed at."""
    letters = sum(len(word.text) for word, _ in words)
    return sum(word.confidence * len(word.text) for word, _ in words) / max(letters, 1)


def read_zone(
    image: Image.Image, box: Box, *, page: int, whitelist: str = "", margin: float = 0.004
) -> tuple[Word, ...]:
    """Read one zone of an upright picture again, as a single block.

    `box` in shares of `image`; `whitelist` limits the characters (codes, IBAN, dates); `margin`
    is read around it, as a share of the page. Boxes of the words are shares of `image`.
    Raises NoOcrError; an unreadable zone gives no words.
    """
    engine()
    try:
        prepared = _zone(image, box, margin=margin)
        if prepared is None:
            return ()
        found = _recognised(prepared, page=page, mode="SINGLE_BLOCK", whitelist=whitelist)
        return tuple(word for word, _ in in_reading_order(found))
    except Exception:  # as above
        return ()


def read_line(image: Image.Image, *, whitelist: str) -> str:
    """What one level line of a cut-out says, blanks left out; nothing where it can't be read.

    Raises NoOcrError.
    """
    engine()
    rows = ((1 / image.width, 0.0, 0.0), (0.0, 1 / image.height, 0.0), (0.0, 0.0, 1.0))
    prepared = Prepared(image, Transform(rows), Quality())
    try:
        found = _recognised(prepared, page=1, mode="SINGLE_LINE", whitelist=whitelist)
    except Exception:  # as above
        return ""
    return "".join(word.text for word, _ in found)


def _zone(image: Image.Image, box: Box, *, margin: float) -> Prepared | None:
    width, height = image.size
    left, top = max(0, int((box.x0 - margin) * width)), max(0, int((box.top - margin) * height))
    right = min(width, int((box.x1 + margin) * width) + 1)
    bottom = min(height, int((box.bottom + margin) * height) + 1)
    if right - left < LEAST_ZONE or bottom - top < LEAST_ZONE:
        return None
    scale = max(1.0, GOOD_PAGE_HEIGHT / max(width, height))
    size = (round((right - left) * scale), round((bottom - top) * scale))
    crop = image.crop((left, top, right, bottom)).convert("L")
    rows = (
        (1 / (width * scale), 0.0, left / width),
        (0.0, 1 / (height * scale), top / height),
        (0.0, 0.0, 1.0),
    )
    # Tesseract wants white around the print, which a tight crop lacks.
    framed = Image.new("L", (size[0] + 2 * FRAME, size[1] + 2 * FRAME), 255)
    framed.paste(crop.resize(size, Image.Resampling.BICUBIC), (FRAME, FRAME))
    shifted = tuple((a, b, c - (a + b) * FRAME) for a, b, c in rows)
    return Prepared(framed, Transform((shifted[0], shifted[1], rows[2])), Quality())


@lru_cache(maxsize=1)
def engine() -> Any:
    """The Tesseract of this process, loaded once. Raises NoOcrError."""
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")
    place = tessdata_path()
    if place is None or not available():
        raise NoOcrError
    import tesserocr

    return tesserocr.PyTessBaseAPI(path=place, lang=LANGUAGE, psm=tesserocr.PSM.SPARSE_TEXT)


def _sparse_words(prepared: Prepared, *, page: int) -> list[Printed]:
    # Sparse text finds the cells of tables and the boxes beside columns that the page layouts
    # of Tesseract drop (bench/ocr.py); the order it loses is put right here.
    found = _recognised(prepared, page=page, mode="SPARSE_TEXT")
    return in_reading_order(found)


def _recognised(
    prepared: Prepared, *, page: int, mode: str, whitelist: str = ""
) -> list[tuple[Word, Corners]]:
    import tesserocr

    api = engine()
    api.SetPageSegMode(getattr(tesserocr.PSM, mode))
    api.SetVariable("tessedit_char_whitelist", whitelist)
    api.SetImage(prepared.image)
    api.SetSourceResolution(GOOD_DPI)
    try:
        return list(_iterated(api, prepared, page=page)) if api.Recognize() else []
    finally:
        api.Clear()


def _iterated(api: Any, prepared: Prepared, *, page: int) -> Iterator[tuple[Word, Corners]]:
    import tesserocr

    level = tesserocr.RIL.WORD
    for item in tesserocr.iterate_level(api.GetIterator(), level):
        corners = item.BoundingBox(level)
        text = (item.GetUTF8Text(level) or "").strip() if corners else ""
        if text:
            confidence = min(max(item.Confidence(level) / 100, 0.0), 1.0)
            box = prepared.transform.box(*corners)
            yield Word(text, page, box, Source.OCR, confidence), corners


def in_reading_order(found: Sequence[Printed]) -> list[Printed]:
    """Words line by line, left to right: a word joins the line whose middle it crosses."""
    lines: list[list[tuple[Word, Corners]]] = []
    for word, corners in sorted(found, key=lambda pair: pair[1][1] + pair[1][3]):
        if lines and _same_line(lines[-1], corners):
            lines[-1].append((word, corners))
        else:
            lines.append([(word, corners)])
    return [pair for line in lines for pair in sorted(line, key=lambda pair: pair[1][0])]


def _same_line(line: Sequence[tuple[Word, Corners]], corners: Corners) -> bool:
    middles = sorted((top + bottom) / 2 for _, (_, top, _, bottom) in line)
    heights = sorted(bottom - top for _, (_, top, _, bottom) in line)
    middle, height = middles[len(middles) // 2], heights[len(heights) // 2]
    return (corners[1] + corners[3]) / 2 - middle < max(height, 1) * 0.55
