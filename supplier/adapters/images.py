"""Opens the pictures suppliers send, within limits, and prepares them for reading."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator

from PIL import Image, ImageOps, ImageSequence

from supplier.adapters.image_facts import Defect, DefectKind, Prepared, Quality, Transform

__all__ = [
    "Defect",
    "DefectKind",
    "Prepared",
    "Quality",
    "Transform",
    "UnreadableImageError",
    "open_pages",
    "prepare",
]

MAX_PIXELS = 50_000_000
MAX_FRAMES = 50
FORMATS = ("JPEG", "PNG", "TIFF", "HEIF")


class UnreadableImageError(Exception):
    """The picture cannot be opened within the limits. `code` says why.

    Codes: `pixels` (too large), `frames` (too many pages), `damaged` (cut off or broken).
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


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


def prepare(image: Image.Image, *, dpi: float | None = None, turn: int | None = None) -> Prepared:
    """Straighten, light evenly and scale a picture for reading; needs NumPy and OpenCV.

    `dpi` is the known resolution (a scan); None for a photo. `turn` in degrees clockwise (0, 90,
    180, 270) where it is known; else the page is turned by 90° when its lines run upwards, and
    only reading it can tell whether it then stands on its head.
    """
    from supplier.adapters.image_preparation import prepare_picture

    return prepare_picture(image, dpi=dpi, turn=turn)
