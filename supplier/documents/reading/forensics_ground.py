"""What is painted around the text of a PDF page: what it stands on, what lies over it."""

from __future__ import annotations

import ctypes
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any

import pypdfium2.raw as c

from supplier.documents.reading.forensics_objects import Area, ObjectKind, Painted

#: A text counts as covered from this share on, as partly covered from the other.
COVERED, PARTLY_COVERED = 0.75, 0.03
#: Smallest cover in points: below, it is a module of a barcode, a rule or a bullet.
LEAST_COVER = 5.0
#: Colours closer than this in every channel are the same to the eye; paper is white.
SAME_COLOUR, PAPER = 14, (255, 255, 255)


class Ground:
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
                and mark.area.common(drawn(other)) > COVERED
                and is_rectangle(other)
            ):
                return other
        return None

    def partly_covered(
        self, texts: Sequence[Painted]
    ) -> Iterator[tuple[Painted, Painted, list[Painted]]]:
        """Texts of which a rectangle hides a part, with that rectangle and the newer text on it,
        if any. `texts` in the order of painting."""
        orders = [mark.order for mark in texts]
        for cover in self.covers:
            split = bisect_left(orders, cover.order)
            under = [mark for mark in texts[:split] if _partly(mark.area, cover.area)]
            if not under or not is_rectangle(cover):
                continue
            over = [mark for mark in texts[split:] if mark.area.common(cover.area) > COVERED]
            yield from ((mark, cover, over) for mark in under)

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
        return bool(alike) and is_rectangle(alike[-1]) and self._top(mark) is alike[-1]

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


def _partly(text: Area, cover: Area) -> bool:
    high = min(text.top, cover.top) - max(text.bottom, cover.bottom)
    if high < 0.5 * (text.top - text.bottom):
        return False
    return PARTLY_COVERED < text.common(cover) <= COVERED


def _may_cover(mark: Painted) -> bool:
    area = mark.area
    if not mark.opaque or min(area.right - area.left, area.top - area.bottom) < LEAST_COVER:
        return False
    if mark.kind is ObjectKind.FILL:
        return bool(mark.colour and mark.colour[3] == 255)
    return mark.kind is ObjectKind.IMAGE


def _alike(one: Sequence[int], other: Sequence[int]) -> bool:
    return all(abs(a - b) < SAME_COLOUR for a, b in zip(one[:3], other[:3], strict=True))


def is_rectangle(mark: Painted) -> bool:
    """Whether a filled path is one upright rectangle: frames, letters and logos are not."""
    if mark.kind is ObjectKind.IMAGE:
        return True
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


def drawn(mark: Painted) -> Area:
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
