"""Text that stands in a PDF and is not seen: invisible, white, tiny, covered, off the page."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pypdfium2.raw as c

from supplier.documents.reading import forensics_values as values
from supplier.documents.reading.forensics_facts import (
    HiddenText,
    Hint,
    StructureCode,
    StructureFinding,
)
from supplier.documents.reading.forensics_objects import (
    Area,
    ObjectKind,
    Painted,
    page_area,
    painted,
    shares,
    text_of,
)

#: Type smaller than this, in points, is not meant to be read.
TINY = 1.8
#: A text counts as covered, or off the page, from this share on.
COVERED, OFF_PAGE = 0.75, 0.05
#: A picture over this share of the page under or over text is a scan with its text layer.
SCAN_SHARE = 0.5
#: Smallest cover in points: below, it is a module of a barcode, a rule or a bullet.
LEAST_COVER = 5.0
#: Colours closer than this in every channel are the same to the eye; paper is white.
SAME_COLOUR, PAPER = 14, (255, 255, 255)


@dataclass(frozen=True, slots=True)
class PageHidden:
    """What is hidden on one page, and whether its text is the layer of a scan."""

    findings: tuple[StructureFinding, ...] = ()
    hidden: tuple[HiddenText, ...] = ()
    is_ocr_layer: bool = False


@dataclass(frozen=True, slots=True)
class _Hit:
    code: StructureCode
    mark: Painted
    cover: Painted | None = None


class _Ground:
    """What is painted beside text on a page, kept so that each text finds its own quickly."""

    def __init__(self, marks: Sequence[Painted]) -> None:
        self.others = [mark for mark in marks if mark.kind is not ObjectKind.TEXT]
        self.covers = [mark for mark in self.others if _may_cover(mark)]
        self._of_colour: dict[tuple[int, int, int, int], list[Painted]] = {}

    def cover(self, mark: Painted) -> Painted | None:
        """What is painted over a text later on and hides it."""
        x, y = mark.area.middle
        for other in self.covers:
            if (
                other.order > mark.order
                and other.area.holds(x, y)
                and mark.area.common(_drawn(other)) > COVERED
                and (other.kind is ObjectKind.IMAGE or _is_rectangle(other))
            ):
                return other
        return None

    def blends(self, mark: Painted) -> bool:
        """Whether the colour of a text is that of what it stands on."""
        if mark.colour is None:
            return False
        x, y = mark.area.middle
        if _alike(mark.colour, PAPER):
            # White print is meant to be read on anything but white.
            return not any(
                other.order < mark.order and other.area.holds(x, y) and not _is_white(other)
                for other in self.others
            )
        alike = [
            other
            for other in self._alike_fills(mark.colour)
            if other.order < mark.order and other.area.holds(x, y)
        ]
        return bool(alike) and _is_rectangle(alike[-1]) and self._top(mark) is alike[-1]

    def _alike_fills(self, colour: tuple[int, int, int, int]) -> list[Painted]:
        if colour not in self._of_colour:
            self._of_colour[colour] = [
                other
                for other in self.others
                if other.kind is ObjectKind.FILL and other.colour and _alike(other.colour, colour)
            ]
        return self._of_colour[colour]

    def _top(self, mark: Painted) -> Painted | None:
        x, y = mark.area.middle
        under = [o for o in self.others if o.order < mark.order and o.area.holds(x, y)]
        return under[-1] if under else None


def _is_white(mark: Painted) -> bool:
    return mark.kind is ObjectKind.FILL and bool(mark.colour) and _alike(mark.colour or (), PAPER)


def hidden_on(page: Any, *, number: int, off_layers: frozenset[str]) -> PageHidden:
    """Look for hidden text on an open page (pypdfium2). `off_layers`: names not displayed."""
    marks = painted(page, layers=off_layers)
    texts = [mark for mark in marks if mark.kind is ObjectKind.TEXT]
    frame = page_area(page)
    scan = _scan(marks, frame=frame)
    ground = _Ground(marks)
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
        return PageHidden(is_ocr_layer=is_layer)
    return _told(page, hits, texts=texts, number=number, is_layer=is_layer)


def _scan(marks: Sequence[Painted], *, frame: Area) -> Painted | None:
    for mark in marks:
        if mark.kind is ObjectKind.IMAGE and frame.common(mark.area) > SCAN_SHARE:
            return mark
    return None


def _in_scan_layer(mark: Painted, *, scan: Painted) -> bool:
    return (mark.invisible or mark.order < scan.order) and mark.area.common(scan.area) > 0.8


def _may_cover(mark: Painted) -> bool:
    area = mark.area
    if not mark.opaque or min(area.right - area.left, area.top - area.bottom) < LEAST_COVER:
        return False
    if mark.kind is ObjectKind.FILL:
        return bool(mark.colour and mark.colour[3] == 255)
    return mark.kind is ObjectKind.IMAGE


def _hit(mark: Painted, *, frame: Area, ground: _Ground, off_layers: frozenset[str]) -> _Hit | None:
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


def _alike(one: Sequence[int], other: Sequence[int]) -> bool:
    return all(abs(a - b) < SAME_COLOUR for a, b in zip(one[:3], other[:3], strict=True))


def _is_rectangle(mark: Painted) -> bool:
    """Whether a filled path is one upright rectangle: frames, letters and logos are not."""
    if not 4 <= c.FPDFPath_CountSegments(mark.handle) <= 6:
        return False
    points = _points(mark.handle, c.FPDFPath_CountSegments, c.FPDFPath_GetPathSegment)
    return len({round(x, 2) for x, _ in points}) == 2 and len({round(y, 2) for _, y in points}) == 2


def _points(handle: Any, count: Any, segment: Any, *path: int) -> list[tuple[float, float]]:
    x, y = ctypes.c_float(), ctypes.c_float()
    return [
        (x.value, y.value)
        for index in range(min(count(handle, *path), 64))
        if c.FPDFPathSegment_GetPoint(segment(handle, *path, index), x, y)
    ]


def _drawn(mark: Painted) -> Area:
    """The part of an object that its clipping lets through."""
    area, clip = mark.area, c.FPDFPageObj_GetClipPath(mark.handle)
    if not clip:
        return area
    for path in range(min(max(c.FPDFClipPath_CountPaths(clip), 0), 8)):
        points = _points(
            clip, c.FPDFClipPath_CountPathSegments, c.FPDFClipPath_GetPathSegment, path
        )
        if points:
            xs, ys = [x for x, _ in points], [y for _, y in points]
            area = Area(
                max(area.left, min(xs)),
                max(area.bottom, min(ys)),
                min(area.right, max(xs)),
                min(area.top, max(ys)),
            )
    return area


def _told(
    page: Any, hits: Sequence[_Hit], *, texts: Sequence[Painted], number: int, is_layer: bool
) -> PageHidden:
    textpage = page.get_textpage()
    try:
        hits = [hit for hit in hits if text_of(hit.mark, textpage=textpage).strip()]
        hidden_orders = {hit.mark.order for hit in hits}
        seen = [mark for mark in texts if mark.order not in hidden_orders]
        visible = " ".join(text_of(mark, textpage=textpage) for mark in seen) if hits else ""
        findings, hidden = [], []
        for line in _lines(hits):
            text = _joined([hit.mark for hit in line], textpage=textpage)
            new = values.compact(text)
            if not new or new in values.compact(visible):
                continue  # said twice: a shadow, a heading printed bold, a repeated header
            box = shares(_union([hit.mark.area for hit in line]), page=page)
            over = _replacement(line, seen=seen, textpage=textpage)
            severity = _severity(line[0].code, text=text, visible=visible, over=over)
            detail = f"{text} → {over}" if over else text
            findings.append(StructureFinding(line[0].code, severity, detail[:300], number, box))
            hidden.append(HiddenText(number, box, text[:1000]))
        return PageHidden(tuple(findings), tuple(hidden), is_layer)
    finally:
        textpage.close()


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


def _replacement(line: Sequence[_Hit], *, seen: Sequence[Painted], textpage: Any) -> str:
    """The text painted over the cover of a covered line."""
    covers = {hit.cover.order: hit.cover for hit in line if hit.cover is not None}
    over = [
        mark
        for mark in seen
        if any(mark.order > o and mark.area.common(cover.area) > 0.5 for o, cover in covers.items())
    ]
    return _joined(over, textpage=textpage) if over else ""


def _severity(code: StructureCode, *, text: str, visible: str, over: str) -> Hint:
    if code is StructureCode.COVERED_TEXT and over:
        return Hint.TAMPERING if values.compact(over) else Hint.DOUBT
    new = values.values(text) - values.values(visible)
    if not new:
        return Hint.NOTE
    # A redaction hides a value and puts nothing in its place: a person looks at it.
    return Hint.DOUBT if code is StructureCode.COVERED_TEXT else Hint.TAMPERING
