"""Tables as forms draw them: cells with edges, a shaded head, words wrapped inside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from supplier.demo.papers.pen import BLACK, Pen, Point, wrap


@dataclass(frozen=True, slots=True)
class Look:
    """How a table looks: size of its letters, padding, colours and faces."""

    size: float = 8.5
    pad: float = 4
    edge: str = BLACK
    head_fill: str = "#e4e4e4"
    head_ink: str = BLACK
    head_face: str = "sans-bold"
    face: str = "sans"
    first_face: str = "sans"
    align: str = "left"


def table(
    pen: Pen,
    at: Point,
    rows: Sequence[Sequence[str]],
    *,
    widths: Sequence[float],
    look: Look,
    head: Sequence[str] = (),
) -> float:
    """Draw rows of cells below `at`; answers the y under the last edge."""
    y = at[1]
    if head:
        faces = [look.head_face] * len(widths)
        y = _row(pen, (at[0], y), head, widths, look, faces=faces, fill=look.head_fill)
    for row in rows:
        faces = [look.first_face] + [look.face] * (len(widths) - 1)
        y = _row(pen, (at[0], y), row, widths, look, faces=faces, fill="")
    return y


def _row(
    pen: Pen, at: Point, cells: Sequence[str], widths: Sequence[float], look: Look, *,
    faces: Sequence[str], fill: str,
) -> float:  # fmt: skip
    inside = [
        wrap(cell, width=width - 2 * look.pad, face=face, size=look.size) or [""]
        for cell, width, face in zip(cells, widths, faces, strict=True)
    ]
    height = max(map(len, inside)) * look.size * 1.25 + 2 * look.pad - 1
    x, y = at
    for lines, width, face in zip(inside, widths, faces, strict=True):
        pen.box((x, y), width=width, height=height, fill=fill, edge=look.edge)
        start = {"left": x + look.pad, "centre": x + width / 2}[look.align]
        pen.lines(
            (start, y + look.pad + look.size * 0.8), lines, face=face, size=look.size,
            align=look.align, colour=look.head_ink if fill else BLACK,
        )  # fmt: skip
        x += width
    return y + height
