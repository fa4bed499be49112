"""The dates that papers print."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplier.documents.reading.dates import find_dates, first_date
from supplier.documents.reading.text import fold

MONTHS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1er janvier 2026", "2026-01-01"),
        ("27 Octobre 2020", "2020-10-27"),
        ("09 Janvier 2014", "2014-01-09"),
        ("à la date du 30.09.2022.", "2022-09-30"),
        ("situation au 31-12-2013", "2013-12-31"),
        ("le 5 août 2026", "2026-08-05"),
        ("le 5 aout 2026", "2026-08-05"),
        ("le 3 février 2026", "2026-02-03"),
        ("le 3 fevrier 2026", "2026-02-03"),
        ("25 décembre 2026", "2026-12-25"),
        ("Mérignac, le 04.11.26", "2026-11-04"),
        ("le : 29/10/2020", "2020-10-29"),
        ("29 / 10 / 2020", "2020-10-29"),
        ("2026-10-29", "2026-10-29"),
        ("Abruf vom 14.09.2026 9:16", "2026-09-14"),
        ("12. September 2026", "2026-09-12"),
        ("September 14, 2026", "2026-09-14"),
        ("3 agosto 2026", "2026-08-03"),
        ("3 de noviembre de 2026", "2026-11-03"),
        ("3 de Março de 2026", "2026-03-03"),
        ("12 maart 2026", "2026-03-12"),
        ("3 października 2026 r.", "2026-10-03"),
    ],
)
def test_each_way_of_writing_a_date_is_read(text: str, expected: str) -> None:
    found = first_date(fold(text))
    assert found is not None
    assert found.day.isoformat() == expected


def test_a_day_that_a_scan_parted_is_no_other_day() -> None:
    assert first_date("1 2/03/2007") is None
    assert first_date("n° 1 12/03/2007") is not None


def test_a_date_without_separators_is_read_only_where_it_is_asked_for() -> None:
    assert first_date("au 300920.") is None
    found = first_date("au 300920.", compact=True)
    assert found is not None
    assert found.day == date(2020, 9, 30)


@pytest.mark.parametrize(
    "text",
    ["31/02/2026", "le 32 mars 2026", "13/13/2026", "01.23.45.67.89", "12 345 678", "1/2026", ""],
)
def test_what_is_no_date_of_the_calendar_is_not_read(text: str) -> None:
    assert find_dates(fold(text)) == []


@given(st.dates(min_value=date(1950, 1, 1), max_value=date(2090, 12, 31)))
def test_every_day_written_in_french_or_figures_comes_back(day: date) -> None:
    words = f"fait à Lyon, le {day.day} {MONTHS[day.month - 1]} {day.year} par nous"
    figures = f"le {day:%d/%m/%Y}."
    assert [found.day for found in find_dates(fold(words))] == [day]
    assert [found.day for found in find_dates(fold(figures))] == [day]


@given(st.text(max_size=200))
def test_any_text_is_searched_without_failing_and_keeps_its_length(text: str) -> None:
    assert len(fold(text)) == len(text)
    for found in find_dates(fold(text), compact=True):
        assert 0 <= found.start < found.end <= len(text)


@pytest.mark.parametrize("text", ["31/12/9999", "9999-12-31", "31 decembre 9999", "01/01/0001"])
def test_a_day_without_end_is_not_read(text: str) -> None:
    assert find_dates(f"valable jusqu'au {text}") == []


def test_a_day_of_this_century_is() -> None:
    assert [found.day for found in find_dates("jusqu'au 31/12/2099")] == [date(2099, 12, 31)]


@pytest.mark.parametrize(
    ("printed", "day"),
    [
        ("du ler avril 2026", date(2026, 4, 1)),
        ("31 deceiiwre 2026", date(2026, 12, 31)),
        ("12 jui1let 2026", None),
        ("5 septeinbre 2026", date(2026, 9, 5)),
        ("5 dere 2026", None),
        ("Date : 20/1 0/2026", date(2026, 10, 20)),
    ],
)
def test_a_spoilt_month_is_read_only_where_no_other_begins_and_ends_so(
    printed: str, day: date | None
) -> None:
    found = first_date(printed)
    assert (found.day if found else None) == day
