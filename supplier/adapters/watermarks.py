"""Large letters in light ink across a picture: found by their size, set level, read as one line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from supplier.adapters import ocr
from supplier.adapters.image_geometry import Grey
from supplier.kernel.pages import Box

#: Pictures are looked at so high: print is thin there, letters across the page are thick.
_HEIGHT = 1100
#: Whatever is thinner than this at that height is print, a rule or a rim.
_THICK = 7
#: Ink is this much darker than the paper around it.
_INK = 0.93
#: The height of a letter as a share of the page, and how much of its frame its strokes fill.
_LEAST, _MOST = 0.026, 0.2
#: Words that run together are long and low.
_LOW = 0.016
_FILL = (0.12, 0.85)
_LETTERS = (4, 80)
#: Letters on one line: how far their middles stray from it, and how their sizes differ.
_STRAY, _SIZES = 0.3, 1.9
#: A gap wider than so many letters ends a line.
_GAP = 3.0
_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


#: Print lies within so many degrees of the rows of its page.
_SLANTING = 12.0


@dataclass(frozen=True, slots=True)
class Lettering:
    """Large letters on one line: what they say (capitals without blanks), as far as read."""

    text: str
    box: Box
    slanting: bool


@dataclass(frozen=True, slots=True)
class _Blob:
    x: float
    y: float
    size: float
    label: int


def lettered(image: Image.Image) -> Lettering | None:
    """The longest line of large letters on an upright picture, in whatever direction."""
    small = image.convert("L")
    scale = _HEIGHT / max(small.size)
    small = small.resize((max(1, round(small.width * scale)), max(1, round(small.height * scale))))
    mask = _thick(np.asarray(small, np.uint8))
    blobs, labels = _blobs(mask)
    line = _line(blobs)
    if len(line) < _LETTERS[0]:
        return None
    letters = np.isin(labels, [blob.label for blob in line])
    height, width = letters.shape
    ys, xs = np.nonzero(letters)
    box = Box(
        float(xs.min() / width), float(ys.min() / height),
        float(xs.max() / width), float(ys.max() / height),
    )  # fmt: skip
    slope = _slope(line)
    text = _read(np.where(letters, 0, 255).astype(np.uint8), slope)
    return Lettering(text, box, abs(slope) > _SLANTING) if text else None


def _thick(grey: Grey) -> Grey:
    """Where ink lies broader than print: strokes of large letters, whatever their shade."""
    around = cv2.morphologyEx(
        cv2.resize(grey, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA),
        cv2.MORPH_CLOSE,
        np.ones((31, 31), np.uint8),
    )
    paper = cv2.resize(cv2.blur(around, (15, 15)), (grey.shape[1], grey.shape[0]))
    ratio = np.asarray(cv2.divide(grey, paper, scale=255.0), np.uint8)
    ink = np.where(cv2.medianBlur(ratio, 3) < 255 * _INK, 255, 0).astype(np.uint8)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_THICK, _THICK))
    return np.asarray(cv2.morphologyEx(ink, cv2.MORPH_OPEN, kernel), np.uint8)


def _blobs(mask: Grey) -> tuple[list[_Blob], np.ndarray[tuple[int, ...], np.dtype[np.int32]]]:
    """Pieces of the size and the fill of letters, the largest first."""
    _, labels, stats, middles = cv2.connectedComponentsWithStats(mask, connectivity=8)
    found = []
    for number in range(1, len(stats)):
        _, _, wide, high, area = (int(side) for side in stats[number])
        size, fill = max(wide, high), area / (wide * high)
        low = min(wide, high) < _LOW * _HEIGHT
        if not low and _LEAST * _HEIGHT < size < _MOST * _HEIGHT and _FILL[0] < fill < _FILL[1]:
            x, y = (float(side) for side in middles[number])
            found.append(_Blob(x, y, float(size), number))
    found.sort(key=lambda blob: -blob.size)
    return found[: _LETTERS[1]], np.asarray(labels, np.int32)


def _line(blobs: Sequence[_Blob]) -> list[_Blob]:
    """The most pieces of like size that stand on one straight line, close to each other."""
    best: list[_Blob] = []
    for at, one in enumerate(blobs):
        for other in blobs[at + 1 :]:
            apart = math.hypot(other.x - one.x, other.y - one.y)
            if not one.size * 0.4 < apart < one.size * _GAP:
                continue
            found = _along(blobs, one, ((other.x - one.x) / apart, (other.y - one.y) / apart))
            if len(found) > len(best):
                best = found
    return best


def _along(blobs: Sequence[_Blob], one: _Blob, way: tuple[float, float]) -> list[_Blob]:
    near = [
        (way[0] * (blob.x - one.x) + way[1] * (blob.y - one.y), blob)
        for blob in blobs
        if abs(way[0] * (blob.y - one.y) - way[1] * (blob.x - one.x)) < _STRAY * one.size
        and one.size / _SIZES < blob.size < one.size * _SIZES
    ]
    near.sort(key=lambda item: item[0])
    at = next(index for index, (_, blob) in enumerate(near) if blob is one)
    first = last = at
    while first and near[first][0] - near[first - 1][0] < _GAP * one.size:
        first -= 1
    while last + 1 < len(near) and near[last + 1][0] - near[last][0] < _GAP * one.size:
        last += 1
    return [blob for _, blob in near[first : last + 1]]


def _slope(line: Sequence[_Blob]) -> float:
    """The way of a line in degrees, from -90 (upwards) to 90."""
    ends = [min(line, key=lambda b: (b.x, -b.y)), max(line, key=lambda b: (b.x, -b.y))]
    return math.degrees(math.atan2(ends[1].y - ends[0].y, ends[1].x - ends[0].x))


def _read(letters: Grey, slope: float) -> str:
    """Black letters on white, set level and read as one line of capitals."""
    level = Image.fromarray(letters).rotate(slope, expand=True, fillcolor=255)
    box = level.point(lambda grey: 255 - grey).getbbox()
    if box is None:
        return ""
    crop = level.crop(box)
    share = 60 / crop.height
    crop = crop.resize((max(1, round(crop.width * share)), 60))
    framed = Image.new("L", (crop.width + 60, 120), 255)
    framed.paste(crop, (30, 30))
    return ocr.read_line(framed, whitelist=_CAPITALS)
