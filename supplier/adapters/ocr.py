"""Reads words from pictures with Tesseract and its French data."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
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


class NoOcrError(Exception):
    """Tesseract or its French data is not installed."""


@dataclass(frozen=True, slots=True)
class ImageReading:
    """What was read from a picture, and how good the picture was."""

    text: PageText
    quality: Quality


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
    prepared = prepare(image, dpi=dpi)
    words = tuple(_words(prepared, page=page))
    text = PageText(page, width, height, words, image_share=1.0)
    return ImageReading(text, prepared.quality)


def read_zone(
    image: Image.Image, box: Box, *, page: int, whitelist: str = "", margin: float = 0.004
) -> tuple[Word, ...]:
    """Read one zone of an upright picture again, as a single block.

    `box` in shares of `image`; `whitelist` limits the characters (codes, IBAN, dates).
    Boxes of the words are shares of `image`. Raises NoOcrError.
    """
    width, height = image.size
    left = max(0, int((box.x0 - margin) * width))
    top = max(0, int((box.top - margin) * height))
    right = min(width, int((box.x1 + margin) * width) + 1)
    bottom = min(height, int((box.bottom + margin) * height) + 1)
    if right - left < 2 or bottom - top < 2:
        return ()
    crop = image.crop((left, top, right, bottom)).convert("L")
    rows = ((1 / width, 0.0, left / width), (0.0, 1 / height, top / height), (0.0, 0.0, 1.0))
    prepared = Prepared(crop, Transform(rows), Quality())
    return tuple(_words(prepared, page=page, whitelist=whitelist, block=True))


@lru_cache(maxsize=1)
def engine() -> Any:
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")
    place = tessdata_path()
    if place is None or not available():
        raise NoOcrError
    import tesserocr

    return tesserocr.PyTessBaseAPI(path=place, lang=LANGUAGE, psm=tesserocr.PSM.SINGLE_COLUMN)


def _words(
    prepared: Prepared, *, page: int, whitelist: str = "", block: bool = False
) -> Iterator[Word]:
    import tesserocr

    api = engine()
    api.SetPageSegMode(tesserocr.PSM.SINGLE_BLOCK if block else tesserocr.PSM.SINGLE_COLUMN)
    api.SetVariable("tessedit_char_whitelist", whitelist)
    api.SetImage(prepared.image)
    if not api.Recognize():
        return
    for item in tesserocr.iterate_level(api.GetIterator(), tesserocr.RIL.WORD):
        text = (item.GetUTF8Text(tesserocr.RIL.WORD) or "").strip()
        corners = item.BoundingBox(tesserocr.RIL.WORD)
        if text and corners:
            confidence = item.Confidence(tesserocr.RIL.WORD) / 100
            yield Word(text, page, prepared.transform.box(*corners), Source.OCR, confidence)
