"""Opens the pictures suppliers send, within limits, and prepares them for reading."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from PIL import Image, ImageOps, ImageSequence

from supplier.kernel.pages import Box

MAX_PIXELS = 50_000_000
MAX_FRAMES = 50
FORMATS = ("JPEG", "MPO", "PNG", "TIFF", "HEIF")

Row = tuple[float, float, float]


class UnreadableImageError(Exception):
    """The picture cannot be opened within the limits. `code` says why.

    Codes: `pixels` (too large), `frames` (too many pages), `damaged` (cut off or broken).
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


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

    `sharpness` runs from 0 (nothing legible) to 1 (crisp); `contrast` from 0 to 1; `ink` is the
    share of the page that is print; `turn` is how far the page had to be turned clockwise to
    stand upright (0, 90, 180, 270); `skew` in degrees; `page_found` tells that the four sides of
    a sheet were found and straightened. `too_blurred` means: ask for another picture.
    """

    sharpness: float = 1.0
    contrast: float = 1.0
    ink: float = 0.0
    turn: int = 0
    skew: float = 0.0
    page_found: bool = False
    too_blurred: bool = False
    defects: tuple[Defect, ...] = ()


@dataclass(frozen=True, slots=True)
class Transform:
    """Maps pixels of the prepared picture to shares of the picture as displayed (homography)."""

    rows: tuple[Row, Row, Row] = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))

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
    """A picture made ready for reading: grey, upright, straight, evenly lit."""

    image: Image.Image
    transform: Transform
    quality: Quality


def open_pages(
    data: bytes, *, max_pixels: int = MAX_PIXELS, max_frames: int = MAX_FRAMES
) -> Iterator[Image.Image]:
    """Yield each page of a JPEG, PNG, TIFF or HEIC as displayed (EXIF turn applied), RGB or L.

    Size and number of pages are read from the headers before anything is decoded.
    Raises UnreadableImageError.
    """
    try:
        yield from _pages(data, max_pixels=max_pixels, max_frames=max_frames)
    except UnreadableImageError:
        raise
    except Exception as error:  # any parser error of any class means the same to the reader
        raise UnreadableImageError("damaged") from error


def _pages(data: bytes, *, max_pixels: int, max_frames: int) -> Iterator[Image.Image]:
    _register_heif()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            if getattr(picture, "n_frames", 1) > max_frames:
                raise UnreadableImageError("frames")
            for frame in ImageSequence.Iterator(picture):
                if frame.width * frame.height > max_pixels:
                    raise UnreadableImageError("pixels")
                yield _displayed(frame)
                if picture.format != "TIFF":
                    return


def _displayed(frame: Image.Image) -> Image.Image:
    upright = ImageOps.exif_transpose(frame)
    return upright if upright.mode in {"L", "RGB"} else upright.convert("RGB")


def _register_heif() -> None:
    from pillow_heif import register_heif_opener

    register_heif_opener()


def prepare(image: Image.Image, *, dpi: float | None = None) -> Prepared:
    """Straighten, light evenly and scale a picture for reading.

    `dpi` is the known resolution (scan in a PDF); None for a photo.
    """
    grey = image.convert("L")
    width, height = grey.size
    rows = ((1 / width, 0.0, 0.0), (0.0, 1 / height, 0.0), (0.0, 0.0, 1.0))
    return Prepared(grey, Transform(rows), Quality())
