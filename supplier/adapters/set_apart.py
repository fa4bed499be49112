"""Finds dates of a scan that stand higher or lower than the word before them on their line.

Whoever writes another date over the old one finds the typeface more easily than the line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

import cv2
import numpy as np

from supplier.adapters.image_geometry import Grey
from supplier.kernel.pages import Word

Corners = tuple[int, int, int, int]
Printed = tuple[Word, Corners]

_DATE = re.compile(r"\d\d[/.]\d\d[/.]20\d\d")
_WRITTEN = (re.compile(r"\d{1,2}"), re.compile(r"[^\W\d]{3,9}\.?"), re.compile(r"20\d\d"))
#: Letters that stand on the line in every face; the others reach under it, or may.
_ON_THE_LINE = re.compile(r"[a-bd-ehik-or-xzA-IK-PR-Zàâéèêëîïôùû]{2,}")
#: Heavier or larger than the word before it, a date is set off by design.
HEAVY, LARGE = 1.2, 1.2
#: How far off the line, in heights of its figures: none of 280 honest dates on scans and photos
#: is over 0.075, forged ones lie between 0.05 and 0.2. Beyond the second it is another line.
OFF_LINE, OTHER_LINE = 0.085, 0.35
#: A neighbour is no farther than this many heights.
NEAR = 1.6
LEAST_CONFIDENCE = 0.5


@dataclass(frozen=True, slots=True)
class _Set:
    """How some words are set: their tallest letter, where they stand, how wide they are drawn."""

    height: float
    foot: float
    stroke: float


def dates_off_their_line(page: Grey, found: Sequence[Printed]) -> tuple[Word, ...]:
    """The words of the dates that do not stand where the word before them stands.

    `page`: the prepared picture; `found`: its words in reading order with their places in its
    pixels. A hint for a person, never a proof.
    """
    return tuple(
        word
        for date, before in _dates(found)
        if (ours := _set(page, date)) and (theirs := _set(page, [before])) and _off(ours, theirs)
        for word, _ in date
    )


def _off(ours: _Set, theirs: _Set) -> bool:
    if ours.stroke > HEAVY * theirs.stroke or ours.height > LARGE * theirs.height:
        return False
    return OFF_LINE <= abs(ours.foot - theirs.foot) / ours.height <= OTHER_LINE


def _dates(found: Sequence[Printed]) -> Iterator[tuple[list[Printed], Printed]]:
    """Each date, in figures or with its month in words, and the word just before it."""
    for index in range(1, len(found)):
        date, before = _date(found[index : index + 3]), found[index - 1]
        if date and _ON_THE_LINE.fullmatch(before[0].text) and _near(before[1], date[0][1]):
            yield date, before


def _date(words: Sequence[Printed]) -> list[Printed]:
    if min(word.confidence for word, _ in words) < LEAST_CONFIDENCE:
        return []
    texts = [word.text.rstrip(".,;") for word, _ in words]
    if _DATE.fullmatch(texts[0]):
        return [words[0]]
    written = len(texts) == 3 and all(
        form.fullmatch(text) for form, text in zip(_WRITTEN, texts, strict=True)
    )
    return list(words) if written else []


def _near(before: Corners, date: Corners) -> bool:
    high = before[3] - before[1]
    level = abs(before[3] - date[3]) < 0.6 * high and abs(before[1] - date[1]) < high
    return level and -0.2 * high < date[0] - before[2] < NEAR * high


def _set(page: Grey, words: Sequence[Printed]) -> _Set | None:
    seen = [letters for _, corners in words if (letters := _letters(page, corners)) is not None]
    if len(seen) != len(words):
        return None
    return _Set(
        max(one.height for one in seen),
        median(one.foot for one in seen),
        median(one.stroke for one in seen),
    )


def _letters(page: Grey, corners: Corners) -> _Set | None:
    left, top, right, bottom = corners
    above = max(0, top - 3)
    crop = np.asarray(page[above : bottom + 3, max(0, left - 3) : right + 3], np.uint8)
    if min(crop.shape) < 8:
        return None
    _, ink = cv2.threshold(crop, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink)
    pieces = [row for row in stats[1:].tolist() if row[4] >= 6]
    highest = max((row[3] for row in pieces), default=0)
    feet = [row[1] + row[3] for row in pieces if row[3] > 0.45 * highest]
    depth = cv2.distanceTransform(ink, cv2.DIST_L2, 3)
    ridge = depth[(depth >= cv2.dilate(depth, np.ones((3, 3))) - 1e-3) & (depth > 0.9)]
    if not feet or not len(ridge):
        return None
    return _Set(float(highest), float(above + median(feet)), float(np.mean(ridge)))
