"""The words on a page and where they stand: what every reader of papers works on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Source(StrEnum):
    """Where a value was read."""

    TEXT = "text"
    OCR = "ocr"
    BARCODE = "barcode"
    FORM = "form"
    ATTACHMENT = "attachment"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle as shares (0 to 1) of the page as displayed; `top` is measured downwards."""

    x0: float
    top: float
    x1: float
    bottom: float

    def union(self, other: Box) -> Box:
        return Box(
            min(self.x0, other.x0),
            min(self.top, other.top),
            max(self.x1, other.x1),
            max(self.bottom, other.bottom),
        )


WHOLE_PAGE = Box(0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Word:
    """One printed word. `page` counts from 1; `confidence` runs from 0 to 1."""

    text: str
    page: int
    box: Box
    source: Source = Source.TEXT
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class PageText:
    """The words of one page in reading order; `width` and `height` in points as displayed."""

    number: int
    width: float
    height: float
    words: tuple[Word, ...]
    #: Share of the page covered by images: with few words, the mark of a scan.
    image_share: float = 0.0
