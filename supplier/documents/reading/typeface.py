"""A figure set in another typeface than its neighbours: how a line changed before a scan shows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from supplier.documents.findings import doubt, refusal
from supplier.documents.kinds import KINDS, DocumentKind, ReasonCode
from supplier.documents.reading.result import FieldValue, Finding, Value
from supplier.documents.reading.sources import Page
from supplier.kernel.i18n import N_
from supplier.kernel.pages import Box, Source, Word

_FIGURES = re.compile(r"[\d/.]{5,}")
#: The contrast between thick and thin strokes: serif faces have it, sans-serif ones have not.
#: Measured on scans: 0.22 to 0.34 against 0.06 to 0.18.
_SANS, _SERIF = 0.155, 0.205
_LEAST_WORDS = 3
_LARGER = 1.25
_LEAST_HEIGHT = 14
_ZOOM = 3
#: Papers that their issuer's machine prints whole: forms filled in by hand mix typefaces.
_PRINTED_WHOLE = frozenset({
    DocumentKind.KBIS, DocumentKind.RNE_EXTRACT, DocumentKind.URSSAF_VIGILANCE,
    DocumentKind.TAX_COMPLIANCE, DocumentKind.PAID_LEAVE_BTP, DocumentKind.BANK_DETAILS,
})  # fmt: skip
_CHANGED_FIELDS = ("issued_on", "signed_on", "valid_until", "valid_from", "siren", "iban")


def foreign_figures(
    kind: DocumentKind, fields: Mapping[str, FieldValue], pages: Sequence[Page]
) -> Iterator[Finding]:
    """Decisive values of a scan whose figures have another typeface than all others around.

    Asked only of pages whose other figures agree among themselves, so that a page that mixes
    typefaces by design says nothing.
    """
    for name in _CHANGED_FIELDS if kind in _PRINTED_WHOLE else ():
        value = fields.get(name)
        if not isinstance(value, Value) or value.source is not Source.OCR or value.box is None:
            continue
        page = next((page for page in pages if page.text.number == value.page), None)
        if page is None or page.image is None or page.quality is None or page.quality.turn:
            continue
        if _stands_out(value, page):
            text = N_("This value is set in another typeface than the other figures of the paper.")
            yield refusal(ReasonCode.TAMPERED, message=text, at=value)


def odd_days(
    kind: DocumentKind, fields: Mapping[str, FieldValue], pages: Sequence[Page]
) -> Iterator[Finding]:
    """The decisive date of a scan, where its figures are drawn otherwise than the others.

    One honest date in fifty looks so: a person is asked, nothing is refused.
    """
    spec = KINDS[kind]
    names = spec.period or ((spec.dated_by,) if spec.dated_by else ())
    for name in names:
        value = fields.get(name)
        if not isinstance(value, Value) or value.source is not Source.OCR or value.box is None:
            continue
        at = value.box
        odd = (word for page in pages if page.text.number == value.page for word in page.odd)
        if any(_inside(word.box, at) for word in odd):
            text = N_("This date is not set like the rest of the paper.")
            yield doubt(ReasonCode.TAMPERED, message=text, at=value)


def _stands_out(value: Value, page: Page) -> bool:
    assert value.box is not None
    grey = _grey(page.image)
    own = [word for word in _figures(page) if _inside(word.box, value.box)]
    others = [word for word in _figures(page) if not _inside(word.box, value.box)]
    ours = [found for word in own if (found := stroke_contrast(grey, word.box)) is not None]
    theirs = [found for word in others if (found := stroke_contrast(grey, word.box)) is not None]
    if not ours or len(theirs) < _LEAST_WORDS or _is_larger(own, others):
        return False
    if median(ours) < _SANS:
        return sorted(theirs)[len(theirs) // 4] > _SERIF
    if median(ours) > _SERIF + 0.04:
        return sorted(theirs)[-1 - len(theirs) // 4] < _SANS - 0.025
    return False


def _is_larger(own: Sequence[Word], others: Sequence[Word]) -> bool:
    """Whether a value is set larger than the other figures: headings are, in faces of their own."""
    ours = median(word.box.bottom - word.box.top for word in own)
    return ours > _LARGER * median(word.box.bottom - word.box.top for word in others)


def _figures(page: Page) -> list[Word]:
    return [
        word for word in page.text.words
        if _FIGURES.fullmatch(word.text.strip(":;,"))
        and sum(letter.isdigit() for letter in word.text) >= 5
        and word.confidence > 0.7
    ]  # fmt: skip


def _inside(box: Box, other: Box) -> bool:
    x, y = (box.x0 + box.x1) / 2, (box.top + box.bottom) / 2
    return other.x0 <= x <= other.x1 and other.top <= y <= other.bottom


def _grey(image: Any) -> Any:
    import numpy as np

    return np.asarray(image.convert("L"))


def stroke_contrast(grey: Any, box: Box) -> float | None:
    """How much the width of the strokes of some print varies, as a share of its mean."""
    import cv2
    import numpy as np

    height, width = grey.shape
    left, right = max(0, int(box.x0 * width) - 3), int(box.x1 * width) + 4
    top, bottom = max(0, int(box.top * height) - 3), int(box.bottom * height) + 4
    crop = grey[top:bottom, left:right]
    if crop.shape[0] < _LEAST_HEIGHT or crop.shape[1] < _LEAST_HEIGHT:
        return None
    large = cv2.resize(crop, None, fx=_ZOOM, fy=_ZOOM, interpolation=cv2.INTER_CUBIC)
    _, ink = cv2.threshold(large, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    depth = cv2.distanceTransform(ink, cv2.DIST_L2, 5)
    ridge = depth[(depth >= cv2.dilate(depth, np.ones((3, 3))) - 1e-3) & (depth > 1.0)]
    if len(ridge) < 20:
        return None
    return float(np.std(ridge) / np.mean(ridge))
