"""Where a page may bear a barcode: a picture as large as one, or squares drawn side by side."""

from __future__ import annotations

import ctypes
from collections.abc import Collection, Iterator, Sequence
from itertools import product
from typing import Any

import pypdfium2.raw as c

#: Left, bottom, right and top in points of the page, before it is turned.
Sides = tuple[float, float, float, float]
Cell = tuple[int, int]

#: More objects than this are not looked at.
MAX_OBJECTS = 20_000
#: A page with more such places is a sheet of logos or labels.
MOST_PLACES = 6
#: Drawings within drawings, followed this deep.
_DEEPEST = 3
#: Squares of a code are no larger, but a run of them in one row may be as wide as the code.
_LEAST_MARK, _WIDEST_MARK, _HIGHEST_MARK = 0.3, 140.0, 9.0
#: A code drawn piece by piece has more pieces than this, even where each row is one piece.
_LEAST_MARKS = 16
#: A code drawn in one go has many corners and no curve; logos have curves.
_LEAST_CORNERS, _CORNERS_SEEN = 80, 60
#: Marks this near, in points, belong to one code; around a code stands white.
_NEAR = 6.0


def code_places(page: Any) -> list[Sides]:
    """The places of a page of PDFium, few and in their order, where a barcode may stand."""
    marks: list[Sides] = []
    found: list[Sides] = []
    for item, sides in _drawn(page):
        if c.FPDFPageObj_GetType(item) == c.FPDF_PAGEOBJ_PATH:
            if _is_mark(sides):
                marks.append(sides)
            elif like_a_code(sides) and _is_angular(item):
                found.append(sides)
        elif like_a_code(sides):
            found.append(sides)
    found.extend(_clusters(marks))
    return found[:MOST_PLACES]


def like_a_code(sides: Sides) -> bool:
    """Whether something is as large as a printed code, square or twice as wide."""
    width, height = sides[2] - sides[0], sides[3] - sides[1]
    return 28 <= height <= 140 and 0.8 <= width / height <= 2.6


def _is_mark(sides: Sides) -> bool:
    low, high = sorted((sides[2] - sides[0], sides[3] - sides[1]))
    return _LEAST_MARK <= low <= _HIGHEST_MARK and high <= _WIDEST_MARK


def _drawn(page: Any) -> Iterator[tuple[Any, Sides]]:
    """Pictures and shapes with their places, those within other drawings too."""
    bounds = [ctypes.c_float() for _ in range(4)]
    count = min(c.FPDFPage_CountObjects(page), MAX_OBJECTS)
    for index in range(count):
        yield from _placed(c.FPDFPage_GetObject(page, index), bounds, ())


def _placed(
    item: Any, bounds: list[ctypes.c_float], matrices: tuple[Any, ...]
) -> Iterator[tuple[Any, Sides]]:
    kind = c.FPDFPageObj_GetType(item)
    if kind in {c.FPDF_PAGEOBJ_PATH, c.FPDF_PAGEOBJ_IMAGE}:
        if c.FPDFPageObj_GetBounds(item, *bounds):
            sides = (bounds[0].value, bounds[1].value, bounds[2].value, bounds[3].value)
            yield item, _moved(sides, matrices)
    elif kind == c.FPDF_PAGEOBJ_FORM and len(matrices) < _DEEPEST:
        matrix = c.FS_MATRIX()
        if not c.FPDFPageObj_GetMatrix(item, matrix):
            return
        for index in range(min(c.FPDFFormObj_CountObjects(item), MAX_OBJECTS)):
            yield from _placed(c.FPDFFormObj_GetObject(item, index), bounds, (*matrices, matrix))


def _moved(sides: Sides, matrices: tuple[Any, ...]) -> Sides:
    """The place on the page of what a drawing within drawings places in itself."""
    for matrix in reversed(matrices):
        corners = [
            (matrix.a * x + matrix.c * y + matrix.e, matrix.b * x + matrix.d * y + matrix.f)
            for x, y in product(sides[::2], sides[1::2])
        ]
        xs, ys = zip(*corners, strict=True)
        sides = (min(xs), min(ys), max(xs), max(ys))
    return sides


def _is_angular(path: Any) -> bool:
    count = c.FPDFPath_CountSegments(path)
    if count < _LEAST_CORNERS:
        return False
    return all(
        c.FPDFPathSegment_GetType(c.FPDFPath_GetPathSegment(path, index)) != c.FPDF_SEGMENT_BEZIERTO
        for index in range(min(count, _CORNERS_SEEN))
    )


def _clusters(marks: Sequence[Sides]) -> Iterator[Sides]:
    """Places of marks that stand near each other and together look like a code."""
    if len(marks) < _LEAST_MARKS:
        return
    cells: dict[Cell, list[Sides]] = {}
    for mark in marks:
        across = range(int(mark[0] // _NEAR), int(mark[2] // _NEAR) + 1)
        up = range(int(mark[1] // _NEAR), int(mark[3] // _NEAR) + 1)
        for cell in product(across, up):
            cells.setdefault(cell, []).append(mark)
    left = set(cells)
    while left:
        together = _connected(left)
        own = {mark for cell in together for mark in cells[cell]}
        place = (
            min(mark[0] for mark in own), min(mark[1] for mark in own),
            max(mark[2] for mark in own), max(mark[3] for mark in own),
        )  # fmt: skip
        if len(own) >= _LEAST_MARKS and like_a_code(place):
            yield place


def _connected(left: set[Cell]) -> Collection[Cell]:
    """Take one cell out of `left`, with all that touch it."""
    waiting = [left.pop()]
    found = []
    while waiting:
        x, y = waiting.pop()
        found.append((x, y))
        near = left & {(x + right, y + up) for right, up in product((-1, 0, 1), repeat=2)}
        left -= near
        waiting.extend(near)
    return found
