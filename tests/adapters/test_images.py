from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from supplier.adapters.image_geometry import fills_surely
from supplier.adapters.images import DefectKind, UnreadableImageError, open_pages, prepare
from tests.adapters import drawn
from tests.adapters.test_intake import attack


def test_a_photo_is_turned_as_its_camera_says() -> None:
    picture = Image.new("RGB", (300, 200), "white")
    exif = Image.Exif()
    exif[274] = 6  # turn a quarter clockwise to display
    (page,) = open_pages(drawn.encoded(picture, "JPEG", exif=exif))
    assert page.size == (200, 300)


def test_each_page_of_a_tiff_is_a_page() -> None:
    first, second = drawn.page(dpi=50), drawn.page(["Page deux"], dpi=50)
    data = drawn.encoded(first, "TIFF", save_all=True, append_images=[second])
    assert len(list(open_pages(data))) == 2


def test_a_tiff_of_too_many_pages_is_not_opened() -> None:
    leaf = Image.new("L", (8, 8))
    data = drawn.encoded(leaf, "TIFF", save_all=True, append_images=[leaf] * 50)
    with pytest.raises(UnreadableImageError) as refused:
        list(open_pages(data))
    assert refused.value.code == "frames"


@pytest.mark.parametrize("name", ["bomb-png-13377x13377-rgba.png", "bomb-png-50000x50000-1bit.png"])
def test_a_bomb_is_measured_before_it_is_decoded(name: str) -> None:
    with pytest.raises(UnreadableImageError):
        list(open_pages(attack("img", name)))


@pytest.mark.parametrize("name", ["png-crc-wrong.png", "jpeg-truncated.jpg", "png-dim-2e31.png"])
def test_a_damaged_picture_is_named_so(name: str) -> None:
    with pytest.raises(UnreadableImageError):
        list(open_pages(attack("img", name)))


@pytest.mark.parametrize("name", ["gif-20000-frames.gif", "bmp-huge.bmp", "svg-script.svg"])
def test_only_the_accepted_kinds_of_pictures_are_opened(name: str) -> None:
    with pytest.raises(UnreadableImageError):
        list(open_pages(attack("img", name)))


@pytest.mark.parametrize("degrees", [-4.0, -1.3, 0.0, 2.2, 4.6])
def test_a_skewed_scan_is_levelled(degrees: float) -> None:
    quality = prepare(drawn.skewed(drawn.page(), degrees=degrees), dpi=200).quality
    # Pillow turns against the clock, so its lines climb where ours count as falling.
    assert quality.skew == pytest.approx(-degrees, abs=0.25)
    assert not quality.page_found


@pytest.mark.parametrize(("turned", "turn"), [(0, 0), (90, 90), (270, 90)])
def test_lines_that_run_up_the_page_turn_it(turned: int, turn: int) -> None:
    assert prepare(drawn.page().rotate(turned, expand=True), dpi=200).quality.turn == turn


def test_a_sheet_on_a_table_is_found_and_straightened() -> None:
    prepared = prepare(drawn.photo(drawn.page()))
    assert prepared.quality.page_found
    width, height = prepared.image.size
    assert height / width == pytest.approx(2**0.5, rel=0.06)


@pytest.mark.parametrize("table", [30, 70, 110, 140])
def test_a_sheet_is_looked_for_where_one_side_alone_is_darker(table: int) -> None:
    paper = np.full((1000, 707), 230, np.uint8)
    assert fills_surely(paper)
    paper[:, :20] = table
    assert not fills_surely(paper)


def test_a_place_on_the_prepared_page_is_found_again_on_the_photo() -> None:
    prepared = prepare(drawn.photo(drawn.page()))
    width, height = prepared.image.size
    # The corners of the sheet as it was laid on the table, with the margin kept around it.
    assert prepared.transform.point(0.012 * width, 0.012 * height) == pytest.approx(
        (110 / 1500, 90 / 2000), abs=0.02
    )
    assert prepared.transform.point(0.988 * width, 0.988 * height) == pytest.approx(
        (1425 / 1500, 1900 / 2000), abs=0.02
    )


def test_paper_in_the_shade_becomes_as_white_as_in_the_light() -> None:
    image = prepare(drawn.photo(drawn.page())).image
    width, height = image.size
    lit, shaded = (
        image.getpixel((width // 10, height // 2)),
        image.getpixel((width * 9 // 10, height // 2)),
    )
    assert isinstance(lit, int)
    assert isinstance(shaded, int)
    assert min(lit, shaded) > 225


def test_small_print_is_enlarged_and_no_more_than_needed() -> None:
    assert prepare(drawn.page(dpi=100), dpi=100).image.height > 2 * drawn.page(dpi=100).height
    assert prepare(drawn.page(dpi=200), dpi=200).image.height < 1.1 * drawn.page(dpi=200).height


def test_a_blurred_photo_is_told_apart_from_a_crisp_one() -> None:
    crisp = prepare(drawn.page(), dpi=200).quality
    blurred = prepare(drawn.blurred(drawn.page(), sigma=9), dpi=200).quality
    assert not crisp.too_blurred
    assert crisp.defects == ()
    assert blurred.too_blurred


def test_the_smeared_zone_of_a_scan_is_named() -> None:
    picture = drawn.page()
    zone = (0, 700, picture.width, 1100)
    picture.paste(drawn.blurred(picture.crop(zone), sigma=8), zone)
    (defect,) = prepare(picture, dpi=200).quality.defects
    assert defect.kind is DefectKind.BLUR
    assert defect.box.top == pytest.approx(700 / picture.height, abs=0.05)
    assert defect.box.bottom == pytest.approx(1000 / picture.height, abs=0.08)


def test_a_finger_on_the_page_is_named() -> None:
    picture = drawn.page()
    ImageDraw.Draw(picture).ellipse((500, 1200, 1000, 1600), fill=70)
    covered = [
        defect
        for defect in prepare(picture, dpi=200).quality.defects
        if defect.kind is DefectKind.COVERED
    ]
    assert len(covered) == 1
    assert covered[0].box.x0 == pytest.approx(500 / picture.width, abs=0.03)


def test_a_dark_bar_is_no_finger() -> None:
    picture = drawn.page()
    ImageDraw.Draw(picture).rectangle((300, 1200, 1300, 1330), fill=40)
    assert prepare(picture, dpi=200).quality.defects == ()


def test_a_blank_or_tiny_picture_is_prepared_without_complaint() -> None:
    for size in ((1, 1), (3, 900), (1240, 1754)):
        quality = prepare(Image.new("L", size, 255)).quality
        assert quality.ink == 0
        assert not quality.too_blurred
