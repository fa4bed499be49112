"""Makes a picture ready for reading: upright, straight, evenly lit, large enough."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from supplier.adapters import image_geometry as geometry
from supplier.adapters.image_facts import Prepared, Quality, Transform
from supplier.adapters.image_geometry import Grey, Matrix, Points
from supplier.adapters.image_quality import blurred_zones, covered_zones, glare_zones, sharpness

#: A4 is the sheet nearly every paper is: its height in inches gives a photo its resolution.
SHEET_INCHES = 11.69
SHEET_RATIO = 2**0.5
#: Long sides in pixels: for finding the sheet, for light and lines, and the most worked on.
LEAST_SIDE, MOST_OBLONG = 32, 30
LOOK_SIDE, SURVEY_SIDE, MOST_SIDE = 640, 1000, 4200
#: Print below the first resolution is enlarged to the second; above the last it is reduced.
LEAST_DPI, GOOD_DPI, MOST_DPI = 190.0, 250.0, 310.0
#: Margin kept around a sheet, and how short it may be seen against its width.
MARGIN, SLANTED = 0.012, 0.88
#: Below this the whole picture is asked for again.
LEAST_SHARPNESS = 0.2


@dataclass(frozen=True, slots=True)
class Canvas:
    """A rectangle of pixels; `matrix` maps pixels of the picture into it."""

    matrix: Matrix
    width: float
    height: float

    def then(self, step: Matrix, *, width: float, height: float) -> Canvas:
        return Canvas(step @ self.matrix, width, height)

    def scaled(self, factor: float) -> Canvas:
        step = np.diag([factor, factor, 1.0])
        return self.then(step, width=self.width * factor, height=self.height * factor)

    def draw(self, grey: Grey) -> Grey:
        """The picture seen through this canvas; white where it does not reach."""
        size = (max(1, round(self.width)), max(1, round(self.height)))
        if np.allclose(self.matrix, np.eye(3)) and size == (grey.shape[1], grey.shape[0]):
            return grey
        if _only_scales(self.matrix):
            smaller = size[0] < grey.shape[1]
            how = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
            return np.asarray(cv2.resize(grey, size, interpolation=how), np.uint8)
        drawn = cv2.warpPerspective(
            grey, self.matrix, size, flags=cv2.INTER_LINEAR, borderValue=(255,)
        )
        return np.asarray(drawn, np.uint8)

    def to_shares(self, *, width: float, height: float) -> Transform:
        back = np.diag([1 / width, 1 / height, 1.0]) @ np.linalg.inv(self.matrix)
        first, second, third = ((float(a), float(b), float(c)) for a, b, c in back)
        return Transform((first, second, third))


def prepare_picture(image: Image.Image, *, dpi: float | None, turn: int | None) -> Prepared:
    """See `images.prepare`."""
    grey, dpi = _grey(image, dpi=dpi)
    if min(grey.shape) < max(LEAST_SIDE, max(grey.shape) / MOST_OBLONG):
        return _as_it_is(grey)
    page, survey_canvas, survey, found = _surveyed(grey)
    light = geometry.measure_light(survey)
    paper = light.paper()
    level = geometry.even(survey, paper)
    turned, slope = _stance(level, turn=turn)
    final = _upright(page, turn=turned, slope=slope).scaled(_enlargement(page, dpi=dpi))
    lit = Canvas(final.matrix @ np.linalg.inv(survey_canvas.matrix), final.width, final.height)
    pixels = geometry.even(final.draw(grey), lit.draw(paper))
    cleaned = geometry.without_rules(pixels)
    height, width = grey.shape
    transform = final.to_shares(width=width, height=height)
    look = survey_canvas.to_shares(width=width, height=height)
    smeared = blurred_zones(survey, light=light, transform=look)
    sharp = sharpness(pixels)
    if sharp is None:  # no print at all, or print too smeared to be any
        sharp = 0.0 if smeared else 1.0
    quality = Quality(
        sharpness=sharp,
        ink=float(np.mean(level < geometry.INK_LEVEL)),
        turn=turned,
        skew=slope,
        page_found=found,
        too_blurred=sharp < LEAST_SHARPNESS,
        defects=(
            *smeared,
            *glare_zones(survey, light=light, transform=look),
            *covered_zones(light, transform=look),
        ),
    )
    return Prepared(Image.fromarray(cleaned), transform, quality)


def _as_it_is(grey: Grey) -> Prepared:
    """A dot or a strip: nothing to find in it, and nothing the measures below could bear."""
    height, width = grey.shape
    canvas = Canvas(np.eye(3), width, height)
    return Prepared(Image.fromarray(grey), canvas.to_shares(width=width, height=height), Quality())


def _grey(image: Image.Image, *, dpi: float | None) -> tuple[Grey, float | None]:
    side = max(image.size)
    if side > MOST_SIDE:
        share = MOST_SIDE / side
        size = (max(1, int(image.width * share)), max(1, int(image.height * share)))
        image, dpi = image.resize(size, Image.Resampling.BOX), dpi and dpi * share
    return np.asarray(image.convert("L"), np.uint8), dpi


def _surveyed(grey: Grey) -> tuple[Canvas, Canvas, Grey, bool]:
    """The sheet in a picture, that sheet drawn small with its canvas, and whether it was found
    lying on something; else it fills the picture."""
    height, width = grey.shape
    whole = Canvas(np.eye(3), width, height)
    small = whole.scaled(SURVEY_SIDE / max(width, height))
    drawn = small.draw(grey)
    if geometry.fills_surely(drawn):
        return whole, small, drawn, False
    share = LOOK_SIDE / max(width, height)
    corners = geometry.find_page(whole.scaled(share).draw(grey))
    if corners is None:
        return whole, small, drawn, False
    page = _sheet_canvas(corners / np.float32(share))
    small = page.scaled(SURVEY_SIDE / max(page.width, page.height))
    return page, small, small.draw(grey), True


def _sheet_canvas(corners: Points) -> Canvas:
    """The straightened sheet with a narrow margin. A sheet a little too short for A4 was seen
    at a slant and is stretched; one much too short has an edge hidden by a dark header, and
    the margin makes up for it."""
    width, height = geometry.page_size(corners)
    across, down = MARGIN * width, MARGIN * height
    sheet = width * SHEET_RATIO
    if SLANTED * sheet < height < sheet:
        height = sheet
    elif width < height < sheet:
        down += sheet - height
    square = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    target = square + np.array([across, down], np.float32)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    return Canvas(np.asarray(matrix, np.float64), width + 2 * across, height + 2 * down)


def _stance(level: Grey, *, turn: int | None) -> tuple[int, float]:
    """How far to turn the page clockwise (0 or 90 where not told), and its skew in degrees."""
    marks = geometry.print_marks(level)
    if turn is None:
        turn = 90 if geometry.lies_on_its_side(marks) else 0
    return turn, geometry.skew(np.rot90(marks, -(turn // 90)))


def _upright(page: Canvas, *, turn: int, slope: float) -> Canvas:
    width, height = page.width, page.height
    steps = {
        90: (np.array([[0, -1, height], [1, 0, 0], [0, 0, 1.0]]), height, width),
        180: (np.array([[-1, 0, width], [0, -1, height], [0, 0, 1.0]]), width, height),
        270: (np.array([[0, 1, 0], [-1, 0, width], [0, 0, 1.0]]), height, width),
    }
    if turn in steps:
        matrix, width, height = steps[turn]
        page = page.then(matrix, width=width, height=height)
    return _levelled(page, slope=slope) if abs(slope) >= 0.15 else page


def _levelled(page: Canvas, *, slope: float) -> Canvas:
    cos, sin = np.cos(np.radians(slope)), np.sin(np.radians(slope))
    width = page.width * cos + page.height * abs(sin)
    height = page.height * cos + page.width * abs(sin)
    left = 0.0 if sin >= 0 else page.height * -sin
    top = page.width * sin if sin >= 0 else 0.0
    step = np.array([[cos, sin, left], [-sin, cos, top], [0, 0, 1.0]])
    return page.then(step, width=width, height=height)


def _enlargement(page: Canvas, *, dpi: float | None) -> float:
    side = min(page.width * SHEET_RATIO, page.height) if page.width < page.height else page.width
    known = dpi or side / SHEET_INCHES
    if known < LEAST_DPI:
        return min(GOOD_DPI / known, 3.0)
    return MOST_DPI / known if known > MOST_DPI else 1.0


def _only_scales(matrix: Matrix) -> bool:
    factor = matrix[0, 0]
    return bool(np.allclose(matrix, np.diag([factor, factor, 1.0]), atol=1e-9))
