"""Text that stands in a PDF and is not seen: invisible, white, tiny, covered, off the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from supplier.documents.reading import forensics_values as values
from supplier.documents.reading.forensics_facts import (
    HiddenText,
    Hint,
    PastedValue,
    StructureCode,
    StructureFinding,
)
from supplier.documents.reading.forensics_ground import Ground, is_rectangle
from supplier.documents.reading.forensics_objects import (
    Area,
    ObjectKind,
    Painted,
    letters_within,
    page_area,
    painted,
    shares,
    text_of,
)
from supplier.documents.reading.forensics_pasted import pasted_values

#: Type smaller than this, in points, is not meant to be read.
TINY = 1.8
#: A text counts as off the page below this share.
OFF_PAGE = 0.05
#: Partly covered lines told of one page, and the fewest letters that must be gone.
MOST_COVERED, LEAST_LETTERS = 20, 3
#: So many figures under a blank rectangle are a value that somebody took out of the page.
LEAST_FIGURES = 4
#: Letters over a scan up to which they are patches, and the share of one that is on its box.
MOST_PATCHED, STANDS_ON = 200, 0.75
#: A picture over this share of the page under or over text is a scan with its text layer.
SCAN_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class PageHidden:
    """What is hidden on one page, and whether its text is the layer of a scan."""

    findings: tuple[StructureFinding, ...] = ()
    hidden: tuple[HiddenText, ...] = ()
    is_ocr_layer: bool = False
    pasted: tuple[PastedValue, ...] = ()


@dataclass(frozen=True, slots=True)
class _Hit:
    code: StructureCode
    mark: Painted
    cover: Painted | None = None


def hidden_on(page: Any, *, number: int, off_layers: frozenset[str]) -> PageHidden:
    """Look for hidden text on an open page (pypdfium2). `off_layers`: names not displayed."""
    marks = painted(page, layers=off_layers)
    found = _hidden(page, marks, number=number, off_layers=off_layers)
    patches = _patches(page, marks, number=number)
    pasted = pasted_values(page, marks, number=number)
    return replace(found, findings=(*found.findings, *patches), pasted=pasted)


def _hidden(
    page: Any, marks: Sequence[Painted], *, number: int, off_layers: frozenset[str]
) -> PageHidden:
    texts = [mark for mark in marks if mark.kind is ObjectKind.TEXT]
    frame = page_area(page)
    scan = _scan(marks, frame=frame)
    ground = Ground(marks)
    hits, layer = [], 0
    for mark in texts:
        if scan is not None and _in_scan_layer(mark, scan=scan):
            layer += 1
            continue
        hit = _hit(mark, frame=frame, ground=ground, off_layers=off_layers)
        if hit is not None:
            hits.append(hit)
    is_layer = layer > max(3, len(texts) // 2)
    if not hits:
        return replace(_partly_hidden(page, ground, texts, number=number), is_ocr_layer=is_layer)
    told = _told(page, hits, texts=texts, number=number, is_layer=is_layer)
    more = _partly_hidden(page, ground, texts, number=number)
    return replace(
        told, findings=(*told.findings, *more.findings), hidden=(*told.hidden, *more.hidden)
    )


def _patches(page: Any, marks: Sequence[Painted], *, number: int) -> tuple[StructureFinding, ...]:
    """Boxes with new text laid over the picture of a page.

    A picture that is the background of a whole printed form is another thing: there, most of
    the text stands on it.
    """
    scan = _scan(marks, frame=page_area(page))
    if scan is None:
        return ()
    texts = [m for m in marks if m.kind is ObjectKind.TEXT and not m.invisible]
    over = [mark for mark in texts if mark.order > scan.order and mark.area.size > 0]
    boxes = [cover for cover in Ground(marks).covers if cover.order > scan.order]
    patched = [mark for mark in over if _stands_on_box(mark, boxes)]
    if not patched:
        return ()
    textpage = page.get_textpage()
    try:
        if len(_joined(over, textpage=textpage)) > MOST_PATCHED:
            return ()
        new = _joined(patched, textpage=textpage)
    finally:
        textpage.close()
    severity = Hint.TAMPERING if values.values(new) else Hint.DOUBT
    box = shares(_union([mark.area for mark in patched]), page=page)
    return (StructureFinding(StructureCode.COVERED_TEXT, severity, f"→ {new}"[:300], number, box),)


def _stands_on_box(mark: Painted, boxes: Sequence[Painted]) -> bool:
    return any(
        box.order < mark.order and mark.area.common(box.area) > STANDS_ON and is_rectangle(box)
        for box in boxes
    )


def _partly_hidden(
    page: Any, ground: Ground, texts: Sequence[Painted], *, number: int
) -> PageHidden:
    """Values painted over within a line: the rest of the line is still seen."""
    covered = list(ground.partly_covered(texts))[:MOST_COVERED]
    if not covered:
        return PageHidden()
    findings, hidden = [], []
    textpage = page.get_textpage()
    try:
        for mark, cover, over in covered:
            gone = letters_within(mark, cover.area, textpage=textpage)
            new = _joined(over, textpage=textpage)
            if len(values.compact(gone)) < LEAST_LETTERS or (new and gone in new):
                continue
            if not over and sum(c.isdigit() for c in gone) < LEAST_FIGURES:
                continue  # The white of the next cell, over the end of a long one.
            severity = _replaced(gone, new) if over else Hint.DOUBT
            box = shares(cover.area, page=page)
            detail = f"{gone} → {new}"[:300]
            findings.append(
                StructureFinding(StructureCode.COVERED_TEXT, severity, detail, number, box)
            )
            hidden.append(HiddenText(number, box, gone[:1000]))
    finally:
        textpage.close()
    return PageHidden(tuple(findings), tuple(hidden))


def _replaced(gone: str, new: str) -> Hint:
    """Figures over figures are a value replaced; words over words may be a long table cell."""
    if any(c.isdigit() for c in gone) and any(c.isdigit() for c in new):
        return Hint.TAMPERING
    return Hint.DOUBT if values.compact(new) else Hint.NOTE


def _scan(marks: Sequence[Painted], *, frame: Area) -> Painted | None:
    for mark in marks:
        if mark.kind is ObjectKind.IMAGE and frame.common(mark.area) > SCAN_SHARE:
            return mark
    return None


def _in_scan_layer(mark: Painted, *, scan: Painted) -> bool:
    return (mark.invisible or mark.order < scan.order) and mark.area.common(scan.area) > 0.8


def _hit(mark: Painted, *, frame: Area, ground: Ground, off_layers: frozenset[str]) -> _Hit | None:
    code = _own_reason(mark, frame=frame, off_layers=off_layers)
    if code is not None:
        return _Hit(code, mark)
    cover = ground.cover(mark)
    if cover is not None:
        return _Hit(StructureCode.COVERED_TEXT, mark, cover)
    return _Hit(StructureCode.WHITE_TEXT, mark) if ground.blends(mark) else None


def _own_reason(mark: Painted, *, frame: Area, off_layers: frozenset[str]) -> StructureCode | None:
    if mark.layer and mark.layer in off_layers:
        return StructureCode.HIDDEN_LAYER
    if mark.invisible:
        return StructureCode.INVISIBLE_TEXT
    if mark.area.size <= 0:
        return StructureCode.TINY_TEXT  # a blank, or type squeezed to nothing
    if mark.area.common(frame) < OFF_PAGE:
        return StructureCode.OFF_PAGE_TEXT
    if mark.height < TINY and mark.area.top - mark.area.bottom < TINY:
        return StructureCode.TINY_TEXT
    return None


def _told(
    page: Any, hits: Sequence[_Hit], *, texts: Sequence[Painted], number: int, is_layer: bool
) -> PageHidden:
    textpage = page.get_textpage()
    try:
        hits = [hit for hit in hits if text_of(hit.mark, textpage=textpage).strip()]
        orders = {hit.mark.order for hit in hits}
        seen = [mark for mark in texts if mark.order not in orders]
        visible = " ".join(text_of(mark, textpage=textpage) for mark in seen) if hits else ""
        findings, hidden = [], []
        for line in _lines(hits):
            text = _hidden_text(line, textpage=textpage)
            over = _replacement(line, seen=seen)
            new = _joined(over, textpage=textpage)
            if _says_nothing_new(text, visible=visible, over=over, new=new):
                continue
            box = shares(_union([hit.mark.area for hit in line]), page=page)
            severity = _severity(line[0].code, text=text, visible=visible, new=new)
            detail = f"{text} → {new}" if new else text
            findings.append(StructureFinding(line[0].code, severity, detail[:300], number, box))
            hidden.append(HiddenText(number, box, text[:1000]))
        return PageHidden(tuple(findings), tuple(hidden), is_layer)
    finally:
        textpage.close()


def _hidden_text(line: Sequence[_Hit], *, textpage: Any) -> str:
    """What a line hides: of a text covered in part, the letters under the cover."""
    if len(line) == 1 and line[0].cover is not None:
        return letters_within(line[0].mark, line[0].cover.area, textpage=textpage)
    return _joined([hit.mark for hit in line], textpage=textpage)


def _says_nothing_new(text: str, *, visible: str, over: Sequence[Painted], new: str) -> bool:
    """Text said twice (a shadow, a heading printed bold, a repeated header), or painted over
    with itself: PDFium gives letters that lie on the same letters only once."""
    hidden = values.compact(text)
    return not hidden or hidden in values.compact(visible) or bool(over and not new)


def _lines(hits: Sequence[_Hit]) -> Iterator[list[_Hit]]:
    def key(hit: _Hit) -> tuple[str, int]:
        return hit.code.value, round(hit.mark.area.bottom / 3)

    for _, line in groupby(sorted(hits, key=lambda hit: (*key(hit), hit.mark.area.left)), key):
        yield list(line)


def _joined(marks: Sequence[Painted], *, textpage: Any) -> str:
    """The texts of a line, a blank between those that stand apart."""
    text, last = "", None
    for mark in sorted(marks, key=lambda mark: mark.area.left):
        apart = last is not None and mark.area.left - last > 0.18 * max(mark.height, 1.0)
        text += (" " if apart else "") + text_of(mark, textpage=textpage)
        last = mark.area.right
    return " ".join(text.split())


def _union(areas: Sequence[Area]) -> Area:
    return Area(
        min(area.left for area in areas),
        min(area.bottom for area in areas),
        max(area.right for area in areas),
        max(area.top for area in areas),
    )


def _replacement(line: Sequence[_Hit], *, seen: Sequence[Painted]) -> list[Painted]:
    """The text painted over the cover of a covered line."""
    covers = {hit.cover.order: hit.cover for hit in line if hit.cover is not None}
    return [
        mark
        for mark in seen
        if any(mark.order > o and mark.area.common(cover.area) > 0.5 for o, cover in covers.items())
    ]


def _severity(code: StructureCode, *, text: str, visible: str, new: str) -> Hint:
    if code is StructureCode.COVERED_TEXT and values.compact(new):
        return Hint.TAMPERING
    if not values.values(text) - values.values(visible):
        return Hint.NOTE
    # A redaction hides a value and puts nothing in its place: a person looks at it.
    return Hint.DOUBT if code is StructureCode.COVERED_TEXT else Hint.TAMPERING
