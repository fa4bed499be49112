"""A closer look at a picture: codes, accounts, dates and boxes are read a second time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

from supplier.adapters import ocr
from supplier.documents.findings import doubt
from supplier.documents.kinds import KINDS, DocumentKind, ReasonCode
from supplier.documents.reading.bank import iban_holds, rib_holds
from supplier.documents.reading.dates import first_date
from supplier.documents.reading.layout import Paper, Sheet
from supplier.documents.reading.result import FieldValue, Finding, Value
from supplier.documents.reading.sources import Page
from supplier.documents.reading.spans import Span
from supplier.documents.reading.statements import Said, Statement
from supplier.documents.reading.text import fold
from supplier.kernel.i18n import N_
from supplier.kernel.pages import Box, Source

_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_ALMOST_CODE = re.compile(r"(?=\S*\d)(?=\S*[A-Z])[A-Z0-9)(\]\[|$&]{12,18}$")
#: Letters that a scan takes for figures, in places where only a figure can stand.
_FIGURES = str.maketrans("OQDILSBZG", "000115826")
_TWINS = {"O": "O0", "0": "0O", "I": "I1", "1": "1I", "S": "S5", "5": "5S", "B": "B8", "8": "8B"}
_MOST_TWINS = 6
#: How much darker a ticked box is than an empty one.
_TICKED = 1.18


def closer_fields(
    kind: DocumentKind, fields: Mapping[str, FieldValue], paper: Paper, pages: Sequence[Page]
) -> dict[str, FieldValue]:
    """Values that the first reading of a picture missed or spoilt, by a second look."""
    better: dict[str, FieldValue] = {}
    if kind is DocumentKind.URSSAF_VIGILANCE and "security_code" not in fields:
        code = _security_code(paper, pages)
        if code:
            better["security_code"] = code
    iban = fields.get("iban")
    if isinstance(iban, Value) and not iban_holds(iban.text):
        mended = mended_iban(iban.text)
        if mended:
            better["iban"] = replace(iban, value=mended, confidence=min(iban.confidence, 0.8))
    return better


def mended_iban(text: str) -> str | None:
    """The only IBAN that both keys accept once look-alike letters are tried; None if unsure."""
    fixed = text
    if text[:2] in {"FR", "MC"} and len(text) == 27:
        fixed = text[:2] + text[2:14].translate(_FIGURES) + text[14:25]
        fixed += text[25:].translate(_FIGURES)
    elif text[:2] == "DE":
        fixed = "DE" + text[2:].translate(_FIGURES)
    places = [index for index, letter in enumerate(fixed) if index >= 14 and letter in _TWINS]
    if len(places) > 11:
        return fixed if iban_holds(fixed) and rib_holds(fixed) else None
    good = {
        candidate
        for candidate in _variants(fixed, places)
        if iban_holds(candidate) and rib_holds(candidate)
    }
    return good.pop() if len(good) == 1 else None


def _variants(text: str, places: Sequence[int]) -> Iterator[str]:
    letters = [place for place in places if text[place].isalpha()]
    # A figure is read as a letter far more often than the reverse: try those places first.
    chosen = (letters + [place for place in places if place not in letters])[:_MOST_TWINS]
    for choice in product(*(_TWINS[text[place]] for place in chosen)):
        changed = list(text)
        for place, letter in zip(chosen, choice, strict=True):
            changed[place] = letter
        yield "".join(changed)


def _security_code(paper: Paper, pages: Sequence[Page]) -> Value | None:
    """A code of fifteen that the first reading broke: read its place again, capitals only."""
    for sheet in paper.sheets:
        page = next((page for page in pages if page.text.number == sheet.number), None)
        if page is None or page.image is None:
            continue
        for span in almost_codes(sheet):
            text = again(page, span.box, whitelist=_CAPITALS)
            if re.fullmatch(r"(?=.*\d.*\d)(?=.*[A-Z].*[A-Z])[A-Z0-9]{15}", text):
                return Value(text, span.page, span.box, Source.OCR, 0.7)
    return None


def almost_codes(sheet: Sheet) -> list[Span]:
    """Words that look like a security code with a letter more or less, or a stain."""
    return [
        Span(word.text, (word,))
        for word in sheet.words
        if _ALMOST_CODE.match(word.text) and len(re.findall(r"\d", word.text)) >= 2
    ]


def again(page: Page, box: Box, *, whitelist: str = "") -> str:
    """The text of one zone of a picture, read alone; blanks taken out."""
    if page.image is None:
        return ""
    words = ocr.read_zone(page.image, box, page=page.text.number, whitelist=whitelist)
    return "".join(word.text for word in words)


def second_looks(
    kind: DocumentKind, fields: Mapping[str, FieldValue], pages: Sequence[Page]
) -> Iterator[Finding]:
    """Doubts where a second reading of the decisive date says another day."""
    spec = KINDS[kind]
    names = spec.period or ((spec.dated_by,) if spec.dated_by else ())
    for name in names:
        value = fields.get(name)
        if not isinstance(value, Value) or value.source is not Source.OCR or value.box is None:
            continue
        page = next((page for page in pages if page.text.number == value.page), None)
        if page is None or page.image is None or page.quality is None or page.quality.turn:
            continue
        words = ocr.read_zone(page.image, value.box, page=value.page)
        found = first_date(fold(" ".join(word.text for word in words)))
        if found and found.day.isoformat() != value.text:
            yield doubt(
                ReasonCode.UNREADABLE,
                message=N_("A date could not be read with certainty: %(first)s or %(second)s."),
                at=value,
                params={"first": value.text, "second": found.day.isoformat()},
            )


def ticked(said: Sequence[Statement], pages: Sequence[Page]) -> list[Statement]:
    """Keep of two opposite boxed sentences the one whose box is ticked.

    Where the picture can't tell, both stay, and the checks make a doubt of it.
    """
    kept = list(said)
    for yes, no in (
        (Said.IN_ORDER, Said.NOT_IN_ORDER),
        (Said.NO_FOREIGN_WORKERS, Said.FOREIGN_WORKERS),
    ):
        first = next((item for item in kept if item.said is yes), None)
        second = next((item for item in kept if item.said is no), None)
        if first is None or second is None:
            continue
        inks = [_box_ink(item.span, pages) for item in (first, second)]
        if None in inks:
            continue
        ours, theirs = inks[0] or 0.0, inks[1] or 0.0
        if ours > theirs * _TICKED:
            kept = [item for item in kept if item.said is not no]
        elif theirs > ours * _TICKED:
            kept = [item for item in kept if item.said is not yes]
    return kept


def _box_ink(span: Span, pages: Sequence[Page]) -> float | None:
    """The share of ink in the place where the box of a sentence stands, left of its line."""
    page = next((page for page in pages if page.text.number == span.page), None)
    if page is None or page.image is None:
        return None
    line = _line_start(span, page)
    image = page.image
    width, height = image.size
    high = (line.bottom - line.top) * height
    right, left = line.x0 * width - 0.15 * high, line.x0 * width - 2.6 * high
    if left < 0 or high < 4:
        return None
    crop = image.convert("L").crop(
        (int(left), int(line.top * height - 0.35 * high), int(right),
         int(line.bottom * height + 0.35 * high))
    )  # fmt: skip
    return _ink(crop)


def _line_start(span: Span, page: Page) -> Box:
    """The first word of the line that a sentence stands in."""
    box = span.words[0].box
    shown = getattr(span.words[0], "shown", None) or box
    best = shown
    for word in page.text.words:
        middle = (word.box.top + word.box.bottom) / 2
        near = abs(middle - (shown.top + shown.bottom) / 2) < (shown.bottom - shown.top)
        if near and word.box.x0 < best.x0 and best.x0 - word.box.x1 < 0.05 and len(word.text) > 2:
            best = word.box
    return Box(best.x0, shown.top, shown.x1, shown.bottom)


def _ink(crop: Any) -> float:
    histogram = crop.histogram()
    total = sum(histogram) or 1
    level = _paper_level(histogram, total) * 0.72
    return float(sum(histogram[: int(level)])) / total


def _paper_level(histogram: Sequence[int], total: int) -> float:
    """The grey of the paper: the brightness that half of the pixels exceed."""
    seen = 0
    for grey in range(255, -1, -1):
        seen += histogram[grey]
        if seen * 2 >= total:
            return float(grey)
    return 255.0
