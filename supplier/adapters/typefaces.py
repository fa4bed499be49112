"""Tells a date set in another typeface than the other figures of a scanned page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from supplier.adapters.image_geometry import Grey
from supplier.kernel.pages import Word

Corners = tuple[int, int, int, int]
FIGURES = re.compile(r"\d[\d/.,:-]*\d[.,]?")
DATE = re.compile(r"\d\d[/.]\d\d[/.]\d{4}")
#: Figures are compared at this size; those of another weight (bold) are not compared.
WIDTH, HEIGHT, SAME_WEIGHT = 20, 32, 0.2
#: Fewest figures of a date that have a twin elsewhere for it to be judged at all.
LEAST_TWINS = 5
#: A date's figures match each other this much better than those of the page: another face.
#: Half of them below the floor: the letters were cut apart wrongly, which says nothing.
APART, FLOOR = 0.09, 0.65
LEAST_CONFIDENCE = 0.5


@dataclass(frozen=True, slots=True)
class _Glyph:
    figure: str
    ratio: float
    pixels: NDArray[np.float32]
    weight: float


def odd_dates(page: Grey, found: Sequence[tuple[Word, Corners]]) -> tuple[Word, ...]:
    """The dates whose figures differ in shape from the other figures of the page.

    `page`: the prepared picture; `found`: its words with their places in its pixels. A hint for
    a person, never a proof: forms are typed in, and stamps carry dates of their own. On papers
    the thresholds were not set on, with a date replaced in another face and scanned by program,
    it pointed at 23 of 64 and at 2 of 88 honest dates.
    """
    numbers = [
        (word, glyphs)
        for word, corners in found
        if word.confidence > LEAST_CONFIDENCE
        and FIGURES.fullmatch(word.text)
        and (glyphs := _glyphs(page, corners, word.text))
    ]
    return tuple(
        word
        for word, glyphs in numbers
        if DATE.fullmatch(word.text)
        and _is_odd(glyphs, [g for w, other in numbers if w.text != word.text for g in other])
    )


def _is_odd(glyphs: Sequence[_Glyph], others: Sequence[_Glyph]) -> bool:
    twins = [best for glyph in glyphs if (best := _best(glyph, others)) is not None]
    own = [
        best
        for glyph in glyphs
        if (best := _best(glyph, [other for other in glyphs if other is not glyph])) is not None
    ]
    if len(twins) < LEAST_TWINS or not own:
        return False
    return float(np.median(twins)) > FLOOR and float(np.mean(twins)) < float(np.mean(own)) - APART


def _best(glyph: _Glyph, others: Sequence[_Glyph]) -> float | None:
    """How well a figure matches its best twin; None where there is none of its weight."""
    matches = [
        _likeness(glyph.pixels, other.pixels) - abs(glyph.ratio - other.ratio) / 2
        for other in others
        if other.figure == glyph.figure
        and abs(other.weight - glyph.weight) < SAME_WEIGHT * glyph.weight
    ]
    return max(matches, default=None)


def _likeness(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    a, b = one - one.mean(), other - other.mean()
    return float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum() + 1e-6))


def _glyphs(page: Grey, corners: Corners, text: str) -> list[_Glyph]:
    """The figures of a word, cut apart; none where the pieces do not match its letters."""
    left, top, right, bottom = corners
    crop = np.asarray(page[max(0, top - 2) : bottom + 2, max(0, left - 2) : right + 2], np.uint8)
    if min(crop.shape) < 6:
        return []
    _, mask = cv2.threshold(crop, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask)
    pieces = [row for row in stats[1:].tolist() if row[4] >= 6]
    highest = max((row[3] for row in pieces), default=0)
    tall = sorted(row for row in pieces if row[3] > 0.6 * highest)
    letters = [letter for letter in text if letter.isdigit() or letter == "/"]
    if len(tall) != len(letters):
        return []
    return [
        _glyph(crop, row, letter)
        for row, letter in zip(tall, letters, strict=True)
        if letter.isdigit()
    ]


def _glyph(crop: Grey, row: Sequence[int], letter: str) -> _Glyph:
    x, y, wide, high, _ = row
    part = crop[y : y + high, x : x + wide]
    how = cv2.INTER_AREA if high > HEIGHT else cv2.INTER_LINEAR
    sized = cv2.resize(part, (WIDTH, HEIGHT), interpolation=how)
    pixels = 255.0 - np.asarray(sized, np.float32)
    return _Glyph(letter, wide / high, pixels, float(pixels.mean()))
