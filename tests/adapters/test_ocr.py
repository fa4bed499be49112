from __future__ import annotations

import pytest
from PIL import Image

from supplier.adapters import ocr
from supplier.kernel.pages import Box, Source, Word
from tests.adapters import drawn

pytestmark = [
    pytest.mark.ocr,
    pytest.mark.skipif(not ocr.available(), reason="no French data of Tesseract here"),
]


def words_of(picture: Image.Image, *, dpi: float | None = 200) -> tuple[Word, ...]:
    return ocr.read_image_page(picture, page=1, width=595, height=842, dpi=dpi).words


def text_of(words: tuple[Word, ...]) -> str:
    return " ".join(word.text for word in words)


def test_a_scan_is_read_with_its_accents_line_by_line() -> None:
    text = text_of(words_of(drawn.page()))
    assert "La société désignée ci-dessous" in text
    assert "230 avenue Jean-Jaurès, 69007 LYON SIREN : 824 595 714" in text


def test_words_carry_page_source_and_confidence() -> None:
    page = ocr.read_image_page(drawn.page(), page=3, width=595, height=842, dpi=200)
    assert (page.number, page.width, page.height, page.image_share) == (3, 595, 842, 1.0)
    assert all(word.page == 3 and word.source is Source.OCR for word in page.words)
    assert all(0 <= word.confidence <= 1 for word in page.words)


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_a_page_is_read_whichever_way_it_came(turned: int) -> None:
    words = words_of(drawn.page().rotate(turned, expand=True))
    assert "Date de délivrance : le 18/09/2026" in text_of(words)


def test_boxes_stand_on_the_picture_as_displayed_though_it_was_turned_to_be_read() -> None:
    upright = next(w for w in words_of(drawn.page()) if w.text == "18/09/2026").box
    over = next(w for w in words_of(drawn.page().rotate(180)) if w.text == "18/09/2026").box
    assert (over.x0, over.top) == pytest.approx((1 - upright.x1, 1 - upright.bottom), abs=0.01)


def test_a_photo_in_the_shade_is_read_and_its_boxes_point_at_the_photo() -> None:
    words = words_of(drawn.photo(drawn.page()), dpi=None)
    assert "FR14 2004 1010 0505 0001 3M02 606" in text_of(words)
    siren = next(word for word in words if word.text == "824")
    # Drawn at (70 + 50, 760 - 140) points of an A4 page, then seen from the side.
    assert siren.box.x0 == pytest.approx(0.25, abs=0.04)
    assert siren.box.top == pytest.approx(0.27, abs=0.04)


def test_a_zone_is_read_again_with_the_letters_it_may_hold() -> None:
    picture = drawn.page()
    place = next(w for w in words_of(picture) if w.text == "18/09/2026").box
    (word,) = ocr.read_zone(picture, place, page=1, whitelist="0123456789/")
    assert word.text == "18/09/2026"
    assert word.box.x0 == pytest.approx(place.x0, abs=0.01)
    assert word.box.top == pytest.approx(place.top, abs=0.01)


def test_an_empty_zone_gives_no_words() -> None:
    picture = drawn.page()
    assert ocr.read_zone(picture, Box(0.5, 0.5, 0.5, 0.5), page=1, margin=0) == ()
    assert ocr.read_zone(picture, Box(0.1, 0.8, 0.6, 0.9), page=1) == ()


def test_a_blank_page_gives_no_words() -> None:
    assert words_of(Image.new("L", (1654, 2339), 255)) == ()


def test_reading_after_a_zone_forgets_its_letters() -> None:
    picture = drawn.page()
    ocr.read_zone(picture, Box(0.1, 0.3, 0.9, 0.5), page=1, whitelist="0123456789")
    assert "société" in text_of(words_of(picture))
