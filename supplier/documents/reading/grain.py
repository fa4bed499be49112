"""The grain of the paper around a value: what is typed onto a scan has none, or another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from supplier.documents.findings import doubt
from supplier.documents.kinds import ReasonCode
from supplier.documents.reading.result import FieldValue, Finding, Value
from supplier.documents.reading.sources import Page
from supplier.kernel.i18n import N_
from supplier.kernel.pages import Box, Source

#: What is worth replacing on a picture, and stands in one short line of usual height.
_DECISIVE = ("issued_on", "situation_on", "signed_on", "valid_from", "valid_until")
SMOOTH = N_("The paper around this value is smoother than on the rest of the picture.")
#: Grain, in levels of grey, under which a picture is too clean to tell. Measured on 70 honest
#: scans: the paper around a value has 0.85 to 1.3 of the grain that most words have, typed over
#: it has 0.6 to 0.75.
_LEAST_GRAIN, _SMOOTH = 4.5, 0.74
_LEAST_WORDS, _LEAST_LETTERS, _LEAST_DOTS = 20, 4, 80
#: Levels of grey under the paper's own that are ink.
_INK = 25


def smooth_values(fields: Mapping[str, FieldValue], pages: Sequence[Page]) -> Iterator[Finding]:
    """Decisive values of a scan that stand on smoother paper than nearly everything else on it."""
    for page in pages:
        if page.image is None or page.quality is None or page.quality.turn:
            continue
        own = [
            value for name in _DECISIVE if isinstance(value := fields.get(name), Value)
            and value.source is Source.OCR and value.page == page.text.number and value.box
        ]  # fmt: skip
        yield from _smooth(page, own) if own else ()


def _smooth(page: Page, values: Sequence[Value]) -> Iterator[Finding]:
    import numpy as np

    grey = np.asarray(page.image.convert("L"))
    words = [word.box for word in page.text.words if len(word.text) >= _LEAST_LETTERS]
    usual = sorted(found for box in words if (found := _grain(grey, box)) is not None)
    if len(usual) < _LEAST_WORDS or median(usual) < _LEAST_GRAIN:
        return
    for value in values:
        assert value.box is not None
        own = _grain(grey, value.box)
        if own is not None and own < _SMOOTH * median(usual) and own < usual[len(usual) // 20]:
            yield doubt(ReasonCode.TAMPERED, message=SMOOTH, at=value)


def _grain(grey: Any, box: Box) -> float | None:
    """How much the paper of a place varies in grey, the ink left out."""
    import numpy as np

    height, width = grey.shape
    left, right = max(0, int(box.x0 * width) - 2), int(box.x1 * width) + 2
    top, bottom = max(0, int(box.top * height) - 2), int(box.bottom * height) + 2
    place = grey[top:bottom, left:right].astype(np.float32)
    if place.size < _LEAST_DOTS:
        return None
    paper = place[place > np.percentile(place, 75) - _INK]
    return float(paper.std())
