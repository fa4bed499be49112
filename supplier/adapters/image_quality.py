"""How readable a picture is, and where it is blurred, dazzled or covered."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from supplier.adapters.image_facts import Defect, DefectKind, Transform
from supplier.adapters.image_geometry import Grey, Light
from supplier.kernel.pages import Box

TILE = 32
#: Grey levels between print and paper below which a tile holds nothing to judge.
LEAST_CONTRAST, FAINT_CONTRAST = 70, 28
#: Steepest step of a tile as a share of its contrast: below this its edges are smeared.
SMEARED = 0.22
#: Adjoining smeared tiles that make a zone worth telling.
LEAST_SMEARED_TILES = 6
#: Dazzled paper is at the top of the scale while the sheet as a whole is not.
GLARE_LEVEL, GLARE_SHARE, SCAN_WHITE = 252, 0.03, 240
#: A finger or a blot: dark, solid, larger than any print, rounder than a bar or a frame.
COVER_LEVEL, COVER_SHARE, COVER_ROUND = 140, 0.006, (0.45, 0.88)


def blurred_zones(pixels: Grey, *, transform: Transform) -> tuple[float, tuple[Defect, ...]]:
    """Sharpness of the print (0 to 1) and the zones where it is smeared.

    `pixels`: the prepared page at about 200 to 300 dpi.
    """
    half = cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    contrast, step = _tiles(np.asarray(half, np.uint8))
    judged = contrast > LEAST_CONTRAST
    if np.count_nonzero(judged) < LEAST_SMEARED_TILES:
        return 1.0, ()
    ratio = step / np.maximum(contrast, 1)
    smeared = np.asarray((contrast > FAINT_CONTRAST) & (ratio < SMEARED), np.uint8)
    zones = _zones(smeared, cell=2 * TILE, transform=transform)
    found = tuple(Defect(DefectKind.BLUR, box) for box in zones)
    return min(1.0, float(np.median(ratio[judged]))), found


def _tiles(half: Grey) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Contrast and steepest step of each tile."""
    rows, columns = half.shape[0] // TILE, half.shape[1] // TILE
    step = np.zeros_like(half)
    step[:, 1:] = cv2.absdiff(half[:, 1:], half[:, :-1])
    step[1:, :] = cv2.max(step[1:, :], cv2.absdiff(half[1:, :], half[:-1, :]))

    def grid(values: Grey) -> NDArray[np.uint8]:
        cut = values[: rows * TILE, : columns * TILE].reshape(rows, TILE, columns, TILE)
        return np.asarray(cut.swapaxes(1, 2).reshape(rows, columns, -1), np.uint8)

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
        if area > GLARE_SHARE * survey.size
    )


def covered_zones(light: Light, *, transform: Transform) -> tuple[Defect, ...]:
    """Zones under a finger or a blot: large, dark, solid and round, where a bar is square."""
    ratio = cv2.divide(light.near, light.far, scale=255.0)
    _, mask = cv2.threshold(ratio, COVER_LEVEL, 255, cv2.THRESH_BINARY_INV)
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for contour in contours:
        x, y, width, height = cv2.boundingRect(contour)
        area = cv2.contourArea(contour)
        round_ = COVER_ROUND[0] < area / (width * height) < COVER_ROUND[1]
        if area > COVER_SHARE * light.near.size and round_:
            found.append(Defect(DefectKind.COVERED, transform.box(x, y, x + width, y + height)))
    return tuple(found)


def _components(mask: NDArray[np.generic]) -> Iterator[tuple[int, int, int, int, int]]:
    count, _, stats, _ = cv2.connectedComponentsWithStats(np.asarray(mask, np.uint8))
    yield from stats[1:count].tolist()
