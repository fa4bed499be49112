"""How values are shown in each language."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from flask import Flask

from supplier.desk.week import day_words
from supplier.documents.reading.result import Value
from supplier.kernel.pages import Source
from supplier.notifications.rendering import show_day
from supplier.notifications.rendering import show_instant as mail_instant
from supplier.web.filters import show_date, show_instant, show_long_date
from supplier.web.lists import cell
from supplier.web.papers import value_words

MARCH = date(2027, 3, 5)


@pytest.mark.parametrize(
    ("language", "short", "long"),
    [
        ("fr", "05/03/2027", "5\u00a0mars 2027"),
        ("en", "5\u00a0Mar 2027", "5\u00a0March 2027"),
        ("de", "05.03.2027", "5.\u00a0März 2027"),
    ],
)
def test_nobody_can_take_the_day_for_the_month(
    app: Flask, language: str, short: str, long: str
) -> None:
    with app.test_request_context(headers={"Accept-Language": language}):
        assert (show_date(MARCH), show_long_date(MARCH)) == (short, long)


def test_the_first_of_a_month_is_an_ordinal_in_french(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "fr"}):
        assert show_long_date(date(2036, 1, 1)) == "1er\u00a0janvier 2036"
    assert show_day(date(2036, 1, 1), "fr") == "1er janvier 2036"
    assert show_day(date(2036, 1, 1), "en") == "1 January 2036"


LATE = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)  # already the first in Paris


@pytest.mark.parametrize(
    ("language", "instant", "week"),
    [
        ("fr", "1er\u00a0déc. 2026 00:30", "Mardi 1er décembre 2026, semaine 49"),
        ("de", "01.12.2026 00:30", "Dienstag, 1. Dezember 2026, Woche 49"),
    ],
)
def test_the_first_is_counted_in_instants_too_on_the_readers_clock(
    app: Flask, language: str, instant: str, week: str
) -> None:
    with app.test_request_context(headers={"Accept-Language": language}):
        assert show_instant(LATE) == instant
        assert day_words(date(2026, 12, 1)) == week


def test_the_first_is_counted_in_mails_too(app: Flask) -> None:
    assert mail_instant(LATE, "fr") == "1er décembre 2026, 00:30"
    assert mail_instant(LATE, "en") == "1 December 2026, 00:30"


def test_values_of_papers_and_moments_of_exports_are_written_for_people(app: Flask) -> None:
    worker = {"name": "Awa Diop", "hired_on": "2025-01-01", "permit_number": "9900112233"}
    with app.test_request_context(headers={"Accept-Language": "fr"}):
        line = value_words("workers", Value(worker, 1, None, Source.FORM))
        payroll = value_words("payroll", Value("38830.00", 1, None, Source.TEXT))
        moment = cell(datetime(2019, 7, 28, 9, tzinfo=UTC))
    assert line == "Awa Diop · 1er\u00a0janvier 2025 · •••• 233"
    assert payroll.replace("\u202f", " ").replace("\u00a0", " ") == "38 830 €"
    assert moment == "2019-07-28 11:00"
