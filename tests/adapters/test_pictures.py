"""Our own pictures: what is covered is gone, and what differs is found."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from supplier.adapters.pictures import changed_places, covered
from supplier.kernel.pages import Box

SIZE = (400, 560)


def page(*boxes: tuple[int, int, int, int], size: tuple[int, int] = SIZE, mode: str = "L") -> bytes:
    image = Image.new(mode, size, "white")
    for box in boxes:
        ImageDraw.Draw(image).rectangle(box, fill="black")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_what_is_covered_is_black_and_the_rest_stays(mode: str) -> None:
    shown = Image.open(io.BytesIO(covered(page(mode=mode), [Box(0.25, 0.5, 0.75, 0.6)])))
    grey = shown.convert("L")
    assert grey.crop((100, 280, 300, 336)).getextrema() == (0, 0)
    assert grey.crop((0, 0, 400, 279)).getextrema() == (255, 255)
    assert shown.info == {}


def test_two_equal_pages_differ_nowhere() -> None:
    assert changed_places(page((10, 10, 50, 20)), page((10, 10, 50, 20))) == []


def test_pages_of_two_sizes_differ_everywhere() -> None:
    assert changed_places(page(), page(size=(300, 300))) == [Box(0, 0, 1, 1)]


def test_words_of_a_line_are_one_place_and_lines_apart_are_two() -> None:
    found = changed_places(page(), page((40, 40, 60, 50), (70, 40, 90, 50), (40, 400, 60, 410)))
    assert len(found) == 2
    first, second = found
    assert first.x0 <= 40 / 400
    assert first.x1 >= 90 / 400
    assert second.top > 0.6


@given(st.integers(0, 380), st.integers(0, 540))
def test_a_change_lies_in_its_place(x: int, y: int) -> None:
    [place] = changed_places(page(), page((x, y, x + 12, y + 12)))
    middle = ((x + 6) / SIZE[0], (y + 6) / SIZE[1])
    assert place.x0 <= middle[0] <= place.x1
    assert place.top <= middle[1] <= place.bottom
    assert (place.x1 - place.x0) * (place.bottom - place.top) < 0.02
