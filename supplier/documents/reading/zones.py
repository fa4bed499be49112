"""One zone of a picture read again, whichever way the page was laid on the glass."""

from __future__ import annotations

from typing import Any

from supplier.adapters import ocr
from supplier.documents.reading.sources import Page
from supplier.kernel.pages import Box, Word


def read_zone(
    page: Page, box: Box, *, whitelist: str = "", margin: float = 0.004
) -> tuple[Word, ...]:
    """The words of one zone, read alone and upright; none where the page has no picture.

    `box` is a place on the page as displayed; the boxes of the answer are not.
    """
    if page.image is None:
        return ()
    turn = page.quality.turn % 360 if page.quality else 0
    return ocr.read_zone(
        upright(page, turn), turned(box, turn), page=page.text.number, whitelist=whitelist,
        margin=margin,
    )  # fmt: skip


def upright(page: Page, turn: int) -> Any:
    """The picture of a page turned as people hold it; kept, as several zones are asked for."""
    if not turn:
        return page.image
    if page.upright is None:
        page.upright = page.image.rotate(-turn, expand=True)
    return page.upright


def turned(box: Box, turn: int) -> Box:
    """A place on the page after the page was turned clockwise by a multiple of 90 degrees."""
    if turn == 90:
        return Box(1 - box.bottom, box.x0, 1 - box.top, box.x1)
    if turn == 180:
        return Box(1 - box.x1, 1 - box.bottom, 1 - box.x0, 1 - box.top)
    if turn == 270:
        return Box(box.top, 1 - box.x1, box.bottom, 1 - box.x0)
    return box
