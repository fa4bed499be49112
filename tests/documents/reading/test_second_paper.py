"""A whole scan of which the first reader lost something, with a second reader beside it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from supplier.adapters import ocr, second_ocr
from supplier.documents.kinds import DocumentKind, ReasonCode
from supplier.documents.reading.agree import READ_APART
from supplier.documents.reading.reader import read
from supplier.documents.reading.result import Reading, ReadRequest, Verdict
from supplier.kernel.pages import Box, PageText

PAPER = Path(__file__).parents[2] / "corpus" / "tax_compliance" / "097-tax_specimen.pdf"
REQUEST = ReadRequest(
    date(2026, 11, 23), "825276017", "HYDRO-SERVICES DU RIED",
    DocumentKind.TAX_COMPLIANCE,
)  # fmt: skip
SIREN_FIGURES = re.compile(r"825276017|825|276|017")

Seen = ocr.ImageReading
Change = Callable[[str], str]
pytestmark = pytest.mark.ocr


@pytest.fixture(scope="module")
def whole() -> Seen:
    """The paper as the first reader sees it when nothing is lost."""
    kept: list[Seen] = []
    with pytest.MonkeyPatch.context() as patch:
        real = ocr.read_image

        def keep(*args: Any, **rest: Any) -> Seen:
            kept.append(real(*args, **rest))
            return kept[-1]

        patch.setattr(ocr, "read_image", keep)
        assert read(PAPER.read_bytes(), "application/pdf", request=REQUEST).verdict is (
            Verdict.ACCEPT
        )
    return kept[0]


def as_seen(text: PageText, change: Change) -> PageText:
    return replace(text, words=tuple(replace(word, text=change(word.text)) for word in text.words))


@pytest.fixture
def judged(whole: Seen, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Reading]:
    def judge(first: Change, second: Change | None) -> Reading:
        seen = replace(whole, text=as_seen(whole.text, first))
        monkeypatch.setattr(ocr, "read_image", lambda *_, **__: seen)
        monkeypatch.setattr(second_ocr, "available", lambda: second is not None)

        def again(*_: Any, **__: Any) -> tuple[PageText, tuple[Box, ...]]:
            assert second is not None
            return as_seen(whole.text, second), whole.flat

        monkeypatch.setattr(second_ocr, "read_page", again)
        return read(PAPER.read_bytes(), "application/pdf", request=REQUEST)

    return judge


def lost(text: str) -> str:
    return SIREN_FIGURES.sub(lambda match: "#" * len(match[0]), text)


def another_day(text: str) -> str:
    return text.replace("01/08/2026", "04/08/2026")


def as_it_is(text: str) -> str:
    return text


def test_a_number_that_the_first_reader_lost_goes_to_a_person_where_there_is_no_second(
    judged: Callable[..., Reading],
) -> None:
    found = judged(lost, None)
    assert (found.verdict, found.reasons) == (Verdict.REVIEW, (ReasonCode.UNREADABLE,))


def test_the_second_reader_fills_it_in_and_the_paper_is_accepted(
    judged: Callable[..., Reading],
) -> None:
    found = judged(lost, as_it_is)
    assert (found.verdict, found.text("siren")) == (Verdict.ACCEPT, "825276017")


def test_a_day_that_it_reads_otherwise_goes_to_a_person_with_both(
    judged: Callable[..., Reading],
) -> None:
    found = judged(lost, another_day)
    assert found.verdict is Verdict.REVIEW
    (apart,) = [item for item in found.findings if item.message == READ_APART]
    assert apart.params == {"first": "2026-08-01", "second": "2026-08-04"}


def test_a_paper_that_the_first_reader_read_whole_is_not_read_again(
    judged: Callable[..., Reading],
) -> None:
    found = judged(as_it_is, another_day)
    assert (found.verdict, found.text("issued_on")) == (Verdict.ACCEPT, "2026-08-01")
