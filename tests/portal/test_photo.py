"""A photo that cannot be read is told at once, with the place lit and what to do."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from tests.portal.conftest import Portal

BLURRED = Path(__file__).parents[1] / "corpus" / "kbis" / "039-kbis_fop-blurred.jpg"


@pytest.mark.ocr
def test_a_blurred_photo_is_to_be_taken_again_and_the_place_is_lit(portal: Portal) -> None:
    portal.upload((io.BytesIO(BLURRED.read_bytes()), "photo.jpg"))
    portal.read_all()
    [paper] = portal.papers()
    assert (paper.state, paper.reasons) == ("refused", ["unreadable"])
    for url in ("/portal/deposit/", f"/portal/papers/{paper.id}"):
        body = portal.alice.get(url).get_data(as_text=True)
        assert "La photo est trop floue" in body
    assert body.count('class="v-zone"') == 1
    assert "zn-doubt" in body
