"""Long files: how many pages are read, and what is said of one that has more."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from flask import Flask
from PIL import Image, ImageCms
from sqlalchemy import select

from supplier.adapters import files
from supplier.adapters.queue import Job
from supplier.documents import actions, judging, later_pages, previews
from supplier.documents.later_pages import DRAW_TASK
from supplier.documents.queries import PaperFile
from supplier.documents.reading.reader import read
from supplier.documents.reading.result import ReadRequest, Verdict
from supplier.jobs import tasks
from supplier.kernel.database import reading
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


def draw_rest(hands: Hands) -> int:
    """Do the jobs that draw, as the worker does; gives how many there were."""
    done: set[object] = set()
    while True:
        with reading() as session:
            jobs = list(session.scalars(select(Job).where(Job.task == DRAW_TASK)))
        left = [job for job in jobs if job.id not in done]
        if not left:
            return len(done)
        for job in left:
            done.add(job.id)
            tasks()[job.task](job.payload, hands.make.clock.at)


def test_every_page_of_a_long_paper_is_drawn_batch_by_batch(hands: Hands) -> None:
    file = hands.hand_in(repeated(urssaf(), 30))
    assert [one.page for one in file.previews] == list(range(1, 13))
    assert file.undrawn == tuple(range(13, 31))
    assert draw_rest(hands) == 2
    file = hands.file(file.document.id)
    assert [one.page for one in file.previews] == list(range(1, 31))
    assert file.undrawn == ()


def test_drawing_a_batch_twice_changes_nothing(hands: Hands) -> None:
    file = hands.hand_in(repeated(urssaf(), 14))
    draw_rest(hands)
    keys = set(files.store().keys())
    later_pages.draw_later(
        file.document.id, first=13, now=hands.make.clock.at, settings=hands.settings
    )
    assert set(files.store().keys()) == keys
    assert len(hands.file(file.document.id).previews) == 14


def test_a_short_paper_leaves_no_job_that_draws(hands: Hands) -> None:
    hands.hand_in(repeated(urssaf(), 12))
    assert draw_rest(hands) == 0


def test_a_file_whose_reader_died_is_drawn_to_its_end(
    hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging.apart, "find_reading", lambda _pending: None)
    file = hands.hand_in(repeated(urssaf(), 14))
    draw_rest(hands)
    assert len(hands.file(file.document.id).previews) == 14


def test_three_pages_give_three_pictures_and_nothing_else_of_the_file(hands: Hands) -> None:
    out = io.BytesIO()
    frame = Image.new("RGB", (40, 40), "white")
    colours = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    frame.save(
        out, "TIFF", save_all=True, append_images=[frame, frame], description="Kanarienvogel",
        icc_profile=colours,
    )  # fmt: skip
    photo = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "Kanarienvogel"
    frame.save(photo, "JPEG", exif=exif, comment=b"Kanarienvogel", icc_profile=colours)
    cases = [
        (out.getvalue(), "image/tiff", 3), (photo.getvalue(), "image/jpeg", 1),
        (repeated(urssaf(), 3), "application/pdf", 3),
    ]  # fmt: skip
    for data, media_type, pages in cases:
        drawn = previews.draw(data, media_type, 50_000_000)
        assert [one.page for one in drawn] == list(range(1, pages + 1))
        for one in drawn:
            assert chunks(one.png) == {b"IHDR", b"IDAT", b"IEND"}


def chunks(png: bytes) -> set[bytes]:
    found, place = set(), 8
    while place < len(png):
        found.add(png[place + 4 : place + 8])
        place += 12 + int.from_bytes(png[place : place + 4], "big")
    return found
