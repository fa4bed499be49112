"""Loads what children of the sandbox need before they fork, so that none loads it twice."""

from __future__ import annotations

import contextlib
import importlib

from supplier.adapters import second_ocr

_SECOND = ("onnxruntime", "rapidocr") if second_ocr.available() else ()
for _name in (*_SECOND, "pikepdf", "PIL.Image", "PIL.JpegImagePlugin", "PIL.PngImagePlugin", "cv2",
              "tesserocr", "zxingcpp", "schwifty", "pyhanko.sign.validation"):  # fmt: skip
    with contextlib.suppress(ImportError):
        importlib.import_module(_name)
