"""Pictures of pages that we drew ourselves: places covered, and where two of them differ."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence

from PIL import Image, ImageChops, ImageDraw

from supplier.kernel.pages import Box

#: Pages are compared by squares of so many pixels; letters are a little higher.
SQUARE = 8
#: How much darker or lighter a pixel must be: more than smoothing does to an edge.
LEAST_CHANGE = 56
MOST_PLACES = 60


def covered(png: bytes, boxes: Sequence[Box]) -> bytes:
    """The picture with black boxes burnt into it; the pixels under them are gone."""
    with Image.open(io.BytesIO(png)) as image:
        image.load()
        pen = ImageDraw.Draw(image)
        black = 0 if image.mode == "L" else (0, 0, 0)
        for box in boxes:
            corners = (
                math.floor(box.x0 * image.width), math.floor(box.top * image.height),
                math.ceil(box.x1 * image.width), math.ceil(box.bottom * image.height),
            )  # fmt: skip
            pen.rectangle(corners, fill=black)
        out = io.BytesIO()
        image.save(out, "PNG", compress_level=3)
        return out.getvalue()


def changed_places(before: bytes, after: bytes) -> list[Box]:
    """Where two pictures of one page differ, as boxes in shares of the page; none when nowhere.

    Pages of different sizes differ everywhere. What lies close together is one place.
    """
    with Image.open(io.BytesIO(before)) as first, Image.open(io.BytesIO(after)) as second:
        one, other = first.convert("L"), second.convert("L")
    if one.size != other.size:
        return [Box(0.0, 0.0, 1.0, 1.0)]
    marked = ImageChops.difference(one, other).point(
        [255 if level >= LEAST_CHANGE else 0 for level in range(256)]
    )
    if marked.getbbox() is None:
        return []
    return _places(marked)


def _places(marked: Image.Image) -> list[Box]:
    """Squares that hold a marked pixel, joined with those around them."""
    across, down = -(-marked.width // SQUARE), -(-marked.height // SQUARE)
    spread = Image.new("L", (across * SQUARE, down * SQUARE))
    spread.paste(marked)
    # The mean of a square is over zero as soon as one of its pixels is marked.
    grid = spread.resize((across, down), Image.Resampling.BOX).tobytes()
    open_squares = {
        (index % across, index // across) for index, level in enumerate(grid) if level > 0
    }
    found: list[Box] = []
    while open_squares and len(found) < MOST_PLACES:
        group = list(_group(open_squares))
        xs, ys = [x for x, _ in group], [y for _, y in group]
        found.append(
            Box(
                min(xs) * SQUARE / marked.width,
                min(ys) * SQUARE / marked.height,
                min(1.0, (max(xs) + 1) * SQUARE / marked.width),
                min(1.0, (max(ys) + 1) * SQUARE / marked.height),
            )
        )
    return sorted(found, key=lambda box: (box.top, box.x0))


def _group(left: set[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """A square and all that can be reached from it; a gap of two across joins words of a line."""
    edge = [left.pop()]
    while edge:
        x, y = edge.pop()
        yield x, y
        for dx in range(-3, 4):
            for dy in (-1, 0, 1):
                near = (x + dx, y + dy)
                if near in left:
                    left.remove(near)
                    edge.append(near)
