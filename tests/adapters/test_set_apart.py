"""A date that stands off its line: what whoever wrote it over the old one did not see."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from supplier.adapters.set_apart import Printed, dates_off_their_line
from supplier.kernel.pages import Box, Source, Word

SIZE = 36


def line(*texts: str, dropped: int = 0, bold: bool = False) -> tuple[np.ndarray, list[Printed]]:
    """A line of print; `dropped` pixels lower from its second word on."""
    picture = Image.new("L", (1200, 160), 255)
    pen, font, found, at = ImageDraw.Draw(picture), ImageFont.load_default(SIZE), [], 60.0
    for index, text in enumerate(texts):
        top = 60 + (dropped if index else 0)
        heavy = 2 if bold and index else 0
        pen.text((at, top), text, font=font, fill=0, stroke_width=heavy)
        left, above, right, below = pen.textbbox((at, top), text, font=font)
        corners = (int(left), int(above), int(right) + 1, int(below) + 1)
        box = Box(left / 1200, above / 160, right / 1200, below / 160)
        found.append((Word(text, 1, box, Source.OCR, 0.9), corners))
        at = right + SIZE / 3
    return np.asarray(picture), found


def odd(*texts: str, dropped: int = 0, bold: bool = False) -> list[str]:
    return [word.text for word in dates_off_their_line(*line(*texts, dropped=dropped, bold=bold))]


@pytest.mark.parametrize("date", [("18", "novembre", "2026"), ("05/11/2026",)])
def test_a_date_on_its_line_is_like_the_rest(date: tuple[str, ...]) -> None:
    assert odd("le", *date) == []
    assert odd("le", *date, dropped=1) == []


@pytest.mark.parametrize("date", [("18", "novembre", "2026"), ("05/11/2026",)])
@pytest.mark.parametrize("dropped", [4, -4])
def test_a_date_above_or_under_its_line_is_pointed_at(date: tuple[str, ...], dropped: int) -> None:
    assert odd("le", *date, dropped=dropped) == list(date)


def test_what_is_set_off_by_design_or_stands_on_another_line_is_not() -> None:
    assert odd("le", "05/11/2026", dropped=4, bold=True) == []
    assert odd("le", "05/11/2026", dropped=24) == []


def test_a_word_that_reaches_under_the_line_says_nothing() -> None:
    assert odd("jour", "05/11/2026", dropped=4) == []
    assert odd("n°", "05/11/2026", dropped=4) == []
