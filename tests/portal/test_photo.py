"""A photo that cannot be read is told at once, with the place lit and what to do."""

from __future__ import annotations

import io
import re
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


def test_a_button_opens_the_camera_and_without_script_the_same_form_takes_files(
    portal: Portal,
) -> None:
    body = portal.alice.get("/portal/deposit/").get_data(as_text=True)
    [form] = re.findall(r"<form[^>]*data-dropzone.*?</form>", body, re.S)
    camera, files = (
        next(one for one in re.findall(r"<input[^>]*type=\"file\"[^>]*>", form) if mark in one)
        for mark in ("capture=", 'name="files"')
    )
    assert 'capture="environment"' in camera
    assert 'accept="image/*"' in camera
    assert "data-drop-input" in camera
    # Sent by script alone: in the form itself an empty second field would be a file too many.
    assert "name=" not in camera
    assert re.search(r"<label[^>]*data-with-script hidden>(?:(?!</label>).)*capture=", form, re.S)
    assert "hidden" not in files.replace("visually-hidden", "")
    assert "multiple" in files
    assert 'enctype="multipart/form-data"' in form
    assert re.search(r"<button type=\"submit\"[^>]*data-without-script>", form)
