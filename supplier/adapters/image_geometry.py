"""Where the sheet lies in a picture, how far it is turned and skewed, how the light falls on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Matrix = NDArray[np.float64]
Points = NDArray[np.float32]

cv2.setNumThreads(1)

#: Below this share of the picture the "sheet" is a box or a stamp, not the page.
LEAST_PAGE_SHARE = 0.3
#: Above this share in both directions the sheet fills the picture: a scan, nothing to cut.
FULL_PAGE_SHARE = 0.97
MOST_SKEW = 5.0
#: Fewer dark pixels than this tell nothing about lines.
LEAST_MARKS = 300
#: Words running upwards against words running across, in length, and least length in pixels.
LYING, LEAST_LYING = 1.5, 150
#: On an evenly lit page: print is darker than this; a strip at the edge is not looked at.
INK_LEVEL, EDGE = 150, 22
#: What lies around a sheet is darker than this part of its paper (measured on photos: 0.61 at most;
#: the sides of scans: 0.82 at least).
EDGE_BRIGHT = 0.78
#: A rule: this dark, at least this part of the long side, thinner than this many pixels.
RULE_LEVEL, RULE_PART, RULE_THICK = 190, 36, 12
#: Where more than this part of the rows or columns may hold a rule, all are looked at.
MOST_SAMPLED = 6


def find_page(grey: Grey) -> Points | None:
    """The corners of a sheet lying on something darker: top left, top right, bottom right,
    bottom left, in pixels of `grey` (about 640 on the long side); None when the sheet fills
    the picture or is not found."""
    smooth = np.asarray(cv2.medianBlur(grey, 7), np.uint8)
    candidates = [_quadrilateral(mask, smooth=smooth) for mask in _masks(smooth)]
    found = [candidate for candidate in candidates if candidate is not None]
    if not found:
        return None
    corners = max(found, key=lambda candidate: candidate[0])[1]
    return None if _fills(corners, shape=grey.shape) else corners


def fills_surely(grey: Grey) -> bool:
    """Whether the picture is as bright along each of its sides as on the paper: as most scans are,
    where looking for corners would find none."""
    edge = max(2, min(grey.shape) // 60)
    sides = (grey[:edge], grey[-edge:], grey[:, :edge], grey[:, -edge:])
    paper = float(np.median(grey))
    return all(np.percentile(side, 20) > EDGE_BRIGHT * paper for side in sides)


def _masks(smooth: Grey) -> Iterator[Grey]:
    """Guesses of which pixels are paper: by brightness, and by brightness against the
    surroundings, which a shadow across the sheet does not break."""
    around = cv2.dilate(smooth, np.ones((121, 121), np.uint8))
    around = cv2.blur(around, (61, 61))
    ratio = np.asarray(cv2.divide(smooth, around, scale=255.0), np.uint8)
    for field, shares in ((ratio, (1.0, 0.88, 1.12)), (smooth, (1.0, 0.8, 0.6))):
        otsu, _ = cv2.threshold(field, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
        for share in shares:
            _, mask = cv2.threshold(field, otsu * share, 255, cv2.THRESH_BINARY)
            yield np.asarray(mask, np.uint8)


def _quadrilateral(mask: Grey, *, smooth: Grey) -> tuple[float, Points] | None:
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8))
    contours, _ = cv2.findContours(opened, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return None
    hull = cv2.convexHull(max(contours, key=cv2.contourArea))
    if cv2.contourArea(hull) < LEAST_PAGE_SHARE * smooth.size:
        return None
    corners = _four_corners(hull)
    if corners is None or not _plausible(corners):
        return None
    fit = _overlap(hull, corners, shape=smooth.shape)
    support = _edge_support(corners, smooth=smooth)
    return (support + fit, corners) if fit > 0.92 and support > 0.6 else None


def _edge_support(corners: Points, *, smooth: Grey) -> float:
    """Share of the outline where the inside is clearly lighter than the outside, worst side
    first: a soft shadow is no edge of a sheet."""
    centre = corners.mean(axis=0)
    sides = []
    for start, end in pairwise([*corners, corners[0]]):
        along = start + np.linspace(0.04, 0.96, 60)[:, None] * (end - start)
        normal = np.array([end[1] - start[1], start[0] - end[0]], np.float32)
        normal /= max(float(np.linalg.norm(normal)), 1e-6)
        inwards = normal if float((centre - start) @ normal) > 0 else -normal
        inside, outside = _sample(smooth, along + 6 * inwards), _sample(smooth, along - 6 * inwards)
        sides.append(float(np.mean(inside > 1.15 * outside)))
    return min(sides) * 0.5 + float(np.mean(sides)) * 0.5


def _sample(grey: Grey, points: NDArray[np.float64]) -> NDArray[np.float64]:
    columns = np.clip(points[:, 0].round().astype(int), 0, grey.shape[1] - 1)
    rows = np.clip(points[:, 1].round().astype(int), 0, grey.shape[0] - 1)
    return np.asarray(grey[rows, columns], np.float64)


def _four_corners(hull: NDArray[Any]) -> Points | None:
    length = cv2.arcLength(hull, closed=True)
    for tolerance in (0.01, 0.015, 0.02, 0.03, 0.04, 0.06):
        shape = cv2.approxPolyDP(hull, tolerance * length, closed=True)
        if len(shape) == 4:
            return _ordered(shape.reshape(4, 2).astype(np.float32))
        if len(shape) < 4:
            return None
    return None


def _ordered(corners: Points) -> Points:
    total, difference = corners.sum(axis=1), corners[:, 1] - corners[:, 0]
    order = [total.argmin(), difference.argmin(), total.argmax(), difference.argmax()]
    return corners[order]


def _overlap(hull: NDArray[Any], corners: Points, *, shape: tuple[int, ...]) -> float:
    one, other = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    cv2.fillConvexPoly(one, hull, 1)
    cv2.fillConvexPoly(other, corners.astype(np.int32), 1)
    union, common = int(cv2.countNonZero(one | other)), int(cv2.countNonZero(one & other))
    return common / max(union, 1)


def _plausible(corners: Points) -> bool:
    """A sheet seen from above: opposite sides alike, corners near a right angle."""
    top, right, bottom, left = _sides(corners)
    if min(top, right, bottom, left) < 40:
        return False
    alike = 0.6 < top / bottom < 1.67 and 0.6 < left / right < 1.67
    ratio = (top + bottom) / (left + right)
    return alike and 0.4 < ratio < 2.5


def _sides(corners: Points) -> tuple[float, float, float, float]:
    top_left, top_right, bottom_right, bottom_left = corners.astype(np.float64)
    return (
        float(np.linalg.norm(top_right - top_left)),
        float(np.linalg.norm(bottom_right - top_right)),
        float(np.linalg.norm(bottom_left - bottom_right)),
        float(np.linalg.norm(top_left - bottom_left)),
    )


def _fills(corners: Points, *, shape: tuple[int, ...]) -> bool:
    height, width = shape[:2]
    spread = corners.max(axis=0) - corners.min(axis=0)
    area = cv2.contourArea(corners)
    wide, high = float(spread[0]) / width, float(spread[1]) / height
    return min(wide, high) > FULL_PAGE_SHARE and area > 0.95 * width * height


def page_size(corners: Points) -> tuple[float, float]:
    """Width and height of the sheet in pixels of the picture."""
    top, right, bottom, left = _sides(corners)
    return max(top, bottom), max(right, left)


@dataclass(frozen=True, slots=True)
class Light:
    """The light on a page: `near` under each spot, print taken out; `far` the paper around it."""

    near: Grey
    far: Grey

    def paper(self) -> Grey:
        """What to divide by. Dark bars keep a part of their darkness, so that white print on
        them survives the division."""
        floor = cv2.convertScaleAbs(self.far, alpha=0.55)
        return np.asarray(cv2.max(cv2.max(self.near, floor), np.full_like(floor, 8)), np.uint8)


def measure_light(grey: Grey) -> Light:
    """The light on a page about 1000 pixels high."""
    near = cv2.medianBlur(cv2.dilate(grey, np.ones((5, 5), np.uint8)), 25)
    coarse = cv2.resize(near, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA)
    coarse = cv2.GaussianBlur(cv2.dilate(coarse, np.ones((25, 25), np.uint8)), (0, 0), 6)
    far = cv2.resize(coarse, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_LINEAR)
    return Light(np.asarray(near, np.uint8), np.asarray(far, np.uint8))


def even(grey: Grey, light: Grey) -> Grey:
    """The picture as if the light fell evenly: paper white, print as dark as it is."""
    return np.asarray(cv2.divide(grey, light, scale=245.0), np.uint8)


def without_rules(level: Grey) -> Grey:
    """The page without the rules of tables and frames, which hide the print beside them from
    Tesseract. Letters are shorter than any rule looked for."""
    dark = np.asarray(cv2.threshold(level, RULE_LEVEL, 255, cv2.THRESH_BINARY_INV)[1], np.uint8)
    length = max(level.shape) // RULE_PART
    lines = cv2.max(runs_across(dark, length), runs_down(dark, length))
    if not lines.any():
        return level
    thick = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((RULE_THICK, RULE_THICK), np.uint8))
    bars = cv2.dilate(thick, np.ones((2 * RULE_THICK, 2 * RULE_THICK), np.uint8))
    rules = cv2.dilate(cv2.subtract(lines, bars), np.ones((3, 3), np.uint8))
    cleaned = level.copy()
    np.copyto(cleaned, 245, where=rules.view(np.bool_))
    return cleaned


def runs_across(dark: Grey, length: int) -> Grey:
    """Horizontal runs of dark pixels at least this long: few rows of a page have any, and a few
    samples of a row tell which."""
    step, need = _samples(length)
    sampled = cv2.erode(np.ascontiguousarray(dark[:, ::step]), np.ones((1, need), np.uint8))
    rows = np.flatnonzero(cv2.reduce(sampled, 1, cv2.REDUCE_MAX))
    found, line = np.zeros_like(dark), np.ones((1, length), np.uint8)
    if len(rows) > len(dark) // MOST_SAMPLED:
        return np.asarray(cv2.morphologyEx(dark, cv2.MORPH_OPEN, line), np.uint8)
    if len(rows):
        found[rows] = cv2.morphologyEx(dark[rows], cv2.MORPH_OPEN, line)
    return found


def runs_down(dark: Grey, length: int) -> Grey:
    """As `runs_across`, for vertical runs."""
    step, need = _samples(length)
    sampled = cv2.erode(np.ascontiguousarray(dark[::step]), np.ones((need, 1), np.uint8))
    columns = np.flatnonzero(cv2.reduce(sampled, 0, cv2.REDUCE_MAX))
    found, line = np.zeros_like(dark), np.ones((length, 1), np.uint8)
    if len(columns) > dark.shape[1] // MOST_SAMPLED:
        return np.asarray(cv2.morphologyEx(dark, cv2.MORPH_OPEN, line), np.uint8)
    if len(columns):
        own = np.ascontiguousarray(dark[:, columns])
        found[:, columns] = cv2.morphologyEx(own, cv2.MORPH_OPEN, line)
    return found


def _samples(length: int) -> tuple[int, int]:
    """How far apart to look, and how many dark samples in a row every such run surely has."""
    step = max(1, length // 9)
    return step, max(1, length // step - 2)


def print_marks(level: Grey) -> NDArray[np.bool_]:
    """Which pixels of an evenly lit page (about 1000 pixels high) are letters, as far as size
    tells: no rules, no bars, nothing at the edge of the picture."""
    dark = np.asarray(level < INK_LEVEL, np.uint8)
    height, width = level.shape
    _, labels, stats, _ = cv2.connectedComponentsWithStats(dark)
    left, top = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_TOP]
    wide, high = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    small = (np.maximum(wide, high) < 50) & (np.maximum(wide, high) > 2)
    inner = (left > EDGE) & (top > EDGE) & (left + wide < width - EDGE)
    keep = small & inner & (top + high < height - EDGE)
    keep[0] = False
    return np.asarray(keep[labels], np.bool_)


def lies_on_its_side(marks: NDArray[np.bool_]) -> bool:
    """Whether words run up or down the page: letters stand closer to each other than lines."""
    words = cv2.morphologyEx(marks.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(words)
    wide = stats[1:, cv2.CC_STAT_WIDTH].astype(np.int64)
    high = stats[1:, cv2.CC_STAT_HEIGHT].astype(np.int64)
    across, along = wide[wide > 2 * high].sum(), high[high > 2 * wide].sum()
    return bool(along > LYING * across and along > LEAST_LYING)


def skew(marks: NDArray[np.bool_]) -> float:
    """How far lines of print are off the horizontal, in degrees, by projection profile, ±5°."""
    rows, columns = np.nonzero(marks)
    if len(rows) < LEAST_MARKS:
        return 0.0
    step = max(1, len(rows) // 30_000)
    down = rows[::step].astype(np.float32)
    across = columns[::step].astype(np.float32) - np.float32(marks.shape[1] / 2)

    def energy(degrees: float) -> float:
        return _energy(down - across * np.float32(np.tan(np.radians(degrees))))

    coarse = max(_degrees(-MOST_SKEW, MOST_SKEW, step=0.5), key=energy)
    return max(_degrees(coarse - 0.4, coarse + 0.4, step=0.1), key=energy)


def _degrees(first: float, last: float, *, step: float) -> list[float]:
    return [first + step * i for i in range(round((last - first) / step) + 1)]


def _energy(heights: NDArray[np.float32]) -> float:
    profile = np.bincount((heights - heights.min()).astype(np.int32)).astype(np.float64)
    return float(np.square(np.diff(profile)).sum() / max(np.square(profile).sum(), 1.0))
