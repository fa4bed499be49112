"""When the second reader of pictures is asked, of which pages, and what it saw there."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from supplier.adapters import sandbox, second_ocr
from supplier.documents.kinds import ReasonCode
from supplier.documents.reading.layout import Sheet
from supplier.documents.reading.result import Finding, Reading, Severity, Verdict
from supplier.documents.reading.segment import Part, page_mark, split
from supplier.documents.reading.sources import Page

#: Of one file, no more pages are read twice: each takes seconds. A file of many pictures has
#: used up most of its time already.
MOST_PAGES, MOST_PICTURES = 3, 8
#: Once so many seconds went by (a busy machine), no further page is begun.
MOST_SECONDS = 12.0
#: What it takes in seconds of CPU: a page, and each word that the first reader saw there. Where
#: that is not left, the file would end its reader, and the first reading be lost with it.
A_PAGE, A_WORD = 5.0, 0.015
#: Refusals and doubts that may come from a misreading alone. A picture that is refused as
#: unreadable is asked for again: nobody guesses at what light or a shaking hand has hidden.
_REFUSED = frozenset({ReasonCode.WRONG_COMPANY, ReasonCode.CHECKSUM_INVALID})
_DOUBTED = _REFUSED | {ReasonCode.UNREADABLE, ReasonCode.CODE_MISSING, ReasonCode.PAGES_MISSING}


def worth_asking(reading: Reading, pages: Sequence[Page]) -> bool:
    """Whether only the reading of the pictures keeps the machine from accepting a paper."""
    if reading.verdict is Verdict.ACCEPT or not reading.reasons:
        return False
    misread = _REFUSED if reading.verdict is Verdict.REFUSE else _DOUBTED
    return set(reading.reasons) <= misread and can_help(pages)


def can_help(pages: Sequence[Page]) -> bool:
    """Whether there is a second reader, and a picture that is not asked for again anyway."""
    return 0 < len(_pictured(pages)) <= MOST_PICTURES and second_ocr.available()


def sheets_again(pages: Sequence[Page], findings: Sequence[Finding] = ()) -> list[Sheet]:
    """The pages that matter as the second reader sees them; none where there is no time left.

    Where every doubt names its page, these are the pages; where something was not found at all,
    it may stand on any of them.
    """
    wanted = _pictured(pages)
    places = [found.page for found in findings if found.severity is not Severity.NOTE]
    if places and all(places):
        wanted = [page for page in wanted if page.text.number in places]
    begun, sheets = time.monotonic(), []
    for page in wanted[:MOST_PAGES]:
        if time.monotonic() - begun > MOST_SECONDS or not _affordable(page):
            break
        sheets.append(_sheet(page))
    return sheets


def unknown_part(sheets: Sequence[Sheet], pages: Sequence[Page]) -> Part | None:
    """The first paper among pages of which the first reader knew no kind, in its own words."""
    found = next((part for part in split(sheets_again(pages)) if part.kind is not None), None)
    if found is None:
        return None
    numbers = {sheet.number for sheet in found.sheets}
    return replace(found, sheets=[sheet for sheet in sheets if sheet.number in numbers])


def with_marks(part: Part, again: Sequence[Sheet]) -> Part:
    """A paper whose pages bear the numbers that only the second reader could read."""
    seen = {sheet.number: page_mark(sheet) for sheet in again}
    marks = [
        mark if mark and mark.total else seen.get(sheet.number) or mark
        for sheet, mark in zip(part.sheets, part.marks, strict=True)
    ]  # fmt: skip
    return replace(part, marks=marks)


def _pictured(pages: Sequence[Page]) -> list[Page]:
    return [
        page for page in pages
        if page.image is not None and page.quality is not None and not page.quality.too_blurred
    ]  # fmt: skip


def _affordable(page: Page) -> bool:
    needed = A_PAGE + A_WORD * len(page.text.words)
    return page.second is not None or sandbox.cpu_left() > needed


def _sheet(page: Page) -> Sheet:
    """One page read by the second reader; kept, as it may be asked for twice."""
    if page.second is None:
        text, turn = page.text, page.quality.turn if page.quality else 0
        page.second = second_ocr.read_page(
            page.image, page=text.number, width=text.width, height=text.height, turn=turn
        )
    words, flat = page.second
    return Sheet(words, flat=flat)
