"""How readable a picture is, and where it is blurred, dazzled or covered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from supplier.adapters.image_facts import Defect, DefectKind, Transform
from supplier.adapters.image_geometry import Grey, Light
from supplier.kernel.pages import Box

#: Side of a tile in pixels of the half-size page, and of the survey.
TILE, COARSE_TILE = 32, 20
#: Grey levels between print and paper below which a tile holds nothing to judge.
LEAST_CONTRAST, FAINT_CONTRAST = 70, 20
#: Steepest step of a tile as a share of its contrast: below this its edges are smeared.
SMEARED = 0.24
#: Adjoining smeared tiles that make a zone worth telling.
LEAST_SMEARED_TILES = 8
#: Dazzled paper is at the top of the scale while the sheet as a whole is not.
GLARE_LEVEL, GLARE_SHARE, GLARE_SIDE, SCAN_WHITE = 252, 0.09, 0.1, 240
#: A finger or a blot: dark, solid, larger than any print, rounder than a bar or a frame.
COVER_LEVEL, COVER_SHARE, COVER_ROUND, COVER_SOLID = 140, 0.006, (0.45, 0.84), 0.93
#: Defects touching this strip belong to what the sheet lies on.
RIM = 0.03


def sharpness(pixels: Grey) -> float | None:
    """How crisp the print of a prepared page (200 to 300 dpi) is, 0 to 1; None without print."""
    half = cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    contrast, step = _tiles(np.asarray(half, np.uint8), side=TILE)
    judged = contrast > LEAST_CONTRAST
    if np.count_nonzero(judged) < LEAST_SMEARED_TILES:
        return None
    return min(1.0, float(np.median(step[judged] / contrast[judged])))


def blurred_zones(survey: Grey, *, light: Light, transform: Transform) -> tuple[Defect, ...]:
    """Zones where print is smeared, on the page as photographed, shadows taken out."""
    level = np.asarray(cv2.divide(survey, light.far, scale=245.0), np.uint8)
    contrast, step = _tiles(level, side=COARSE_TILE)
    faint = (contrast > FAINT_CONTRAST) & (step < SMEARED * contrast)
    zones = _zones(np.asarray(faint, np.uint8), cell=COARSE_TILE, transform=transform)
    return tuple(Defect(DefectKind.BLUR, box) for box in zones)


def _tiles(half: Grey, *, side: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Contrast and steepest step of each tile."""
    rows, columns = half.shape[0] // side, half.shape[1] // side
    if not rows or not columns:
        return np.zeros((0, 0)), np.zeros((0, 0))
    step = np.zeros_like(half)
    step[:, 1:] = cv2.absdiff(half[:, 1:], half[:, :-1])
    step[1:, :] = cv2.max(step[1:, :], cv2.absdiff(half[1:, :], half[:-1, :]))

    def grid(values: Grey) -> NDArray[np.uint8]:
        cut = values[: rows * side, : columns * side].reshape(rows, side, columns, side)
        return np.asarray(cut.swapaxes(1, 2).reshape(rows, columns, side * side), np.uint8)

    pixels = grid(half)
    contrast = pixels.max(axis=2).astype(np.float64) - pixels.min(axis=2)
    return contrast, grid(step).max(axis=2).astype(np.float64)


def _zones(mask: NDArray[np.uint8], *, cell: int, transform: Transform) -> Iterator[Box]:
    closed = cv2.dilate(mask, np.ones((3, 3), np.uint8))
    count, labels = cv2.connectedComponents(closed, connectivity=4)
    for label in range(1, count):
        rows, columns = np.nonzero((labels == label) & (mask > 0))
        if len(rows) >= LEAST_SMEARED_TILES:
            yield transform.box(
                float(columns.min() * cell),
                float(rows.min() * cell),
                float((columns.max() + 1) * cell),
                float((rows.max() + 1) * cell),
            )


def glare_zones(survey: Grey, *, light: Light, transform: Transform) -> tuple[Defect, ...]:
    """Zones dazzled by light, on the page as photographed (not evened)."""
    if float(np.percentile(light.near[::8, ::8], 20)) > SCAN_WHITE:
        return ()
    _, mask = cv2.threshold(survey, GLARE_LEVEL - 1, 255, cv2.THRESH_BINARY)
    opened = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((15, 15), np.uint8))
    return tuple(
        Defect(DefectKind.GLARE, transform.box(x, y, x + width, y + height))
        for x, y, width, height, area in _components(opened)
        if area > GLARE_SHARE * survey.size and min(width, height) > GLARE_SIDE * max(survey.shape)
    )


def covered_zones(light: Light, *, transform: Transform) -> tuple[Defect, ...]:
    """Zones under a finger or a blot: large, dark, solid and round, where a bar is square."""
    ratio = cv2.divide(light.near, light.far, scale=255.0)
    _, mask = cv2.threshold(ratio, COVER_LEVEL, 255, cv2.THRESH_BINARY_INV)
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return tuple(
        Defect(DefectKind.COVERED, transform.box(x, y, x + width, y + height))
        for x, y, width, height in (
            cv2.boundingRect(contour) for contour in contours if _is_cover(contour, ratio.shape)
        )
    )


def _is_cover(contour: NDArray[Any], shape: tuple[int, ...]) -> bool:
    x, y, width, height = cv2.boundingRect(contour)
    rim = RIM * max(shape)
    inner = x > rim and y > rim and x + width < shape[1] - rim and y + height < shape[0] - rim
    area = cv2.contourArea(contour)
    large = area > COVER_SHARE * shape[0] * shape[1]
    solid = area > COVER_SOLID * max(cv2.contourArea(cv2.convexHull(contour)), 1.0)
    _, (one, other), _ = cv2.minAreaRect(contour)
    filled = area / max(one * other, 1.0)
    return large and solid and inner and COVER_ROUND[0] < filled < COVER_ROUND[1]


def _components(mask: NDArray[np.generic]) -> Iterator[tuple[int, int, int, int, int]]:
    count, _, stats, _ = cv2.connectedComponentsWithStats(np.asarray(mask, np.uint8))
    yield from stats[1:count].tolist()
