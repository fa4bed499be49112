"""Loads what children of the sandbox need before they fork, so that none loads it twice."""

from __future__ import annotations

import contextlib
import importlib

for _name in ("pikepdf", "PIL.Image", "PIL.JpegImagePlugin", "PIL.PngImagePlugin", "cv2",
              "tesserocr", "zxingcpp", "schwifty", "pyhanko.sign.validation"):  # fmt: skip
    with contextlib.suppress(ImportError):
        importlib.import_module(_name)
