"""The objects painted on a page of a PDF, in the order of painting."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pypdfium2.raw as c

from supplier.kernel.pages import Box

#: Objects looked at on one page, and how deep forms within forms are followed.
MOST_OBJECTS, MOST_DEPTH = 20_000, 6
MOST_TEXT, MOST_LETTERS = 4_000, 50_000
SCALE = 100_000


class ObjectKind(StrEnum):
    """What an object paints."""

    TEXT = "text"
    FILL = "fill"
    IMAGE = "image"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle in points of the page, y upwards."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def size(self) -> float:
        return max(self.right - self.left, 0.0) * max(self.top - self.bottom, 0.0)

    @property
    def middle(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.bottom + self.top) / 2

    def common(self, other: Area) -> float:
        """The share of this rectangle that the other covers."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.top, other.top) - max(self.bottom, other.bottom)
        if wide <= 0 or high <= 0:
            return 0.0
        return wide * high / self.size if self.size > 0 else 1.0

    def holds(self, x: float, y: float) -> bool:
        return self.left <= x <= self.right and self.bottom <= y <= self.top


@dataclass(frozen=True, slots=True)
class Painted:
    """One object. `colour` is red, green, blue and opacity (0 to 255), None where unknown;
    `height` is the size of the type as it stands on the page, in points; `layer` is the name of
    the optional layer it belongs to; `handle` is PDFium's, good while the page is open."""

    order: int
    kind: ObjectKind
    area: Area
    colour: tuple[int, int, int, int] | None = None
    opaque: bool = True
    height: float = 0.0
    invisible: bool = False
    layer: str = ""
    handle: Any = None


Matrix = tuple[float, float, float, float, float, float]
IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def painted(page: Any, *, layers: frozenset[str] = frozenset()) -> list[Painted]:
    """The objects of an open page (pypdfium2), forms followed, in the order of painting.

    `layers`: the names of the optional layers that objects are asked about.
    """
    found: list[Painted] = []
    count = c.FPDFPage_CountObjects(page.raw)
    handles = (c.FPDFPage_GetObject(page.raw, index) for index in range(count))
    _collect(handles, matrix=IDENTITY, depth=0, layer="", found=found, layers=layers)
    return found


def _collect(
    handles: Iterator[Any],
    *,
    matrix: Matrix,
    depth: int,
    layer: str,
    found: list[Painted],
    layers: frozenset[str],
) -> None:
    for handle in handles:
        if len(found) >= MOST_OBJECTS:
            return
        kind = c.FPDFPageObj_GetType(handle)
        name = (_layer(handle) or layer) if layers else ""
        if kind == c.FPDF_PAGEOBJ_FORM and depth < MOST_DEPTH:
            count = c.FPDFFormObj_CountObjects(handle)
            inner = (c.FPDFFormObj_GetObject(handle, index) for index in range(count))
            step = _times(_matrix(handle), matrix)
            deeper = depth + 1
            _collect(inner, matrix=step, depth=deeper, layer=name, found=found, layers=layers)
            continue
        area = _area(handle, matrix=matrix)
        if area is not None:
            found.append(_object(handle, kind, area, matrix=matrix, layer=name, order=len(found)))


def _object(
    handle: Any, kind: int, area: Area, *, matrix: Matrix, layer: str, order: int
) -> Painted:
    opaque = not c.FPDFPageObj_HasTransparency(handle)
    if kind == c.FPDF_PAGEOBJ_TEXT:
        mode = c.FPDFTextObj_GetTextRenderMode(handle)
        colour = _fill(handle) if mode in FILLING_MODES else _stroke(handle)
        unseen = mode in UNSEEN_MODES or bool(colour and colour[3] < LEAST_OPACITY)
        height = _type_height(handle, matrix=matrix)
        return Painted(order, ObjectKind.TEXT, area, colour, opaque, height, unseen, layer, handle)
    if kind == c.FPDF_PAGEOBJ_IMAGE:
        return Painted(order, ObjectKind.IMAGE, area, opaque=opaque, layer=layer, handle=handle)
    if kind == c.FPDF_PAGEOBJ_PATH and _is_filled(handle):
        return Painted(
            order, ObjectKind.FILL, area, _fill(handle), opaque, layer=layer, handle=handle
        )
    return Painted(order, ObjectKind.OTHER, area, opaque=opaque, layer=layer)


FILLING_MODES = (c.FPDF_TEXTRENDERMODE_FILL, c.FPDF_TEXTRENDERMODE_FILL_STROKE)
UNSEEN_MODES = (c.FPDF_TEXTRENDERMODE_INVISIBLE, c.FPDF_TEXTRENDERMODE_CLIP)
LEAST_OPACITY = 13


def _area(handle: Any, *, matrix: Matrix) -> Area | None:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    if not c.FPDFPageObj_GetBounds(handle, left, bottom, right, top):
        return None
    if matrix == IDENTITY:
        return Area(left.value, bottom.value, right.value, top.value)
    corners = [
        _moved(x, y, matrix) for x in (left.value, right.value) for y in (bottom.value, top.value)
    ]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return Area(min(xs), min(ys), max(xs), max(ys))


def _moved(x: float, y: float, matrix: Matrix) -> tuple[float, float]:
    a, b, c_, d, e, f = matrix
    return a * x + c_ * y + e, b * x + d * y + f


def _matrix(handle: Any) -> Matrix:
    found = c.FS_MATRIX()
    if not c.FPDFPageObj_GetMatrix(handle, found):
        return IDENTITY
    return (found.a, found.b, found.c, found.d, found.e, found.f)


def _times(first: Matrix, then: Matrix) -> Matrix:
    a, b, c_, d, e, f = first
    ta, tb, tc, td, te, tf = then
    return (
        a * ta + b * tc,
        a * tb + b * td,
        c_ * ta + d * tc,
        c_ * tb + d * td,
        e * ta + f * tc + te,
        e * tb + f * td + tf,
    )


def _type_height(handle: Any, *, matrix: Matrix) -> float:
    size = ctypes.c_float()
    if not c.FPDFTextObj_GetFontSize(handle, size):
        return 0.0
    _, _, x, y, _, _ = _times(_matrix(handle), matrix)
    return float(abs(size.value) * (x * x + y * y) ** 0.5)


def _fill(handle: Any) -> tuple[int, int, int, int] | None:
    return _colour(c.FPDFPageObj_GetFillColor, handle)


def _stroke(handle: Any) -> tuple[int, int, int, int] | None:
    return _colour(c.FPDFPageObj_GetStrokeColor, handle)


def _colour(ask: Any, handle: Any) -> tuple[int, int, int, int] | None:
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if not ask(handle, red, green, blue, alpha):
        return None
    return (red.value, green.value, blue.value, alpha.value)


def _is_filled(handle: Any) -> bool:
    mode, stroke = ctypes.c_int(), ctypes.c_int()
    return bool(c.FPDFPath_GetDrawMode(handle, mode, stroke) and mode.value)


def _layer(handle: Any) -> str:
    """The name of the optional layer that a mark around the object gives it."""
    for index in range(min(c.FPDFPageObj_CountMarks(handle), 8)):
        mark = c.FPDFPageObj_GetMark(handle, index)
        if _string(c.FPDFPageObjMark_GetName, mark) == "OC":
            return _string(c.FPDFPageObjMark_GetParamStringValue, mark, b"Name")
    return ""


def _string(ask: Any, *arguments: Any) -> str:
    length = ctypes.c_ulong()
    buffer = (c.FPDF_WCHAR * 256)()
    if not ask(*arguments, buffer, ctypes.sizeof(buffer), length):
        return ""
    return bytes(buffer)[: max(0, length.value - 2)].decode("utf-16-le", "replace")


def font_name(mark: Painted) -> str:
    """The name of the typeface of a text object, as the file gives it."""
    font = c.FPDFTextObj_GetFont(mark.handle)
    length = c.FPDFFont_GetBaseFontName(font, None, 0) if font else 0
    if not 0 < length < 200:
        return ""
    buffer = ctypes.create_string_buffer(length)
    c.FPDFFont_GetBaseFontName(font, buffer, length)
    return buffer.value.decode("utf-8", "replace")


def text_of(mark: Painted, *, textpage: Any) -> str:
    """The characters of a text object. `textpage`: the open text of its page."""
    length = c.FPDFTextObj_GetText(mark.handle, textpage.raw, None, 0)
    if not 0 < length <= MOST_TEXT:
        return ""
    buffer = ctypes.create_string_buffer(length * 2)
    pointer = ctypes.cast(buffer, ctypes.POINTER(c.FPDF_WCHAR))
    c.FPDFTextObj_GetText(mark.handle, textpage.raw, pointer, length)
    return buffer.raw.decode("utf-16-le", "ignore").rstrip("\x00")


def letters_within(mark: Painted, area: Area, *, textpage: Any) -> str:
    """The letters of a text object whose middle lies in an area."""
    letters = ""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    address = ctypes.cast(mark.handle, ctypes.c_void_p).value
    for index in range(min(c.FPDFText_CountChars(textpage.raw), MOST_LETTERS)):
        owner = c.FPDFText_GetTextObject(textpage.raw, index)
        if ctypes.cast(owner, ctypes.c_void_p).value != address:
            continue
        c.FPDFText_GetCharBox(textpage.raw, index, left, right, bottom, top)
        if area.holds((left.value + right.value) / 2, (bottom.value + top.value) / 2):
            letters += chr(c.FPDFText_GetUnicode(textpage.raw, index))
    return letters.strip()


def page_area(page: Any) -> Area:
    """What of the page is displayed, in its own points."""
    left, bottom, right, top = page.get_bbox()
    return Area(left, bottom, right, top)


def shares(area: Area, *, page: Any) -> Box:
    """A rectangle of the page as shares of the page as displayed, turned as it is."""
    corners = [
        _device(page, x, y) for x in (area.left, area.right) for y in (area.bottom, area.top)
    ]
    xs = [min(max(x / SCALE, 0.0), 1.0) for x, _ in corners]
    ys = [min(max(y / SCALE, 0.0), 1.0) for _, y in corners]
    return Box(min(xs), min(ys), max(xs), max(ys))


def _device(page: Any, x: float, y: float) -> tuple[int, int]:
    across, down = ctypes.c_int(), ctypes.c_int()
    c.FPDF_PageToDevice(page.raw, 0, 0, SCALE, SCALE, 0, x, y, across, down)
    return across.value, down.value
