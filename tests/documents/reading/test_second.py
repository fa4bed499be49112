"""The second reader of pictures: where it is installed, and when it is asked."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from supplier.adapters import sandbox, second_ocr
from supplier.adapters.images import Quality
from supplier.documents.findings import doubt, note
from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.documents.reading import second
from supplier.documents.reading.result import Reading, Value, Verdict
from supplier.documents.reading.sources import Page
from supplier.kernel.pages import Box, PageText, Source

installed = pytest.mark.skipif(
    not second_ocr.installed(), reason="needs the second reader of pictures (extra ocr-plus)"
)
PLACE = Box(0.1, 0.1, 0.4, 0.12)


def page(number: int = 1, *, blurred: bool = False, pictured: bool = True) -> Page:
    text = PageText(number, 595.0, 842.0, (), image_share=1.0)
    picture = Image.new("L", (80, 120), 255) if pictured else None
    return Page(text, quality=Quality(too_blurred=blurred), image=picture)


def read_as(verdict: Verdict, *reasons: ReasonCode) -> Reading:
    return Reading(DocumentKind.KBIS, {}, verdict, reasons)


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_ocr, "available", lambda: True)


@pytest.mark.usefixtures("there")
@pytest.mark.parametrize(
    ("reading", "asked"),
    [
        (read_as(Verdict.ACCEPT), False),
        (read_as(Verdict.REVIEW, ReasonCode.UNREADABLE), True),
        (read_as(Verdict.REVIEW, ReasonCode.CODE_MISSING, ReasonCode.PAGES_MISSING), True),
        (read_as(Verdict.REVIEW, ReasonCode.UNREADABLE, ReasonCode.TAMPERED), False),
        (read_as(Verdict.REFUSE, ReasonCode.WRONG_COMPANY), True),
        (read_as(Verdict.REFUSE, ReasonCode.TOO_OLD), False),
        (read_as(Verdict.REFUSE, ReasonCode.UNREADABLE), False),
    ],
)
def test_it_is_asked_only_where_a_misreading_may_explain_the_verdict(
    reading: Reading, asked: bool
) -> None:
    assert second.worth_asking(reading, [page()]) is asked


@pytest.mark.usefixtures("there")
def test_it_is_not_asked_of_text_of_a_blurred_photo_or_of_a_long_file() -> None:
    assert second.can_help([page()])
    assert not second.can_help([page(pictured=False)])
    assert not second.can_help([page(blurred=True)])
    assert not second.can_help([page(number) for number in range(1, 10)])


def test_it_is_not_asked_where_it_is_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_ocr, "installed", lambda: True)
    assert second_ocr.available()
    monkeypatch.setenv(second_ocr.VARIABLE, "off")
    assert not second_ocr.available()


@pytest.fixture
def pages_read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    asked: list[int] = []

    def note_page(_: Any, *, page: int, **rest: Any) -> tuple[PageText, tuple[Box, ...]]:
        asked.append(page)
        return PageText(page, 595.0, 842.0, ()), ()

    monkeypatch.setattr(second_ocr, "read_page", note_page)
    return asked


def at(number: int) -> Value:
    return Value("2026-10-02", number, PLACE, Source.OCR)


def test_only_the_pages_in_doubt_are_read_and_each_once(pages_read: list[int]) -> None:
    pages = [page(number) for number in (1, 2, 3)]
    doubts = [doubt(ReasonCode.UNREADABLE, at=at(2)), note("quality")]
    second.sheets_again(pages, doubts)
    second.sheets_again(pages, doubts)
    assert pages_read == [2]


def test_a_value_that_was_not_found_is_looked_for_on_the_first_pages(
    pages_read: list[int],
) -> None:
    pages = [page(number) for number in range(1, 6)]
    second.sheets_again(
        pages, [doubt(ReasonCode.UNREADABLE), doubt(ReasonCode.UNREADABLE, at=at(2))]
    )
    assert pages_read == [1, 2, 3]


def test_no_page_is_begun_that_would_end_the_reader(
    pages_read: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    left = iter([second.A_PAGE + 1, second.A_PAGE - 1])
    monkeypatch.setattr(sandbox, "cpu_left", lambda: next(left))
    pages = [page(number) for number in (1, 2, 3)]
    assert len(second.sheets_again(pages)) == 1
    assert pages_read == [1]


def drawn(*lines: str) -> Image.Image:
    sheet = Image.new("L", (1240, 1754), 255)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(30)
    for index, line in enumerate(lines):
        pen.text((140, 200 + 90 * index), line, font=font, fill=0)
    return sheet


@installed
def test_it_reads_words_with_their_places_and_fetches_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("the second reader asked for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    second_ocr.engine.cache_clear()
    text, flat = second_ocr.read_page(
        drawn("SIREN 732 829 320", "Code de controle xuWkYewL7C"),
        page=1, width=595.0, height=842.0,
    )  # fmt: skip
    assert [word.text for word in text.words] == [
        "SIREN", "732", "829", "320", "Code", "de", "controle", "xuWkYewL7C",
    ]  # fmt: skip
    assert len(flat) == len(text.words)
    first, code = text.words[0].box, text.words[-1].box
    assert first.x0 < code.x0
    assert first.bottom < code.top


@installed
def test_an_empty_or_odd_picture_gives_no_words() -> None:
    for picture in (Image.new("L", (1240, 1754), 255), Image.new("L", (3, 900), 0)):
        text, flat = second_ocr.read_page(picture, page=1, width=595.0, height=842.0)
        assert (text.words, flat) == ((), ())


def test_it_is_switched_off_by_a_file_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every setting may be kept in a file; children read this one, and from the same places."""
    monkeypatch.delenv(second_ocr.VARIABLE, raising=False)
    assert second_ocr.switched_on()
    setting = tmp_path / "second-reader"
    setting.write_text("off\n")
    monkeypatch.setenv(f"{second_ocr.VARIABLE}_FILE", str(setting))
    assert not second_ocr.switched_on()
