"""The French working calendar."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplier.kernel.calendar import is_working_day, next_working_day


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2026, 11, 23), True),
        (date(2026, 11, 21), False),
        (date(2026, 11, 22), False),
        (date(2026, 5, 1), False),
        (date(2026, 4, 6), False),  # Easter Monday
        (date(2026, 5, 14), False),  # Ascension
        (date(2026, 5, 25), False),  # Whit Monday
        (date(2026, 4, 3), True),  # Good Friday is a holiday in Alsace-Moselle only
        (date(2026, 12, 26), False),
        (date(2025, 12, 26), True),
        (date(2026, 7, 14), False),
    ],
)
def test_a_day_is_worked_or_not(day: date, worked: bool) -> None:
    assert is_working_day(day) is worked


def test_the_first_of_may_on_a_friday_moves_to_monday() -> None:
    assert next_working_day(date(2026, 5, 1)) == date(2026, 5, 4)


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)))
def test_the_next_working_day_is_the_first_one(day: date) -> None:
    found = next_working_day(day)
    assert is_working_day(found)
    assert day <= found <= day + timedelta(days=5)
    assert not any(is_working_day(day + timedelta(days=n)) for n in range((found - day).days))
