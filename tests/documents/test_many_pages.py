"""Long files: how many pages are read, and what is said of one that has more."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from flask import Flask
from PIL import Image

from supplier.documents import actions
from supplier.documents.queries import PaperFile
from supplier.documents.reading.reader import read
from supplier.documents.reading.result import ReadRequest, Verdict
from tests.documents.hands import TODAY, Hands, urssaf
from tests.documents.long_files import repeated


def hand_in(hands: Hands, data: bytes, *, most_pages: int) -> PaperFile:
    settings = replace(hands.settings, upload_max_pages=most_pages)
    receipt = hands.submit(data)
    actions.read_document(
        receipt.document_id, now=hands.make.clock.at, today=TODAY, settings=settings
    )
    return hands.file(receipt.document_id)


def test_a_file_of_51_pages_is_told_that_it_has_too_many(hands: Hands) -> None:
    file = hands.hand_in(repeated(urssaf(), 51))
    assert (file.document.state, file.document.reasons) == ("refused", ["too_many_pages"])
    assert file.kept is not None
    [finding] = file.kept.reading.findings
    assert finding.params == {"pages": "50"}


def test_a_file_of_50_pages_is_read(hands: Hands) -> None:
    file = hands.hand_in(repeated(urssaf(), 50))
    assert file.document.page_count == 50
    assert "too_many_pages" not in file.document.reasons


@pytest.mark.parametrize(("most", "refused"), [(5, True), (6, False), (60, False)])
def test_the_limit_of_pages_is_that_of_the_settings(
    hands: Hands, most: int, *, refused: bool
) -> None:
    file = hand_in(hands, repeated(urssaf(), 6), most_pages=most)
    assert ("too_many_pages" in file.document.reasons) is refused


def test_a_limit_over_50_lets_longer_files_in(hands: Hands) -> None:
    file = hand_in(hands, repeated(urssaf(), 52), most_pages=60)
    assert file.document.page_count == 52


def test_pictures_of_too_many_pages_get_the_same_sentence(app: Flask) -> None:
    out = io.BytesIO()
    frame = Image.new("L", (40, 40), 255)
    frame.save(out, "TIFF", save_all=True, append_images=[frame, frame])
    request = ReadRequest(TODAY, most_pages=2)
    found = read(out.getvalue(), "image/tiff", request=request)
    assert (found.verdict, found.reasons) == (Verdict.REFUSE, ("too_many_pages",))
    assert found.findings[0].params == {"pages": "2"}
