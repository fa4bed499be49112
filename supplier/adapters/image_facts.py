"""What is known of a picture: how readable it is, and where its pixels came from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from PIL import Image

from supplier.kernel.pages import Box

Row = tuple[float, float, float]


class DefectKind(StrEnum):
    """What spoils a zone of a picture."""

    BLUR = "blur"
    GLARE = "glare"
    COVERED = "covered"


@dataclass(frozen=True, slots=True)
class Defect:
    """A spoilt zone, as shares of the picture as displayed."""

    kind: DefectKind
    box: Box


@dataclass(frozen=True, slots=True)
class Quality:
    """How readable a picture is.

    `sharpness` runs from 0 (nothing legible) to 1 (crisp); `ink` is the share of the page that
    is print; `turn` is how far the picture had to be turned clockwise to stand upright (0, 90,
    180, 270); `skew` in degrees; `page_found` tells that a sheet lying on something was found and
    straightened. `too_blurred` means: ask for another picture.
    """

    sharpness: float = 1.0
    ink: float = 0.0
    turn: int = 0
    skew: float = 0.0
    page_found: bool = False
    too_blurred: bool = False
    defects: tuple[Defect, ...] = ()


@dataclass(frozen=True, slots=True)
class Transform:
    """Maps pixels of the prepared picture to shares of the picture as displayed (homography)."""

    rows: tuple[Row, Row, Row]

    def point(self, x: float, y: float) -> tuple[float, float]:
        first, second, third = self.rows
        scale = third[0] * x + third[1] * y + third[2] or 1e-9
        return (
            (first[0] * x + first[1] * y + first[2]) / scale,
            (second[0] * x + second[1] * y + second[2]) / scale,
        )

    def box(self, x0: float, y0: float, x1: float, y1: float) -> Box:
        """The upright box, in shares of the displayed picture, around a prepared rectangle."""
        corners = [self.point(x, y) for x in (x0, x1) for y in (y0, y1)]
        xs = [min(max(x, 0.0), 1.0) for x, _ in corners]
        ys = [min(max(y, 0.0), 1.0) for _, y in corners]
        return Box(min(xs), min(ys), max(xs), max(ys))


@dataclass(frozen=True, slots=True)
class Prepared:
    """A picture made ready for reading: grey, upright, straight, evenly lit, without rules."""

    image: Image.Image
    transform: Transform
    quality: Quality

    def turned_over(self) -> Prepared:
        """The same picture standing on its head."""
        width, height = self.image.size
        rows = tuple((-a, -b, a * width + b * height + c) for a, b, c in self.transform.rows)
        return Prepared(
            self.image.transpose(Image.Transpose.ROTATE_180),
            Transform((rows[0], rows[1], rows[2])),
            replace(self.quality, turn=(self.quality.turn + 180) % 360),
        )
