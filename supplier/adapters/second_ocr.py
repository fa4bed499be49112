"""A second reader of pictures: RapidOCR, whose models come inside its wheel.

It is slower and larger than Tesseract and is asked only where that one leaves a doubt. Nothing
is ever fetched: the models are named by their files, and the children have no network.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from PIL import Image

from supplier.adapters.images import Prepared, prepare
from supplier.adapters.ocr import Corners, Printed, in_reading_order
from supplier.kernel.pages import Box, PageText, Source, Word
from supplier.settings import read_setting

#: The setting `second_reader`; the children read it themselves.
VARIABLE = "SUPPLIER_SECOND_READER"
OFF = "off"
#: Finds the lines of a page; reads one line.
FINDER, READER = "PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"
#: What a child needs beyond its libraries to hold both models at work on an A4 page.
MEMORY_BYTES = 1536 * 1024 * 1024
#: The longer side of the picture that it works on: larger is slower and reads no better.
LONGEST_SIDE = 2000
#: A strip is no page, and a line longer than this many heights is a rule or an edge: read, either
#: would take gigabytes.
MOST_OBLONG, LONGEST_LINE, LEAST_HEIGHT = 12, 90, 6


def installed() -> bool:
    """Whether the extra `ocr-plus` and its models are there."""
    return _models() is not None


def switched_on() -> bool:
    """Whether the administrator wants it where it is installed."""
    return (read_setting(os.environ, VARIABLE) or "").strip().casefold() != OFF


def available() -> bool:
    """Whether a second reader can be asked on this machine."""
    return switched_on() and installed()


@lru_cache(maxsize=1)
def _models() -> Path | None:
    if find_spec("onnxruntime") is None or find_spec("cv2") is None:
        return None
    package = find_spec("rapidocr")
    for place in (package.submodule_search_locations or ()) if package else ():
        folder = Path(place, "models")
        if all((folder / name).is_file() for name in (FINDER, READER)):
            return folder
    return None


def read_page(
    image: Image.Image,
    *,
    page: int,
    width: float,
    height: float,
    dpi: float | None = None,
    turn: int = 0,
) -> tuple[PageText, tuple[Box, ...]]:
    """The words of a picture, and where each stands once the picture is straightened.

    `turn`: how far the page must be turned clockwise, as the first reader found. Boxes are
    shares of the picture as given. A picture that cannot be read gives no words.
    """
    try:
        prepared = prepare(image, dpi=dpi, turn=turn % 360)
        found = in_reading_order(list(_words(prepared, page=page)))
    except Exception:  # odd pixels in any library: no words is the answer, never a guess
        return PageText(page, width, height, (), image_share=1.0), ()
    across, down = prepared.image.size
    flat = tuple(
        Box(x0 / across, y0 / down, x1 / across, y1 / down) for _, (x0, y0, x1, y1) in found
    )
    words = tuple(word for word, _ in found)
    return PageText(page, width, height, words, image_share=1.0), flat


def _words(prepared: Prepared, *, page: int) -> Iterator[Printed]:
    import numpy as np

    grey = np.asarray(prepared.image.convert("L"), np.uint8)
    if max(grey.shape) > MOST_OBLONG * min(grey.shape):
        return
    answer = engine()(np.stack([grey] * 3, axis=-1))
    for line in answer.word_results or ():
        for text, confidence, shape in line:
            corners = _corners(shape)
            if text.strip() and corners[2] > corners[0] and corners[3] > corners[1]:
                box = prepared.transform.box(*corners)
                sure = min(max(float(confidence), 0.0), 1.0)
                yield Word(text.strip(), page, box, Source.OCR, sure), corners


def _is_line(high: int, wide: int) -> bool:
    return high >= LEAST_HEIGHT and wide <= LONGEST_LINE * high


def _corners(shape: Any) -> Corners:
    across, down = [int(x) for x, _ in shape], [int(y) for _, y in shape]
    return max(0, min(across)), max(0, min(down)), max(across), max(down)


@lru_cache(maxsize=1)
def engine() -> Any:
    """The reader of this process, loaded once. Raises ImportError where it is not installed."""
    folder = _models()
    if folder is None:
        raise ImportError("rapidocr")
    from rapidocr import RapidOCR

    class Bounded(RapidOCR):
        """Leaves out what the finder takes for lines and no line is."""

        def detect_and_crop(self, img: Any, op_record: Any) -> Any:
            crops, found = super().detect_and_crop(img, op_record)
            kept = [index for index, crop in enumerate(crops) if _is_line(*crop.shape[:2])]
            if found.boxes is not None and found.scores is not None:
                found.boxes = found.boxes[kept]
                found.scores = [found.scores[index] for index in kept]
            return [crops[index] for index in kept], found

    onnx = "EngineConfig.onnxruntime"
    return Bounded(
        params={
            "Global.log_level": "critical",
            "Global.use_cls": False,  # lines are upright: the page was turned before
            "Global.return_word_box": True,
            "Global.max_side_len": LONGEST_SIDE,
            "Det.model_path": str(folder / FINDER),
            "Rec.model_path": str(folder / READER),
            f"{onnx}.intra_op_num_threads": 1,
            f"{onnx}.inter_op_num_threads": 1,
        }
    )
